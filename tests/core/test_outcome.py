"""What an answer means: the table of statuses and bodies, and what no body can break."""

import json
import math
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

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
from mixpanel_mcp_core.models.schemas import DeleteSchemasResponse
from mixpanel_mcp_core.outcome import error_of, read, unwrap, value_of

URL = "https://mixpanel.com/api/app/projects/12345/dashboards"
REQUEST = Request("GET", URL, {"ids": "1,2"})
TOLD = {
    "request_method": "GET",
    "request_url": URL,
    "request_params": {"ids": "1,2"},
}


def error(status: int, body: bytes = b"", retry_after: str = "") -> MixpanelError:
    """The error that an answer stands for."""
    return error_of(Answer(status, {"retry-after": retry_after}, body), REQUEST, "12345")


def value(status: int, body: bytes) -> Any:
    """The value of an answer."""
    return value_of(Answer(status, {}, body), REQUEST, "12345")


@pytest.mark.parametrize(
    ("status", "kind", "code", "message"),
    [
        (400, QueryError, "QUERY_FAILED", "Unknown error"),
        (402, QueryError, "QUERY_FAILED", "Request failed"),
        (403, QueryError, "QUERY_FAILED", "Permission denied"),
        (404, QueryError, "QUERY_FAILED", "Resource not found"),
        (405, QueryError, "QUERY_FAILED", "Request failed"),
        (409, QueryError, "QUERY_FAILED", "Request failed"),
        (412, QueryError, "QUERY_FAILED", "Request failed"),
        (413, QueryError, "QUERY_FAILED", "Request failed"),
        (422, QueryError, "QUERY_FAILED", "Unprocessable entity"),
        (429, RateLimitError, "RATE_LIMITED", "Mixpanel's rate limit is reached."),
        (499, QueryError, "QUERY_FAILED", "Request failed"),
        (500, ServerError, "SERVER_ERROR", "Server error: 500"),
        (502, ServerError, "SERVER_ERROR", "Server error: 502"),
        (599, ServerError, "SERVER_ERROR", "Server error: 599"),
    ],
)
def test_a_status_without_text_has_a_default(
    status: int, kind: type[APIError], code: str, message: str
) -> None:
    """Each status has its error, code and sentence."""
    failure = error(status)
    assert (type(failure), failure.code, failure.message) == (kind, code, message)


@pytest.mark.parametrize("status", [301, 302, 304, 307, 399])
def test_a_redirect_is_an_http_error(status: int) -> None:
    """Redirects are not followed, so they answer nothing."""
    failure = error(status)
    assert (type(failure).__mro__[1], failure.code) == (MixpanelError, "HTTP_ERROR")
    assert str(status) in failure.message


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"error": "bad \\u00e9"}', "bad é"),
        (b'{"error": "first", "message": "second"}', "first"),
        (b'{"error": ["a", "b"]}', "['a', 'b']"),
        (b'{"error": {"code": 5, "why": null}}', "{'code': 5, 'why': None}"),
        (b'{"error": 7}', "7"),
        (b'{"error": 0}', "0"),
        (b'{"error": true}', "True"),
        (b'{"error": false}', "False"),
        (b'{"error": []}', "[]"),
        (b'{"error": "  ", "message": "second"}', "second"),
        (b'{"error": null, "message": "second"}', "second"),
        (b'{"message": "only"}', "only"),
        (b'{"message": {"no": "text"}}', None),
        (b'{"error": "", "message": " "}', None),
        (b'{"status": "error"}', None),
        (b'"a JSON string"', "a JSON string"),
        (b'"  "', None),
        (b'["a", "list"]', None),
        (b"17", None),
        (b"null", None),
        (b"<html>gateway</html>", "<html>gateway</html>"),
        ("é".encode() * 300, "é" * 200),
        (b"\xff broken", "\N{REPLACEMENT CHARACTER} broken"),
        (b" \n ", None),
        (b"", None),
        (b'{"error": "no \\ud83d half"}', "no ? half"),
        (b'{"error": NaN}', "nan"),
    ],
)
def test_the_sentence_of_an_error_is_taken_from_its_body(body: bytes, text: str | None) -> None:
    """`error`, else `message`, else the text itself, else the default of the status."""
    assert error(400, body).message == (text or "Unknown error")
    assert error(500, body).message == f"Server error: {text or 500}"


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"error": "bad", "id": [1]}', {"error": "bad", "id": [1]}),
        (b'["a"]', ["a"]),
        (b'"text"', "text"),
        (b"0", 0),
        (b"x" * 600, "x" * 500),
        (b"[" * 100 + b"]" * 100, json.loads("[" * 100 + "]" * 100)),
        (b"[" * 5000 + b"]" * 5000, "[" * 500),
        (b'{"error":' + b"[" * 1000 + b"]" * 1000 + b"}", '{"error":' + "[" * 491),
    ],
    ids=["object", "array", "string", "zero", "text", "deep", "too deep", "too deep inside"],
)
def test_details_show_request_and_answer(body: bytes, shown: Any) -> None:
    """JSON is kept as such, text up to 500 characters."""
    assert error(404, body).details == {"status_code": 404, "response_body": shown, **TOLD}


