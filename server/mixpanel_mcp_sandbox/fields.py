"""The fields of a JSON object or a form by their types; forms and older clients write text."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from .calls import Call, Json, form, parse_json
from .errors import Refusal, wrong

DIGITS = re.compile("[0-9]{1,15}")
FLAGS = {True: True, False: False, "true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True)
class Fields:
    """What a request says; absent, null and empty mean the same."""

    given: Mapping[str, Any]

    def value(self, name: str) -> Any:
        """Return a field as it is, None when it is empty."""
        value = self.given.get(name)
        return None if value in ("", None) else value

    def text(self, name: str) -> str | None:
        """Return a text; 400 for anything else."""
        value = self.value(name)
        if value is not None and not isinstance(value, str):
            raise wrong(f"{name} must be a text, not {value!r}")
        return value

    def number(self, name: str, least: int) -> int | None:
        """Return a whole number from `least` on; 400 for anything else."""
        value = self.value(name)
        if isinstance(value, str) and DIGITS.fullmatch(value):
            value = int(value)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise wrong(f"{name} must be a whole number from {least} on, not {value!r}")
        return value

    def flag(self, name: str, default: bool) -> bool:
        """Return a truth value; 400 for anything else."""
        value = self.value(name)
        if value is None:
            return default
        if not isinstance(value, bool | str) or value not in FLAGS:
            raise wrong(f"{name} must be true or false, not {value!r}")
        return FLAGS[value]

    def listing(self, name: str) -> list[Any] | None:
        """Return a list, given as such or as JSON text; 400 for anything else."""
        value = self._structure(name)
        if value is not None and not isinstance(value, list):
            raise wrong(f"{name} must be a JSON list")
        return cast("list[Any] | None", value)

    def mapping(self, name: str) -> Json | None:
        """Return an object, given as such or as JSON text; 400 for anything else."""
        value = self._structure(name)
        if value is not None and not isinstance(value, dict):
            raise wrong(f"{name} must be a JSON object")
        return cast("Json | None", value)

    def _structure(self, name: str) -> Any:
        value = self.value(name)
        try:
            return parse_json(value) if isinstance(value, str) else value
        except Refusal as error:
            raise wrong(f"{name} is not valid JSON") from error


def read_fields(call: Call) -> Fields:
    """Return the fields of a request's body, JSON or a form; 400 for anything else."""
    fields = form(call)
    return Fields(call.json() if fields is None else fields)


def require(given: Mapping[str, Any], names: Iterable[str]) -> None:
    """Refuse with 400 when one of the fields is missing or null."""
    for name in names:
        if given.get(name) is None:
            raise wrong(f"{name} is required")


def filled(given: Mapping[str, Any], name: str) -> str:
    """Return a text that is not blank; 400 for anything else."""
    value = given.get(name)
    if not isinstance(value, str) or not value.strip():
        raise wrong(f"{name} is required")
    return value


def text_within(value: object, name: str, least: int, most: int) -> str:
    """Return a text that has from `least` to `most` characters; 400 for anything else."""
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise wrong(f"{name} must have {least} to {most} characters")
    return value
