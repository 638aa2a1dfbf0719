"""The data audit: where events differ from the schemas that they should have."""

from typing import Any

from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.models.wire import Answered, CamelAnswered
from mixpanel_mcp_core.tables import Table


class AuditViolation(CamelAnswered):
    """Something that was sent otherwise than its schema says."""

    violation: str
    name: str
    platform: str | None = None
    version: str | None = None
    count: int
    event: str | None = None
    sensitive: bool | None = None
    property_type_error: str | None = None


class AuditResponse(Answered):
    """All violations, and when they were counted."""

    violations: list[AuditViolation]
    computed_at: str

    def table(self) -> Table | None:
        """A row for each violation; None where there is none."""
        columns = list(AuditViolation.model_fields)
        rows = [[getattr(each, name) for name in columns] for each in self.violations]
        return Table(columns, rows) if rows else None


def audit_of(answer: Any) -> dict[str, Any]:
    """The fields of an audit whose answer is `[violations, {"computed_at"}]`, or empty.

    Raises MixpanelError (UNKNOWN_ERROR) for an answer that begins with anything but a list.
    """
    if answer == []:
        return {"violations": [], "computed_at": ""}
    if not isinstance(answer, list) or not isinstance(answer[0], list):
        raise MixpanelError("Mixpanel's answer holds no list of violations.")
    about: Any = answer[1] if len(answer) > 1 else None  # pyright: ignore[reportUnknownArgumentType]
    told = about.get("computed_at") if isinstance(about, dict) else None
    return {"violations": answer[0], "computed_at": told or ""}
