"""Which operations fit a few words: names weigh most, then first sentences, then the rest."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from mixpanel_mcp.published import Published

_WEIGHTS = (4.0, 2.0, 1.0)
_WORD = re.compile(r"[a-z0-9]+")

# Words of users for words of Mixpanel.
_SYNONYMS: Mapping[str, str] = {
    "bookmark": "report",
    "board": "dashboard",
    "conversion": "funnel",
    "churn": "retention",
    "trend": "query",
    "chart": "report",
    "remove": "delete",
    "add": "create",
    "new": "create",
    "edit": "update",
    "change": "update",
    "show": "get",
    "note": "annotation",
    "release": "annotation",
    "raw": "stream",
    "download": "export",
    "breakdown": "query",
    "people": "user",
}


def ranked(tools: Sequence[Published], text: str) -> list[Published]:
    """The tools that share a word with the text, best first; all of them for no text."""
    wanted = _stems(text) | {_SYNONYMS[word] for word in _stems(text) if word in _SYNONYMS}
    if not wanted:
        return list(tools)
    places = [_places(tool) for tool in tools]
    spread = Counter(word for each in places for word in set().union(*each))
    rarity = {word: math.log(1 + len(tools) / (1 + spread[word])) for word in wanted}
    scores = [
        sum(
            weight * rarity[word]
            for word in wanted
            for weight, place in zip(_WEIGHTS, each, strict=True)
            if word in place
        )
        for each in places
    ]
    order = sorted(range(len(tools)), key=lambda index: -scores[index])
    return [tools[index] for index in order if scores[index] > 0]


def _places(tool: Published) -> tuple[set[str], set[str], set[str]]:
    description: str = tool.tool["description"]
    first, _, rest = description.partition("\n")
    arguments = " ".join(tool.tool["inputSchema"]["properties"])
    return _stems(f"{tool.name} {tool.toolset}"), _stems(first), _stems(f"{rest} {arguments}")


def _stems(text: str) -> set[str]:
    return {_stem(word) for word in _WORD.findall(text.lower())}


def _stem(word: str) -> str:
    for ending, stem in (("ies", "y"), ("ses", "s"), ("s", "")):
        if len(word) > 3 and word.endswith(ending) and not word.endswith("ss"):
            return word[: -len(ending)] + stem
    return word
