"""What the config file says: the active account, all accounts, saved targets, one header."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from mixpanel_mcp_core.auth.accounts import Account, ProjectDigits, account_of, told
from mixpanel_mcp_core.auth.places import Places
from mixpanel_mcp_core.auth.private_files import Unsafe, read_private
from mixpanel_mcp_core.errors import ConfigError

Table = Mapping[str, Any]


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.strip().isdecimal() else value


class Active(BaseModel):
    """The `[active]` block: which account, and perhaps which workspace, stands for 'now'."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: str | None = None
    workspace: Annotated[int, BeforeValidator(_whole), Field(strict=True)] | None = None


class Target(BaseModel):
    """A saved place: an account, a project, perhaps a workspace."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    account: str
    project: ProjectDigits
    workspace: Annotated[int, Field(gt=0, strict=True)] | None = None


@dataclass(frozen=True)
class Config:
    """A config file as it was read; its blocks are checked when they are used."""

    raw: Table
    name: str = "config.toml"

    @cached_property
    def active(self) -> Active:
        """The `[active]` block; ConfigError for what does not belong there."""
        return _checked(Active, self.table("active"), "[active]")

    @property
    def account_names(self) -> list[str]:
        """All accounts, by name."""
        return sorted(self.table("accounts"))

    @property
    def target_names(self) -> list[str]:
        """All targets, by name."""
        return sorted(self.table("targets"))

    def account(self, name: str) -> Account:
        """One account; ConfigError when there is none of that name or its block is broken."""
        blocks = self.table("accounts")
        if name not in blocks:
            raise missing("account", name, self.account_names)
        return account_of({**_table_in(blocks, name, "accounts"), "name": name}, f"account {name}")

    def accounts(self) -> list[Account]:
        """All accounts, by name; ConfigError for the first broken block."""
        return [self.account(name) for name in self.account_names]

    def target(self, name: str) -> Target:
        """One target; ConfigError when there is none of that name or its block is broken."""
        blocks = self.table("targets")
        if name not in blocks:
            raise missing("target", name, self.target_names)
        block = _table_in(blocks, name, "targets")
        return _checked(Target, {**block, "name": name}, f"target {name}")

    def targets(self) -> list[Target]:
        """All targets, by name."""
        return [self.target(name) for name in self.target_names]

    def referring(self, account: str) -> list[str]:
        """The names of the targets that use an account."""
        blocks = self.table("targets")
        return [
            name
            for name in self.target_names
            if _table_in(blocks, name, "targets").get("account") == account
        ]

    @cached_property
    def header(self) -> tuple[tuple[str, str], ...]:
        """The header of `[settings].custom_header`, at most one."""
        given = self.table("settings").get("custom_header")
        if given is None:
            return ()
        pair = cast("Table", given) if isinstance(given, dict) else {}
        name, value = pair.get("name"), pair.get("value")
        if not isinstance(name, str) or not isinstance(value, str):
            raise ConfigError(
                f"{self.name}: [settings].custom_header must be a table with the texts name and "
                'value, e.g. { name = "X-Cluster", value = "c1" }.'
            )
        return ((name, value),)

    def table(self, key: str) -> Table:
        """A table of the file's root, an empty one where there is none; ConfigError for a value."""
        return _table_in(self.raw, key, self.name)


def read_config(places: Places) -> Config:
    """The config file, an empty one where there is none.

    Raises ConfigError for a file that is not safe to read, or not TOML.
    """
    path = places.config
    try:
        text = read_private(path, places.home).decode()
        return Config(tomllib.loads(text), path.name)
    except FileNotFoundError:
        return Config({}, path.name)
    except Unsafe as error:
        raise ConfigError(f"{error}.", details={"path": str(path)}) from error
    except UnicodeDecodeError as error:
        raise broken(path.name, "it is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise broken(path.name, str(error)) from None


def broken(name: str, why: str) -> ConfigError:
    """The error for a config file that is no TOML."""
    return ConfigError(f"{name} is not valid TOML: {why}.", details={"file": name})


def missing(kind: str, name: str, known: list[str]) -> ConfigError:
    """The error for a name that the config file does not have, with the nearest one."""
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        hint = f"Did you mean {near[0]!r}?"
    else:
        hint = f"There are: {', '.join(known)}." if known else f"There is no {kind} yet."
    return ConfigError(
        f"There is no {kind} {name!r}. {hint}",
        details={kind: name, "allowed": known, **({"nearest": near[0]} if near else {})},
    )


def _checked(model: Any, values: Table, where: str) -> Any:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ConfigError(f"{where}: {told(error)}", details={"block": where}) from None


def _table_in(tables: Table, key: str, where: str) -> Table:
    value = tables.get(key, {})
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: {key} must be a table.", details={"block": key})
    return cast("Table", value)
