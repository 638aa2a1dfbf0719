"""Reading a recording from where it lies: which requests leave, and what is refused."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from clients import client, session
from recorder import Recorded, Recorder, recording

from mixpanel_mcp_core.errors import (
    MixpanelError,
    SessionReplayError,
    SignedURLExpiredError,
    UnsupportedReplayFormatError,
)
from mixpanel_mcp_core.models.replays import SignedReplay
from mixpanel_mcp_core.replays import recordings
from mixpanel_mcp_core.replays.recordings import Recording
from mixpanel_mcp_core.session import Session

pytestmark = pytest.mark.anyio

MOMENT = {"type": 4, "timestamp": 1, "data": {}}
SIGNATURE = "Expires=1&Signature=s3cret"
Serve = Callable[[Recorded], Mapping[str, Any]]


def signed(url: str = "https://cdn.example.com/r1/", query: str = SIGNATURE) -> SignedReplay:
    """An address of the replay r1."""
    now = datetime.now(UTC)
    return SignedReplay(replay_id="r1", url=url, query_string=query, env="prod", signed_at=now)


def files(*contents: Any) -> Serve:
    """The files of a recording, and 404 behind them."""

    def serve(request: Recorded) -> Mapping[str, Any]:
        number = int(request.path.rsplit("/", 1)[-1][:4])
        if number >= len(contents):
            return {"status": 404, "body": {}}
        content = contents[number]
        return content if isinstance(content, Mapping) else {"status": 200, "body": content}

    return serve


def resigned(query: str) -> Mapping[str, Any]:
    """A new address from Mixpanel."""
    found = {"replay_id": "r1", "url": "https://cdn.example.com/r1/", "query_string": query}
    return {"status": 200, "body": {"results": [found]}}


@asynccontextmanager
async def serving(serve: Serve) -> AsyncGenerator[tuple[Session, Recorder]]:
    """A session whose requests, to whatever host, are answered by `serve`."""

    async def answer(request: Recorded) -> Mapping[str, Any]:
        return serve(request)

    async with recording() as recorder, session(recorder.url) as mixpanel:
        recorder.answer = answer
        yield mixpanel, recorder


async def read(
    mixpanel: Session, address: SignedReplay | None = None, **options: Any
) -> list[dict[str, Any]]:
    """Everything in the recording."""
    options = {"max_files": 500, "at_once": 2, **options}
    reading = Recording(mixpanel, address or signed(), 30, **options)
    return [event async for event in reading.events()]


async def test_files_are_read_in_order_until_one_is_not_there() -> None:
    """Several at once; what lies behind the gap is not asked for again."""
    moments = [{**MOMENT, "timestamp": number} for number in range(3)]
    async with serving(files(*([each] for each in moments))) as (mixpanel, recorder):
        assert await read(mixpanel) == moments
    paths = sorted(request.path for request in recorder.requests)
    assert paths == [f"/r1/000{number}-30.json" for number in range(4)]


async def test_no_more_files_are_read_than_wanted() -> None:
    """A part of a recording is an answer too."""
    async with serving(files(*[[MOMENT]] * 9)) as (mixpanel, recorder):
        assert len(await read(mixpanel, max_files=3)) == 3
    assert len(recorder.requests) == 3


async def test_the_other_host_learns_nothing_of_the_account() -> None:
    """Neither authorization nor the header that the environment adds goes there."""
    added = {"MP_CUSTOM_HEADER_NAME": "X-Env", "MP_CUSTOM_HEADER_VALUE": "mine"}
    async with serving(files([MOMENT])) as (mixpanel, recorder), client(added) as http:
        await read(replace(mixpanel, http=http))
    for request in recorder.requests:
        assert request.query == {"Expires": "1", "Signature": "s3cret"}
        assert not {"authorization", "x-env", "cookie"} & set(request.headers)


async def test_an_expired_signature_is_renewed_once() -> None:
    """The files of the batch are asked for again with the new one."""

    def serve(request: Recorded) -> Mapping[str, Any]:
        if request.method == "POST":
            return resigned("Signature=fresh")
        if request.query.get("Signature") == "s3cret":
            return {"status": 403, "body": {}}
        return files([MOMENT])(request)

    async with serving(serve) as (mixpanel, recorder):
        assert await read(mixpanel) == [MOMENT]
    assert [request.method for request in recorder.requests].count("POST") == 1


@pytest.mark.parametrize("again", [True, False])
async def test_a_signature_that_is_refused_for_good_is_an_error(again: bool) -> None:
    """It names the recording, and not the signature."""

    def serve(request: Recorded) -> Mapping[str, Any]:
        return resigned("Signature=worse") if request.method == "POST" else {"status": 403}

    async with serving(serve) as (mixpanel, recorder):
        with pytest.raises(SignedURLExpiredError) as raised:
            await read(mixpanel, sign_again=again)
    assert [request.method for request in recorder.requests].count("POST") == again
    assert raised.value.code == "SIGNED_URL_EXPIRED"
    assert raised.value.details == {
        "status_code": 403,
        "replay_id": "r1",
        "retention_days": 30,
        "cdn_url_prefix": "https://cdn.example.com/r1/",
    }


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "body": {}},
        {"status": 302, "headers": {"location": "https://evil.example.com/"}, "body": {}},
        {"network_error": "reset"},
    ],
    ids=["a broken host", "a redirect", "a broken connection"],
)
async def test_other_failures_do_not_tell_the_signature(answer: Mapping[str, Any]) -> None:
    """And no redirect is followed."""
    async with serving(files(answer)) as (mixpanel, recorder):
        with pytest.raises(MixpanelError) as raised:
            await read(mixpanel)
    assert {request.host for request in recorder.requests} == {"cdn.example.com"}
    assert "s3cret" not in str(raised.value.to_dict())


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.example.com/r1/",
        "file:///etc/passwd",
        "https://user:secret@cdn.example.com/r1/",
        "https://cdn.example.com/r1/?x=",
        "//cdn.example.com/r1/",
    ],
)
async def test_only_plain_https_addresses_are_followed(url: str) -> None:
    """Whatever Mixpanel names otherwise is left alone."""
    async with serving(files([MOMENT])) as (mixpanel, recorder):
        with pytest.raises(SessionReplayError, match="only https"):
            await read(mixpanel, signed(url))
    assert recorder.requests == []


async def test_a_recording_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to do, and the rest is not read."""
    monkeypatch.setattr(recordings, "MOST_BYTES", 1000)
    async with serving(files([MOMENT] * 10, [MOMENT] * 20, [MOMENT])) as (mixpanel, recorder):
        with pytest.raises(SessionReplayError, match="smaller max_files"):
            await read(mixpanel, at_once=1)
    assert len(recorder.requests) == 2


@pytest.mark.parametrize("content", [{"status": 200, "text": "RIFF"}, [{"frame": 1}], ["x"]])
async def test_files_of_something_else_are_not_supported(content: Any) -> None:
    """Recordings of apps are pictures, not pages."""
    async with serving(files(content)) as (mixpanel, _):
        with pytest.raises(UnsupportedReplayFormatError):
            await read(mixpanel)
