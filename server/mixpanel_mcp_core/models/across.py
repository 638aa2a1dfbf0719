"""One query asked of several projects."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from mixpanel_mcp_core.clock import lasting
from mixpanel_mcp_core.limits import Standing
from mixpanel_mcp_core.plain import plain

MOST_TARGETS = 20

TargetTool = Literal[
    "query",
    "query_funnel",
    "query_retention",
    "query_flow",
    "query_user",
    "segmentation",
    "segmentation_numeric",
    "segmentation_sum",
    "segmentation_average",
    "event_counts",
    "property_counts",
    "retention",
    "frequency",
    "funnel",
    "query_saved_report",
]
TargetNames = Annotated[
    list[str],
    Field(
        min_length=2,
        max_length=MOST_TARGETS,
        description="Saved targets, accounts, or account/project[/workspace], e.g. '/4242'.",
    ),
]


class TargetAnswer(BaseModel):
    """What one target answered, where that came from, and what is to be known of it."""

    model_config = ConfigDict(frozen=True)

    target: str
    source: Mapping[str, Any]
    result: Any
    cached_seconds: float | None = None
    hints: list[str] = []
    standings: list[Standing] = []
    time_zone: str | None = None

    def value(self) -> dict[str, Any]:
        """The same for a program."""
        age = self.cached_seconds
        budget = {each.limit.name: each.told() for each in self.standings}
        told = {
            "time_zone": self.time_zone,
            "cached_seconds": None if age is None else round(age),
            "hints": self.hints,
            "budget": budget,
        }
        known = {key: each for key, each in told.items() if each or each == 0}
        source = dict(self.source)
        return {"target": self.target, "source": source, **known, "result": plain(self.result)}

    def lines(self) -> list[str]:
        """The same for a reader, without the result."""
        told = [_where(self.source)]
        told += [f"time zone {self.time_zone}"] if self.time_zone else []
        told += (
            []
            if self.cached_seconds is None
            else [f"cached: asked {lasting(self.cached_seconds)} ago"]
        )
        told += [each.words() for each in self.standings if each.matters]
        return [
            f"{self.target}: {' · '.join(told)}",
            *self.hinted(),
        ]

    def hinted(self) -> list[str]:
        """The hints, each with the target that it is about."""
        return [f"{self.target}: {hint}" for hint in self.hints]


class AcrossTargets(BaseModel):
    """The answers in the order of the targets; `failed` tells why a target has none."""

    model_config = ConfigDict(frozen=True)

    answers: list[TargetAnswer]
    failed: dict[str, str]

    def value(self) -> dict[str, Any]:
        """Each answer as its tool gives it, beside its target and source."""
        return {"answers": [each.value() for each in self.answers], "failed": self.failed}

    def labelled(self) -> tuple[str, list[tuple[str, Any]]]:
        """The name of the column that tells targets apart, and what goes beside each."""
        return "target", [(each.target, each.result) for each in self.answers]

    def remarks(self) -> list[str]:
        """How many of the targets answered, and whether their days are the same hours."""
        told = f"{len(self.answers)} of {len(self.answers) + len(self.failed)} targets answered"
        zones = {each.time_zone for each in self.answers if each.time_zone}
        differ = "time zones differ: a day is not the same hours in every target"
        return [told, differ] if len(zones) > 1 else [told]

    def appendix(self) -> list[str]:
        """Where each answer came from, and why a target has none."""
        told = [line for each in self.answers for line in each.lines()]
        return [*told, *(f"{name} did not answer: {why}" for name, why in self.failed.items())]


def _where(source: Mapping[str, Any]) -> str:
    parts = (f"{name} {source[name]}" for name in ("account", "project", "workspace", "region"))
    known = [part for part in parts if not part.endswith(" None")]
    return ", ".join([*known, "sandbox"] if source["sandbox"] else known)
