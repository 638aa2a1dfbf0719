"""Answers of the older funnel and retention endpoints, as results."""

from itertools import pairwise
from typing import Any

from mixpanel_mcp_core.models.live_query import Cohort, Funnel, FunnelStep

from .nodes import object_in, objects_in, objects_within


def read_live_funnel(funnel_id: int, from_date: str, to_date: str, answer: object) -> Funnel:
    """The result of a saved funnel, the steps of all dates added up; rates are of the sums."""
    counts: list[int | float] = []
    names: list[str] = []
    for node in object_in(object_in(answer).get("data")).values():
        for place, step in enumerate(_steps(node)):
            if place == len(counts):
                counts.append(0)
                names.append("")
            counts[place] += step.get("count") or 0
            names[place] = step.get("event") or step.get("goal") or f"Step {place + 1}"
    rates = [1.0, *(_share(count, before) for before, count in pairwise(counts))]
    return Funnel(
        funnel_id=funnel_id,
        from_date=from_date,
        to_date=to_date,
        conversion_rate=_share(counts[-1], counts[0]) if counts else 0.0,
        steps=[
            FunnelStep(event=name, count=count, conversion_rate=rate)
            for name, count, rate in zip(names, counts, rates, strict=False)
        ],
    )


def read_live_cohorts(answer: object) -> list[Cohort]:
    """The cohorts of an answer, by date; people who came back as parts of the cohort."""
    return [
        Cohort(
            date=date,
            size=cohort.get("first") or 0,
            retention=[_share(n, cohort.get("first") or 0) for n in cohort.get("counts") or []],
        )
        for date, cohort in sorted(objects_within(answer).items())
    ]


def _steps(node: object) -> list[dict[str, Any]]:
    """The steps of one date, with segments those of all together."""
    found = object_in(node)
    return objects_in(found.get("steps") or found.get("$overall"))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
