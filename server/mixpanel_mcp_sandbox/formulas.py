"""Formulas over metrics: text to something that computes a number.

expr   = term (("+" | "-") term)*
term   = factor (("*" | "/") factor)*
factor = "-" factor | atom ("^" atom)*
atom   = NUMBER | NAME | "(" expr ")"
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import add, mul, neg, pow, sub, truediv
from typing import NoReturn

from .errors import wrong

Compute = Callable[[Sequence[float]], float]

DIGITS = r"[0-9]+(?:_[0-9]+)*"
TOKEN = re.compile(
    rf"[ \t]*(?:(?P<number>(?:{DIGITS}(?:\.{DIGITS})?|\.{DIGITS})(?:[eE][+-]?{DIGITS})?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>[-+*/^()]))"
)
SIGNS: dict[str, Callable[[float, float], float]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "/": truediv,
    "^": pow,
}
DEEPEST = 50


@dataclass(frozen=True)
class Expression:
    """A formula that was read; `operands` are the numbers of the metrics it names."""

    compute: Compute
    operands: frozenset[int]

    def value(self, numbers: Sequence[float]) -> float | None:
        """Return the result for the numbers of all metrics; None where it has none."""
        try:
            result = self.compute(numbers)
        except ArithmeticError:
            return None
        # A negative number to a broken power is complex.
        return result if isinstance(result, float) and math.isfinite(result) else None


def parse(text: str, metrics: int) -> Expression:
    """Return the formula of a text that may name the first `metrics` letters.

    Raises:
        Refusal: 400 for a text outside the grammar or a letter of no metric.
    """
    return _Parser(text, metrics).whole()


def letters(place: int) -> str:
    """Return what formulas call the metric at a place: A to Z, then BA, BB, and so on."""
    head, last = divmod(place, 26)
    return (letters(head) if head else "") + chr(ord("A") + last)


class _Parser:
    """Recursive descent that builds the computation as it reads."""

    def __init__(self, text: str, metrics: int):
        self.text = text
        self.at = 0
        self.depth = 0
        self.places = {letters(place): place for place in range(metrics)}
        self.named: set[int] = set()

    def whole(self) -> Expression:
        compute = self.sum()
        if self.text[self.at :].strip(" \t"):
            self.fail()
        return Expression(compute, frozenset(self.named))

    def sum(self) -> Compute:
        self.depth += 1
        if self.depth > DEEPEST:
            raise wrong(f"The formula is nested deeper than {DEEPEST} levels.")
        compute = self.infix(self.product, "+-")
        self.depth -= 1
        return compute

    def product(self) -> Compute:
        return self.infix(self.factor, "*/")

    def factor(self) -> Compute:
        negative = False
        while self.take("-"):
            negative = not negative
        compute = self.infix(self.atom, "^")
        return (lambda numbers: neg(compute(numbers))) if negative else compute

    def infix(self, operand: Callable[[], Compute], signs: str) -> Compute:
        compute = operand()
        while sign := self.take(signs):
            compute = _joined(SIGNS[sign], compute, operand())
        return compute

    def atom(self) -> Compute:
        token = TOKEN.match(self.text, self.at)
        if token is None or token["sign"] not in (None, "("):
            self.fail()
        self.at = token.end()
        if token["number"]:
            number = float(token["number"])
            return lambda _: number
        if token["name"]:
            return self.operand(token["name"])
        compute = self.sum()
        if not self.take(")"):
            self.fail()
        return compute

    def operand(self, name: str) -> Compute:
        place = self.places.get(name)
        if place is None:
            raise wrong(f"The formula {self.text!r} names {name}, which no metric has.")
        self.named.add(place)
        return lambda numbers: float(numbers[place])

    def take(self, signs: str) -> str | None:
        token = TOKEN.match(self.text, self.at)
        if token is None or not token["sign"] or token["sign"] not in signs:
            return None
        self.at = token.end()
        return token["sign"]

    def fail(self) -> NoReturn:
        raise wrong(f"The formula {self.text!r} cannot be read from position {self.at} on.")


def _joined(sign: Callable[[float, float], float], left: Compute, right: Compute) -> Compute:
    return lambda numbers: sign(left(numbers), right(numbers))
