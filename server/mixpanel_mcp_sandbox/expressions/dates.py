"""Functions on moments: the parts of a date, differences, today."""

from datetime import UTC, datetime

from mixpanel_mcp_sandbox import timeline
from mixpanel_mcp_sandbox.database import literal

from .casts import datetime_cast
from .misuse import Misuse
from .terms import UNDEFINED, Scope, Term, as_number

# A month is whole on the same day number, or on the last day of a shorter month.
MONTHS, YEARS = "datesub('month', {a}, {b})", "datesub('year', {a}, {b})"
UNITS = {
    "D": "date_diff('day', {a}, {b})",
    "M": MONTHS,
    "Y": YEARS,
    "MD": f"date_diff('day', ({{a}} + to_months({MONTHS}::int))::date, {{b}})",
    "YM": f"({MONTHS} % 12)",
    "YD": f"date_diff('day', ({{a}} + to_years({YEARS}::int))::date, {{b}})",
}


def moment(scope: Scope, *parts: Term) -> Term:
    """Return one value as a moment, or the local time of a date's parts."""
    if len(parts) == 1:
        return datetime_cast(scope, parts[0])
    if len(parts) == 2:
        raise Misuse("a date needs year, month and day")
    numbers = [f"trunc({as_number(part)})::bigint" for part in parts]
    numbers += ["0"] * (6 - len(numbers))
    local = f"make_timestamp({', '.join(numbers[:5])}, ({numbers[5]})::double)"
    return Term("datetime", f"epoch_ms(try({local} at time zone {literal(scope.timezone)}))")


def difference(_: Scope, start: Term, end: Term, unit: Term) -> Term:
    """Return the whole units between the days of two moments."""
    if not isinstance(unit.constant, str) or unit.constant.upper() not in UNITS:
        raise Misuse(f"the unit must be one of {', '.join(UNITS)}")
    whole = UNITS[unit.constant.upper()]
    if start.kind != "datetime" or end.kind != "datetime":
        return UNDEFINED
    return Term("number", f"({whole.format(a=_day(start), b=_day(end))})::double")


def today(scope: Scope) -> Term:
    """Return the midnight with which the current day of the project began."""
    day = timeline.today(datetime.fromtimestamp(scope.now / 1000, UTC), scope.timezone)
    return Term("datetime", f"{timeline.day_start(day, scope.timezone)}::bigint")


def _day(term: Term) -> str:
    return f"make_timestamp(({term.sql}) * 1000)::date"
