"""What a saved report consists of, whether it was saved by itself or as a card."""

from .bookmarks import read_params
from .calls import Call, Json
from .documents import creator
from .errors import one_of

TYPES = ("insights", "funnels", "retention", "flows", "launch-analysis", "user")
SETTINGS = {
    "name": str,
    "description": str,
    "icon": str,
    "is_visibility_restricted": bool,
    "is_modification_restricted": bool,
}
DEFAULTS: Json = {
    "description": None,
    "icon": None,
    "include_in_dashboard": True,
    "is_default": False,
    "is_visibility_restricted": False,
    "is_modification_restricted": False,
    "can_update_basic": True,
    "can_view": True,
    "can_share": True,
    "generation_type": None,
    "unique_view_count": 0,
    "total_view_count": 0,
    "metadata": {},
}


def new_report(call: Call, number: int, dashboard: int, fields: Json) -> Json:
    """Return a report of the given fields for a dashboard; 400 for an unknown type."""
    kind = one_of(TYPES, fields.get("type") or "insights", "type")
    return {
        **DEFAULTS,
        **{name: value for name, value in fields.items() if value is not None},
        "id": number,
        "name": fields.get("name") or "Untitled",
        "type": kind,
        "original_type": kind,
        "params": read_params(fields.get("params")),
        "project_id": call.project.id,
        "workspace_id": call.project.workspace_id,
        "dashboard_id": dashboard,
        **creator(call),
    }
