"""How long an attempt at a funnel may last: some time, or some sessions."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from .occurrences import Occurrence


@dataclass(frozen=True)
class TimeWindow:
    """Milliseconds after the first step, both ends included."""

    milliseconds: int

    def places(self, events: Sequence[Occurrence], entry: int) -> tuple[int, int]:
        """Return the first place of events in the window, as far as it has one, and its end."""
        return 0, bisect_left(events, (events[entry].time + self.milliseconds + 1,))


@dataclass(frozen=True)
class SessionWindow:
    """The session of the first step and those after it, `count` in all."""

    count: int

    def places(self, events: Sequence[Occurrence], entry: int) -> tuple[int, int]:
        """Return the first place of events in the window, and the first one behind it.

        Events without a session lie wherever their neighbours do.
        """
        first, begin, end = events[entry].session, entry, entry + 1
        while begin and not 0 < events[begin - 1].session < first:
            begin -= 1
        while end < len(events) and events[end].session < first + self.count:
            end += 1
        return begin, end


Window = TimeWindow | SessionWindow
