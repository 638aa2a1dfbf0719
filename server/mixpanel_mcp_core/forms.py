"""What the App API takes and gives other than JSON: forms, texts, and files behind signed URLs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from mixpanel_mcp_core.api import AppApi
from mixpanel_mcp_core.caller import parameters
from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.files import written_whole
from mixpanel_mcp_core.http import FORM, Request
from mixpanel_mcp_core.outcome import error_of, unwrap, value_of
from mixpanel_mcp_core.regions import moved
from mixpanel_mcp_core.retries import NEVER, RATE_LIMIT_ONLY

_FILE_SECONDS = 600


async def post_form(
    app: AppApi, path: str, fields: Mapping[str, Any], *, patient: bool = True
) -> Any:
    """POST a form, lists in it as JSON text, and unwrap the answer; what is None is left out.

    An impatient one is not repeated after a 429, which is a QueryError then.
    """
    told = {name: _text(value) for name, value in fields.items() if value is not None}
    body = urlencode(told).encode()
    request = Request("POST", app.url(path), body=body, headers={"Content-Type": FORM}, echo=told)
    answer = await app.caller.send(request, RATE_LIMIT_ONLY if patient else NEVER)
    return unwrap(value_of(answer, request, app.caller.project_id, patient=patient))


async def get_text(app: AppApi, path: str, **query: Any) -> str:
    """GET a text; a 429 is a QueryError at once."""
    request = Request("GET", app.url(path), parameters(query), read_seconds=_FILE_SECONDS)
    answer = await app.caller.send(request, NEVER)
    if not 200 <= answer.status < 300:
        raise error_of(answer, request, app.caller.project_id, patient=False)
    return answer.body.decode(errors="replace")


async def put_signed(app: AppApi, url: str, content: bytes, kind: str) -> None:
    """PUT a file to a signed URL, which needs and gets no credentials.

    Raises MixpanelError (UPLOAD_ERROR) for any status of 300 or more.
    """
    caller = app.caller
    request = Request(
        "PUT",
        moved(url, caller.environ),
        body=content,
        headers={"Content-Type": kind},
        read_seconds=_FILE_SECONDS,
        bare=True,
    )
    answer = await caller.http.send(request, None, NEVER)
    if answer.status >= 300:
        raise MixpanelError(
            f"The file was not taken: status {answer.status} from where it should lie.",
            code="UPLOAD_ERROR",
            details={"status_code": answer.status, "url": request.url},
        )


async def save_signed(app: AppApi, url: str, target: Path) -> int:
    """GET a file of a signed URL, which needs and gets no credentials, and return its size.

    Only its owner can read what was saved. Raises MixpanelError (DOWNLOAD_ERROR) for any status of
    300 or more.
    """
    http = app.caller.http
    moved_url = moved(url, app.caller.environ)
    request = Request("GET", moved_url, read_seconds=_FILE_SECONDS, bare=True)
    size = 0
    async with http.stream(request, None, http.attempts(RATE_LIMIT_ONLY)) as answer:
        if answer.status >= 300:
            raise MixpanelError(
                f"The file cannot be fetched: status {answer.status} from where it lies.",
                code="DOWNLOAD_ERROR",
                details={"status_code": answer.status, "url": request.url},
            )
        with written_whole(target, private=True) as file:
            async for chunk in answer.chunks():
                size += file.write(chunk)
    return size


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, list) else str(value)
