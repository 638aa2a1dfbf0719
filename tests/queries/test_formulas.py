"""The grammar of formulas, against a recogniser written another way."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixpanel_mcp_core.queries.formulas import FormulaSyntaxError, check_formula


def _is_formula(text: str) -> bool:
    try:
        check_formula(text)
    except FormulaSyntaxError:
        return False
    return True


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "(B / A) * 100",
        "A ^ 2 - B / 3",
        "A ^ (-B)",
        "--A",
        "-A^B^C",
        "A\t+ .5",
        "1_000 * A",
        "1e-5*A",
        "1.5E+3*A",
        "abc + _x1",
        "((A))",
        "AB",
    ],
)
def test_expressions_of_the_grammar_pass(text: str) -> None:
    """Letters, names, numbers, parentheses and the five operators, with spaces and tabs."""
    assert _is_formula(text)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("A +", 3),
        ("", 0),
        ("A ^ -B", 3),
        ("(A", 2),
        ("A)", 1),
        ("A B", 1),
        ("2A", 1),
        ("A + $x", 3),
        ("A % 2", 1),
        ("A\n+ B", 1),
        ("+A", 0),
        ("1__0", 1),
        ("A ** 2", 3),
    ],
)
def test_other_text_fails_where_it_leaves_the_grammar(text: str, position: int) -> None:
    """The error tells the offset up to which the text was understood."""
    with pytest.raises(FormulaSyntaxError) as raised:
        check_formula(text)
    assert raised.value.position == position


_FACTOR = r"-*x(?:\^x)*"
_SUM = rf"{_FACTOR}(?:[-+*/]{_FACTOR})*"


def _reduces(tokens: str) -> bool:
    """Replace each innermost parenthesis by an operand until none is left."""
    while (smaller := re.sub(rf"\({_SUM}\)", "x", tokens)) != tokens:
        tokens = smaller
    return bool(re.fullmatch(_SUM, tokens))


@given(st.lists(st.sampled_from("xxx+-*/^()"), max_size=12), st.data())
def test_parser_agrees_with_reduction_by_patterns(tokens: list[str], data: st.DataObject) -> None:
    """Any row of operands and signs is a formula exactly if it can be reduced to one operand."""
    operands = st.sampled_from(["A", "b_1", "7", ".5", "1_0e2"])
    text = " ".join(data.draw(operands) if token == "x" else token for token in tokens)
    assert _is_formula(text) == _reduces("".join(tokens))


_EXPRESSIONS = st.recursive(
    st.sampled_from(["A", "B", "2", "0.5", "1e3"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(" ".join),
        inner.map("({})".format),
        inner.map("-{}".format),
        inner.map("A ^ ({})".format),
    ),
    max_leaves=12,
)


@given(_EXPRESSIONS)
def test_every_composed_expression_passes_and_no_truncated_one_does(text: str) -> None:
    """What is built by the grammar is in it; with an operator left dangling it is not."""
    assert _is_formula(text)
    assert not _is_formula(f"{text} +")
    assert not _is_formula(f"({text}")
