"""Whether an answer is the true one: a number within half a percent, a name as it is spelt."""

import re

from .truth import Answer

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?\s?%?")
_MARK = "ANSWER:"
_NEAR = 0.005


def last_answer(text: str) -> str:
    """What stands behind the last mark of an answer in words; nothing where there is none."""
    return text.rpartition(_MARK)[2].strip() if _MARK in text else ""


def right(told: str, truth: Answer) -> bool:
    """Whether what was told is the truth; 12 % and 0.12 are the same share."""
    if isinstance(truth, str):
        return told.strip(" .'\"`*").casefold() == truth.casefold()
    found = _NUMBER.fullmatch(told.strip(" .*`"))
    return found is not None and abs(_value(found[0]) - truth) <= _NEAR * abs(truth)


def _value(text: str) -> float:
    number = float(text.rstrip("% ").replace(",", ""))
    return number / 100 if text.endswith("%") else number
