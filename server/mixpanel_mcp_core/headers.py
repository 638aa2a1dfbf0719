"""Headers that a person adds to every request. Pure."""

import re
from collections.abc import Iterable, Mapping

from mixpanel_mcp_core.errors import ConfigError

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")


def added_header(name: str, value: str, named: str, valued: str) -> dict[str, str]:
    """The header; none for the authorization, whose place is the account's.

    Raises ConfigError when name or value are not those of a header, telling where they stand
    (`named`, `valued`) and not what the value is.
    """
    for where, part, pattern, text in (
        (named, "name", _NAME, name),
        (valued, "value", _VALUE, value),
    ):
        if not pattern.fullmatch(text):
            kind = "env_var" if where.startswith("MP_") else "field"
            raise ConfigError(f"{where} is not the {part} of a header.", details={kind: where})
    return {} if name.lower() == "authorization" else {name: value}


def over(added: Iterable[tuple[str, str]], own: Mapping[str, str]) -> dict[str, str]:
    """A request's own headers over added ones; names count in any case."""
    taken = {name.lower() for name in own}
    return {**{name: value for name, value in added if name.lower() not in taken}, **own}
