"""The API families: paths, parameters, bodies, and what a read-only client refuses."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from clients import session
from pydantic import BaseModel, Field
from recorder import Recorder, recording

from mixpanel_mcp_core.caller import json_text, parameters
from mixpanel_mcp_core.errors import MixpanelError, NotPermittedError, QueryError
from mixpanel_mcp_core.session import Session

pytestmark = pytest.mark.anyio

Call = Callable[[Session], Awaitable[Any]]
SCOPE = {"project_id": "12345", "query_origin": "mixpanel-mcp"}


def pinned(mixpanel: Session) -> Session:
    """The same session in a workspace."""
    return replace(mixpanel, scope=replace(mixpanel.scope, workspace_id=9))


async def sent(call: Call, *, pin: bool = False, **options: Any) -> Recorder:
    """What a call sends when it is answered by an empty object."""
    async with recording() as recorder, session(recorder.url) as mixpanel:
        recorder.answers.append({"status": 200, "body": {"results": {}}})
        await call(pinned(mixpanel) if pin else replace(mixpanel, **options))
    return recorder


@pytest.mark.parametrize(
    ("call", "pin", "line", "query"),
    [
        (lambda s: s.query.get("funnels/list"), False, "GET /api/query/funnels/list", SCOPE),
        (
            lambda s: s.query.get("events", event="a", limit=None),
            True,
            "GET /api/query/events",
            {"event": "a", **SCOPE, "workspace_id": "9"},
        ),
        (
            lambda s: s.query.post("insights", {}),
            False,
            "POST /api/query/insights",
            {"query_origin": "mixpanel-mcp"},
        ),
        (
            lambda s: s.query.post("engage", {}, in_query=True),
            True,
            "POST /api/query/engage",
            {**SCOPE, "workspace_id": "9"},
        ),
        (
            lambda s: s.query.post("insights", {}, workspace_id=7),
            True,
            "POST /api/query/insights",
            {"query_origin": "mixpanel-mcp", "workspace_id": "7"},
        ),
        (
            lambda s: s.app.get("dashboards", dict[str, Any], ids=[1, 2]),
            False,
            "GET /api/app/projects/12345/dashboards",
            {"ids": "1,2"},
        ),
        (
            lambda s: s.app.delete("alerts/1/"),
            True,
            "DELETE /api/app/workspaces/9/alerts/1/",
            {},
        ),
        (
            lambda s: s.app.at_project.get("flags", dict[str, Any]),
            True,
            "GET /api/app/projects/12345/flags",
            {},
        ),
        (
            lambda s: s.app.at_organization(5).get("business-context", dict[str, Any]),
            True,
            "GET /api/app/organizations/5/business-context",
            {},
        ),
        (lambda s: s.app.me(), True, "GET /api/app/me", {}),
    ],
    ids=[
        "query",
        "query in a workspace",
        "posted query",
        "posted query with project",
        "posted query in another workspace",
        "app",
        "app in a workspace",
        "app at the project",
        "app at an organization",
        "me",
    ],
)
async def test_each_family_says_project_and_workspace_its_own_way(
    call: Call, pin: bool, line: str, query: dict[str, str]
) -> None:
    """In the query string, in the path, or not at all."""
    [request] = (await sent(call, pin=pin)).requests
    assert f"{request.method} {request.path}" == line
    assert request.query == query


def test_parameters_are_text() -> None:
    """Nothing for None, lower case for booleans, commas for lists, repetition for `name[]`."""
    assert parameters(
        {"a": None, "b": True, "c": [1, False], "d[]": [1, True], "e": 1.5, "f": "", "g": []}
    ) == {"b": "true", "c": "1,false", "d[]": ["1", "true"], "e": "1.5", "f": "", "g": ""}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (["é", 'a"b'], '["\\u00e9", "a\\"b"]'),
        ({"a": [1, None]}, '{"a": [1, null]}'),
        ([], None),
        (None, None),
    ],
)
def test_json_inside_a_parameter_is_ascii(value: Any, text: str | None) -> None:
    """Nothing is no parameter."""
    assert json_text(value) == text


class Card(BaseModel):
    """A body with a field whose wire name differs."""

    title: str | None = None
    card_type: str | None = Field(default=None, serialization_alias="cardType")
    params: dict[str, Any] = {}


async def test_a_body_leaves_out_unset_fields_and_keeps_free_nulls() -> None:
    """Declared fields that are None are not sent; inside free-form objects null means null."""
    body = Card(card_type="text", params={"a": None, "é": [None, 1.0]})
    recorder = await sent(lambda s: s.app.raw("PATCH", "cards", {}, {"card": body}))
    assert recorder.requests[0].body == (
        '{"card":{"cardType":"text","params":{"a":null,"é":[null,1.0]}}}'.encode()
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda s: s.app.post("dashboards", dict[str, Any], {}),
        lambda s: s.app.put("dashboards", dict[str, Any], {}),
        lambda s: s.app.patch("dashboards", dict[str, Any], {}),
        lambda s: s.app.delete("dashboards/1"),
        lambda s: s.ingest.post("/import", [], {}),
    ],
    ids=["post", "put", "patch", "delete", "ingest"],
)
async def test_a_read_only_session_sends_no_change(call: Call) -> None:
    """The client itself refuses, whatever let the call through."""
    async with recording() as recorder, session(recorder.url) as mixpanel:
        with pytest.raises(NotPermittedError, match="read-only"):
            await call(replace(mixpanel, read_only=True))
    assert recorder.requests == []


@pytest.mark.parametrize(
    "call",
    [
        lambda s: s.query.post("insights", {}),
        lambda s: s.query.get("funnels/list"),
        lambda s: s.app.me(),
        lambda s: s.app.post("validate", dict[str, Any], {}, changes=False),
    ],
    ids=["posted query", "query", "app", "posted question to the app"],
)
async def test_a_read_only_session_still_asks(call: Call) -> None:
    """A query that is posted changes nothing."""
    assert len((await sent(call, read_only=True)).requests) == 1


async def ingested(answers: list[dict[str, Any]], **options: Any) -> tuple[Recorder, Any]:
    """What a batch sends, and the status and value that come back."""
    async with recording() as recorder, session(recorder.url) as mixpanel:
        recorder.answers += answers
        value = await mixpanel.ingest.post("/import", [{"event": "é"}], {"strict": 1}, **options)
    return recorder, value


async def test_a_batch_is_sent_as_the_account() -> None:
    """The project is named, and the records stand in the body as JSON."""
    recorder, value = await ingested([{"status": 200, "body": {"code": 200}}])
    [request] = recorder.requests
    assert (request.host, request.path) == ("api.mixpanel.com", "/import")
    assert request.query == {"strict": "1", "project_id": "12345"}
    assert (request.json(), value) == ([{"event": "é"}], (200, {"code": 200}))


async def test_a_batch_may_be_sent_with_a_project_token() -> None:
    """The token takes the account's place, and names the project."""
    recorder, _ = await ingested([{"status": 200, "body": 1}], token="abc")
    [request] = recorder.requests
    assert (request.headers["authorization"], request.query) == ("Basic YWJjOg==", {"strict": "1"})


