"""Mixpanel's answers to retention queries: cohorts by date, their average, segments."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic import SerializerFunctionWrapHandler, model_serializer

from mixpanel_mcp_core.queries.answers import (
    ReportResult,
    accepted,
    query_error,
    read_result,
    remarks_of,
)
from mixpanel_mcp_core.queries.nodes import objects_within
from mixpanel_mcp_core.tables import Table

from .rows import cohort_rows, retention_grid

Cohorts = dict[str, dict[str, Any]]

_AVERAGE = "$average"
_TOTAL = "$overall"
_BY_SEGMENT = ("segments", "segment_averages")


class RetentionResult(ReportResult):
    """The answer to a retention query.

    `cohorts` has for each date the size (`first`) and `counts` and `rates` by bucket; `average`
    is over all cohorts. With a breakdown the same stands in `segments` and `segment_averages`.
    """

    cohorts: Cohorts = {}
    average: dict[str, Any] = {}
    params: dict[str, Any]
    meta: dict[str, Any] = {}
    segments: dict[str, Cohorts] = {}
    segment_averages: Cohorts = {}

    @model_serializer(mode="wrap")
    def _without_empty_segments(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        form: dict[str, Any] = dump(self)
        return {key: value for key, value in form.items() if value or key not in _BY_SEGMENT}

    def remarks(self) -> list[str]:
        """What a reader should know beside the numbers."""
        running = "the last buckets of a row may still be running; averages leave them out"
        return [*self.notes, *([running] if self.cohorts else []), *remarks_of(self.meta)]

    def table(self) -> Table:
        """A row for each cohort and bucket; with a breakdown those of the segments only."""
        if not self.segments:
            return Table(["cohort_date", "bucket", "count", "rate"], cohort_rows(self.cohorts))
        rows = [
            [segment, *row]
            for segment in sorted(self.segments)
            for row in cohort_rows(self.segments[segment])
        ]
        return Table(["segment", "cohort_date", "bucket", "count", "rate"], rows)

    def grid(self) -> Table:
        """A row for each cohort, a column for each bucket; averages first."""
        blocks = [(_TOTAL, self.average, self.cohorts)] + [
            (name, self.segment_averages.get(name, {}), cohorts)
            for name, cohorts in self.segments.items()
        ]
        return retention_grid(blocks, self.params, self.computed_at)


def read_retention(answer: object, params: Mapping[str, Any]) -> RetentionResult:
    """The result of a retention query; QueryError where the answer tells of a failure."""
    body = accepted(answer, params)
    inside = _only_metric(body, params)
    overall = inside.get(_TOTAL)
    fields = _split(cast("dict[str, Any]", overall) if isinstance(overall, dict) else inside)
    if isinstance(overall, dict):
        segments = {name: _split(node) for name, node in _segments(inside)}
        fields["segments"] = {name: each["cohorts"] for name, each in segments.items()}
        fields["segment_averages"] = {
            name: each["average"] for name, each in segments.items() if each["average"]
        }
    return read_result(RetentionResult, {**body, **fields}, params)


def _only_metric(body: dict[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    series = body["series"]
    if not isinstance(series, dict):
        message = f"The series is no object but {type(series).__name__}."
        raise query_error(message, body, params)
    metrics = cast("dict[str, Any]", series)
    if len(metrics) > 1:
        message = f"The series holds several metrics: {', '.join(metrics)}."
        raise query_error(message, body, params)
    inside = next(iter(metrics.values()), {})
    if not isinstance(inside, dict):
        raise query_error("The metric of the series is no object.", body, params)
    return cast("dict[str, Any]", inside)


def _segments(
    node: dict[str, Any], above: tuple[str, ...] = ()
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the cohort maps of all segments; those of several breakdowns are named by their path."""
    for name, child in objects_within(node).items():
        path = (*above, name)
        if isinstance(child.get(_TOTAL), dict):
            yield from _segments(child, path)
        elif path != (_TOTAL,):
            yield " / ".join(path), child


def _split(node: dict[str, Any]) -> dict[str, Any]:
    average = node.get(_AVERAGE)
    cohorts = {
        key[:10] if "T" in key else key: value
        for key, value in objects_within(node).items()
        if key != _AVERAGE
    }
    return {"cohorts": cohorts, "average": average if isinstance(average, dict) else {}}
