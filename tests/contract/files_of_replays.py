"""The host where recordings lie: answers by path, in whatever order it is asked."""

from collections.abc import Mapping
from typing import Any, cast

from recorder import Recorded, Recorder

Case = Mapping[str, Any]

_HOST = "cdn.example.com"


def answering(case: Case, recorder: Recorder) -> None:
    """Queue the answers of a case; its recordings, where it has any, are served from aside."""
    recorder.answers += case.get("responses", [])
    if "cdn_requests" not in case:
        return
    files = _files(case)

    async def answer(request: Recorded) -> Mapping[str, Any]:
        if request.host != _HOST:
            return recorder.answers.pop(0)
        content = files.get(request.path)
        return {"status": 404, "body": {}} if content is None else {"status": 200, "body": content}

    recorder.answer = answer


def _files(case: Case) -> Mapping[str, Any]:
    """The recordings that lead to the case's result: all of it lies in the first."""
    result = case.get("result")
    if isinstance(result, dict):
        whole = cast("Mapping[str, Any]", result)
        result = whole.get("replays", [whole])[0].get("rrweb_events")
    return {case["cdn_requests"][0]["path"]: result} if result else {}


def asked_of_mixpanel(recorder: Recorder) -> list[Recorded]:
    """The requests to Mixpanel itself."""
    return [each for each in recorder.requests if each.host != _HOST]


def assert_read(case: Case, recorder: Recorder) -> None:
    """The files that a case documents were asked for, by nobody in particular."""
    read = sorted(
        (each for each in recorder.requests if each.host == _HOST), key=lambda each: each.path
    )
    assert len(read) == case.get("cdn_requests_total", 0)
    first = [
        {"method": each.method, "host": each.host, "path": each.path, "query": each.query}
        for each in read[:3]
    ]
    documented = case.get("cdn_requests", [])
    kept = ("method", "host", "path", "query")
    assert first == [{name: each[name] for name in kept} for each in documented]
    assert not any("authorization" in each.headers for each in read)
