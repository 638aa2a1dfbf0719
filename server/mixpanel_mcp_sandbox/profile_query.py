"""What profile queries share: which people they are about, as SQL over `p`."""

from dataclasses import dataclass, replace

from .calls import Call
from .cohort_sql import members
from .database import literal
from .errors import not_emulated, wrong
from .expressions import Scope, condition
from .fields import Fields
from .groups import profiles_of
from .guard import check_project
from .membership import Cohort, read_cohort
from .profile_behaviors import Behaviors
from .properties import CANONICAL, Property
from .scan import Holdings, holdings

SEARCHED = ("$distinct_id", "$name", "$email")
# Somebody without a profile has an empty one here.
STRANGERS = """
select e.uid, min({canonical}), '{{}}'::json::variant, null from {events}
where e.uid in (select uid from chosen) and e.uid not in (select uid from all_profiles)
group by e.uid
"""
PROFILES = "select uid, distinct_id, props, last_seen from all_profiles"


@dataclass(frozen=True)
class People:
    """A request's selection.

    Attributes:
        scope: what names in its expressions mean.
        held: what the sandbox holds.
        end: behaviors before this millisecond count.
        tests: SQL conditions on `p`.
        profiles: the SELECT of whose profiles `p` are: people's, or a group's.
        cohort: the cohort the people must be in.
        strangers: whether its members without a profile are among them.
    """

    scope: Scope
    held: Holdings
    end: int
    tests: tuple[str, ...]
    profiles: str
    cohort: Cohort | None
    strangers: bool

    def sql(self, columns: str, rest: str = "") -> str:
        """Return the SELECT of columns over the people `p`."""
        tests = " and ".join(["true", *self.tests])
        if self.cohort is None:
            return f"select {columns} from ({self.profiles}) p where {tests} {rest}"
        profiles = self.profiles
        if self.strangers:
            profiles += f" union all {self._strangers()}"
        return (
            f"with chosen as materialized ({self.members(self.cohort)}) "
            f"select {columns} from ({profiles}) p "
            f"where p.uid in (select uid from chosen) and {tests} {rest}"
        )

    def members(self, cohort: Cohort) -> str:
        """Return the SELECT of the `uid` of a cohort's members."""
        return f"select uid from ({members(self.held, cohort, [self.end])})"

    def _strangers(self) -> str:
        events = self.held.scan([Property("$distinct_id")])
        return STRANGERS.format(canonical=CANONICAL, events=events)


def read_people(call: Call, fields: Fields, where: str) -> People:
    """Return the selection of a profile query; `where` is what the endpoint calls its expression.

    Raises:
        Refusal: a field is wrong, or asks for what the sandbox does not emulate.
    """
    check_project(fields.value("project_id"), call.project)
    held = holdings(call)
    end = _moment(call, fields) + 1
    cohort = fields.mapping("filter_by_cohort")
    group = fields.value("data_group_id")
    profiles = PROFILES if group is None else profiles_of(call.database, str(group))
    scope = held.scope(profiles=True)
    if asked := fields.listing("behaviors"):
        if group is not None or cohort is not None:
            raise wrong("behaviors go neither with filter_by_cohort nor with data_group_id.")
        behaviors = Behaviors(held, asked, end)
        scope = replace(scope, behaviors=behaviors.terms())
        profiles = behaviors.beside(profiles)
    if group is not None and cohort is not None:
        raise not_emulated("cohorts of groups")
    return People(
        scope=scope,
        held=held,
        end=end,
        tests=tuple(_tests(fields, where, scope)),
        profiles=profiles,
        cohort=None if cohort is None else read_cohort(cohort),
        strangers=fields.flag("include_all_users", True),
    )


def _moment(call: Call, fields: Fields) -> int:
    seconds = fields.number("as_of_timestamp", 0)
    if seconds is None:
        return call.now_ms
    if seconds * 1000 > call.now_ms:
        raise wrong("as_of_timestamp must not lie in the future")
    return seconds * 1000


def _tests(fields: Fields, where: str, scope: Scope) -> list[str]:
    tests: list[str] = []
    if expression := fields.text(where):
        tests.append(condition(expression, scope))
    if distinct_id := fields.text("distinct_id"):
        tests.append(f"p.distinct_id = {literal(distinct_id)}")
    distinct_ids = fields.listing("distinct_ids")
    if distinct_ids is not None:
        names = ", ".join(literal(str(each)) for each in distinct_ids)
        tests.append(f"p.distinct_id in ({names})" if names else "false")
    if search := fields.text("search"):
        tests.append(_found(search))
    return tests


def _found(search: str) -> str:
    texts = (f"text_in({Property(name, 'people').sql})" for name in SEARCHED)
    found = (
        f"coalesce(contains(lower({text}), {literal(search.lower())}), false)" for text in texts
    )
    return f"({' or '.join(found)})"
