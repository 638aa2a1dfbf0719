"""Which column of a file is which part of an event, and the events that its rows become. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any, NamedTuple, cast

from mixpanel_mcp_core.imports.delivery import Refused
from mixpanel_mcp_core.imports.records import Event
from mixpanel_mcp_core.imports.sources import BROKEN
from mixpanel_mcp_core.imports.times import wire_time
from mixpanel_mcp_core.lenient_json import written
from mixpanel_mcp_core.nearest import near_names
from mixpanel_mcp_core.problems import Problem, refuse

# What columns are called where nobody says it; the first that is there counts.
EVENT = ("event", "event_name", "$event_name")
TIME = ("time", "event_time", "timestamp", "$time")
PERSON = ("distinct_id", "$distinct_id")
INSERT_ID = ("$insert_id", "insert_id")
# With these an event needs no distinct_id: Mixpanel finds the person.
IDENTITY = ("$user_id", "$device_id")

_NO_EVENT = "'event' is invalid: must be a text of 1 to 255 characters"
_NO_TIME = "'properties.time' is invalid: must be seconds or milliseconds since 1970, or ISO 8601"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the caller says of the columns; None for what it leaves open."""

    event_name: str | None = None
    event_column: str | None = None
    time_column: str | None = None
    distinct_id_column: str | None = None
    insert_id_column: str | None = None
    property_columns: Sequence[str] | None = None
    rename: Mapping[str, str] | None = None
    text_columns: Sequence[str] = ()
    without_person: bool = False

    @property
    def times(self) -> Sequence[str]:
        """What the column with the time may be called."""
        return (self.time_column,) if self.time_column else TIME

    @property
    def texts(self) -> frozenset[str]:
        """Columns whose values stay text even where all of them look like numbers."""
        own = (self.event_column, self.distinct_id_column, self.insert_id_column)
        known = (*EVENT, *self.times, *PERSON, *INSERT_ID, *IDENTITY)
        return frozenset(filter(None, (*own, *known, *self.text_columns)))


