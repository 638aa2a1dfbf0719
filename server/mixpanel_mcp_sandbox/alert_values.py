"""What an alert watches: the latest value of one series of a saved report, and its condition."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from .bookmarks import listed, mapping, read_params, read_range
from .calls import Call, Json
from .errors import not_emulated, one_of, wrong
from .insights import ALL
from .reports import report

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# The value itself, or its change against the bucket before, in percent.
TYPES = ("absolute", "relative")
WATCHED = ("insights", "funnels")
OVERALL = "$overall"
CONVERSION = "overall_conv_ratio"


@dataclass(frozen=True)
class Seen:
    """The value that was seen, of which bucket, and whether the condition holds."""

    value: float | None
    at: str | None
    fires: bool

    def told(self) -> Json:
        """Return it as alerts tell it."""
        return {"value": self.value, "at": self.at, "fired": self.fires}


def check_condition(condition: Json) -> None:
    """Refuse a condition that can never be judged."""
    kind = condition.get("type")
    if kind not in TYPES:
        raise not_emulated(f"alerts on the condition type {kind!r}, only {' and '.join(TYPES)}")
    one_of(OPERATORS, condition.get("op"), "condition.op")
    value = condition.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(f"condition.value must be a number, not {value!r}")
    for key in listed(condition.get("keys") or [], "condition.keys"):
        mapping(key, "condition.keys")


def watch(call: Call, bookmark: Json, condition: Json) -> Seen:
    """Return what an alert on a report sees now; 400 when it cannot watch that report."""
    if bookmark.get("type") not in WATCHED:
        raise wrong(f"A report of type {bookmark.get('type')!r} cannot be watched")
    params = read_params(bookmark.get("params"))
    # A cursor of its own, which sees no record twice, unlike that of a request that writes.
    with call.store.read() as database:
        answer = report(replace(call, database=database), {"bookmark": params})
    points = _complete(call, params, _series(answer, condition))
    at, value = points[-1]
    if condition["type"] == "relative":
        value = _change(points[-2][1] if len(points) > 1 else None, value)
    judge = OPERATORS[condition["op"]]
    return Seen(value, at, value is not None and judge(value, condition["value"]))


Point = tuple[str | None, float | None]


def _series(answer: Json, condition: Json) -> list[Point]:
    """The points of the watched series, one without a bucket where the report has no buckets."""
    node: Any = answer["series"]
    keys = [str(key.get("value")) for key in condition.get("keys") or []]
    for key in keys or list(node)[:1]:
        if not isinstance(node, dict) or key not in node:
            raise wrong(f"The report has no series {key!r}")
        node = cast("Json", node)[key]
    node = _whole(node)
    if CONVERSION in node:
        return [(None, _figure(node))]
    if set(node) == {ALL}:
        return [(None, node[ALL])]
    return [(at, _figure(each)) for at, each in node.items()]


def _figure(node: Any) -> float | None:
    """A number, or the share of a funnel's entries that reach its last step."""
    if not isinstance(node, dict):
        return node
    steps = cast("Json", node).get(CONVERSION)
    if not isinstance(steps, dict) or not steps:
        raise wrong("The report has several series; name one of them in condition.keys")
    return _whole(list(steps.values())[-1])[ALL]


def _whole(node: Any) -> Json:
    """The node of all segments together, where there are segments."""
    found = mapping(node, "series")
    return mapping(found.get(OVERALL, found), "series")


def _complete(call: Call, params: Json, points: list[Point]) -> list[Point]:
    """The points whose bucket has ended; the last one where none has."""
    if points[-1][0] is None:
        return points
    days = read_range(mapping(params.get("sections"), "sections"), call.context)
    ends = {bucket.key: end for bucket, end in zip(days.buckets(), days.bucket_ends(), strict=True)}
    return [each for each in points if ends.get(str(each[0]), 0) <= call.now_ms] or points[-1:]


def _change(before: float | None, after: float | None) -> float | None:
    return None if after is None or not before else (after - before) / before * 100
