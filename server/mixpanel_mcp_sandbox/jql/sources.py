"""Where a script's items come from: events, profiles or both, as parts of JSON text.

An item is an array that the library makes an object of. The database writes it; Python only
joins the items of a part.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from mixpanel_mcp_sandbox.bookmarks import listed, mapping
from mixpanel_mcp_sandbox.calls import Call, Json, parse_json
from mixpanel_mcp_sandbox.database import literal
from mixpanel_mcp_sandbox.errors import Refusal, one_of, wrong
from mixpanel_mcp_sandbox.expressions import Scope, condition
from mixpanel_mcp_sandbox.plan import Selection
from mixpanel_mcp_sandbox.properties import CANONICAL, Property
from mixpanel_mcp_sandbox.scan import Holdings, holdings
from mixpanel_mcp_sandbox.selections import ALL, selected
from mixpanel_mcp_sandbox.timeline import Range, checked

from .failures import refused

PART = 2_000
JOINS = ("full", "left", "right", "inner")
PERSON = Property("$distinct_id")
# Any property of a profile brings the profile to the events.
PROFILE = Property("$distinct_id", "people")


@dataclass(frozen=True)
class Chosen:
    """A condition, and the properties that it looks at."""

    test: str
    looks_at: tuple[Property, ...] = ()


def parts(call: Call, plan: str) -> Iterator[str]:
    """Give the source of a plan as JSON arrays; 412 for one that it does not describe."""
    try:
        statement = _statement(call, parse_json(plan))
    except Refusal as refusal:
        raise refused(str(refusal)) from refusal
    call.database.run(statement)
    while rows := call.database.batch(PART):
        yield f"[{','.join(row[0] for row in rows)}]"


def _statement(call: Call, wanted: object) -> str:
    held = holdings(call)
    # A script can change what it returns, so that nothing is certain of it.
    plan = mapping(wanted, "the source")
    spec, by_user = mapping(plan.get("spec"), "the argument"), bool(plan.get("by_user"))
    match plan.get("kind"):
        case "events":
            return _events(call, held, spec, by_user=by_user)
        case "people":
            return _people(held, spec)
        case "join":
            return _joined(call, held, spec, by_user=by_user)
        case _:
            raise wrong("the source must be Events(), People() or join()")


def _events(call: Call, held: Holdings, spec: Json, *, by_user: bool) -> str:
    selection, names = _selected(held, spec)
    source = held.scan([PERSON, *selection.looks_at], extra=["props"])
    order = "order by e.uid, e.t, e.seq" if by_user else ""
    tests = f"{_days(call, spec)} and {selection.test}"
    return f"select {_event(held, names)} from {source} where {tests} {order}"


def _people(held: Holdings, spec: Json) -> str:
    tests = _users(held, spec)
    return f"select {_user(held)} from all_profiles p where {tests} order by p.distinct_id"


def _joined(call: Call, held: Holdings, spec: Json, *, by_user: bool) -> str:
    kind = one_of(JOINS, spec.get("type", "full"), "type")
    events, people = (mapping(spec.get(name), name) for name in ("events", "people"))
    selection, names = _selected(held, events)
    pairs, users = _pairs(held, spec), _users(held, people)
    days = f"{_days(call, events)} and {selection.test}"
    known = f"(p.uid is not null and {users})"
    user = f"case when {known} then {_user(held)} else 'null' end"
    looked_at = [PERSON, *selection.looks_at, *pairs.looks_at]
    pair = _row(_json(CANONICAL), _event(held, names), user)
    statements = [
        f"select {pair} as item, e.uid, e.t, e.seq "
        f"from {held.scan([*looked_at, PROFILE], extra=['props'])} "
        f"where {days} and {pairs.test} and {known if kind in ('right', 'inner') else 'true'}"
    ]
    if kind in ("full", "right"):
        seen = f"select e.uid from {held.scan(selection.looks_at)} where {days}"
        no_event = f"(select * from ({held.rows(looked_at)}) where false) e"
        single = _row(_json("p.distinct_id"), "'null'", _user(held))
        statements.append(
            f"select {single}, p.uid, null, null "
            f"from {no_event} right join all_profiles p on true "
            f"where {users} and p.uid not in ({seen}) and {pairs.test}"
        )
    order = "order by uid, t, seq" if by_user else ""
    return f"select item from ({' union all '.join(statements)}) {order}"


def _days(call: Call, spec: Json) -> str:
    zone = call.project.timezone
    first, last = (_day(spec, name) for name in ("from_date", "to_date"))
    days = checked(Range(first, last, "day", zone))
    return f"e.t >= {days.start} and e.t < {days.end}"


def _day(spec: Json, name: str) -> date:
    try:
        return date.fromisoformat(str(spec.get(name)))
    except ValueError as error:
        raise wrong(f"{name} must be a day of the form YYYY-MM-DD") from error


def _selected(held: Holdings, spec: Json) -> tuple[Chosen, str]:
    """Return what event_selectors choose, and the SQL for an event's name, which a label is."""
    entries = _list(spec, "event_selectors")
    if not entries:
        return Chosen(selected(Selection(ALL), held.hidden, held.clock)), "e.event"
    choices = [_choice(held, entry) for entry in entries]
    labels = [entry.get("label") for entry in entries]
    if not any(labels):
        return _any(choices), "e.event"
    names = (literal(str(label)) if label else "e.event" for label in labels)
    cases = (f"when {choice.test} then {name}" for choice, name in zip(choices, names, strict=True))
    return _any(choices), f"case {' '.join(cases)} end"