@pytest.mark.parametrize("body", [b"", b"null"])
def test_details_leave_out_a_body_that_says_nothing(body: bytes) -> None:
    """An empty body is no text, and null no value."""
    assert error(404, body).details == {"status_code": 404, **TOLD}


def test_details_show_the_body_that_was_sent() -> None:
    """A refused write can be compared with what was written."""
    request = Request("PATCH", URL, body=b"{}", echo={"title": "Weekly"})
    failure = error_of(Answer(400, {}, b""), request, "12345")
    assert failure.details == {
        "status_code": 400,
        "request_method": "PATCH",
        "request_url": URL,
        "request_params": {},
        "request_body": {"title": "Weekly"},
    }


def test_refused_credentials_say_what_to_check() -> None:
    """A 401 names the project and repeats what Mixpanel said."""
    failure = error(401, b'{"error": "Invalid service account"}')
    assert type(failure) is AuthenticationError
    assert failure.status_code == 401
    assert "Invalid service account" in failure.message
    assert "12345" in failure.message


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", 0), (" 30 ", 30), ("3600", 3600), ("86400", 3600), ("-1", None), ("soon", None)],
)
def test_a_rate_limit_tells_how_long_to_wait(header: str, seconds: int | None) -> None:
    """At most an hour; null where the header is no number of seconds."""
    failure = error(429, retry_after=header)
    assert isinstance(failure, RateLimitError)
    hint = "" if seconds is None else f" Retry after {seconds} seconds."
    assert failure.message == f"Mixpanel's rate limit is reached.{hint}"
    assert failure.retry_after == seconds
    assert failure.details == {
        "status_code": 429,
        **TOLD,
        "retry_after": seconds,
        "project_id": "12345",
    }


@pytest.mark.parametrize("form", ['{{"error": "{} is set"}}', "{} is set", '["{}"]'])
def test_sensitive_session_replays_are_an_error_of_their_own(form: str) -> None:
    """A 403 that mentions the project's flag names the missing permission."""
    failure = error(403, form.format("SESSION_RECORDING_SENSITIVE_DATA").encode())
    assert type(failure) is SessionReplayAccessError
    assert failure.code == "SESSION_REPLAY_ACCESS_ERROR"
    assert {name: failure.details[name] for name in ("project_id", "flag", "status_code")} == {
        "project_id": 12345,
        "flag": "SESSION_RECORDING_SENSITIVE_DATA",
        "status_code": 403,
    }
    assert failure.details["permission_required"] == "sensitive_data_replay"


@pytest.mark.parametrize("status", [200, 201, 202, 299])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b"[]", []),
        (b" 7 ", 7),
        (b'"text"', "text"),
        (b"null", None),
        (b"false", False),
        (b'{"big": 18446744073709551615}', {"big": 18446744073709551615}),
        (b'["\\ud83d\\ude00", "\\ud83d"]', ["😀", "?"]),
        (b'[1, Infinity, -Infinity, "\\ud83d\\\\ud83d"]', [1, math.inf, -math.inf, "?\\ud83d"]),
    ],
)
def test_a_good_answer_is_its_json_value(status: int, body: bytes, expected: Any) -> None:
    """Objects, lists and bare values; also what the JSON standard forbids and Mixpanel writes."""
    assert value(status, body) == expected


def test_nan_in_an_answer_is_a_number_that_is_none() -> None:
    """An average of nothing arrives as NaN."""
    assert math.isnan(value(200, b'{"average": NaN}')["average"])


@pytest.mark.parametrize("body", [b"", b"ignored", b'{"error": "ignored"}'])
def test_no_content_is_success(body: bytes) -> None:
    """204 has nothing to say and went well."""
    assert value(204, body) == {"status": "ok"}


