"""A session: what it remembers, and what it says about itself."""

import string
from collections.abc import Awaitable, Callable

import pytest
from clients import session

from mixpanel_mcp_core.errors import MixpanelError

pytestmark = pytest.mark.anyio


def asking(answers: list[list[str]]) -> Callable[[], Awaitable[list[str]]]:
    """A question whose answers are used up one by one; without any left it fails."""

    async def ask() -> list[str]:
        if not answers:
            raise MixpanelError("no answer")
        return answers.pop(0)

    return ask


async def test_a_question_is_asked_once() -> None:
    """The second time the first answer is repeated; another key is another question."""
    ask = asking([["a"], ["b"]])
    async with session("http://nowhere.test") as mixpanel:
        answers = [await mixpanel.remember(key, ask) for key in ("x", "x", "y", "x")]
    assert answers == [["a"], ["a"], ["b"], ["a"]]


async def test_what_a_caller_does_to_an_answer_is_not_remembered() -> None:
    """Each caller gets a copy, the first one too."""
    ask = asking([["a"]])
    async with session("http://nowhere.test") as mixpanel:
        for _ in range(2):
            (await mixpanel.remember("x", ask)).append("mine")
        assert await mixpanel.remember("x", ask) == ["a"]


async def test_errors_are_not_remembered() -> None:
    """The next call asks again."""
    answers: list[list[str]] = []
    ask = asking(answers)
    async with session("http://nowhere.test") as mixpanel:
        with pytest.raises(MixpanelError):
            await mixpanel.remember("x", ask)
        answers.append(["late"])
        assert await mixpanel.remember("x", ask) == ["late"]


async def test_copies_of_a_session_remember_together() -> None:
    """A call's own copy, which reports its progress elsewhere, knows what was answered before."""
    told: list[tuple[float, float | None, str]] = []

    async def report(done: float, total: float | None, message: str) -> None:
        told.append((done, total, message))

    async with session("http://nowhere.test") as mixpanel:
        copy = mixpanel.reporting(report)
        await copy.remember("x", asking([["a"]]))
        await copy.report(1, 2, "half")
        await mixpanel.report(2, 2, "unheard")
        assert await mixpanel.remember("x", asking([])) == ["a"]
    assert told == [(1, 2, "half")]


async def test_a_session_says_where_its_answers_come_from() -> None:
    """Account, project, workspace and region, and whether it is the sandbox."""
    async with session("http://nowhere.test") as mixpanel:
        assert mixpanel.source() == {
            "account": "team",
            "project": "12345",
            "workspace": None,
            "region": "us",
            "sandbox": False,
        }


async def test_a_slug_is_twelve_characters_that_nobody_confuses() -> None:
    """No 0, no I, O or l; and never the same twice."""
    async with session("http://nowhere.test") as mixpanel:
        slugs = [mixpanel.slug() for _ in range(500)]
    assert len(set(slugs)) == 500
    assert {len(slug) for slug in slugs} == {12}
    letters = set(string.ascii_letters + string.digits) - set("0IOl")
    assert set("".join(slugs)) == letters


async def test_a_session_may_look_through_another_workspace_or_none() -> None:
    """Its copy asks there; the session itself stays where it is."""
    async with session("http://nowhere.test") as mixpanel:
        copy = mixpanel.in_workspace(7)
        assert (copy.source()["workspace"], mixpanel.source()["workspace"]) == (7, None)
        assert copy.in_workspace(None).source() == mixpanel.source()
