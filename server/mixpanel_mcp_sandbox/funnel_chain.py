"""The commonest funnel in SQL alone: people, in order, through steps that no event is two of.

The rules are those of `attempts.py`, which decides every other funnel. Here the first entry of a
person and the earliest event of each step behind it are all there is to decide, so that the
database counts millions of events without handing over a single one.
"""

from collections.abc import Iterator

from .attempts import TOLERANCE
from .database import Database
from .funnel_figures import Columns, columns_of
from .funnels_sql import Statement
from .plan import Funnel
from .selections import ALL
from .sessions import END, START
from .windows import TimeWindow


def is_chain(plan: Funnel) -> bool:
    """Return whether a funnel's steps are found one after the other, for each person once."""
    divided = plan.breakdowns or plan.trends or plan.constant
    judged = plan.filters or plan.exclusions or plan.measure
    once = plan.count == "unique" and plan.reentry == "default"
    return once and isinstance(plan.window, TimeWindow) and not (divided or judged) and _apart(plan)


def chained(plan: Funnel, statement: Statement, database: Database) -> Columns:
    """Return a list per figure of such a funnel, an entry per step."""
    places = range(len(plan.steps))
    sums = [f"count(t{k}), {_sum(k, max(k - 1, 0))}, {_sum(k, 0)}" for k in places]
    tables = ", ".join(_reached(plan, statement))
    sql = f"with {tables} select {', '.join(sums)} from reached_{places[-1]}"
    row = database.rows(sql)[0]
    # Nobody at all makes the sums null.
    return columns_of(row[0::3], *([total or 0 for total in row[at::3]] for at in (1, 2)))


def _apart(plan: Funnel) -> bool:
    """Return whether no event can be two of the steps."""
    names = {step.selection.event for step in plan.steps}
    plain = not any(step.free or step.selection.alternatives for step in plan.steps)
    return plain and len(names) == len(plan.steps) and not names & {ALL, START, END}


def _reached(plan: Funnel, statement: Statement) -> Iterator[str]:
    """Give a table per step: when people came to it and those before, and the latest of these."""
    assert isinstance(plan.window, TimeWindow)
    days, window = plan.range, plan.window.milliseconds
    yield f"hits as materialized ({statement.hits()})"
    yield (
        "reached_0 as (select uid, min(t) as t0, min(t) as latest from hits "
        f"where step = 0 and t >= {days.start} and t < {days.end} group by uid)"
    )
    for k in range(1, len(plan.steps)):
        before = ", ".join(f"any_value(r.t{place}) as t{place}" for place in range(k))
        yield (
            f"reached_{k} as (select r.uid, {before}, min(h.t) as t{k}, "
            "case when min(h.t) is not null then greatest(any_value(r.latest), min(h.t)) end "
            f"as latest from reached_{k - 1} r left join hits h on h.uid = r.uid and h.step = {k} "
            f"and h.t >= r.latest - {TOLERANCE} and h.t <= r.t0 + {window} group by r.uid)"
        )


def _sum(step: int, since: int) -> str:
    """Return the milliseconds to a step; the tolerance can make a difference negative: 0."""
    return f"sum(case when t{step} is not null then greatest(t{step} - t{since}, 0) end)"
