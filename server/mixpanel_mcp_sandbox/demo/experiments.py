"""Experiments of the demo: one that waits for its decision, one that runs, one that is planned."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mixpanel_mcp_sandbox.experiments import KIND
from mixpanel_mcp_sandbox.identifiers import uuid_of

from .calendar import at, instant
from .document import Document
from .project import ADA, NILS, WORKSPACE_ID, Person

ONE_PAGE = 1
"""The number of the experiment behind the flag of the one-page checkout."""
BOUGHT = {"event": "Order Completed"}


def _variants(*tried: str) -> list[dict[str, Any]]:
    control = {"key": "control", "is_control": True}
    return [control, *({"key": key, "is_control": False} for key in tried)]


def _metric(name: str, kind: str, **how: str) -> dict[str, Any]:
    return {"name": name, "type": kind, **BOUGHT, **how}


@dataclass(frozen=True, slots=True)
class Trial:
    """An experiment before it is dated; `started` and `ended` are days of the demo."""

    name: str
    description: str
    hypothesis: str
    status: str
    variants: list[dict[str, Any]]
    metrics: list[dict[str, Any]]
    owner: Person
    created: int
    started: int | None = None
    ended: int | None = None
    tags: tuple[str, ...] = ()


TRIALS = {
    ONE_PAGE: Trial(
        "one_page_checkout",
        "Address, delivery and payment on one page",
        "Fewer pages lose fewer customers on the way to the order",
        "concluded",
        _variants("one page"),
        [
            _metric("Buyers", "primary"),
            _metric("Revenue per person", "secondary", math="sum", property="revenue"),
            _metric("Order value", "guardrail", math="average", property="revenue"),
        ],
        ADA,
        created=84,
        started=91,
        ended=118,
        tags=("checkout",),
    ),
    2: Trial(
        "free_shipping_bar",
        "A bar in the cart tells how much is missing for free shipping",
        "Customers fill their carts up to the threshold",
        "active",
        _variants("bar"),
        [
            _metric("Order value", "primary", math="average", property="revenue"),
            _metric("Buyers", "guardrail"),
        ],
        NILS,
        created=113,
        started=119,
        tags=("checkout", "marketing"),
    ),
    3: Trial(
        "hero_video",
        "A video instead of a picture on the home page",
        "Customers who see the boots walk look at more products",
        "draft",
        _variants("video"),
        [
            {
                "name": "Products viewed",
                "type": "primary",
                "event": "Product Viewed",
                "math": "total",
            }
        ],
        NILS,
        created=116,
    ),
}


def experiments(now: datetime) -> list[Document]:
    """Give the experiments, dated within now's eighteen weeks; results come from the events."""
    return [
        Document(KIND, number, WORKSPACE_ID, _body(number, trial, now))
        for number, trial in TRIALS.items()
    ]


def _body(number: int, trial: Trial, now: datetime) -> dict[str, Any]:
    created = instant(now, trial.created)
    return {
        "id": uuid_of(KIND, number),
        "content_type": "experiments",
        "name": trial.name,
        "description": trial.description,
        "hypothesis": trial.hypothesis,
        "status": trial.status,
        "variants": trial.variants,
        "metrics": trial.metrics,
        "settings": {"confidence": 0.95},
        "exposures_cache": None,
        "results_cache": None,
        "start_date": _day(now, trial.started),
        "end_date": _day(now, trial.ended),
        "tags": list(trial.tags),
        "global_access_type": None,
        **trial.owner.signature(),
        "created": created,
        "modified": created,
        "updated": created,
        "creator": trial.owner.as_person(),
        "is_favorited": False,
        "pinned_date": None,
        "can_edit": True,
        "deleted": None,
    }


def _day(now: datetime, day: int | None) -> str | None:
    return None if day is None else at(now, day).date().isoformat()
