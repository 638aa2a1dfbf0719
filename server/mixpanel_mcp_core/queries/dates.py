"""The period of a query: days, ranges, the comparison with another period."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from mixpanel_mcp_core.errors import ParamValidationError

from .problems import Problem
from .suggestions import offer
from .term import Term
from .vocabulary import ComparisonType, ComparisonUnit
from .words import judged_later

DEFAULT_LAST = 30
_LONGEST_LAST = 3650


def is_date_format(text: str) -> bool:
    """Spelled YYYY-MM-DD."""
    return bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text))


def is_real_day(text: str) -> bool:
    """Spelled YYYY-MM-DD and in the calendar."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return is_date_format(text)


def guard_date(text: str, field: str, codes: tuple[str, str]) -> None:
    """Raise ParamValidationError: first code for a bad format, second for no real day."""
    if not is_date_format(text):
        raise ParamValidationError(
            f"{field} {text!r} must be written YYYY-MM-DD, e.g. 2025-01-31.", code=codes[0]
        )
    if not is_real_day(text):
        raise ParamValidationError(f"{field} {text!r} is not a day of the calendar.", code=codes[1])


class TimeComparison(Term):
    """Compare with another period: relative with unit, or absolute-start/-end with date."""

    type: Annotated[ComparisonType, judged_later] = Field(
        description='"relative" needs unit; "absolute-start" and "absolute-end" need date'
    )
    unit: Annotated[ComparisonUnit, judged_later] | None = Field(
        default=None, description='How far back, e.g. "month"'
    )
    date: str | None = Field(default=None, description='First or last day, e.g. "2024-12-31"')

    def guard(self) -> None:
        """Type, then unit and date in the way that the type asks."""
        if self.type == "relative":
            self._guard_relative()
        elif self.type in ("absolute-start", "absolute-end"):
            self._guard_absolute()
        else:
            words = ("relative", "absolute-start", "absolute-end")
            message = f"type {self.type!r} is not valid. {offer(self.type, words)}"
            raise ParamValidationError(message, code="TC0_INVALID_TYPE")

    def _guard_relative(self) -> None:
        units = ("day", "week", "month", "quarter", "year")
        if self.unit is None:
            message, code = 'A relative comparison needs unit, e.g. "month".', "TC1_REQUIRES_UNIT"
        elif self.unit not in units:
            message = f"unit {self.unit!r} is not valid. {offer(self.unit, units)}"
            code = "TC1B_INVALID_UNIT"
        elif self.date is not None:
            message, code = "A relative comparison takes no date.", "TC1_REJECTS_DATE"
        else:
            return
        raise ParamValidationError(message, code=code)

    def _guard_absolute(self) -> None:
        if self.date is None:
            message = f'A comparison of type {self.type} needs date, e.g. "2024-12-31".'
            raise ParamValidationError(message, code="TC2_REQUIRES_DATE")
        if self.unit is not None:
            message = f"A comparison of type {self.type} takes no unit."
            raise ParamValidationError(message, code="TC2_REJECTS_UNIT")
        guard_date(self.date, "date", ("TC3_DATE_FORMAT", "TC3B_DATE_INVALID"))

    def clause(self) -> dict[str, Any]:
        """`displayOptions.timeComparison`."""
        return {"type": self.type, "value": self.unit if self.type == "relative" else self.date}


def time_section(
    from_date: str | None, to_date: str | None, last: int, unit: str, today: date
) -> list[dict[str, Any]]:
    """`sections.time`; a range without an end ends today."""
    if from_date is None:
        window = {"unit": "day", "value": last}
        return [{"dateRangeType": "in the last", "unit": unit, "window": window}]
    value = [from_date, to_date or today.isoformat()]
    return [{"dateRangeType": "between", "unit": unit, "value": value}]


def time_problems(from_date: str | None, to_date: str | None, last: int) -> Iterator[Problem]:
    """What is wrong with the period of a query."""
    if last <= 0:
        yield Problem("V7_LAST_POSITIVE", "last", f"last must be a number of days > 0, got {last}.")
    for path, day in (("from_date", from_date), ("to_date", to_date)):
        yield from _day_problems(path, day)
    if to_date is not None and from_date is None:
        yield Problem("V9_TO_REQUIRES_FROM", "to_date", "to_date needs from_date.")
    if from_date is not None and last != DEFAULT_LAST:
        message = "Give either from_date (and to_date) or last, not both."
        yield Problem("V10_DATE_LAST_EXCLUSIVE", "last", message)
    if _is_reversed(from_date, to_date):
        message = f"from_date {from_date} must not be after to_date {to_date}."
        yield Problem("V15_DATE_ORDER", "from_date", message)
    if last > _LONGEST_LAST:
        message = f"last must be at most {_LONGEST_LAST} days, got {last}."
        yield Problem("V20_LAST_TOO_LARGE", "last", message)


def window_problems(
    window: int, unit: str, longest: Mapping[str, int], codes: tuple[str, str]
) -> Iterator[Problem]:
    """A conversion window without length (first code), or longer than its unit allows (second)."""
    path, most = "conversion_window", longest.get(unit)
    if window <= 0:
        yield Problem(codes[0], path, f"{path} must be positive, got {window}.")
    if most is not None and window > most:
        message = f"{path} is at most {most} for unit {unit!r}, got {window}."
        yield Problem(codes[1], path, message)


def _day_problems(path: str, day: str | None) -> Iterator[Problem]:
    if day is None or is_real_day(day):
        return
    if is_date_format(day):
        message = f"{path} {day!r} is not a day of the calendar."
        yield Problem("V8_DATE_INVALID", path, message)
    else:
        message = f"{path} {day!r} must be written YYYY-MM-DD, e.g. 2025-01-31."
        yield Problem("V8_DATE_FORMAT", path, message)


def _is_reversed(from_date: str | None, to_date: str | None) -> bool:
    if from_date is None or to_date is None:
        return False
    return is_date_format(from_date) and is_date_format(to_date) and from_date > to_date
