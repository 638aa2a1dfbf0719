"""A sandbox with what a worked case starts from: its clock, events, profiles and definitions."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter
from sandbox_client import Client, moment, open_empty

from mixpanel_mcp_core.queries.cohort_clauses import raw_cohort
from mixpanel_mcp_core.queries.cohorts import CohortDefinition
from mixpanel_mcp_core.queries.filter_clauses import filter_clause
from mixpanel_mcp_core.queries.filters import Filter

COHORT = TypeAdapter(CohortDefinition)
FILTER = TypeAdapter(Filter)


def opened(case: Mapping[str, Any]) -> Client:
    """Open an empty sandbox and put into it what the case has."""
    project = case["project"]
    now = moment(project["now"])
    rest = project.get("session_timeout_minutes", 30)
    client = Client(open_empty(now, project["timezone"], project.get("identity"), rest))
    client.hide(project.get("hidden_events", []))
    setup = case.get("setup", {})
    client.join_tables(*setup.get("lookup_tables", []))
    client.save("cohorts", *map(_cohort, setup.get("cohorts", [])))
    client.save("custom_events", *map(_custom_event, setup.get("custom_events", [])))
    client.save(
        "schemas", *({"id": n} | each for n, each in enumerate(setup.get("schemas", []), 1))
    )
    client.load(case["events"])
    for profile in case["profiles"]:
        client.set_profile(profile["distinct_id"], profile["properties"])
    return client


def _cohort(given: Mapping[str, Any]) -> dict[str, Any]:
    definition = COHORT.validate_python(given["definition"])
    return {"id": given["id"], "name": given["name"], **raw_cohort(definition, filter_clause)}


def _custom_event(given: Mapping[str, Any]) -> dict[str, Any]:
    return {**given, "alternatives": [_alternative(each) for each in given["alternatives"]]}


def _alternative(given: Mapping[str, Any]) -> dict[str, Any]:
    if "filters" not in given:
        return dict(given)
    filters = [filter_clause(FILTER.validate_python(each)) for each in given["filters"]]
    return {**given, "filters": filters}
