"""Changes to the config file: read, changed, checked and written as one step, or not at all."""

import tomllib
from collections.abc import Generator, Iterable, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AbstractTable, InlineTable

from mixpanel_mcp_core.auth.accounts import Account, record_of
from mixpanel_mcp_core.auth.config import Config, Target, broken, read_config
from mixpanel_mcp_core.auth.locks import locked
from mixpanel_mcp_core.auth.places import Places
from mixpanel_mcp_core.auth.private_files import Unsafe, read_private, write_private
from mixpanel_mcp_core.errors import ConfigError


class Draft:
    """The config file while it is changed; comments and what we do not know stay in it."""

    def __init__(self, document: tomlkit.TOMLDocument, name: str) -> None:
        self._document = document
        self._name = name

    @property
    def config(self) -> Config:
        """What the file would say."""
        return Config(self._document.unwrap(), self._name)

    def put_account(self, account: Account) -> None:
        """Write an account's block, in place of an older one."""
        self._put("accounts", account.name, record_of(account))

    def put_target(self, target: Target) -> None:
        """Write a target's block."""
        self._put("targets", target.name, target.model_dump(exclude={"name"}, exclude_none=True))

    def drop(self, table: str, name: str) -> None:
        """Take a block out, and with the last one its table."""
        blocks: MutableMapping[str, Any] = self._document[table]  # pyright: ignore
        del blocks[name]
        if not blocks:
            del self._document[table]

    def set_active(self, **values: str | int | None) -> None:
        """Set keys of `[active]`; None takes one out."""
        self.config.table("active")
        active: Any = self._document.setdefault("active", tomlkit.table())
        for key, value in values.items():
            if value is None:
                active.pop(key, None)
            else:
                active[key] = value
        if not active:
            del self._document["active"]

    def set_project(self, account: str, project: str) -> None:
        """Make a project the account's default one."""
        changed = self.config.account(account).model_copy(update={"default_project": project})
        self.put_account(changed)

    def text(self) -> str:
        """The file's text; ConfigError when any account of it is broken."""
        config = self.config
        config.accounts()
        text = tomlkit.dumps(self._document)
        # Of a few rare layouts, such as a new table below dotted keys, tomlkit makes something
        # else: then the comments go rather than the accounts.
        return text if _says(text, config.raw) else tomlkit.dumps(config.raw)

    def _put(self, table: str, name: str, block: Mapping[str, Any]) -> None:
        if table not in self._document:
            self._document[table] = tomlkit.table(is_super_table=True)
        blocks: Any = self._document[table]
        if name in blocks:
            _replace(blocks[name], block)
            return
        fresh = tomlkit.inline_table() if isinstance(blocks, InlineTable) else tomlkit.table()
        for key, value in block.items():
            fresh[key] = value
        blocks[name] = fresh


def _replace(old: Any, block: Mapping[str, Any]) -> None:
    """The new values under the old keys, so that comments beside them stay."""
    for key in [key for key in old if key not in block]:
        del old[key]
    added = any(key not in old for key in block)
    for key, value in block.items():
        if old.get(key) != value:
            old[key] = value
    if added and isinstance(old, AbstractTable):
        _in_order(old, block)


def _in_order(table: Any, keys: Iterable[str]) -> None:
    for key in keys:
        item = table[key]
        del table[key]
        table[key] = item


def _says(text: str, meant: Mapping[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == meant
    except tomllib.TOMLDecodeError:
        return False


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
            draft = Draft(_document(places), path.name)
            yield draft
            write_private(path, draft.text().encode())
    except Unsafe as error:
        raise ConfigError(f"{error}.", details={"path": str(path)}) from error


def _document(places: Places) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(read_private(places.config, places.home))
    except FileNotFoundError:
        return tomlkit.document()
    except (TOMLKitError, ValueError) as error:
        raise broken(places.config.name, str(error)) from None
