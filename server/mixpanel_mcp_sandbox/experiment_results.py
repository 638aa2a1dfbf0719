"""What an experiment shows: people exposed to each variant, and their metrics against the control.

People are exposed by `$experiment_started` with `Experiment name` and `Variant name`, from their
first one on. Lift and significance are computed as Mixpanel's help describes them: conversion as a
rate, counts as Poisson, values by their variance, all per exposed person; `average` alone is per
event. A difference is significant from a p-value of half of what the confidence leaves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import erfc, sqrt
from typing import Any, cast
from zoneinfo import ZoneInfo

from .calls import Json
from .database import Row
from .predicates import Clock
from .properties import Property
from .scan import Holdings

USUAL = "unique"
CONFIDENCE = 0.95
NOT_COMPUTED = (
    "The sandbox computes metrics with an `event` and, maybe, `math` (unique, total, sum, average) "
    "and `property`."
)

NAME, VARIANT = Property("Experiment name"), Property("Variant name")
EXPOSED = f"""
with exposed as (
    select e.uid, min(e.t) as since, arg_min(text_in({VARIANT.sql}), e.t) as variant
    from {{events}}
    where e.uid <> 0 and e.event = '$experiment_started' and e.t >= $start and e.t < $end
        and list_contains($names, text_in({NAME.sql}))
    group by e.uid
)
"""
COUNTS = "select variant, count(*) from exposed where variant is not null group by 1"
VALUES = """, happened as (
    select e.uid, {value} as amount from {events} join exposed x on x.uid = e.uid
    where e.event = $event and e.t >= x.since and e.t < $end
), people as (
    select variant, count(h.uid) as times, coalesce(sum(h.amount), 0) as amount
    from exposed x left join happened h on h.uid = x.uid
    where variant is not null group by variant, x.uid
)
"""
MEASURES: Mapping[str, str] = {
    "unique": "select variant, count(*), avg((times > 0)::int) as mean, mean * (1 - mean) "
    "from people group by 1",
    "total": "select variant, count(*), avg(times) as mean, mean from people group by 1",
    "sum": "select variant, count(*), avg(amount), var_samp(amount) from people group by 1",
    "average": "select variant, count(h.amount), avg(h.amount), var_samp(h.amount) "
    "from exposed x left join happened h on h.uid = x.uid where variant is not null group by 1",
}


@dataclass(frozen=True)
class Group:
    """A metric among the people of one variant; `size` is what its mean is a mean of."""

    size: int
    mean: float | None
    variance: float | None


@dataclass(frozen=True)
class Exposures:
    """Who saw an experiment; `names` is what its exposures may call it."""

    held: Holdings
    experiment: Json
    names: list[str]

    def counts(self) -> dict[str, int]:
        """Return how many people were exposed to each variant."""
        return dict(sorted(self._rows(COUNTS)))

    def results(self) -> Json:
        """Return each metric by variant, with the difference to the control."""
        control, confidence = self._control(), self.experiment["settings"].get("confidence")
        if not isinstance(confidence, float) or not 0 < confidence < 1:
            confidence = CONFIDENCE
        metrics: list[Json] = []
        for metric in entries(self.experiment["metrics"]):
            if isinstance(metric.get("event"), str) and metric.get("math", USUAL) in MEASURES:
                compared = _compared(self._groups(metric), control, confidence)
                metrics.append({**metric, "variants": compared})
            else:
                metrics.append({**metric, "note": NOT_COMPUTED})
        return {"control": control, "confidence": confidence, "metrics": metrics}

    def _control(self) -> str | None:
        """Return the variant that is marked as control, or called so, or else the first."""
        for variant in entries(self.experiment["variants"]):
            if variant.get("is_control"):
                return str(variant.get("key"))
        seen = self.counts()
        return "control" if "control" in seen else next(iter(seen), None)

    def _groups(self, metric: Json) -> dict[str, Group]:
        summed = [Property(str(metric["property"]))] if metric.get("property") else []
        value = f"number_in({summed[0].sql})" if summed else "1"
        happened = VALUES.format(value=value, events=self.held.scan(summed))
        rows = self._rows(happened + MEASURES[metric.get("math", USUAL)], event=metric["event"])
        return {variant: Group(size, mean, spread) for variant, size, mean, spread in sorted(rows)}

    def _rows(self, statement: str, **values: object) -> list[Row]:
        exposed = EXPOSED.format(events=self.held.scan([NAME, VARIANT]))
        clock, end = self.held.clock, self.experiment["end_date"]
        window = {
            "names": self.names,
            "start": _moment(self.experiment["start_date"], clock),
            "end": _moment(end, clock, whole_day=True) if end else clock.now + 1,
        }
        return self.held.database.rows(exposed + statement, window | values)


def entries(value: object) -> list[Json]:
    """Return variants or metrics as a list; in an object each has its key outside."""
    if isinstance(value, dict):
        named = cast("Json", value).items()
        value = [{"key": key, **each} for key, each in named if isinstance(each, dict)]
    return [each for each in cast("list[Any]", value) if isinstance(each, dict)]


def _compared(groups: Mapping[str, Group], control: str | None, confidence: float) -> Json:
    base = groups.get(control or "")
    return {
        variant: {"count": group.size, "value": group.mean}
        | ({} if group is base else _against(base, group, confidence))
        for variant, group in groups.items()
    }


def _against(control: Group | None, group: Group, confidence: float) -> Json:
    """Return lift, z and p-value; nothing where one side has no figure or no spread."""
    if control is None or not control.mean or group.mean is None:
        return {}
    difference = group.mean - control.mean
    found = {"lift": difference / control.mean}
    error = sqrt(sum((g.variance or 0) / g.size for g in (control, group)))
    if not error:
        return found
    z = difference / error
    p = erfc(abs(z) / sqrt(2))
    return found | {"z": z, "p_value": p, "significant": p <= (1 - confidence) / 2}


def _moment(text: str, clock: Clock, *, whole_day: bool = False) -> int:
    """Return a day or a moment in milliseconds; the end of the day where it is a last one."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(clock.timezone))
    if whole_day and len(text) == len("2026-01-31"):
        moment += timedelta(days=1)
    return int(moment.timestamp() * 1000)