@pytest.mark.parametrize("body", [b"", b" ", b"<html>", b'{"a": ', b"\xff\xfe", b"[" * 10**5])
def test_a_good_status_without_json_is_an_invalid_response(body: bytes) -> None:
    """An empty 200 too: nothing was answered."""
    with pytest.raises(MixpanelError) as caught:
        value(200, body)
    assert type(caught.value) is MixpanelError
    assert caught.value.to_dict() == {
        "type": "MixpanelError",
        "code": "INVALID_RESPONSE",
        "message": "Mixpanel's answer is not JSON.",
        "details": {"status_code": 200, **TOLD},
    }


def test_a_bad_status_is_raised() -> None:
    """`value_of` gives values only."""
    with pytest.raises(QueryError, match="no such dashboard"):
        value(404, b'{"error": "no such dashboard"}')


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"results": [1]}, [1]),
        ({"results": None}, None),
        ({"results": {"results": 1}}, {"results": 1}),
        ({"status": "ok"}, {"status": "ok"}),
        ([{"results": 1}], [{"results": 1}]),
        (None, None),
    ],
)
def test_the_envelope_is_taken_off_once(body: Any, answer: Any) -> None:
    """`results` is the answer where an object has it."""
    assert unwrap(body) == answer


class Board(BaseModel):
    """A model to read answers as."""

    id: int
    title: str
    state: Literal["open"] = "open"


def test_answers_are_read_as_their_type() -> None:
    """One object as a model, an array as a list of them, a plain object as it is."""
    row = {"id": "1", "title": "Weekly", "extra": True}
    board = Board(id=1, title="Weekly")
    assert read(row, Board) == board
    assert read([row], list[Board]) == [board]
    assert read(row, dict[str, Any]) == row
    assert read("whatever", type(None)) is None


@pytest.mark.parametrize(
    ("answer", "returns", "message"),
    [
        ({"status": "error"}, list[Board], "Mixpanel answered dict, not an array."),
        ([], Board, "Mixpanel answered list, not an object."),
        (None, Board, "Mixpanel answered NoneType, not an object."),
        ("ok", dict[str, Any], "Mixpanel answered str, not an object."),
    ],
)
def test_an_answer_of_the_wrong_kind_is_refused(answer: Any, returns: Any, message: str) -> None:
    """An error that comes with status 200 is not taken for an empty list."""
    with pytest.raises(MixpanelError) as caught:
        read(answer, returns)
    assert caught.value.to_dict() == {
        "type": "MixpanelError",
        "code": "UNKNOWN_ERROR",
        "message": message,
        "details": {},
    }


def test_missing_fields_are_named() -> None:
    """An answer that lacks what is read tells which fields, never their values."""
    with pytest.raises(ResponseValidationError) as caught:
        read([{"id": 1, "title": "x"}, {"id": "secret", "title": None}], list[Board])
    assert caught.value.to_dict() == {
        "type": "ResponseValidationError",
        "code": "RESPONSE_VALIDATION_ERROR",
        "message": "Mixpanel's Board could not be read: id, title.",
        "details": {
            "model": "Board",
            "errors": [
                {"type": "int_parsing", "loc": ["id"]},
                {"type": "string_type", "loc": ["title"]},
            ],
        },
    }


def test_an_unknown_word_is_an_enum_error() -> None:
    """A word outside a closed set is told in the contract's term, however the set is declared."""
    with pytest.raises(ResponseValidationError) as caught:
        read({"id": 1, "title": "x", "state": "shut"}, Board)
    assert caught.value.details["errors"] == [{"type": "enum", "loc": ["state"]}]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
bodies = (
    st.binary()
    | st.text(st.characters(codec="utf-16")).map(lambda text: text.encode("utf-16"))
    | json_values.map(lambda each: json.dumps(each).encode())
    | json_values.map(lambda each: json.dumps({"error": each, "message": each}).encode())
)


@given(st.integers(300, 599), bodies, st.text())
def test_no_answer_is_beyond_an_error(status: int, body: bytes, retry_after: str) -> None:
    """Whatever comes back, there is an error for it that can be written as UTF-8."""
    failure = error_of(Answer(status, {"retry-after": retry_after}, body), REQUEST, "12345")
    told = json.dumps(failure.to_dict(), ensure_ascii=False).encode()
    assert failure.message
    assert told
    assert failure.details["status_code"] == status


def test_a_deletion_that_answers_nothing_is_done() -> None:
    """Schemas that are gone are no failure, though nobody says how many they were."""
    answer = Answer(200, {}, b"")
    told = value_of(answer, Request("DELETE", "https://mixpanel.com/"), "1", may_be_empty=True)
    assert read(told, DeleteSchemasResponse).delete_count is None
