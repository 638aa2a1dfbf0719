"""Mixpanel's answers to insights and funnel queries, as results with a table."""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, computed_field

from mixpanel_mcp_core.errors import QueryError, ResponseValidationError
from mixpanel_mcp_core.tables import Table

from .funnel_steps import funnel_steps, segments_table, steps_table
from .series_rows import series_table


class _Period(BaseModel):
    from_date: str = ""
    to_date: str = ""


class InsightsResult(BaseModel):
    """The answer to an insights query: `series` and dates as they came, `params` as sent."""

    model_config = ConfigDict(frozen=True)

    computed_at: str = ""
    from_date: str = ""
    to_date: str = ""
    headers: list[Any] = []
    series: Any = None
    params: dict[str, Any]
    meta: dict[str, Any] = {}
    notes: list[str] = Field(default=[], exclude=True)

    def remarks(self) -> list[str]:
        """What a reader should know beside the numbers."""
        return [*self.notes, *remarks_of(self.meta)]

    def table(self) -> Table:
        """A row for each metric, segment and date; `count` is the value."""
        return series_table(self.series, self.headers, self.params)


class FunnelResult(BaseModel):
    """The answer to a funnel query; `steps_data` has one entry for each step."""

    model_config = ConfigDict(frozen=True)

    computed_at: str = ""
    from_date: str = ""
    to_date: str = ""
    steps_data: list[dict[str, Any]] = []
    series: Any = None
    params: dict[str, Any]
    meta: dict[str, Any] = {}

    @computed_field
    @property
    def overall_conversion_rate(self) -> float:
        """The share of users of the first step that reached the last, 0.0 without steps."""
        last = self.steps_data[-1] if self.steps_data else {}
        return float(last.get("overall_conv_ratio") or 0)

    def remarks(self) -> list[str]:
        """What a reader should know beside the numbers."""
        return remarks_of(self.meta)

    def table(self) -> Table:
        """A row for each step (of each period and segment): counts, ratios, times in seconds."""
        return segments_table(self.series) or steps_table(self.steps_data)


def remarks_of(meta: Mapping[str, Any]) -> list[str]:
    """That an answer is sampled, cut or cached, in words."""
    factor = meta.get("sampling_factor")
    sampled = isinstance(factor, int | float) and factor not in (0, 1)
    told = {
        f"sampled (factor {factor}): numbers are estimates": sampled,
        "the limit of segments is reached: raise `limit` or filter": bool(
            meta.get("is_segmentation_limit_hit")
        ),
        "cached": bool(meta.get("is_cached")),
    }
    return [text for text, holds in told.items() if holds]


_ResultT = TypeVar("_ResultT", InsightsResult, FunnelResult)


def read_insights(answer: object, params: Mapping[str, Any]) -> InsightsResult:
    """The result of an insights query; QueryError where the answer tells of a failure."""
    body = _accepted(answer, params)
    return _read(InsightsResult, {**body, "headers": body.get("headers") or []}, params)


def read_funnel(answer: object, params: Mapping[str, Any]) -> FunnelResult:
    """The result of a funnel query; QueryError where the answer tells of a failure."""
    body = _accepted(answer, params)
    return _read(FunnelResult, {**body, "steps_data": funnel_steps(body["series"])}, params)


def _accepted(answer: object, params: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(answer, dict):
        message = f"Expected an object with series, got {type(answer).__name__}."
        raise ResponseValidationError(message)
    body = cast("dict[str, Any]", answer)
    if "error" in body:
        raise query_error(str(body["error"]), body, params)
    if "series" not in body:
        keys = ", ".join(sorted(body)) or "none"
        raise query_error(f"The answer has no series; its keys: {keys}.", body, params)
    return body


def query_error(message: str, body: dict[str, Any], params: Mapping[str, Any]) -> QueryError:
    """The failure that an answer with a good status tells of, with what was asked."""
    details = {"status_code": 200, "response_body": body, "request_body": dict(params)}
    return QueryError(message, details=details)


def _read(kind: type[_ResultT], body: dict[str, Any], params: Mapping[str, Any]) -> _ResultT:
    fields = {key: body[key] for key in kind.model_fields if body.get(key) is not None}
    try:
        period = _Period.model_validate(body.get("date_range") or {})
        return kind.model_validate({**fields, **period.model_dump(), "params": dict(params)})
    except ValidationError as error:
        raise ResponseValidationError(f"The answer has another shape: {error}") from None
