"""Every documented example of every operation that is built, through the real server.

A case is a tool call, the requests that must leave, what Mixpanel answers, and what the tool must
answer then. The client is a real MCP client; Mixpanel is a recorder on a real socket.
"""

import json
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from files_of_replays import answering, asked_of_mixpanel, assert_read
from homes import SECRET_ENV, assert_left, assert_like, furnished
from login_ports import login_ports
from mcp import Client
from mcp.types import CallToolResult, TextContent
from people import Allowing
from recorder import Recorded, Recorder, form_of, recording

from mixpanel_mcp.app import build
from mixpanel_mcp.published import names
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio

HERE = Path(__file__).parent
Case = Mapping[str, Any]

SERIES = {"computed_at": "", "date_range": {}, "headers": ["$metric"], "series": {}}
QUERY_ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "query": SERIES,
    "query_funnel": SERIES,
    "query_retention": SERIES,
    "query_flow": {"computed_at": "", "steps": [], "breakdowns": [], "metadata": {}},
    "query_user": {"results": [], "session_id": None, "total": 0},
}
SLUG = "AAAAbbbb1234"
FORM = "application/x-www-form-urlencoded"
OURS = {"mixpanel-headless": "mixpanel-mcp"}
# Headers that a person added, by the environment, the config file or a bridge.
ADDED = ("x-env", "x-cluster", "x-mixpanel-cluster")
BEYOND = {
    "explain_session",
    "create_board",
    "save_query",
    "search_entities",
    "upload_lookup_rows",
    "import_file",
    "start_export",
    "get_export",
    "list_exports",
    "cancel_export",
}


def cases(*, queries: bool) -> list[Any]:
    """The cases of `cases/*.json` as parameters, named by their id."""
    return [
        pytest.param(case, id=case["id"])
        for path in sorted((HERE / "cases").glob("*.json"))
        if (path.stem == "queries") is queries
        for case in json.loads(path.read_text("utf-8"))
    ]


@dataclass
class Ran:
    """What came of a case: the answer, the waits, and who was at the browser."""

    result: CallToolResult
    slept: list[float]
    person: Allowing


async def call(case: Case, recorder: Recorder, home: Path) -> Ran:
    """Make the case's tool call on a server of its own, clock and slug set, waits noted."""
    slept: list[float] = []
    person = Allowing()
    environ = furnished(case, home, recorder)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    def today() -> date:
        return datetime.fromisoformat(case["clock"]).date() if "clock" in case else date.today()

    for name, text in case.get("files", {}).items():
        (home / name).write_text(text, encoding="utf-8")
    files = home if "files" in case else None
    # Only what is called: to describe hundreds of tools takes longer than to call one.
    tools = (case["tool"], "funnels", "events")
    settings = Settings(
        tools=tools,
        result_format="json",
        max_wait=1000,
        max_tokens=10**7,
        files=files,
        lookups=False,
    )
    sessions = Sessions(
        settings, environ, sleep=sleep, today=today, slug=lambda: SLUG, person=person
    )
    async with Client(build(settings, environ, sessions=sessions)) as client:
        if case["tool"] == "session_switch":
            result = await client.call_tool("session_switch", case["arguments"]["use"])
            # What the switch is for: the next request goes elsewhere.
            await client.call_tool("funnels", {})
        elif case["tool"] == "clear_discovery_cache":
            result = await _asked_again(client)
        else:
            result = await client.call_tool(case["tool"], accepted(case["arguments"]))
    return Ran(result, slept, person)


async def _asked_again(client: Client) -> CallToolResult:
    """The answers before and after the cache is cleared, as one."""
    told: list[Any] = []
    for tool in ("events", "events", "clear_discovery_cache", "events"):
        value = answer(await client.call_tool(tool, {}))
        told += [value] if tool == "events" else []
    text = json.dumps({"result": told})
    return CallToolResult(content=[TextContent(type="text", text=text)])


