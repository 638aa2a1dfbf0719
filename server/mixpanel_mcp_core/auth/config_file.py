"""Changes to the config file: read, changed, checked and written as one step, or not at all."""

import tomllib
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from mixpanel_mcp_core.auth.accounts import Account, record_of
from mixpanel_mcp_core.auth.config import Config, Target, broken, read_config
from mixpanel_mcp_core.auth.config_text import edited
from mixpanel_mcp_core.auth.locks import locked
from mixpanel_mcp_core.auth.places import Places
from mixpanel_mcp_core.auth.private_files import Unsafe, read_private, write_private
from mixpanel_mcp_core.errors import ConfigError


class Draft:
    """The config file while it is changed; comments and what we do not know stay in it."""

    def __init__(self, text: str, name: str) -> None:
        self._before = text
        self._meant: dict[str, Any] = tomllib.loads(text)
        self._name = name

    @property
    def config(self) -> Config:
        """What the file would say."""
        return Config(self._meant, self._name)

    def put_account(self, account: Account) -> None:
        """Write an account's block, in place of an older one."""
        self._meant.setdefault("accounts", {})[account.name] = record_of(account)

    def put_target(self, target: Target) -> None:
        """Write a target's block."""
        block = target.model_dump(exclude={"name"}, exclude_none=True)
        self._meant.setdefault("targets", {})[target.name] = block

    def drop(self, table: str, name: str) -> None:
        """Take a block out, and with the last one its table."""
        del self._meant[table][name]
        if not self._meant[table]:
            del self._meant[table]

    def set_active(self, **values: str | int | None) -> None:
        """Set keys of `[active]`; None takes one out."""
        active = {**self.config.table("active"), **values}
        kept = {key: value for key, value in active.items() if value is not None}
        if kept:
            self._meant["active"] = kept
        else:
            self._meant.pop("active", None)

    def set_project(self, account: str, project: str) -> None:
        """Make a project the account's default one."""
        changed = self.config.account(account).model_copy(update={"default_project": project})
        self.put_account(changed)

    def text(self) -> str:
        """The file's text; ConfigError when any account of it is broken."""
        self.config.accounts()
        return edited(self._before, self._meant)


@contextmanager
def changing(places: Places) -> Generator[Draft]:
    """The config file to change; written when the block ends well.

    Raises ConfigError for a file that cannot be read or written, or that would be broken.
    """
    path = places.config
    try:
        # First, since a lock closes the folder, and the path may be a wrong one.
        read_config(places)
        with locked(path.parent):
            draft = Draft(_text(places), path.name)
            yield draft
            write_private(path, draft.text().encode())
    except Unsafe as error:
        raise ConfigError(f"{error}.", details={"path": str(path)}) from error
    except tomllib.TOMLDecodeError as error:
        raise broken(path.name, str(error)) from None


def _text(places: Places) -> str:
    try:
        return read_private(places.config, places.home).decode()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise broken(places.config.name, "it is not UTF-8") from None