async def test_a_batch_may_be_compressed() -> None:
    """gzip, and said so."""
    recorder, _ = await ingested([{"status": 200, "body": 1}], compress=True)
    [request] = recorder.requests
    assert request.headers["content-encoding"] == "gzip"
    assert request.json() == [{"event": "é"}]


async def test_records_that_were_refused_come_back_as_a_value() -> None:
    """Part of a batch may be refused, which is for the caller to tell."""
    refused = {"code": 400, "failed_records": [{"index": 0}], "num_records_imported": 0}
    _, value = await ingested([{"status": 400, "body": refused}])
    assert value == (400, refused)


async def test_a_batch_that_was_refused_as_a_whole_is_an_error() -> None:
    """A 400 without a list of records says why in one sentence."""
    with pytest.raises(QueryError, match="bad token"):
        await ingested([{"status": 400, "body": {"error": "bad token"}}])


async def test_a_repeatable_batch_survives_a_failing_gateway() -> None:
    """Records with an id of their own are recognised when they come twice."""
    answers = [{"status": 502}, {"status": 200, "body": 1}]
    recorder, value = await ingested(answers, repeatable=True)
    assert (len(recorder.requests), value) == (2, (200, 1))


async def test_other_batches_are_sent_once() -> None:
    """What may have arrived is not sent again, not even after a rate limit."""
    with pytest.raises(MixpanelError) as caught:
        await ingested([{"status": 429}])
    assert caught.value.code == "RATE_LIMITED"


async def test_the_headers_of_me_are_told_whatever_its_status() -> None:
    """They tell the organization even to who may not ask."""
    async with recording() as recorder, session(recorder.url) as mixpanel:
        recorder.answers.append({"status": 403, "headers": {"x-org": "7"}})
        headers = await mixpanel.app.headers()
    assert headers["X-Org"] == "7"


async def test_number_of_more_than_64_bits_is_sent_as_it_is() -> None:
    """A filter may compare with any number."""
    recorder = await sent(lambda s: s.query.post("insights", {"value": 10**20}))
    assert recorder.requests[0].json() == {"value": 10**20}
