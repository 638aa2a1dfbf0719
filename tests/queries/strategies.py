"""Parts of queries as hypothesis draws them."""

from collections.abc import Sequence
from datetime import date
from typing import Any, get_args

from hypothesis import strategies as st

from mixpanel_mcp_core.queries.operators import OPERATORS
from mixpanel_mcp_core.queries.vocabulary import DateUnit

NAMES = st.sampled_from(["Login", "Purchase", "$email", "é x", "a.b"])
DAYS = st.dates(date(2024, 1, 1), date(2025, 12, 31)).map(date.isoformat)
NUMBERS = st.integers(-100, 100) | st.floats(-1, 1)


def pair(values: st.SearchStrategy[Any], low: str, high: str) -> st.SearchStrategy[Any]:
    """Two values under these keys, the smaller first."""
    both = st.tuples(values, values).map(sorted)
    return both.map(lambda pair: {low: pair[0], high: pair[1]})


OPERANDS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "choice": st.fixed_dictionaries({"value": NAMES | st.lists(NAMES, min_size=1, max_size=3)}),
    "text": st.fixed_dictionaries({"value": NAMES}),
    "number": st.fixed_dictionaries({"value": NUMBERS}),
    "range": pair(NUMBERS, "min_val", "max_val"),
    "nothing": st.just({}),
    "day": st.fixed_dictionaries({"value": DAYS}),
    "days": pair(DAYS, "from_date", "to_date"),
    "recent": st.fixed_dictionaries(
        {"quantity": st.integers(1, 90), "date_unit": st.sampled_from(get_args(DateUnit))}
    ),
    "items": st.fixed_dictionaries(
        {"equals": st.dictionaries(NAMES, NAMES, min_size=1, max_size=2)},
        optional={"quantifier": st.sampled_from(["any", "all"])},
    ),
}


@st.composite
def filters(draw: st.DrawFn, operators: Sequence[str] = tuple(OPERATORS)) -> dict[str, Any]:
    """A filter with any of the operators and the operand that it takes."""
    operator = draw(st.sampled_from(operators))
    kind = OPERATORS[operator].operand
    if kind == "cohort":
        return {"operator": operator, "cohort": draw(st.integers(1, 9))}
    return {"property": draw(NAMES), "operator": operator, **draw(OPERANDS[kind])}
