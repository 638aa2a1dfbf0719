"""Pages of histories, whichever envelope they come in."""

from typing import Any

import pytest

from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.histories import page_of

PAGE = {"results": [1], "pagination": {"next_cursor": "n"}}


@pytest.mark.parametrize(
    ("answer", "page"),
    [
        ({"status": "ok", "results": PAGE}, PAGE),
        ({"status": "ok", **PAGE}, PAGE),
        ({"results": {"results": [1]}}, {"results": [1], "pagination": None}),
        ({"results": [1]}, {"results": [1], "pagination": None}),
    ],
    ids=["in results", "at the top", "in results without cursors", "at the top without cursors"],
)
def test_a_page_is_found_where_it_stands(answer: Any, page: Any) -> None:
    """Entries and cursors, inside `results` or beside it."""
    assert page_of(answer) == page


@pytest.mark.parametrize("answer", [[1], {"foo": 1}, {"results": {"foo": 1}}, None])
def test_an_answer_without_a_page_is_an_error(answer: Any) -> None:
    """Whatever else Mixpanel says is no history."""
    with pytest.raises(MixpanelError, match="no page"):
        page_of(answer)
