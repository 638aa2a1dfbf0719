"""Requests of the App API without JSON: forms, texts, files behind signed URLs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clients import client, session
from recorder import Recorder, recording

from mixpanel_mcp_core.errors import MixpanelError, NotPermittedError, QueryError, RateLimitError
from mixpanel_mcp_core.forms import get_text, post_form, put_signed, save_signed
from mixpanel_mcp_core.session import Session

pytestmark = pytest.mark.anyio

Call = Callable[[Session], Awaitable[None]]
SIGNED = "https://storage.example.com/bucket/a%20b?Signature=abc"
LIMITED = {"status": 429, "headers": {"Retry-After": "3600"}, "body": {"error": "slow"}}
HEADER = {"MP_CUSTOM_HEADER_NAME": "X-Env", "MP_CUSTOM_HEADER_VALUE": "blue"}


async def served(answer: Mapping[str, Any], call: Call) -> Recorder:
    """What a call sends when it is answered so."""
    async with recording() as recorder, session(recorder.url) as mixpanel:
        recorder.answers.append(answer)
        await call(mixpanel)
    return recorder


async def test_a_form_carries_lists_as_json_and_leaves_out_what_is_none() -> None:
    """Its answer is unwrapped like any other."""

    async def call(mixpanel: Session) -> None:
        fields = {"name": "Ä & b", "list": [{"event": "é"}], "number": 7, "absent": None}
        assert await post_form(mixpanel.app, "forms/", fields) == {"id": 1}

    recorder = await served({"status": 200, "body": {"results": {"id": 1}}}, call)
    [request] = recorder.requests
    assert request.path == "/api/app/projects/12345/forms/"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.body == (
        b"name=%C3%84+%26+b&list=%5B%7B%22event%22%3A+%22%5Cu00e9%22%7D%5D&number=7"
    )


@pytest.mark.parametrize(("patient", "error"), [(True, RateLimitError), (False, QueryError)])
async def test_an_impatient_form_takes_a_rate_limit_for_a_refusal(
    patient: bool, error: type[MixpanelError]
) -> None:
    """What must not be repeated is told with the words of the answer."""

    async def call(mixpanel: Session) -> None:
        with pytest.raises(error):
            await post_form(mixpanel.app, "forms/", {}, patient=patient)

    await served(LIMITED, call)


async def test_a_text_comes_as_it_is() -> None:
    """It is not unwrapped, and a broken character does not lose the rest."""

    async def call(mixpanel: Session) -> None:
        assert await get_text(mixpanel.app, "file/", limit=2, absent=None) == "a,b\n1,é\n"

    recorder = await served({"status": 200, "text": "a,b\n1,é\n"}, call)
    assert recorder.requests[0].query == {"limit": "2"}


@pytest.mark.parametrize(
    ("status", "words"), [(404, "Resource not found"), (429, "Request failed")]
)
async def test_a_text_that_is_not_there_is_a_refusal(status: int, words: str) -> None:
    """So is one that is asked for too often."""

    async def call(mixpanel: Session) -> None:
        with pytest.raises(QueryError, match=words):
            await get_text(mixpanel.app, "file/")

    await served({"status": status, "text": ""}, call)


async def test_a_signed_url_gets_the_file_and_nothing_of_the_account() -> None:
    """Neither the authorization nor the header of the environment is for strangers."""

    async def call(mixpanel: Session) -> None:
        async with client(HEADER) as http:
            dressed = replace(mixpanel, http=http)
            await put_signed(dressed.app, SIGNED, b"a\n1\n", "text/csv")

    recorder = await served({"status": 201, "text": ""}, call)
    [request] = recorder.requests
    assert (request.method, request.host, request.path) == (
        "PUT",
        "storage.example.com",
        "/bucket/a%20b",
    )
    assert (request.query, request.body) == ({"Signature": "abc"}, b"a\n1\n")
    assert request.headers["content-type"] == "text/csv"
    assert not {"authorization", "x-env"} & set(request.headers)


async def test_a_refused_file_is_an_upload_error() -> None:
    """Its status is told; a redirect is not followed."""

    async def call(mixpanel: Session) -> None:
        with pytest.raises(MixpanelError) as caught:
            await put_signed(mixpanel.app, SIGNED, b"", "text/csv")
        assert caught.value.code == "UPLOAD_ERROR"
        assert caught.value.details["status_code"] == 307

    await served({"status": 307, "text": ""}, call)


async def test_a_read_only_session_sends_neither_forms_nor_files() -> None:
    """Both would change something."""
    async with recording() as recorder, session(recorder.url) as mixpanel:
        reader = replace(mixpanel, read_only=True)
        with pytest.raises(NotPermittedError):
            await post_form(reader.app, "forms/", {})
        with pytest.raises(NotPermittedError):
            await put_signed(reader.app, SIGNED, b"", "text/csv")
    assert recorder.requests == []


async def test_a_file_is_saved_without_credentials(tmp_path: Path) -> None:
    """A signed URL needs none; only the owner of the file can read it."""
    target = tmp_path / "data.jsonl"

    async def call(mixpanel: Session) -> None:
        assert await save_signed(mixpanel.app, SIGNED, target) == 3

    [request] = (await served({"status": 200, "text": "{}\n"}, call)).requests
    assert (request.host, request.path) == ("storage.example.com", "/bucket/a%20b")
    assert (request.query, "authorization" in request.headers) == ({"Signature": "abc"}, False)
    assert (target.read_text("utf-8"), target.stat().st_mode & 0o777) == ("{}\n", 0o600)


async def test_a_file_that_is_not_there_leaves_nothing_behind(tmp_path: Path) -> None:
    """The error tells the status, and no file appears."""

    async def call(mixpanel: Session) -> None:
        with pytest.raises(MixpanelError) as refusal:
            await save_signed(mixpanel.app, SIGNED, tmp_path / "data.jsonl")
        assert (refusal.value.code, refusal.value.details["status_code"]) == ("DOWNLOAD_ERROR", 403)

    await served({"status": 403, "text": "ExpiredToken"}, call)
    assert left_in(tmp_path) == []


def left_in(folder: Path) -> list[Path]:
    """The files of a folder."""
    return list(folder.iterdir())
