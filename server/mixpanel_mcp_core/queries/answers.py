"""What the answers to all reports have in common: an envelope, refusals, remarks."""

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mixpanel_mcp_core.errors import QueryError, ResponseValidationError


class _Period(BaseModel):
    from_date: str = ""
    to_date: str = ""


class Noted(BaseModel):
    """A result with notes of ours: what a reader should know and no answer says."""

    model_config = ConfigDict(frozen=True)

    notes: list[str] = Field(default=[], exclude=True)

    def noted(self, *notes: str) -> Self:
        """The same result with further notes."""
        return self.model_copy(update={"notes": [*self.notes, *notes]})


class ReportResult(Noted):
    """The answer to a report: when it was computed, and its dates as they came."""

    computed_at: str = ""
    from_date: str = ""
    to_date: str = ""


ResultT = TypeVar("ResultT", bound=ReportResult)


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


def accepted(answer: object, params: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a good answer; QueryError for one that tells of a failure."""
    body = accepted_object(answer, params)
    if "series" not in body:
        keys = ", ".join(sorted(body)) or "none"
        raise query_error(f"The answer has no series; its keys: {keys}.", body, params)
    return body


def accepted_object(
    answer: object, params: Mapping[str, Any], parts: str = "series"
) -> dict[str, Any]:
    """An answer that is an object and does not say `error`; `parts` is what it should hold."""
    if not isinstance(answer, dict):
        message = f"Expected an object with {parts}, got {type(answer).__name__}."
        raise ResponseValidationError(message)
    body = cast("dict[str, Any]", answer)
    if "error" in body:
        raise query_error(str(body["error"]), body, params)
    return body


def query_error(message: str, body: object, params: Mapping[str, Any]) -> QueryError:
    """A failure that Mixpanel wrapped into an answer of status 200."""
    details = {"status_code": 200, "response_body": body, "request_body": dict(params)}
    return QueryError(message, details=details)


def read_result(kind: type[ResultT], body: Mapping[str, Any], params: Mapping[str, Any]) -> ResultT:
    """The result of this kind; ResponseValidationError where a field has another shape."""
    names = kind.model_fields.keys() - Noted.model_fields.keys()
    fields = {key: body[key] for key in names if body.get(key) is not None}
    try:
        period = _Period.model_validate(body.get("date_range") or {})
        return kind.model_validate({**fields, **period.model_dump(), "params": dict(params)})
    except ValidationError as error:
        raise ResponseValidationError(f"The answer has another shape: {error}") from None
