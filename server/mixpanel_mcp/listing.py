"""Which tools are listed, and which can be called at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

import mixpanel_mcp_tools
from mixpanel_mcp.published import Published, names, published
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_core.errors import ConfigError

PROFILES = ("core", "all")


@dataclass(frozen=True)
class Listing:
    """What a server's settings allow.

    `toolsets` decides what is listed. What can be called, listed or through the catalogue, is
    bounded by `tools`, `exclude_tools` and `read_only` alone; over HTTP also by its having many
    callers, none of whom may change the accounts that all of them ask with.
    """

    settings: Settings

    @cached_property
    def listed(self) -> tuple[str, ...]:
        """Names in listing order; raises ConfigError for a name that does not exist."""
        self.check()
        wanted = self.settings.tools or self._of_toolsets()
        return tuple(name for name in names() if name in wanted and self.allows(name))

    @property
    def with_catalogue(self) -> bool:
        """Whether the catalogue's tools are listed: everywhere but where all is listed anyway."""
        return not self.settings.tools and "all" not in self.settings.toolsets

    @cached_property
    def reachable(self) -> tuple[str, ...]:
        """Names of everything that can be called."""
        return tuple(name for name in names() if self.allows(name))

    def allows(self, name: str) -> bool:
        """Whether this server may run the tool."""
        settings = self.settings
        if name not in names() or name in settings.exclude_tools:
            return False
        if settings.tools and name not in settings.tools:
            return False
        if name in mixpanel_mcp_tools.REVEALING and not self._asked_for(name):
            return False
        return not (settings.read_only or self._is_shared(name)) or published(name).read_only

    def why_not(self, name: str) -> str:
        """One sentence on why a tool that exists may not run."""
        if self.settings.read_only and not published(name).read_only:
            return f"{name} changes data and this server is read-only."
        if self._is_shared(name) and not published(name).read_only:
            return (
                f"{name} is for whoever runs this server, on its machine: several clients may "
                "share it. Name the place in the `target` of each call."
            )
        if name in mixpanel_mcp_tools.REVEALING:
            return (
                f"{name} hands out a credential, and this server was not started to list it: "
                f"that takes --toolsets {names()[name]}."
            )
        return f"This server was started without the tool {name}."

    def check(self) -> None:
        """Raise ConfigError for the first toolset or tool that does not exist."""
        toolsets = (*PROFILES, *mixpanel_mcp_tools.TOOLSETS)
        _all_known("toolset", self.settings.toolsets, toolsets)
        _all_known("tool", (*self.settings.tools, *self.settings.exclude_tools), tuple(names()))

    def _is_shared(self, name: str) -> bool:
        """Whether a tool is about the accounts that every caller of this server asks with."""
        return (
            self.settings.transport == "http"
            and names()[name] in mixpanel_mcp_tools.OF_THIS_MACHINE
        )

    def _asked_for(self, name: str) -> bool:
        return name in self.settings.tools or name in self._of_toolsets()

    def _of_toolsets(self) -> set[str]:
        chosen = set(self.settings.toolsets)
        if "all" in chosen:
            return set(names())
        core = set(mixpanel_mcp_tools.CORE) if "core" in chosen else set[str]()
        return core | {name for name, toolset in names().items() if toolset in chosen}


def _all_known(kind: str, given: Sequence[str], known: Sequence[str]) -> None:
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" There are: {', '.join(known)}."
            raise ConfigError(
                f"There is no {kind} {name!r}.{hint}", details={"value": name, "field": kind}
            )


def tools_of(listing: Listing) -> list[Published]:
    """The stored tools that a server lists, without the catalogue's own."""
    return [published(name) for name in listing.listed]