class Read(NamedTuple):
    """A row: the name of its event, where the row has a form of Mixpanel's, and its values.

    A `mapped` one went through an import before, so that its columns are what they were to be.
    """

    event: str | None
    values: Row
    mapped: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column is which part of an event."""

    event_name: str | None
    event: str | None
    time: str | None
    distinct_id: str | None
    insert_id: str | None
    only: frozenset[str] | None
    rename: Mapping[str, str]
    zone: tzinfo = UTC
    # A table has no way to say that a value is absent but null.
    keep_nulls: bool = True

    def event_of(self, place: int, row: Any) -> Event | Refused:
        """The event that a row becomes, or why it becomes none."""
        if not isinstance(row, dict):
            said = "is no JSON" if row is BROKEN else "is no JSON object, which each line has to be"
            return Refused(place, None, None, f"the row {said}")
        known = read(cast("Row", row))
        return (_MAPPED if known.mapped else self)._event_of(place, known)

    def _event_of(self, place: int, row: Read) -> Event | Refused:
        named, values, _ = row
        event = self.event_name or named or (values.get(self.event) if self.event else None)
        own_id = values.get(self.insert_id) if self.insert_id else None
        if not isinstance(event, str):
            return Refused(place, own_id, "event", _NO_EVENT, event)
        time = values.get(self.time) if self.time else None
        try:
            moment = wire_time(time, self.zone)
        except (ValueError, OverflowError):
            return Refused(place, own_id, "properties.time", _NO_TIME, time)
        return Event(place, event, self._properties(values, moment, own_id))

    def kept(self, row: Any) -> bytes | None:
        """A row that became no event, as a line for whoever corrects it; None for no JSON."""
        if row is BROKEN:
            return None
        if self.keep_nulls or not isinstance(row, dict):
            return written(row)
        known = cast("Row", row)
        return written({name: value for name, value in known.items() if value is not None})

    def _properties(self, values: Row, moment: int, own_id: Any) -> Row:
        """All that is sent of a row, whose values are used up for it."""
        person = values.get(self.distinct_id) if self.distinct_id else None
        properties = self._own(values)
        properties["time"] = moment
        if person is not None:
            properties["distinct_id"] = _as_text(person)
        elif not any(properties.get(name) for name in IDENTITY):
            properties["distinct_id"] = ""
        if own_id not in (None, ""):
            properties["$insert_id"] = _as_text(own_id)
        return properties

    def _own(self, values: Row) -> Row:
        """The columns that become properties under their names."""
        if self.only is not None:
            own = {name: value for name, value in values.items() if name in self.only}
        else:
            own = values
            for name in filter(None, (self.event, self.time, self.distinct_id, self.insert_id)):
                own.pop(name, None)
        if not self.keep_nulls and None in own.values():
            own = {name: value for name, value in own.items() if value is not None}
        if self.rename:
            own = {self.rename.get(name, name): value for name, value in own.items()}
        return own


_MAPPED = Columns(None, None, "time", "distinct_id", "$insert_id", None, {})


def read(row: Row) -> Read:
    """A row of any form: flat, as Mixpanel exports events, as our own exports have them, or as a
    file of refused rows has them, once somebody corrected its records."""
    record = row.get("record")
    if isinstance(record, dict) and "message" in row and "row" in row:
        corrected = read(cast("Row", record))
        return corrected._replace(mapped=corrected.event is not None)
    properties = row.get("properties")
    if isinstance(properties, dict):
        if "event" in row:
            return Read(row["event"], cast("Row", properties))
        if "event_name" in row:
            own = {
                "time": row.get("event_time"),
                "distinct_id": row.get("distinct_id"),
                "$insert_id": row.get("insert_id"),
            }
            return Read(row["event_name"], {**own, **cast("Row", properties)})
    return Read(None, row)


def columns_of(
    asked: Asked, sample: Iterable[Any], zone: tzinfo, table: Sequence[str] | None
) -> Columns:
    """Which column is which, after a look at the first rows; `table` has the columns of a table.

    Raises InvalidInputError naming each argument that is missing, or names no column; never for a
    file without rows.
    """
    seen = (read(cast("Row", row)) for row in sample if isinstance(row, dict))
    rows = [row for row in seen if not row.mapped]
    names = list(table or dict.fromkeys(name for row in rows for name in row.values))
    formed = any(row.event is not None for row in rows)
    if names:
        refuse(_problems(asked, names, table is not None, formed))
    only = asked.property_columns
    return Columns(
        asked.event_name,
        asked.event_column or (None if formed else _first(EVENT, names)),
        asked.time_column or _first(TIME, names),
        asked.distinct_id_column or _first(PERSON, names),
        asked.insert_id_column or _first(INSERT_ID, names),
        None if only is None else frozenset(only),
        asked.rename or {},
        zone,
        table is None,
    )


def _problems(asked: Asked, names: Sequence[str], table: bool, formed: bool) -> Iterable[Problem]:
    single = {
        "event_column": asked.event_column,
        "time_column": asked.time_column,
        "distinct_id_column": asked.distinct_id_column,
        "insert_id_column": asked.insert_id_column,
    }
    several = {
        "property_columns": asked.property_columns or (),
        "rename": list(asked.rename or ()),
        "text_columns": asked.text_columns,
    }
    for field, name in single.items():
        if name and name not in names:
            yield field, _no_column(name, names)
    # What a line of JSON may have, the first lines need not.
    for field, given in several.items() if table else ():
        for name in given:
            if name not in names:
                yield field, _no_column(name, names)
    for name, target in (asked.rename or {}).items():
        if target in names and target not in (asked.rename or {}):
            yield "rename", f"{name!r} would become {target!r}, which is another column"
    if asked.event_name and asked.event_column:
        yield "event_column", "leave it out where event_name says what all rows are"
    there = _there(names)
    for field, problem in _missing(asked, names, formed):
        yield field, f"{problem}{there}"
        # Once is enough.
        there = ""


def _missing(asked: Asked, names: Sequence[str], formed: bool) -> Iterable[Problem]:
    if not formed and not (asked.event_name or asked.event_column or _first(EVENT, names)):
        yield "event_name", "say which event the rows are, or give event_column"
    if not (asked.time_column or _first(TIME, names)):
        yield "time_column", "no column is called time: say which one has it"
    known = asked.distinct_id_column or asked.without_person or _first((*PERSON, *IDENTITY), names)
    if not known:
        yield (
            "distinct_id_column",
            "no column is called distinct_id: say which one has the person, or that the events "
            "are of nobody, with without_person",
        )


def _first(wanted: Sequence[str], names: Sequence[str]) -> str | None:
    return next((name for name in wanted if name in names), None)


def _no_column(name: str, names: Sequence[str]) -> str:
    near = near_names(name, names)
    hint = f"; did you mean {', '.join(map(repr, near))}?" if near else _there(names)
    return f"there is no column {name!r}{hint}"


def _there(names: Sequence[str]) -> str:
    shown = ", ".join(map(repr, names[:30]))
    return f"; the columns are {shown}{' and more' * (len(names) > 30)}"


def _as_text(value: Any) -> Any:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if whole else value
