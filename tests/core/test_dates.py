"""Days as text."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from mixpanel_mcp_core.dates import Day, check_range
from mixpanel_mcp_core.errors import ParamValidationError

DAY = TypeAdapter[str](Day)


@given(st.dates())
def test_every_day_of_the_calendar_is_one(day: date) -> None:
    """Written YYYY-MM-DD, it is left as it is."""
    assert DAY.validate_python(day.isoformat()) == day.isoformat()


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29",
        "2026-13-01",
        "2026-00-10",
        "2026-1-1",
        "20260131",
        "2026-W05-6",
        "2026-01-31T00:00:00",
        " 2026-01-31",
        "2026-01-31\n",
        "31.01.2026",
        "२०२६-०१-३१",
        "0000-01-01",
        "today",
        "",
    ],
)
def test_other_texts_are_refused_with_the_form(text: str) -> None:
    """Days that do not exist and forms that Mixpanel does not read."""
    with pytest.raises(ValidationError) as caught:
        DAY.validate_python(text)
    [problem] = caught.value.errors()
    assert problem["type"] == "date"
    assert problem["msg"] == "not a day of the calendar; write YYYY-MM-DD, e.g. 2026-01-31"


@pytest.mark.parametrize("value", [20260131, date(2026, 1, 31), None, ["2026-01-31"]])
def test_a_day_is_text(value: Any) -> None:
    """Numbers and other values are no days."""
    with pytest.raises(ValidationError, match="valid string"):
        DAY.validate_python(value)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-01-01", "2026-01-01"),
        ("2025-12-31", "2026-01-01"),
        (None, "2026-01-01"),
        ("2026-01-01", None),
        (None, None),
    ],
)
def test_a_range_may_be_one_day_or_open(first: str | None, last: str | None) -> None:
    """Both ends are included, and either may be missing."""
    check_range(first, last)


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    """The error shows both days and how to repair it."""
    with pytest.raises(ParamValidationError) as caught:
        check_range("2026-02-01", "2026-01-31")
    assert caught.value.to_dict() == {
        "type": "ParamValidationError",
        "code": "V15_DATE_ORDER",
        "message": "from_date 2026-02-01 is after to_date 2026-01-31; swap them.",
        "details": {
            "field": "from_date",
            "from_date": "2026-02-01",
            "to_date": "2026-01-31",
        },
    }