def _choice(held: Holdings, entry: Json) -> Chosen:
    scope = held.scope()
    tests = ["true"]
    if name := entry.get("event"):
        tests.append(f"e.event = {literal(str(name))}")
    if selector := entry.get("selector"):
        tests.append(condition(str(selector), scope))
    return Chosen(f"({' and '.join(tests)})", tuple(scope.properties))


def _pairs(held: Holdings, spec: Json) -> Chosen:
    choices = [_choice(held, each) for each in _list(spec, "selectors")]
    return _any(choices) if choices else Chosen("true")


def _any(choices: list[Chosen]) -> Chosen:
    looks_at = dict.fromkeys(each for choice in choices for each in choice.looks_at)
    return Chosen(f"({' or '.join(choice.test for choice in choices)})", tuple(looks_at))


def _users(held: Holdings, spec: Json) -> str:
    scope = Scope(held.clock.timezone, held.clock.now, profiles=True)
    entries = _list(spec, "user_selectors")
    tests = [condition(str(entry.get("selector")), scope) for entry in entries]
    return f"({' or '.join(tests)})" if tests else "true"


def _list(spec: Json, name: str) -> list[Json]:
    return [mapping(each, name) for each in listed(spec.get(name) or [], name)]


def _event(held: Holdings, name: str) -> str:
    """Return the SQL for an event as the library reads it."""
    time = _local("e.t", held.clock.timezone)
    return _row(_json(name), _json(CANONICAL), time, _json("e.insert_id"), "e.props::json::varchar")


def _user(held: Holdings) -> str:
    """Return the SQL for a profile as the library reads it."""
    seen = _local("p.last_seen", held.clock.timezone)
    moment = f"coalesce({seen}::varchar, 'null')"
    return _row(_json("p.distinct_id"), moment, "p.props::json::varchar")


def _row(*values: str) -> str:
    inside = " || ',' || ".join(values)
    return f"('[' || {inside} || ']')"


def _json(value: str) -> str:
    return f"coalesce(to_json({value})::varchar, 'null')"


def _local(time: str, timezone: str) -> str:
    """Return the SQL for milliseconds since 1970 in the project's time zone."""
    if timezone == "UTC":
        return f"({time})"
    moment = f"make_timestamp(({time}) * 1000) at time zone 'UTC'"
    return f"epoch_ms(({moment}) at time zone '{timezone}')"
