"""Formulas give what arithmetic gives; text outside the grammar is refused."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixpanel_mcp_sandbox.errors import Refusal
from mixpanel_mcp_sandbox.formulas import letters, parse

METRICS = 3
# A formula beside the same expression in Python, wholly in parentheses.
Pair = tuple[str, str]
OPERANDS: st.SearchStrategy[Pair] = st.sampled_from(
    [("A", "A"), ("B", "B"), ("C", "C"), ("2", "2.0"), (".5", ".5"), ("1_0e-1", "1.0")]
)
BLANKS = st.sampled_from(["", " ", "\t"])


def chains(parts: st.SearchStrategy[Pair], signs: str) -> st.SearchStrategy[Pair]:
    """One part, or several joined by signs of one level, from left to right."""
    rest = st.lists(st.tuples(BLANKS, st.sampled_from(signs), parts), max_size=3)
    return st.tuples(parts, rest).map(lambda chain: joined(*chain))


def joined(first: Pair, rest: list[tuple[str, str, Pair]]) -> Pair:
    text, python = first
    for blank, sign, (following, value) in rest:
        text = f"{text}{blank}{sign}{blank}{following}"
        python = f"({python} {sign.replace('^', '**')} {value})"
    return text, python


def expressions(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    """The grammar, one level after the other, with `inner` in parentheses."""
    atoms = OPERANDS | inner.map(lambda pair: (f"({pair[0]})", pair[1]))
    powers = chains(atoms, "^")
    factors = powers | powers.map(lambda pair: (f"-{pair[0]}", f"(-{pair[1]})"))
    return chains(chains(factors, "*/"), "+-")


def computed(python: str, numbers: list[float]) -> float | None:
    """The value of the Python expression, None where it has none."""
    try:
        value: Any = eval(python, dict(zip("ABC", numbers, strict=True)))
    except ArithmeticError:
        return None
    return value if isinstance(value, float) and math.isfinite(value) else None


@settings(max_examples=70)
@given(
    pair=expressions(expressions(OPERANDS)),
    numbers=st.lists(st.floats(-9, 9).map(lambda n: round(n, 1)), min_size=3, max_size=3),
)
def test_a_formula_computes_what_arithmetic_says(pair: Pair, numbers: list[float]) -> None:
    """Powers before minus, products before sums, left to right; null where nothing is defined."""
    formula, python = pair
    assert parse(formula, METRICS).value(numbers) == computed(python, numbers)


@pytest.mark.parametrize(
    "text", ["", " ", "A +", "A B", "(A", "A)", "A ^ -B", "2A", "A % B", "+A", "1__0", "A\nB", "²"]
)
def test_text_outside_the_grammar_is_refused_with_the_place(text: str) -> None:
    """The sentence quotes the formula and says from where on it cannot be read."""
    with pytest.raises(Refusal, match=r"cannot be read from position \d+ on\."):
        parse(text, METRICS)


@pytest.mark.parametrize("text", ["D", "a", "AA", "A + _x"])
def test_a_name_without_a_metric_is_refused(text: str) -> None:
    """Letters name the metrics there are; AA names none, since A is the zero."""
    with pytest.raises(Refusal, match="which no metric has"):
        parse(text, METRICS)


def test_after_z_comes_ba() -> None:
    """Letters are digits to the base of 26."""
    assert [letters(place) for place in (0, 25, 26, 27, 52, 676)] == [
        "A",
        "Z",
        "BA",
        "BB",
        "CA",
        "BAA",
    ]
    assert parse("BA - A", 27).value([1, *[0] * 25, 5]) == 4


def test_deep_nesting_is_refused() -> None:
    """A hostile formula cannot exhaust the stack."""
    with pytest.raises(Refusal, match="nested deeper"):
        parse("(" * 10_000 + "A" + ")" * 10_000, METRICS)
    assert parse("-" * 10_000 + "A", METRICS).value([1, 0, 0]) == 1
