"""The query API's list of saved cohorts."""

from .calls import Call, Endpoint, Json
from .cohort_documents import COHORTS


def cohort_list(call: Call) -> object:
    """Return the cohorts with how many people are in each now."""
    return [_listed(call, cohort) for cohort in COHORTS.pick(call, COHORTS.entities(call).all())]


def _listed(call: Call, cohort: Json) -> Json:
    return {
        "id": cohort["id"],
        "name": cohort["name"],
        "description": cohort.get("description") or "",
        "count": cohort["count"] or 0,
        "created": str(cohort.get("created", "")).replace("T", " "),
        "is_visible": int(bool(cohort.get("is_visible", True))),
        "project_id": call.project.id,
    }


ENDPOINTS = (Endpoint("POST", "/api/query/cohorts/list", cohort_list),)
