"""Running a JQL script: one form, one array of rows."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

from mixpanel_mcp_core.api import PRODUCT
from mixpanel_mcp_core.caller import READ_SECONDS, Caller, given, json_text
from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.http import FORM, Answer, Request
from mixpanel_mcp_core.lenient_json import parsed
from mixpanel_mcp_core.outcome import value_of
from mixpanel_mcp_core.retries import RATE_LIMIT_ONLY

from .failures import failure

_SCRIPTS = Path(__file__).parent


async def run(caller: Caller, script: str, params: Mapping[str, Any] | None) -> list[Any]:
    """The rows that a script returns; an answer of another kind has none.

    A pinned workspace is not sent, since JQL sees all of a project only. Raises JQLSyntaxError
    where Mixpanel says that the script failed.
    """
    form = given(script=script, params=json_text(params))
    request = Request(
        "POST",
        caller.url("query", "/jql"),
        {"project_id": caller.project_id, "query_origin": PRODUCT},
        urlencode(form).encode(),
        {"Content-Type": FORM},
        READ_SECONDS["query"],
        echo=form,
        asks=True,
    )
    answer = await caller.send(request, RATE_LIMIT_ONLY)
    if (refusal := _refusal(answer)) is not None:
        raise failure(refusal, script)
    rows = value_of(answer, request, caller.project_id)
    return cast("list[Any]", rows) if isinstance(rows, list) else []


def script(name: str) -> str:
    """A script of ours by its name."""
    return (_SCRIPTS / f"{name}.js").read_text("utf-8")


def _refusal(answer: Answer) -> Mapping[str, Any] | None:
    """What a 412 says of the script, if it says it in JSON."""
    if answer.status != 412:
        return None
    try:
        told = parsed(answer.body)
    except ValueError:
        return None
    return cast("Mapping[str, Any]", told) if isinstance(told, dict) else None


@contextmanager
def understood() -> Generator[None]:
    """Raise MixpanelError (INVALID_RESPONSE) where rows are not such as our scripts return."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MixpanelError(
            "Mixpanel's answer is not what the script returns.", code="INVALID_RESPONSE"
        ) from error
