"""Times as columns have them, in milliseconds and in DuckDB's SQL: `times`, for the usual ones."""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from mixpanel_mcp_core.clock import MILLISECONDS_FROM
from mixpanel_mcp_core.exports.columns import literal, quoted

WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_FRACTION = ("FLOAT", "DOUBLE")
_MOMENT = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "DATE")
_DAY_US = 86_400_000_000

# No sum with a moment between them is beyond what a timestamp can be.
_FIRST, _LAST = "timestamp '1900-01-01'", "timestamp '2200-01-01'"

_DIGITS = "[1-9][0-9]{8,17}"
_ISO = "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?"
_OFFSET = "(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"


def milliseconds_sql(column: str, kind: str, zone: tzinfo) -> str | None:
    """What is null for each time that needs a closer look; None where all of a type do."""
    name = quoted(column)
    if kind in WHOLE:
        found = _of_number(f"{name}::bigint")
    elif kind in _FRACTION:
        found = _of_fraction(f"{name}::double")
    elif kind in _MOMENT:
        found = _of_moment(f"{name}::timestamp", zone)
    elif kind == "VARCHAR":
        found = _of_text(name, zone)
    else:
        return None
    # What is earlier is told in whole seconds.
    return f"nullif(greatest({found}, {MILLISECONDS_FROM - 1}), {MILLISECONDS_FROM - 1})"


def _of_number(value: str) -> str:
    """Seconds, milli-, micro- or nanoseconds, by their size."""
    return (
        f"case when {value} < {MILLISECONDS_FROM} then greatest({value}, 0) * 1000 "
        f"when {value} < {10**14} then {value} when {value} < {10**17} then {value} // 1000 "
        f"else {value} // 1000000 end"
    )


def _of_fraction(value: str) -> str:
    whole = f"try_cast(round_even({value}, 0) as bigint)"
    return (
        f"case when not isfinite({value}) then null when {value} < {MILLISECONDS_FROM} "
        f"then try_cast(round_even({value} * 1000, 0) as bigint) else {_of_number(whole)} end"
    )


def _of_moment(moment: str, zone: tzinfo) -> str:
    """Null near to where a zone puts its clocks forward or back, and where no clock ever was."""
    moment = f"if({moment} between {_FIRST} and {_LAST}, {moment}, null)"
    micros = f"epoch_us({moment})"
    sure = "true"
    name = zone.key if isinstance(zone, ZoneInfo) else "UTC"
    if name != "UTC":
        key = literal(name)
        micros = f"epoch_us(timezone({key}, {moment}))"
        before, after = (
            f"epoch_us(timezone({key}, {moment} {sign} interval 1 day))" for sign in "-+"
        )
        sure = f"{before} + {_DAY_US} = {micros} and {after} - {_DAY_US} = {micros}"
    # As `times` rounds, which makes seconds of it first.
    rounded = f"round_even({micros}::double / 1000000 * 1000, 0)::bigint"
    return f"case when {sure} then {rounded} end"


def _of_text(name: str, zone: tzinfo) -> str:
    local = f"try_cast({name} as timestamp)"
    known = f"timezone('UTC', try_cast({name} as timestamptz))"
    number = _of_number(f"try_cast({name} as bigint)")
    return (
        f"case when regexp_full_match({name}, '{_DIGITS}') then {number} "
        f"when regexp_full_match({name}, '{_ISO}') then {_of_moment(local, zone)} "
        f"when regexp_full_match({name}, '{_ISO}{_OFFSET}') "
        f"then {_of_moment(known, UTC)} end"
    )
