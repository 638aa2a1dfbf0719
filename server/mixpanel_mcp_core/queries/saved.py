"""Saved reports: the answers of the endpoints that run a report by its id."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, computed_field

from mixpanel_mcp_core.errors import ResponseValidationError
from mixpanel_mcp_core.tables import Table

from .flows.graph import edges_of
from .flows.tables import transition_grid
from .funnels.rows import STEP_MEASURES
from .insights.rows import series_table
from .nodes import objects_within
from .retention.rows import retention_grid

SavedReportType = Literal["insights", "funnels", "retention", "flows"]

_SPAN = timedelta(days=30)
_KINDS = {"$retention": "retention", "$funnel": "funnel", "$flows": "flows"}


class SavedReportResult(BaseModel):
    """The answer of a saved report; what `series` holds depends on `report_type`."""

    model_config = ConfigDict(frozen=True)

    bookmark_id: int
    computed_at: str = ""
    from_date: str = ""
    to_date: str = ""
    headers: list[Any] = []
    series: Any = {}

    @computed_field
    @property
    def report_type(self) -> str:
        """insights, funnel, retention or flows, as the headers tell."""
        for header in self.headers:
            for mark, kind in _KINDS.items():
                if mark in str(header).lower():
                    return kind
        return "insights"

    def table(self) -> Table:
        """Date, event and count of an insights report; any other report whole, in one cell."""
        if self.report_type != "insights":
            return Table(["series"], [[self.series]])
        rows = [
            [day, event, count]
            for event, days in objects_within(self.series).items()
            for day, count in days.items()
        ]
        return Table(["date", "event", "count"], rows)

    def grid(self) -> Table:
        """The table that a person would draw of the report."""
        match self.report_type:
            case "funnel":
                return _funnel_grid(self.series)
            case "retention":
                dated = objects_within(self.series).items()
                cohorts = {name[:10]: cohort for name, cohort in dated}
                return retention_grid([("", cohorts.pop("$average", {}), cohorts)], {})
            case "flows":
                return _flow_grid(self.series)
            case _:
                return series_table(self.series, self.headers, {})


class SavedFlowsResult(BaseModel):
    """The answer of a saved flow report; `steps` as they came."""

    model_config = ConfigDict(frozen=True)

    bookmark_id: int
    computed_at: str = ""
    steps: list[dict[str, Any]] = []
    breakdowns: list[dict[str, Any]] = []
    overall_conversion_rate: float = 0.0
    metadata: dict[str, Any] = {}

    def table(self) -> Table:
        """A row for each step, its keys as columns."""
        columns = list(dict.fromkeys(key for step in self.steps for key in step))
        return Table(columns, [[step.get(key) for key in columns] for step in self.steps])

    def grid(self) -> Table:
        """The transitions, where the steps have any."""
        return transition_grid(self.steps) if edges_of(self.steps) else self.table()

    def remarks(self) -> list[str]:
        """How many went all the way."""
        return [f"overall conversion {self.overall_conversion_rate:.1%}"]


def funnel_dates(from_date: str | None, to_date: str | None, today: date) -> tuple[str, str]:
    """The days of a saved funnel: 30 days from, up to, or around what was given."""
    if from_date and to_date:
        return from_date, to_date
    if from_date:
        end = min(date.fromisoformat(from_date) + _SPAN, today)
        return from_date, end.isoformat()
    end = date.fromisoformat(to_date) if to_date else today
    return (end - _SPAN).isoformat(), end.isoformat()


def read_saved_report(bookmark_id: int, kind: SavedReportType, answer: object) -> SavedReportResult:
    """The result of a saved report of this type."""
    body = _body(answer)
    read = {
        "insights": _insights_fields,
        "funnels": _funnel_fields,
        "retention": _retention_fields,
        "flows": _flow_fields,
    }[kind]
    return SavedReportResult(bookmark_id=bookmark_id, **read(body))


def read_saved_flows(bookmark_id: int, answer: object) -> SavedFlowsResult:
    """The result of a saved flow report."""
    body = _body(answer)
    return SavedFlowsResult(
        bookmark_id=bookmark_id,
        computed_at=body.get("computed_at") or "",
        steps=body.get("steps") or [],
        breakdowns=body.get("breakdowns") or [],
        overall_conversion_rate=body.get("overallConversionRate") or 0.0,
        metadata=body.get("metadata") or {},
    )


def _body(answer: object) -> dict[str, Any]:
    if not isinstance(answer, dict):
        message = f"Expected a report as an object, got {type(answer).__name__}."
        raise ResponseValidationError(message)
    return cast("dict[str, Any]", answer)


def _insights_fields(body: dict[str, Any]) -> dict[str, Any]:
    period: Mapping[str, Any] = body.get("date_range") or {}
    return {
        "computed_at": body.get("computed_at") or "",
        "from_date": period.get("from_date") or "",
        "to_date": period.get("to_date") or "",
        "headers": body.get("headers") or [],
        "series": body.get("series") or {},
    }


def _funnel_fields(body: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = body.get("data") or {}
    computed = {"computed_at": body.get("computed_at") or ""}
    return {**computed, **_ends(data), "headers": ["$funnel"], "series": data}


def _retention_fields(body: dict[str, Any]) -> dict[str, Any]:
    return {**_ends(body), "headers": ["$retention"], "series": body}


def _flow_fields(body: dict[str, Any]) -> dict[str, Any]:
    series = {
        "steps": body.get("steps") or [],
        "breakdowns": body.get("breakdowns") or [],
        "overallConversionRate": body.get("overallConversionRate") or 0.0,
    }
    return {"computed_at": body.get("computed_at") or "", "headers": ["$flows"], "series": series}


def _ends(dated: Mapping[str, Any]) -> dict[str, str]:
    # Beside the days of a retention stands its `$average`.
    days = sorted(day for day in dated if not day.startswith("$"))
    return {"from_date": days[0], "to_date": days[-1]} if days else {}


def _funnel_grid(data: Any) -> Table:
    rows = [
        [day, number, step.get("event"), *(step.get(measure) for measure in STEP_MEASURES)]
        for day, funnel in sorted(objects_within(data).items())
        for number, step in enumerate(funnel.get("steps") or (), start=1)
    ]
    return Table(["date", "step", "event", *STEP_MEASURES], rows)


def _flow_grid(series: Any) -> Table:
    steps: list[dict[str, Any]] = series["steps"]
    transitions = transition_grid(steps)
    return transitions if transitions.rows else Table(["step"], [[step] for step in steps])
