"""Cohorts as SQL: who was in one at some moments.

Behaviors are counted as of each moment; profiles have no history and are always the current
ones. Everybody with an event before the moment or with a profile is judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .calls import parse_json
from .cohorts import (
    Behavior,
    Did,
    Has,
    Joined,
    Listed,
    Rule,
    Within,
    read_definition,
    read_document,
)
from .database import literal
from .errors import wrong
from .membership import Cohort
from .predicates import predicate
from .saved_cohorts import saved_cohort
from .selections import properties_of, selected

if TYPE_CHECKING:
    from .scan import Holdings

MOST_NESTED = 10
AGGREGATES = {
    "count": "count(*)",
    "total": "coalesce(sum({number}), 0)",
    "average": "avg({number})",
    "min": "min({number})",
    "max": "max({number})",
    "median": "quantile_cont({number}, 0.5)",
    "unique": "len(list_distinct(flatten(list({texts}))))",
}
# What somebody who never did the event has; any other aggregate of nothing matches nothing.
ZERO = ("count", "total", "unique")


def members(held: Holdings, cohort: Cohort, ends: Sequence[int]) -> str:
    """Return the SELECT of `uid` and `place`: who is in a cohort at which of some moments.

    Args:
        held: what the sandbox holds.
        cohort: a saved cohort or a definition.
        ends: for each moment the first millisecond that counts no more.

    Raises:
        Refusal: the definition is wrong, or a saved cohort is missing or refers to itself.
    """
    if cohort.id is None:
        rule = read_definition(parse_json(cohort.definition), held.database)
        return _Members(held, ends).sql(rule)
    if cohort.id in held.parents:
        raise wrong(f"Cohort {cohort.id} refers to itself.")
    if len(held.parents) >= MOST_NESTED:
        raise wrong(f"Cohorts may be nested at most {MOST_NESTED} deep.")
    rule = read_document(saved_cohort(held.database, cohort.id), held.database)
    return _Members(held.inside(cohort.id), ends).sql(rule)


class _Members:
    """The statement of one cohort: a table beside the people for each behavior and cohort."""

    def __init__(self, held: Holdings, ends: Sequence[int]):
        self.held = held
        self.ends = ends
        self.conditions: list[str] = []
        self.tables: list[str] = []

    def sql(self, rule: Rule) -> str:
        test = self._test(rule)
        moments = ", ".join(f"({place}, {end})" for place, end in enumerate(self.ends))
        sources = [
            f"(values {moments}) m(place, finish) join ({self._people()}) w on w.since < m.finish",
            *self.tables,
        ]
        return f"select w.uid, m.place from {' left join '.join(sources)} where {test}"

    def _test(self, rule: Rule) -> str:
        match rule:
            case Joined(every, rules):
                return f"({(' and ' if every else ' or ').join(map(self._test, rules))})"
            case Did(behavior, sign, times):
                value = f"{self._beside(self._counted(behavior))}.value"
                value = f"coalesce({value}, 0)" if behavior.aggregation in ZERO else value
                return f"coalesce({value} {sign} {times!r}::double, false)"
            case Has(condition):
                self.conditions.append(predicate(condition, self.held.clock))
                return f"w.has{len(self.conditions) - 1}"
            case Within(number, negated):
                table = self._beside(members(self.held, Cohort(number), self.ends))
                return f"({table}.uid is {'' if negated else 'not '}null)"
            case Listed(distinct_ids):
                uids = ", ".join(f"hash({literal(each)})" for each in distinct_ids)
                return f"w.uid in ({uids})" if uids else "false"

    def _beside(self, select: str) -> str:
        name = f"t{len(self.tables)}"
        self.tables.append(f"({select}) {name} on {name}.uid = w.uid and {name}.place = m.place")
        return name

    def _people(self) -> str:
        everybody = (
            "select uid, min(t) as since from "
            f"(select e.uid, e.t from {self.held.scan()} where e.uid <> 0 "
            "union all select uid, 0 from all_profiles) group by uid"
        )
        if not self.conditions:
            return everybody
        facts = ", ".join(f"{sql} as has{place}" for place, sql in enumerate(self.conditions))
        return (
            f"select a.uid, a.since, {facts} "
            f"from ({everybody}) a left join all_profiles p on p.uid = a.uid"
        )

    def _counted(self, behavior: Behavior) -> str:
        zone = self.held.clock.timezone
        spans = [behavior.window.span(end, zone) for end in self.ends]
        windows = ", ".join(f"({place}, {a}, {b})" for place, (a, b) in enumerate(spans))
        first, last = min(a for a, _ in spans), max(b for _, b in spans)
        owners = properties_of(behavior.selection)
        owners += [behavior.property] if behavior.property else []
        return (
            f"select e.uid, v.place, {_aggregate(behavior)} as value "
            f"from {self.held.scan(owners)} "
            f"join (values {windows}) v(place, low, high) on e.t >= v.low and e.t < v.high "
            f"where e.uid <> 0 and e.t >= {first} and e.t < {last} "
            f"and {selected(behavior.selection, self.held.hidden, self.held.clock)} "
            "group by e.uid, v.place"
        )


def _aggregate(behavior: Behavior) -> str:
    value = behavior.property.sql if behavior.property else ""
    return AGGREGATES[behavior.aggregation].format(
        number=f"number_in({value})",
        texts=f"case when kind({value}) <> 'null' then texts({value}) else [] end",
    )
