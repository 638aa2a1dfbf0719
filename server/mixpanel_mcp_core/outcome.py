"""What an answer means: a value, or an error of the tree. Pure."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, cast

import orjson
from pydantic import TypeAdapter, ValidationError

from mixpanel_mcp_core.errors import (
    APIError,
    AuthenticationError,
    MixpanelError,
    QueryError,
    RateLimitError,
    ResponseValidationError,
    ServerError,
    SessionReplayAccessError,
)
from mixpanel_mcp_core.http import Answer, Request
from mixpanel_mcp_core.retries import retry_after

_LONGEST_RETRY_AFTER = 3600
_NO_BODY = object()

T = TypeVar("T")

_DEFAULT_TEXT: Mapping[int, str] = {
    400: "Unknown error",
    403: "Permission denied",
    404: "Resource not found",
    422: "Unprocessable entity",
}


def value_of(
    answer: Answer,
    request: Request,
    project_id: str,
    *,
    patient: bool = True,
    may_be_empty: bool = False,
) -> Any:
    """The JSON value of a good answer; raises the error that a bad one stands for.

    Of a request that has nothing to tell, an answer that `may_be_empty` says that it is done.
    """
    if answer.status == 204:
        return {"status": "ok"}
    if not 200 <= answer.status < 300:
        raise error_of(answer, request, project_id, patient=patient)
    if may_be_empty and not answer.body.strip():
        return {"status": "ok"}
    body = _json(answer.body)
    if body is _NO_BODY:
        raise MixpanelError(
            "Mixpanel's answer is not JSON.",
            code="INVALID_RESPONSE",
            details={"status_code": answer.status, **request.details()},
        )
    return body


def error_of(
    answer: Answer, request: Request, project_id: str, *, patient: bool = True
) -> MixpanelError:
    """The error that a status outside 200-299 stands for.

    To a call that is never repeated (not `patient`) a 429 is a refusal like others.
    """
    status = answer.status
    shown = _shown(answer.body)
    details = {"status_code": status, **({} if shown is None else {"response_body": shown})}
    details |= request.details()
    text = _text(shown)
    if status == 401:
        told = f": {text}" if text else ""
        return AuthenticationError(
            f"Mixpanel refused the credentials{told}. Check user name, secret or token, the "
            f"region, and that they may use project_id {project_id}.",
            details=details,
        )
    if status == 429 and patient:
        told = retry_after(answer.headers)
        seconds = None if told is None else min(told, _LONGEST_RETRY_AFTER)
        return RateLimitError(retry_after=seconds, project_id=project_id, details=details)
    if status == 403 and SessionReplayAccessError.flag.encode() in answer.body:
        return SessionReplayAccessError(project_id=project_id, details=details)
    if status >= 500:
        return ServerError(f"Server error: {text or status}", details=details)
    if status >= 400:
        return QueryError(text or _DEFAULT_TEXT.get(status, "Request failed"), details=details)
    return APIError(f"Unexpected status {status}.", code="HTTP_ERROR", details=details)


def unwrap(body: Any) -> Any:
    """The `results` of an App API envelope, or the body where there is none."""
    return body["results"] if isinstance(body, dict) and "results" in body else body  # pyright: ignore


def read(value: Any, returns: type[T]) -> T:
    """Validate an answer as `returns`; what the type declares as a list must be one.

    Raises MixpanelError (UNKNOWN_ERROR) for an answer of the wrong kind and
    ResponseValidationError for one that lacks fields.
    """
    if returns is type(None):
        return None  # pyright: ignore[reportReturnType]
    expected = list if getattr(returns, "__origin__", returns) is list else dict
    if not isinstance(value, expected):
        kind = "an array" if expected is list else "an object"
        raise MixpanelError(f"Mixpanel answered {type(value).__name__}, not {kind}.")
    try:
        return _adapter(returns).validate_python(value)
    except ValidationError as error:
        raise _unreadable(error, returns) from error


@cache
def _adapter(returns: Any) -> TypeAdapter[Any]:
    return TypeAdapter(returns)


def _unreadable(error: ValidationError, returns: Any) -> ResponseValidationError:
    item = getattr(returns, "__args__", (returns,))[0]
    in_list = item is not returns
    errors = [
        {"type": _kind(each["type"]), "loc": list(each["loc"][1:] if in_list else each["loc"])}
        for each in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    fields = ", ".join(sorted({".".join(map(str, each["loc"])) for each in errors}))
    return ResponseValidationError(
        f"Mixpanel's {item.__name__} could not be read: {fields}.",
        details={"model": item.__name__, "errors": errors},
    )


def _kind(error: str) -> str:
    """A kind of error in the contract's words, which call every closed set of words an enum."""
    return "enum" if error == "literal_error" else error


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return _lenient(body)
    except (ValueError, RecursionError):
        return _NO_BODY


def _lenient(body: bytes) -> Any:
    """JSON with what the strict parser refuses and Mixpanel writes here and there.

    NaN and Infinity stay; the half of an emoji that a cut left over becomes a question mark, since
    it could not be written as UTF-8 again.
    """
    return json.loads(json.dumps(json.loads(body), ensure_ascii=False).encode(errors="replace"))


def _shown(body: bytes) -> Any:
    parsed = _json(body)
    if parsed is not _NO_BODY and _shallow(parsed):
        return parsed
    text = body.decode(errors="replace")[:500]
    return text or None


def _shallow(value: Any) -> bool:
    """Whether the value can be written out; one nested a thousand levels deep cannot."""
    try:
        return bool(repr(value))
    except RecursionError:
        return False


def _text(body: Any) -> str | None:
    """The sentence in an error's body, if there is one."""
    if isinstance(body, str):
        return body[:200] if body.strip() else None
    if not isinstance(body, dict):
        return None
    told = cast("dict[str, Any]", body)
    error = told.get("error")
    if error is not None and str(error).strip():
        return str(error)
    message = told.get("message")
    return message if isinstance(message, str) and message.strip() else None
