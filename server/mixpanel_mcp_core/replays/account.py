"""A replay in words: where the person was, what they did, and where it went wrong. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from mixpanel_mcp_core.models.replays import Replay, ReplayAction

_CLICKS = ("click", "double_click", "tap")
_RAGE_CLICKS = 3
_RAGE_MS = 1000
_BEFORE_AN_ERROR = 3


def account_of(replay: Replay) -> str:
    """The replay as text: a summary, what to look at, and everything that was done."""
    return "\n".join(
        [
            *_summary(replay),
            "",
            "What to look at:",
            *(list(_findings(replay)) or ["  nothing: no errors, no repeated clicks"]),
            "",
            "What was done:",
            *(f"  {_at(replay, each)}  {each.description}" for each in replay.actions),
        ]
    )


def _summary(replay: Replay) -> list[str]:
    counts = Counter(each.action for each in replay.actions)
    told = ", ".join(f"{count} {action}" for action, count in counts.most_common())
    who = f" of {replay.distinct_id}" if replay.distinct_id else ""
    lines = [f"Session replay {replay.replay_id}{who}"]
    if replay.start_time is not None and replay.end_time is not None:
        start = datetime.fromtimestamp(replay.start_time // 1000, UTC)
        length = _clock(replay.end_time - replay.start_time)
        lines.append(f"{start:%Y-%m-%d %H:%M:%S} UTC, {length} long")
    return [*lines, f"{len(replay.rrweb_events):,} recorded events; actions: {told or 'none'}"]


def _findings(replay: Replay) -> Iterator[str]:
    for place, action in enumerate(replay.actions):
        if action.action == "error":
            before = replay.actions[max(place - _BEFORE_AN_ERROR, 0) : place]
            steps = "; ".join(each.description for each in before if each.action != "error")
            yield f"  {_at(replay, action)}  {action.description}"
            if steps:
                yield f"         before it: {steps}"
    for clicks in _repeated(replay.actions):
        first = clicks[0]
        yield f"  {_at(replay, first)}  {len(clicks)} clicks in a row on {first.target_desc}"


def _repeated(actions: Sequence[ReplayAction]) -> Iterator[list[ReplayAction]]:
    """Clicks on one thing, each soon after the one before, as people do when nothing happens."""
    clicks = [each for each in actions if each.action in _CLICKS]
    starts = [
        place
        for place, click in enumerate(clicks)
        if place == 0
        or click.target_node_id != clicks[place - 1].target_node_id
        or click.timestamp - clicks[place - 1].timestamp > _RAGE_MS
    ]
    for first, end in pairwise([*starts, len(clicks)]):
        if end - first >= _RAGE_CLICKS:
            yield clicks[first:end]


def _at(replay: Replay, action: ReplayAction) -> str:
    return f"+{_clock(action.timestamp - (replay.start_time or 0))}"


def _clock(milliseconds: int) -> str:
    return f"{milliseconds // 60_000}:{milliseconds // 1000 % 60:02}"
