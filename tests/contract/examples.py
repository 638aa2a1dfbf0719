"""Runs documented examples through the real MCP server.

`uv run python -m tests.contract.examples FILE.json` reads that file and nothing else, makes the
call of each example in a fresh home, with a recorder on a real socket in Mixpanel's place, prints
what disagrees and ends with `N/M cases agree`. An example is a tool call, the requests that must
leave, what Mixpanel answers, and what the tool must answer then.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from case_runner import assert_same, told
from files_of_replays import answering, asked_of_mixpanel, assert_read
from homes import SECRET_ENV, assert_left, assert_like, furnished
from login_ports import login_ports
from mcp import Client
from mcp.types import CallToolResult, TextContent
from people import Allowing
from recorder import Recorded, Recorder, form_of, recording

from mixpanel_mcp.app import build
from mixpanel_mcp.published import published
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp.settings import Settings

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
# What may stand beside a value, in the files that tell a value's table too.
WRAPPED = ("value", "columns", "rows", "error")
# Headers that a person added, by the environment, the config file or a bridge.
ADDED = ("x-env", "x-cluster", "x-mixpanel-cluster")


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

    def now() -> datetime:
        return datetime.fromisoformat(case["clock"]) if "clock" in case else datetime.now(UTC)

    def today() -> date:
        return now().date() if "clock" in case else date.today()

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
        confirm="never",
        # What reads needs no more than a server that sends no change, though it sends a POST.
        read_only=published(case["tool"]).read_only,
    )
    sessions = Sessions(
        settings, environ, sleep=sleep, today=today, clock=now, slug=lambda: SLUG, person=person
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
    answers: list[Any] = []
    for tool in ("events", "events", "clear_discovery_cache", "events"):
        value = answer(await client.call_tool(tool, {}))
        answers += [value] if tool == "events" else []
    text = json.dumps({"result": answers})
    return CallToolResult(content=[TextContent(type="text", text=text)])


def accepted(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A case's arguments, a secret among them by the name of a variable that holds it."""
    if "secret" not in arguments:
        return dict(arguments)
    return {**{k: v for k, v in arguments.items() if k != "secret"}, "secret_env": SECRET_ENV}


async def assert_agrees(case: Case, home: Path) -> None:
    """Make the call of a case in an empty folder; requests, answer and files are as documented."""
    if "request" in case:
        await _assert_asks(case, home)
    else:
        await _assert_answers(case, home)


async def _assert_answers(case: Case, tmp_path: Path) -> None:
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
        assert_same("login page", list(query), list(documented["_authorize"]["query"]))
        assert_like(
            {"scheme": page.scheme, "host": page.netloc, "path": page.path, "query": query},
            documented.pop("_authorize"),
        )
        assert_same("pages", [status for status, _ in ran.person.pages], [200])
    text = json.dumps(documented).replace("$HOME", str(home))
    found = json.dumps(answer(ran.result)).replace(origin(recorder), "https://")
    assert_like(json.loads(found), json.loads(text))


async def _assert_asks(case: Case, tmp_path: Path) -> None:
    """The body is that of the contract to the letter, and so are URL and query string."""
    async with recording() as recorder:
        recorder.answers.append({"status": 200, "body": QUERY_ANSWERS[case["tool"]]})
        ran = await call(case, recorder, tmp_path)
    assert not ran.result.is_error, ran.result.content
    [request] = recorder.requests
    body: dict[str, Any] = case["request"]["body"]
    if "bookmark" in body:
        body = {**body, "bookmark": case["params"]}
    sent = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    assert_same("body", request.body.decode(), sent)
    query = ours(case["request"]["query"])
    assert_same("query", list(request.query.items()), list(query.items()))
    assert_same("url", f"https://{request.host}{request.path}", case["request"]["url"])


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
        "query": {name: repeated(name, each) for name, each in ours(request["query"]).items()},
        "body": json_inside(sent) if kind == FORM else sent,
        "authorization": headers.get("authorization", "").split(" ")[0],
        "content-type": None if body is None else kind,
        "added": {name: headers.get(name) for name in ADDED},
    }


def repeated(name: str, value: Any) -> Any:
    """A parameter, read; one that may be repeated is a list also where it stands once."""
    read = parsed(value)
    return [read] if name.endswith("[]") and not isinstance(read, list) else read


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
    assert_same("number of waits", len(slept), len(documented))
    for wait, at_least in zip(slept, documented, strict=True):
        assert at_least <= wait <= at_least * 1.1, f"waited {wait} s, not {at_least}"


def value_of(case: Case) -> Any:
    """The documented value: bare, or beside the table that is drawn from it."""
    return case["result"]["value"] if _is_wrapped(case["result"]) else case["result"]


def error_of(case: Case) -> Any:
    """The documented error, wherever the file keeps it."""
    result: Any = case.get("result")
    return case.get("error") or (result.get("error") if _is_wrapped(result) else None)


def _is_wrapped(result: Any) -> bool:
    return isinstance(result, dict) and len(result) > 0 and not set(result) - set(WRAPPED)


def answer(result: CallToolResult) -> Any:
    """The value in a tool's answer."""
    text = getattr(result.content[0], "text", "")
    assert not result.is_error, text
    return json.loads(text)["result"]


def assert_error(error: Mapping[str, Any], result: CallToolResult, recorder: Recorder) -> None:
    """The error has the documented type, code, details and text, and names what it should."""
    assert result.is_error, "the call is answered instead of refused"
    assert result.structured_content is not None
    raised = json.loads(
        json.dumps(result.structured_content["error"]).replace(origin(recorder), "https://")
    )
    if error["type"] == "ValidationError":
        assert_same("error type", raised["type"], "InvalidInputError")
        fields = [problem["field"] for problem in raised["details"]["problems"]]
        assert_same("fields", fields, [path(each["loc"]) for each in error["errors"]])
        return
    kind = {"MixpanelHeadlessError": "MixpanelError"}.get(error["type"], error["type"])
    assert_same("error type", raised["type"], kind)
    assert_same("error code", raised["code"], error["code"])
    details: dict[str, Any] = error.get("details", {})
    found = in_free_words(raised["details"], details)
    assert_same("error details", found, wordless(ours_inside(details)))
    if error.get("message") not in (None, "<text>"):
        assert_same("error message", raised["message"], error["message"])
    for name in error.get("names", []):
        assert name in raised["message"], f"the error does not name {name}: {raised['message']}"


def in_free_words(found: dict[str, Any], documented: Mapping[str, Any]) -> dict[str, Any]:
    """Details with `<text>` where the contract leaves the words of a sentence open."""
    free = [name for name, value in documented.items() if value == "<text>" and found.get(name)]
    return wordless({**found, **dict.fromkeys(free, "<text>")})


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


def disagreement(case: Case) -> str | None:
    """What is not as documented, or None where all is."""
    with tempfile.TemporaryDirectory() as home:
        try:
            asyncio.run(assert_agrees(case, Path(home)))
        except (Exception, asyncio.CancelledError) as error:
            # A case that cannot be run disagrees; the others go on.
            return f"  {type(error).__name__}: {error}"
    return None


def main(path: str) -> int:
    """Run all examples of a file, and return 0 when all agree."""
    return told(json.loads(Path(path).read_text("utf-8")), disagreement)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
