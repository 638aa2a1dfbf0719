"""What can be drawn of a result: `chart_of` a query's answer, for both drawers alike."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from . import across, jql, live, tables
from .forms import Bars, Chart, Figures, Flow, Funnel, Grid, Lines
from .kinds import chart_of, is_drawn

__all__ = [
    "Chart",
    "across",
    "chart_of",
    "is_drawn",
    "jql",
    "live",
    "origin",
    "read_chart",
    "tables",
]

_Told = Annotated[Lines | Bars | Figures | Funnel | Grid | Flow, Field(discriminator="kind")]


def read_chart(told: Mapping[str, Any]) -> Chart:
    """A chart out of what `Chart.told` told."""
    return TypeAdapter[Chart](_Told).validate_python(told)


def origin(source: Mapping[str, Any] | None) -> str:
    """Where the numbers of a chart come from."""
    if source is None:
        return ""
    named = f"project {source['project']}"
    return f"{named} · sandbox data" if source["sandbox"] else named
