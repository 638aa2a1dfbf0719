"""A link to a report, as it was read from text."""

import re
from dataclasses import dataclass
from typing import Any, Literal

LinkKind = Literal["slug", "bookmark", "short_link", "dashboard", "legacy_jsurl"]

SLUG = re.compile(r"[0-9a-zA-Z_-]{12}")
_TYPES_OF_APPS = {"impact": "launch-analysis", "boards": None}


@dataclass(frozen=True, slots=True)
class ParsedLink:
    """What a link says; a bare slug says nothing of region and project.

    `edits` are changes to a saved report that older links carry behind its number.
    """

    kind: LinkKind
    region: str | None = None
    project_id: int | None = None
    workspace_id: int | None = None
    app: str | None = None
    slug: str | None = None
    bookmark_id: int | None = None
    dashboard_id: int | None = None
    short_code: str | None = None
    edits: str | None = None

    @property
    def type_hint(self) -> str | None:
        """The type of report that the link's app shows; None where it shows several."""
        return _TYPES_OF_APPS.get(self.app, self.app) if self.app else None

    def fields(self) -> dict[str, Any]:
        """The parts that are there, as errors carry them."""
        parts = {
            "kind": self.kind,
            "region": self.region,
            "project_id": self.project_id,
            "workspace_id": self.workspace_id,
            "slug": self.slug,
            "bookmark_id": self.bookmark_id,
            "dashboard_id": self.dashboard_id,
            "short_code": self.short_code,
        }
        return {name: value for name, value in parts.items() if value is not None}
