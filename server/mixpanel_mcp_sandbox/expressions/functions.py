"""The functions of expressions and of formulas: their names and numbers of arguments."""

from collections.abc import Callable
from dataclasses import dataclass

from . import conditions, dates, lists, patterns, texts
from .casts import CASTS
from .terms import Term

ANY = 1_000_000


@dataclass(frozen=True)
class Function:
    """A function: the term it makes of a scope and its arguments, and how many it takes.

    It raises `Misuse` for arguments that can have no value.
    """

    build: Callable[..., Term]
    least: int = 1
    most: int = 1

    def wants(self) -> str:
        """Return how many arguments it takes, in words."""
        if self.most == ANY:
            return f"at least {self.least} arguments"
        if self.least == self.most:
            return "one argument" if self.most == 1 else f"{self.most or 'no'} arguments"
        return f"{self.least} to {self.most} arguments"


EXPRESSION: dict[str, Function] = {name: Function(build) for name, build in CASTS.items()}
FORMULA: dict[str, Function] = {
    **{name: function for name, function in EXPRESSION.items() if name != "list"},
    "if": Function(conditions.either, 2, 3),
    "ifs": Function(conditions.first_true, 2, ANY),
    "datetime": Function(dates.moment, 1, 6),
    "datedif": Function(dates.difference, 3, 3),
    "today": Function(dates.today, 0, 0),
    "has_prefix": Function(texts.has_prefix, 2, 2),
    "has_suffix": Function(texts.has_suffix, 2, 2),
    "upper": Function(texts.upper),
    "lower": Function(texts.lower),
    "left": Function(texts.left, 2, 2),
    "right": Function(texts.right, 2, 2),
    "mid": Function(texts.mid, 3, 3),
    "split": Function(texts.split, 2, 3),
    "parse_url": Function(texts.parse_url, 2, 2),
    "regex_match": Function(patterns.match, 2, 2),
    "regex_extract": Function(patterns.extract, 2, 3),
    "regex_replace": Function(patterns.replace, 3, 3),
    "min": Function(lists.least, 2, 2),
    "max": Function(lists.greatest, 2, 2),
    "len": Function(lists.length),
    "sum": Function(lists.total),
}
