"""Formulas over the metrics of a query: the grammar and the rules.

expr   = term (("+" | "-") term)*
term   = factor (("*" | "/") factor)*
factor = "-" factor | atom ("^" atom)*
atom   = NUMBER | NAME | "(" expr ")"
"""

import re
from collections.abc import Iterator, Sequence

from .problems import Problem, numbered

_DIGITS = r"[0-9]+(?:_[0-9]+)*"
_TOKEN = re.compile(
    rf"[ \t]*(?:(?P<number>(?:{_DIGITS}(?:\.{_DIGITS})?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>[-+*/^()]))"
)


class FormulaSyntaxError(ValueError):
    """The text is not in the grammar; `position` is the offset where it leaves it."""

    def __init__(self, position: int) -> None:
        super().__init__(f"unexpected text at position {position}")
        self.position = position


class _Parser:
    """Recursive descent over the tokens; it only recognises, nothing is computed."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def read(self) -> None:
        self._expression()
        if self.text[self.position :].strip(" \t"):
            raise FormulaSyntaxError(self.position)

    def _expression(self) -> None:
        self._term()
        while self._accept("+-"):
            self._term()

    def _term(self) -> None:
        self._factor()
        while self._accept("*/"):
            self._factor()

    def _factor(self) -> None:
        while self._accept("-"):
            pass
        self._atom()
        while self._accept("^"):
            self._atom()

    def _atom(self) -> None:
        token = _TOKEN.match(self.text, self.position)
        if token is None or token["sign"] not in (None, "("):
            raise FormulaSyntaxError(self.position)
        self.position = token.end()
        if token["sign"]:
            self._expression()
            if not self._accept(")"):
                raise FormulaSyntaxError(self.position)

    def _accept(self, signs: str) -> bool:
        token = _TOKEN.match(self.text, self.position)
        if token is None or not token["sign"] or token["sign"] not in signs:
            return False
        self.position = token.end()
        return True


def check_formula(text: str) -> None:
    """Raise FormulaSyntaxError unless the text is in the grammar."""
    _Parser(text).read()


def names_in(text: str) -> list[str]:
    """The names in a formula, in order."""
    return [token["name"] for token in _TOKEN.finditer(text) if token["name"]]


def numbers_in(text: str) -> list[str]:
    """The numbers in a formula as they are written, in order."""
    return [token["number"] for token in _TOKEN.finditer(text) if token["number"]]


def letter_index(name: str) -> int | None:
    """The place of the metric that a name stands for: A..Z, then BA, BB, ...; None for no place."""
    if not re.fullmatch("[A-Z]|[B-Z][A-Z]+", name):
        return None
    index = 0
    for letter in name:
        index = 26 * index + ord(letter) - ord("A")
    return index


def formula_problems(expressions: Sequence[str], metric_count: int) -> Iterator[Problem]:
    """What is wrong with formulas whose letters A, B, ... name this many metrics."""
    if expressions and metric_count < 2:
        message = f"A formula needs at least two events, got {metric_count}."
        yield Problem("V4_FORMULA_MIN_EVENTS", "formula", message)
        return
    for path, expression in numbered("formula", expressions):
        yield from _expression_problems(expression, metric_count, path)


def _expression_problems(expression: str, metric_count: int, path: str) -> Iterator[Problem]:
    letters = sorted(set(re.findall("[A-Z]", expression)))
    beyond = [letter for letter in letters if ord(letter) - ord("A") >= metric_count]
    if not letters:
        message = f"Formula {expression!r} must name events by letters, e.g. (B / A) * 100."
        yield Problem("V16_FORMULA_SYNTAX", path, message)
    elif beyond:
        last = chr(ord("A") + metric_count - 1)
        message = f"Formula {expression!r} names {', '.join(beyond)}; the last event is {last}."
        yield Problem("V19_FORMULA_BOUNDS", path, message)
    else:
        yield from _syntax_problems(expression, path)


def _syntax_problems(expression: str, path: str) -> Iterator[Problem]:
    try:
        check_formula(expression)
    except FormulaSyntaxError as error:
        message = (
            f"Formula {expression!r} has {error}; it may hold letters, numbers, parentheses "
            "and + - * / ^, with a single operand after ^."
        )
        yield Problem("FM4_SYNTAX", path, message)
