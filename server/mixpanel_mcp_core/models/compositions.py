"""Work that takes several operations: boards of queries, reports out of queries, one search."""

from typing import Annotated, Any, Literal, NotRequired, get_args

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from mixpanel_mcp_core.models.across import TargetTool
from mixpanel_mcp_core.models.wire import Answered
from mixpanel_mcp_core.tables import Table

QueryTool = Literal["query", "query_funnel", "query_retention", "query_flow"]
EntityKind = Literal["dashboard", "report", "cohort", "metric", "behavior", "flag", "experiment"]
ENTITY_KINDS: tuple[EntityKind, ...] = get_args(EntityKind)

DrawnTool = Literal[
    TargetTool,
    "query_saved_flows",
    "query_report_link",
    "query_targets",
    "query_result",
    "jql",
    "property_distribution",
    "numeric_summary",
    "daily_counts",
    "engagement_distribution",
    "property_coverage",
]

QueryName = Annotated[QueryTool, Field(description="The query tool that the report is of.")]
QueryArguments = Annotated[
    dict[str, Any], Field(description="Its arguments, exactly as that tool takes them.")
]


@with_config(ConfigDict(extra="forbid"))
class Card(TypedDict):
    """One card of a row: a report of a query, or text."""

    title: NotRequired[Annotated[str | None, Field(description="Title of the report.")]]
    tool: NotRequired[QueryName | None]
    arguments: NotRequired[QueryArguments | None]
    text: NotRequired[
        Annotated[str | None, Field(description="Instead of a report: text, HTML such as <h2>.")]
    ]


@with_config(ConfigDict(extra="forbid"))
class CardRow(TypedDict):
    """One row of a board."""

    cards: Annotated[
        list[Card], Field(min_length=1, max_length=4, description="1 to 4 cards, left to right.")
    ]


class Found(Answered):
    """Something that a search found; `match` is from 0 to 1."""

    kind: EntityKind
    id: int | str
    name: str
    type: str | None = None
    description: str | None = None
    owner: str | None = None
    modified: str | None = None
    match: float


_COLUMNS = ("kind", "id", "name", "type", "match", "owner", "modified", "description")


class SearchResult(Answered):
    """What a search found, best first; `not_searched` tells why a kind is missing."""

    found: list[Found]
    total: int
    not_searched: dict[str, str] = {}

    def table(self) -> Table:
        """One row for each, without columns that say nothing."""
        columns = [name for name in _COLUMNS if any(getattr(each, name) for each in self.found)]
        rows = [[getattr(each, name) for name in columns] for each in self.found]
        return Table(columns, rows)

    def remarks(self) -> list[str]:
        """How many more there are, and what was not searched."""
        more = self.total - len(self.found)
        told = [f"{more:,} more match; raise limit or narrow words"] if more else []
        if not self.total:
            told = ["try fewer or other words"]
        return [*told, *(f"{kind}s not searched: {why}" for kind, why in self.not_searched.items())]
