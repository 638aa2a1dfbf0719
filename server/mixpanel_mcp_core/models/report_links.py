"""Links to reports: what creating one answers, what one stands for."""

from typing import Annotated, Any, Literal, cast

import orjson
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    field_serializer,
)

from mixpanel_mcp_core.models.reports import Bookmark
from mixpanel_mcp_core.models.wire import Answered
from mixpanel_mcp_core.queries.answers import Noted


class SlugCreated(Answered):
    """What is read of the answer to a new slug."""

    created_at: str | None = None


class SlugRecord(Answered):
    """A report that only its slug names."""

    type: str
    params: dict[str, Any]
    name: str | None = None
    description: str | None = None
    overrides: Any = None
    bookmark_id: int | None = None
    bookmark: Any = None

    @property
    def saved_as(self) -> int | None:
        """The saved report that it belongs to, told as a number or by an embedded record."""
        inside = cast("dict[str, Any]", self.bookmark) if isinstance(self.bookmark, dict) else {}
        number = inside.get("id") if self.bookmark_id is None else self.bookmark_id
        return number if isinstance(number, int) else None


class ReportLink(Noted):
    """A link to a report that is not saved."""

    url: str
    slug: str
    report_type: str
    project_id: int
    workspace_id: int | None
    name: str
    description: str
    bookmark_id: int | None
    created_at: str | None

    def remarks(self) -> list[str]:
        """What a reader should know beside the link."""
        return self.notes


class ResolvedReport(Noted):
    """What a link stands for: a type of report and its params, and where they were found."""

    model_config = ConfigDict(extra="forbid")

    source: Literal["slug", "bookmark"]
    report_type: str
    params: dict[str, Any]
    project_id: int
    workspace_id: int | None = None
    region: str
    url: str
    input: str
    expanded_url: str | None = None
    slug: str | None = None
    bookmark_id: int | None = None
    bookmark: Bookmark | None = None
    name: str | None = None
    description: str | None = None
    overrides: Any = None

    @field_serializer("bookmark")
    def _in_wire_names(self, bookmark: Bookmark | None) -> dict[str, Any] | None:
        return bookmark and bookmark.model_dump(mode="json", by_alias=True)

    def remarks(self) -> list[str]:
        """What a reader should know beside the params."""
        return self.notes


def _read(value: Any) -> Any:
    """JSON text of an object as that object, and a resolved report out of a whole answer."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    if isinstance(value, dict) and isinstance(value.get("result"), dict):
        return cast("dict[str, Any]", value)["result"]
    return value


def _form(value: Any) -> str:
    return "report" if isinstance(value, dict | BaseModel) else "text"


LinkText = Annotated[
    str,
    Field(
        description="12-character slug, URL of a report, or short link, e.g. "
        "'https://mixpanel.com/project/12345/app/insights#report/678'."
    ),
]
LinkOrReport = Annotated[
    Annotated[str, Tag("text")] | Annotated[ResolvedReport, Tag("report")],
    Discriminator(_form),
    BeforeValidator(_read),
    WithJsonSchema({"type": "string"}),
    Field(
        description="12-character slug, URL of a report, or short link; or the object that "
        "resolve_report_link returned."
    ),
]
