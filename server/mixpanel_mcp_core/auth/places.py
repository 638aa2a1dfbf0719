"""Where the files of accounts lie. Looked up in the environment at each use."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from mixpanel_mcp_core.regions import Region

_BRIDGES = (".claude/mixpanel/auth.json", "mixpanel_auth.json")


@dataclass(frozen=True, slots=True)
class Places:
    """The paths that an environment, a home and a working directory make."""

    environ: Mapping[str, str]
    cwd: Path

    @property
    def home(self) -> Path:
        """The user's home."""
        return Path(self.environ.get("HOME") or Path.home())

    @property
    def config(self) -> Path:
        """The config file; `MP_CONFIG_PATH` moves it, and empty means the current directory."""
        moved = self.environ.get("MP_CONFIG_PATH")
        return self.home / ".mp" / "config.toml" if moved is None else self.path(moved)

    @property
    def root(self) -> Path:
        """The folder of tokens, clients and caches."""
        moved = self.environ.get("MP_STORAGE_DIR") or self.environ.get("MP_OAUTH_STORAGE_DIR")
        return self.path(moved) if moved else self.home / ".mp"

    @property
    def accounts(self) -> Path:
        """The folder with one folder an account."""
        return self.root / "accounts"

    def tokens(self, account: str) -> Path:
        """The tokens of an account that logged in with a browser."""
        return self.accounts / account / "tokens.json"

    def me(self, account: str) -> Path:
        """The cached answer of `/me`."""
        return self.accounts / account / "me.json"

    def client(self, region: Region) -> Path:
        """The client that is registered with a region's login server."""
        return self.root / "oauth" / f"client_{region}.json"

    @property
    def limits(self) -> Path:
        """The folder with what was sent to each project within the last day."""
        return self.root / "limits"

    def changes(self, account: str, region: Region, project: str | None) -> Path:
        """The journal of the changes that were made in a project."""
        return self.root / "changes" / f"{quote(account, safe='')}-{region}-{project}.jsonl"

    @property
    def bridges(self) -> tuple[Path, ...]:
        """Where a bridge file may be: `MP_AUTH_FILE` alone where it is set, or two defaults."""
        if told := self.environ.get("MP_AUTH_FILE"):
            return (self.path(told),)
        return self.home / _BRIDGES[0], self.cwd / _BRIDGES[1]

    def path(self, text: str) -> Path:
        """A path as a person writes it: `~` is the home, and what is relative begins here."""
        if text == "~" or text.startswith("~/"):
            return self.home / text[2:]
        return self.cwd / text
