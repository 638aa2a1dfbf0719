"""Histories that come in pages, in whichever of its envelopes Mixpanel puts a page."""

from typing import Any, cast

from mixpanel_mcp_core.errors import MixpanelError


def page_of(answer: Any) -> dict[str, Any]:
    """`results` and `pagination` (None where it is not told) of a whole answer.

    The two stand at the top of the answer or inside its `results`; raises MixpanelError
    (UNKNOWN_ERROR) where they stand nowhere.
    """
    page = answer
    if isinstance(page, dict) and isinstance(page.get("results"), dict):
        page = page["results"]
    if not isinstance(page, dict) or "results" not in page:
        raise MixpanelError("Mixpanel's answer holds no page of a history.")
    told = cast("dict[str, Any]", page)
    return {"pagination": None, **{key: told[key] for key in told if key != "status"}}
