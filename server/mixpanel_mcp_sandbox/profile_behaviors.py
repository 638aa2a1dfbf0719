"""Behaviors of a profile query: how often each person did something in a window before now."""

import re
from dataclasses import dataclass

from .calls import Json
from .database import literal
from .errors import wrong
from .expressions import Term, condition
from .scan import Holdings
from .timeline import DAY, HOUR

WINDOW = re.compile(r"([1-9][0-9]{0,4})([hdw])")
LENGTHS = {"h": HOUR, "d": DAY, "w": 7 * DAY}


@dataclass(frozen=True)
class Behaviors:
    """The behaviors of a request, and the moment at which the windows end."""

    held: Holdings
    asked: list[object]
    end: int

    def terms(self) -> dict[str, Term]:
        """Return what `behaviors["name"]` is in a test of `p`; 400 for one that is wrong."""
        names = [_read(each, "name") for each in self.asked]
        return {name: Term("number", f"p.behavior_{place}") for place, name in enumerate(names)}

    def beside(self, profiles: str) -> str:
        """Return the SELECT of profiles with a count for each behavior."""
        columns = ", ".join(
            f"coalesce(b{place}.n, 0) as behavior_{place}" for place in range(len(self.asked))
        )
        tables = " ".join(
            f"left join ({self._counts(each)}) b{place} on b{place}.uid = q.uid"
            for place, each in enumerate(self.asked)
        )
        return f"select q.*, {columns} from ({profiles}) q {tables}"

    def _counts(self, behavior: object) -> str:
        scope = self.held.scope()
        tests: list[str] = []
        for each in _selectors(behavior):
            test = f"e.event = {literal(_read(each, 'event'))}"
            if selector := each.get("selector"):
                test += f" and {condition(str(selector), scope)}"
            tests.append(f"({test})")
        start = self.end - _window(behavior)
        return (
            f"select e.uid, count(*) as n from {self.held.scan(scope.properties)} "
            f"where e.t >= {start} and e.t < {self.end} and ({' or '.join(tests)}) group by e.uid"
        )


def _selectors(behavior: object) -> list[Json]:
    selectors = behavior.get("event_selectors") if isinstance(behavior, dict) else None
    if not isinstance(selectors, list) or not selectors:
        raise wrong("A behavior needs event_selectors, a list of {event, selector}.")
    if not all(isinstance(each, dict) for each in selectors):
        raise wrong("event_selectors must be a list of objects.")
    return selectors


def _window(behavior: object) -> int:
    text = _read(behavior, "window")
    found = WINDOW.fullmatch(text)
    if found is None:
        raise wrong(f"window must be a number of hours, days or weeks like 30d, not {text!r}")
    return int(found[1]) * LENGTHS[found[2]]


def _read(thing: object, name: str) -> str:
    value = thing.get(name) if isinstance(thing, dict) else None
    if not isinstance(value, str) or not value:
        raise wrong(f"A behavior needs {name}, a text.")
    return value
