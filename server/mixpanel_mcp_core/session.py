"""What an operation receives: the APIs of one project, and what a call may remember."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from mixpanel_mcp_core.api import AppApi, QueryApi, WebApi
from mixpanel_mcp_core.auth.places import Places
from mixpanel_mcp_core.auth.resolve import Scope, chosen_project
from mixpanel_mcp_core.caller import NO_PROJECT, Authorize, Caller
from mixpanel_mcp_core.clock import utc_now
from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.export_api import ExportApi
from mixpanel_mcp_core.guarded import Guarded, OnChange, let_through, refuse
from mixpanel_mcp_core.http import Http
from mixpanel_mcp_core.ingest_api import IngestApi
from mixpanel_mcp_core.journal import Journal, Undoing
from mixpanel_mcp_core.ledger import Ledger
from mixpanel_mcp_core.limits import Standing
from mixpanel_mcp_core.metering import Meter
from mixpanel_mcp_core.slugs import new_slug

# How much is done, of how much where that is known, and a sentence for a person.
Report = Callable[[float, float | None, str], Awaitable[None]]
# What a call waits for now; None for an answer.
Note = Callable[[str | None], Awaitable[None]]


# Another operation, run in the same session by its name: its arguments checked like a call's.
RunByName = Callable[["Session", str, Mapping[str, Any]], Awaitable[Any]]


async def _alone(session: "Session", name: str, arguments: Mapping[str, Any]) -> Any:
    raise MixpanelError(f"{name} cannot be run from here.")


# Has work go on after the call that began it.
Spawn = Callable[[Coroutine[Any, Any, None]], None]


def _not_beyond_the_call(work: Coroutine[Any, Any, None]) -> None:
    work.close()
    raise MixpanelError("Nothing can go on after this call.")


# Opens the session that a `target` names, able to run operations by their names.
Opener = Callable[[str], Awaitable["Session"]]


async def nowhere(target: str) -> "Session":
    raise MixpanelError("Other targets cannot be asked from here.")


async def silent(done: float, total: float | None, message: str) -> None:
    pass


async def unnoted(waits_for: str | None) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Session:
    """One account, one project, perhaps one workspace; cheap to copy for a single call.

    `remembered` is shared by all copies: discovery answers and the like, until the scope changes;
    `ages` is a call's own: how many seconds ago was asked what it was answered from memory.
    Without `lookups` nothing is asked that the caller did not ask for, not even to offer the
    nearest names after a miss. `files` is the only folder that operations may use; None forbids
    it. `places` tells where answers about the account are kept for a day; None for nowhere.
    `bearer` authorises what takes no service account; None where the account has no bearer token.
    `on_change` is asked before every request that changes something; a `read_only` session sends
    none. What changes is written into the `journal`, with the change that it `undoes`. The
    `ledger` counts requests against Mixpanel's limits; `standings` is a call's own: what remains
    of each limit; and so are `hints` about names that operations run by name did not find.
    """

    scope: Scope
    http: Http
    authorize: Authorize
    environ: Mapping[str, str]
    sandbox: bool = False
    read_only: bool = False
    lookups: bool = True
    files: Path | None = None
    places: Places | None = None
    bearer: Authorize | None = None
    report: Report = silent
    note: Note = unnoted
    run_by_name: RunByName = _alone
    spawn: Spawn = _not_beyond_the_call
    on_change: OnChange = let_through
    journal: Journal | None = None
    undoes: Undoing | None = None
    ledger: Ledger | None = None
    today: Callable[[], date] = date.today
    now: Callable[[], datetime] = utc_now
    slug: Callable[[], str] = new_slug
    remembered: dict[Any, Any] = field(default_factory=dict[Any, Any])
    asked_at: dict[Any, float] = field(default_factory=dict[Any, float])
    ages: list[float] = field(default_factory=list[float])
    standings: dict[str, Standing] = field(default_factory=dict[str, Standing])
    hints: list[str] = field(default_factory=list[str])
    seconds: Callable[[], float] = monotonic

    @property
    def query(self) -> QueryApi:
        """Reports, live queries, discovery."""
        return QueryApi(self._caller)

    @property
    def app(self) -> AppApi:
        """Entities and governance."""
        return AppApi(self._caller)

    @property
    def export(self) -> ExportApi:
        """Raw events."""
        return ExportApi(self._caller)

    @property
    def ingest(self) -> IngestApi:
        """Events and profiles on their way in."""
        return IngestApi(self._caller)

    @property
    def web(self) -> WebApi:
        """The web app: short links."""
        return WebApi(self._caller)

    @property
    def project_id(self) -> str:
        """The project, as digits; ConfigError where none is chosen."""
        return chosen_project(self.scope.project_id, self.scope.account.name)

    def reporting(self, report: Report, note: Note = unnoted) -> "Session":
        """The same session, telling its progress to somebody else."""
        return replace(self, report=report, note=note)

    def running(self, run_by_name: RunByName) -> "Session":
        """The same session for one call, with a way to run other operations by their names."""
        return replace(self, run_by_name=run_by_name, ages=[], standings={}, hints=[])

    async def run(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Run another operation in this session; raises what a call of it would be told."""
        return await self.run_by_name(self, name, arguments)

    def in_workspace(self, workspace_id: int | None) -> "Session":
        """The same session in another workspace, or in none."""
        return replace(self, scope=replace(self.scope, workspace_id=workspace_id))

    async def remember(
        self, key: Any, ask: Callable[[], Awaitable[Any]], *, in_passing: bool = False
    ) -> Any:
        """A copy of what was answered to `key` before, else to `ask` now; errors are not kept.

        What is only asked `in_passing` is no part of an answer, and its age none of the answer's.
        """
        if key in self.remembered and not in_passing:
            self.ages.append(self.seconds() - self.asked_at.get(key, self.seconds()))
        if key not in self.remembered:
            self.remembered[key] = await ask()
            self.asked_at[key] = self.seconds()
        return deepcopy(self.remembered[key])

    def remembers(self, key: Any) -> bool:
        """Whether `key` can be answered without asking."""
        return key in self.remembered

    def forget(self) -> None:
        """Drop what was answered before, since the project has changed."""
        self.remembered.clear()

    def source(self) -> dict[str, Any]:
        """Account, project, workspace and region, as every answer states them."""
        return {
            "account": self.scope.account.name,
            "project": self.scope.project_id,
            "workspace": self.scope.workspace_id,
            "region": self.scope.account.region,
            "sandbox": self.sandbox,
        }

    @property
    def meter(self) -> Meter | None:
        """What counts requests against Mixpanel's limits; None where there are none to keep."""
        if self.ledger is None:
            return None
        project = self.scope.project_id or NO_PROJECT
        return Meter(self.ledger, project, self.standings, self.http.pause, self.note)

    @property
    def _caller(self) -> Caller:
        scope = self.scope
        guard = refuse if self.read_only else self.on_change
        return Caller(
            Guarded(self.http, guard, self.meter),
            scope.account.name,
            scope.account.region,
            self.authorize,
            self.environ,
            scope.project_id,
            scope.workspace_id,
            scope.headers,
        )
