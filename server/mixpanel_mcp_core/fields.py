"""Parameters that several operations share, each described once."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from mixpanel_mcp_core.dates import Day

PropertyType = Literal["string", "number", "boolean", "datetime"]


class NullCounts:
    """Marks an argument for which null is an answer of its own, not the absence of one."""


null_counts = NullCounts()


def _inside_its_path(text: str) -> str:
    """An id goes into a path as it is, so it must not lead to another one or add a query."""
    if not text or set(text) & set("?#%."):
        raise PydanticCustomError("id", "an id has none of the characters ? # % . and is not empty")
    return text


EventName = Annotated[
    str, Field(min_length=1, description="Event name, exactly as in Mixpanel, e.g. 'Sign Up'.")
]
FromDate = Annotated[Day, Field(description="First day, YYYY-MM-DD, in the project's time zone.")]
ToDate = Annotated[Day, Field(description="Last day, YYYY-MM-DD, included.")]
Where = Annotated[
    str,
    Field(description='Filter expression, e.g. \'properties["plan"] == "pro"\'.'),
]
CountKind = Annotated[
    Literal["general", "unique", "average"],
    Field(description="general: events; unique: users; average: events per user."),
]
Limit = Annotated[int, Field(ge=1, description="Most items to return.")]
ResultLimit = Annotated[
    int, Field(ge=1, le=50_000, description="Most segments to return, 1 to 50000, default 3000.")
]
ReportParams = Annotated[
    dict[str, Any],
    Field(description="Report params, as a build tool or a saved report has them."),
]
# The pattern is for models to see; the check says more.
PathId = Annotated[
    str,
    AfterValidator(_inside_its_path),
    Field(json_schema_extra={"minLength": 1, "pattern": "^[^?#%.]+$"}),
]
ProjectToken = Annotated[
    str,
    Field(
        min_length=1,
        description="Project token, from Mixpanel's project settings; the sandbox's is 'sandbox'.",
    ),
]
TokenInstead = Annotated[
    str, Field(min_length=1, description="Project token, in place of the account.")
]
WorkspaceId = Annotated[
    int, Field(gt=0, description="Workspace (data view) to ask, instead of the current one.")
]

# Checked by what reads them, whose errors say more; the pattern is for models to see.
_DIGITS = {"pattern": "^[0-9]+$"}
AccountRef = Annotated[str, Field(description="Account name, from accounts_list.")]
TargetRef = Annotated[str, Field(description="Saved target's name, from targets_list.")]
ProjectRef = Annotated[
    str, Field(description="Project id, digits only.", json_schema_extra=dict(_DIGITS))
]
WorkspaceRef = Annotated[int, Field(description="Workspace (data view) id.")]
