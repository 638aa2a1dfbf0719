"""One query asked of several projects."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from mixpanel_mcp_core.plain import plain

MOST_TARGETS = 20

TypedQuery = Literal["query", "query_funnel", "query_retention", "query_flow", "query_user"]
TargetNames = Annotated[
    list[str],
    Field(
        min_length=2,
        max_length=MOST_TARGETS,
        description="Saved targets, accounts, or account/project[/workspace], e.g. '/4242'.",
    ),
]


class TargetAnswer(BaseModel):
    """What one target answered, and where that came from."""

    model_config = ConfigDict(frozen=True)

    target: str
    source: Mapping[str, Any]
    result: Any


class AcrossTargets(BaseModel):
    """The answers in the order of the targets; `failed` tells why a target has none."""

    model_config = ConfigDict(frozen=True)

    answers: list[TargetAnswer]
    failed: dict[str, str]

    def value(self) -> dict[str, Any]:
        """Each answer as its tool gives it, beside its target and source."""
        answers = [
            {"target": each.target, "source": dict(each.source), "result": plain(each.result)}
            for each in self.answers
        ]
        return {"answers": answers, "failed": self.failed}

    def labelled(self) -> tuple[str, list[tuple[str, Any]]]:
        """The name of the column that tells targets apart, and what goes beside each."""
        return "target", [(each.target, each.result) for each in self.answers]

    def remarks(self) -> list[str]:
        """How many of the targets answered."""
        return [f"{len(self.answers)} of {len(self.answers) + len(self.failed)} targets answered"]

    def appendix(self) -> list[str]:
        """Where each answer came from, and why a target has none."""
        told = [f"{each.target}: {_where(each.source)}" for each in self.answers]
        return [*told, *(f"{name} did not answer: {why}" for name, why in self.failed.items())]


def _where(source: Mapping[str, Any]) -> str:
    parts = (f"{name} {source[name]}" for name in ("account", "project", "workspace", "region"))
    known = [part for part in parts if not part.endswith(" None")]
    return ", ".join([*known, "sandbox"] if source["sandbox"] else known)
