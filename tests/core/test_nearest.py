"""The names that are offered for one that does not exist."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixpanel_mcp_core.nearest import near_names, similar_events

NAMES = ["Sign Up", "SIGN UP", "Sign Up Completed", "sign_in", "Page View", "Purchase"]


@pytest.mark.parametrize(
    ("wanted", "names", "similar"),
    [
        ("sign up", NAMES, ["Sign Up", "SIGN UP"]),
        ("sign", NAMES, ["Sign Up", "SIGN UP", "sign_in", "Sign Up Completed"]),
        ("VIEW", NAMES, ["Page View"]),
        ("up sign", NAMES, ["Sign Up", "SIGN UP", "Sign Up Completed", "sign_in"]),
        ("view-of_page  now", NAMES, ["Page View"]),
        ("Completed Purchase", NAMES, ["Purchase", "Sign Up Completed"]),
        ("refund", NAMES, []),
        ("refund", [], []),
        ("a", ["a1", "a22", "a", "A"], ["a", "A"]),
        ("x", [f"x{n}" for n in range(9)], ["x0", "x1", "x2", "x3", "x4"]),
        ("x y", [f"x{'z' * n} x" for n in range(9, 0, -1)], [f"x{'z' * n} x" for n in range(1, 6)]),
        ("--", ["a-b", "c_d"], []),
        ("Purchse", NAMES, []),
    ],
    ids=[
        "equal but for case",
        "contained, shortest first",
        "contained but for case",
        "shared words, most first",
        "words between other signs",
        "as many words, shortest first",
        "nothing near",
        "no names",
        "equal before contained",
        "five contained",
        "five with shared words",
        "no words at all",
        "only spelt alike",
    ],
)
def test_the_first_rule_that_finds_any_decides(
    wanted: str, names: list[str], similar: list[str]
) -> None:
    """Equal but for case, containing, sharing words; never more than five."""
    assert similar_events(wanted, names) == similar


@pytest.mark.parametrize(
    ("wanted", "near"),
    [
        ("sign", ["Sign Up", "SIGN UP", "sign_in", "Sign Up Completed"]),
        ("Sgn, finished, upp", ["Sign Up", "SIGN UP", "Sign Up Completed", "sign_in"]),
        ("Purchse", ["Purchase"]),
        ("Sign Pu", ["Sign Up", "SIGN UP", "sign_in", "Sign Up Completed"]),
        ("Paeg", ["Page View"]),
        ("refund", []),
    ],
)
def test_names_spelt_alike_are_near(wanted: str, near: list[str]) -> None:
    """Those spelt alike as a whole come first, those of which only a word is, where no other is."""
    assert near_names(wanted, NAMES) == near


@given(st.text(), st.lists(st.text(), max_size=20))
def test_only_existing_names_are_offered(wanted: str, names: list[str]) -> None:
    """At most five of the names, whatever was asked."""
    similar = similar_events(wanted, names)
    assert len(similar) <= 5
    assert set(similar) <= set(names)
