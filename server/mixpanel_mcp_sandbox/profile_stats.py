"""`POST /api/query/engage/stats`: an aggregate over the selected profiles, maybe by cohort."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .calls import Call, Endpoint
from .database import literal
from .errors import wrong
from .expressions import Scope, parse, value
from .expressions.nodes import Constant, Invocation, Node
from .expressions.terms import as_number
from .fields import Fields, read_fields
from .membership import Cohort, read_cohort
from .profile_query import People, read_people
from .trees import OVERALL, plain

FORMS = "count(), extremes(p), percentile(p, n) or numeric_summary(p)"
EXTREMES = {"max": "max(number)", "min": "min(number)"}
SUMMARY = {
    "count": "count(number)",
    "mean": "avg(number)",
    "var": "var_pop(number)",
    "sum_of_squares": "coalesce(sum(number * number), 0)",
}


@dataclass(frozen=True)
class Action:
    """Aggregates of `number`, by the name of their result; one without a name is the result."""

    aggregates: dict[str, str]
    number: str = "null::double"

    def result(self, values: Sequence[Any]) -> Any:
        """Return the JSON of a row; what no number leads to is null."""
        numbers = [None if value is None else plain(value) for value in values]
        named = dict(zip(self.aggregates, numbers, strict=True))
        return named.get("", named)


def stats(call: Call) -> object:
    """Return the result of an action, of each cohort where they are asked for."""
    fields = read_fields(call)
    people = read_people(call, fields, "selector")
    action = _action(fields.text("action") or "", people.scope)
    cohorts = _cohorts(fields)
    rows = call.database.rows(_statement(people, action, cohorts))
    found = {name: action.result(values) for name, *values in rows}
    segments = {name: found[name] for name in [*cohorts, OVERALL]}
    return {
        "results": segments if cohorts else segments[OVERALL],
        "status": "ok",
        "computed_at": call.now.isoformat(),
    }


def _statement(people: People, action: Action, cohorts: dict[str, Cohort]) -> str:
    source = people.sql(f"p.uid, {action.number} as number")
    listing = ", ".join(action.aggregates.values())
    selects = [f"select {literal(OVERALL)}, {listing} from source"]
    for name, cohort in cohorts.items():
        members = people.members(cohort)
        selects.append(f"select {literal(name)}, {listing} from source where uid in ({members})")
    return f"with source as materialized ({source}) {' union all '.join(selects)}"


def _cohorts(fields: Fields) -> dict[str, Cohort]:
    wanted = fields.mapping("segment_by_cohorts") or {}
    return {name: read_cohort({"id": name}) for name, chosen in wanted.items() if chosen}


def _action(text: str, scope: Scope) -> Action:
    match parse(text) if text else None:
        case Invocation("count", ()):
            return Action({"": "count(*)"})
        case Invocation("extremes", (owner,)):
            return Action(EXTREMES, _number(owner, scope))
        case Invocation("numeric_summary", (owner,)):
            return Action(SUMMARY, _number(owner, scope))
        case Invocation("percentile", (owner, Constant(float(percent)))) if percent <= 100:
            aggregate = f"quantile_cont(number, {percent / 100!r})"
            return Action(
                {"percentile": f"{percent!r}::double", "result": aggregate}, _number(owner, scope)
            )
        case _:
            raise wrong(f"action must be {FORMS}, not {text!r}")


def _number(owner: Node, scope: Scope) -> str:
    return as_number(value(owner, scope))


ENDPOINTS = (Endpoint("POST", "/api/query/engage/stats", stats),)
