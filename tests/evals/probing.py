"""The good solutions run: what each question's call answers, and what it weighs."""

from collections.abc import Sequence
from typing import NamedTuple

from mcp import Client

from mixpanel_mcp.results import CHARACTERS_A_TOKEN

from .questions import Question


class Solved(NamedTuple):
    """An answer found by a call, and about how many tokens of text it was found in."""

    question: Question
    answer: str
    tokens: int


async def solved(client: Client, asked: Sequence[Question]) -> list[Solved]:
    """Run the call of every question; questions with one call share its answer."""
    texts: dict[str, str] = {}
    for each in asked:
        if each.call not in texts:
            texts[each.call] = await _text(client, each)
    return [
        Solved(each, each.answer(texts[each.call]), len(texts[each.call]) // CHARACTERS_A_TOKEN)
        for each in asked
    ]


async def _text(client: Client, question: Question) -> str:
    result = await client.call_tool(question.tool, question.arguments)
    text = "".join(getattr(block, "text", "") for block in result.content)
    if result.is_error:
        raise ValueError(f"{question.name}: {text}")
    return text