def accepted(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A case's arguments, a secret among them by the name of a variable that holds it."""
    if "secret" not in arguments:
        return dict(arguments)
    return {**{k: v for k, v in arguments.items() if k != "secret"}, "secret_env": SECRET_ENV}


@pytest.mark.parametrize("case", cases(queries=False))
async def test_case_sends_and_answers_what_is_documented(case: Case, tmp_path: Path) -> None:
    """The requests are those of the contract, and so are value, table or error, and all files."""
    with login_ports() if "login" in case["tool"] else nullcontext():
        async with recording() as recorder:
            answering(case, recorder)
            ran = await call(case, recorder, tmp_path)
    assert_read(case, recorder)
    assert_like(
        [seen(each) for each in asked_of_mixpanel(recorder)],
        [expected(each) for each in case.get("requests", [])],
    )
    assert_waited(case.get("sleeps") or [], ran.slept)
    if error := error_of(case):
        assert_error(error, ran.result, recorder)
    else:
        assert_value(value_of(case), ran, tmp_path, recorder)
    assert_left(case, tmp_path)


def assert_value(documented: Any, ran: Ran, home: Path, recorder: Recorder) -> None:
    """The answer is the documented one; so is the page that was opened for a login."""
    if isinstance(documented, dict) and "_authorize" in documented:
        documented = dict(documented)
        [opened] = ran.person.opened
        page = urlsplit(opened.replace(origin(recorder), "https://"))
        query = dict(parse_qsl(page.query, strict_parsing=True))
        assert list(query) == list(documented["_authorize"]["query"])
        assert_like(
            {"scheme": page.scheme, "host": page.netloc, "path": page.path, "query": query},
            documented.pop("_authorize"),
        )
        assert [status for status, _ in ran.person.pages] == [200]
    text = json.dumps(documented).replace("$HOME", str(home))
    found = json.dumps(answer(ran.result)).replace(origin(recorder), "https://")
    assert_like(json.loads(found), json.loads(text))


@pytest.mark.parametrize("case", cases(queries=True))
async def test_query_case_sends_the_documented_request(case: Case, tmp_path: Path) -> None:
    """The body is that of the contract to the letter, and so are URL and query string."""
    async with recording() as recorder:
        recorder.answers.append({"status": 200, "body": QUERY_ANSWERS[case["tool"]]})
        ran = await call(case, recorder, tmp_path)
    assert not ran.result.is_error, ran.result.content
    [request] = recorder.requests
    body: dict[str, Any] = case["request"]["body"]
    if "bookmark" in body:
        body = {**body, "bookmark": case["params"]}
    assert request.body.decode() == json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    assert list(request.query.items()) == list(ours(case["request"]["query"]).items())
    assert f"https://{request.host}{request.path}" == case["request"]["url"]


def seen(request: Recorded) -> dict[str, Any]:
    """A recorded request in the form of a case."""
    query = {name: parsed(value) for name, value in request.query.items()}
    kind = request.headers.get("content-type")
    return {
        "method": request.method,
        "host": request.host,
        "path": request.path,
        "query": query,
        "body": body_of(request, kind),
        "authorization": request.headers.get("authorization", "").split(" ")[0],
        "content-type": kind,
        "added": {name: request.headers.get(name) for name in ADDED},
    }


def body_of(request: Recorded, kind: str | None) -> Any:
    """What a request carries, read as its content type says."""
    if kind == FORM:
        return json_inside(form_of(request.body.decode()))
    return request.body.decode() if kind == "text/csv" else request.json()


def expected(request: Mapping[str, Any]) -> dict[str, Any]:
    """A case's request, as far as it is compared."""
    body = request["body"]
    live = isinstance(body, dict) and set(body) in ({"json"}, {"form"}, {"text"})
    headers: Mapping[str, str] = request["headers"]
    kind = headers.get("content-type", FORM if live and "form" in body else "application/json")
    sent = next(iter(body.values())) if live else body
    return {
        "method": request["method"],
        "host": request["host"],
        "path": request["path"],
        "query": {name: parsed(value) for name, value in ours(request["query"]).items()},
        "body": json_inside(sent) if kind == FORM else sent,
        "authorization": headers.get("authorization", "").split(" ")[0],
        "content-type": None if body is None else kind,
        "added": {name: headers.get(name) for name in ADDED},
    }


def json_inside(form: Mapping[str, Any]) -> dict[str, Any]:
    """A form with the JSON in its fields read."""
    return {name: parsed(value) for name, value in form.items()}


def ours(query: Mapping[str, Any]) -> dict[str, Any]:
    """A query string with our product's name in it."""
    return {name: OURS.get(str(value), value) for name, value in query.items()}


def parsed(value: Any) -> Any:
    """JSON inside a parameter is compared as JSON."""
    if isinstance(value, str) and value.startswith(("[", "{")):
        return json.loads(value)
    return value


def assert_waited(documented: list[float], slept: list[float]) -> None:
    """The waits are the documented ones, or up to a tenth longer."""
    assert len(slept) == len(documented)
    for wait, at_least in zip(slept, documented, strict=True):
        assert at_least <= wait <= at_least * 1.1


def value_of(case: Case) -> Any:
    """The documented value: bare for entities, under `value` for the rest."""
    return case["result"] if case["origin"] == "entities" else case["result"]["value"]


def error_of(case: Case) -> Any:
    """The documented error, wherever the file keeps it."""
    result = case.get("result")
    inner = result.get("error") if case["origin"] == "live" and isinstance(result, dict) else None
    return case.get("error") or inner


def answer(result: CallToolResult) -> Any:
    """The value in a tool's answer."""
    text = getattr(result.content[0], "text", "")
    assert not result.is_error, text
    return json.loads(text)["result"]


def assert_error(error: Mapping[str, Any], result: CallToolResult, recorder: Recorder) -> None:
    """The error has the documented type, code, details and text, and names what it should."""
    assert result.is_error
    assert result.structured_content is not None
    told = json.loads(
        json.dumps(result.structured_content["error"]).replace(origin(recorder), "https://")
    )
    if error["type"] == "ValidationError":
        assert told["type"] == "InvalidInputError"
        fields = [problem["field"] for problem in told["details"]["problems"]]
        assert fields == [path(each["loc"]) for each in error["errors"]]
        return
    assert told["type"] == {"MixpanelHeadlessError": "MixpanelError"}.get(
        error["type"], error["type"]
    )
    assert told["code"] == error["code"]
    details: dict[str, Any] = error.get("details", {})
    assert in_free_words(told["details"], details) == wordless(ours_inside(details))
    if error.get("message") not in (None, "<text>"):
        assert told["message"] == error["message"]
    for name in error.get("names", []):
        assert name in told["message"]


def in_free_words(told: dict[str, Any], documented: Mapping[str, Any]) -> dict[str, Any]:
    """Details with `<text>` where the contract leaves the words of a sentence open."""
    free = [name for name, value in documented.items() if value == "<text>" and told.get(name)]
    return wordless({**told, **dict.fromkeys(free, "<text>")})


def wordless(details: dict[str, Any]) -> dict[str, Any]:
    """Details whose problems are told by place and code alone: their sentences are ours."""
    if "errors" not in details:
        return details
    problems = [
        {key: value for key, value in each.items() if key not in ("message", "suggestion")}
        for each in details["errors"]
    ]
    return {**details, "errors": problems}


def origin(recorder: Recorder) -> str:
    """What moved URLs begin with, up to the host that would have been called."""
    return recorder.url.removesuffix("{host}")


def ours_inside(details: dict[str, Any]) -> dict[str, Any]:
    """Details with our product's name in the parameters they echo."""
    if "request_params" in details:
        return {**details, "request_params": ours(details["request_params"])}
    return details


def path(location: list[Any]) -> str:
    """A location as our errors write it."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return text.lstrip(".")


def test_operations_still_to_come_are_listed_by_name() -> None:
    """No operation of the contract is missing in silence: it is built, or named as not built."""
    waiting = (HERE / "not_built.txt").read_text("utf-8").split()
    assert sorted(set(waiting)) == waiting
    assert not set(waiting) & set(names())
    known = {each["name"] for each in json.loads((HERE / "operations.json").read_text("utf-8"))}
    typed = {name for name, toolset in names().items() if toolset == "queries"}
    assert known | typed | BEYOND == set(names())
