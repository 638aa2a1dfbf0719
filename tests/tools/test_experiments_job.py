"""Experiments are run from the draft to the decision, by a client of the server."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from job_client import at_work, refused, told
from mcp import Client
from yesterday import DAY, NOON

pytestmark = pytest.mark.anyio

VARIANTS = [{"key": "control", "is_control": True}, {"key": "blue", "is_control": False}]
METRICS = [{"name": "Buyers", "type": "primary", "event": "Buy"}]


def people(variant: str, number: int, buyers: int) -> list[dict[str, Any]]:
    """What people do who were exposed to a variant, of whom the first ones buy."""
    exposure = {"Experiment name": "blue_button", "Variant name": variant}
    return [
        {"event": event, "properties": {"distinct_id": f"{variant} {n}", "time": time, **more}}
        for n in range(number)
        for event, time, more in [
            ("$experiment_started", NOON, exposure),
            *([("Buy", NOON + 60, {})] if n < buyers else []),
        ]
    ]


async def test_a_button_is_tried_and_the_better_colour_wins(client: Client) -> None:
    """Planned, launched, watched, ended and decided; the next round begins from a copy."""
    draft = await told(
        client, "create_experiment", name="blue_button", hypothesis="Blue is seen", settings={}
    )
    planned = await told(
        client,
        "update_experiment",
        experiment_id=draft["id"],
        variants=VARIANTS,
        metrics=METRICS,
        start_date=str(DAY),
    )
    assert planned == draft | {
        "variants": VARIANTS,
        "metrics": METRICS,
        "start_date": str(DAY),
        **{name: planned[name] for name in ("modified", "updated")},
    }
    launched = await told(client, "launch_experiment", experiment_id=draft["id"])
    assert (launched["status"], launched["exposures_cache"]) == ("active", {})

    events = [*people("control", 100, 20), *people("blue", 100, 40)]
    await told(client, "import_events", events=events)
    watched = await told(client, "get_experiment", experiment_id=draft["id"])
    assert watched["exposures_cache"] == {"blue": 100, "control": 100}
    early = await refused(client, "decide_experiment", experiment_id=draft["id"], success=True)
    assert early["message"] == "An experiment that is active can become concluded, not success"

    ended = await told(client, "conclude_experiment", experiment_id=draft["id"], end_date=str(DAY))
    [buyers] = ended["results_cache"]["metrics"]
    assert buyers == {
        **METRICS[0],
        "variants": {
            "blue": {
                "count": 100,
                "value": 0.4,
                "lift": pytest.approx(1.0),
                "z": pytest.approx(3.1623, abs=1e-4),
                "p_value": pytest.approx(0.00157, abs=1e-5),
                "significant": True,
            },
            "control": {"count": 100, "value": 0.2},
        },
    }
    decided = await told(
        client,
        "decide_experiment",
        experiment_id=draft["id"],
        success=True,
        variant="blue",
        message="Twice the buyers",
    )
    assert decided == ended | {
        "status": "success",
        "decision": {
            "success": True,
            "variant": "blue",
            "message": "Twice the buyers",
            "date": decided["decision"]["date"],
        },
        **{name: decided[name] for name in ("modified", "updated")},
    }
    again = await told(
        client, "duplicate_experiment", experiment_id=draft["id"], name="bluer_button"
    )
    assert (again["status"], again["variants"], again["end_date"]) == ("draft", VARIANTS, None)
    listed = await told(client, "list_experiments")
    assert [(each["name"], each["status"]) for each in listed] == [
        ("blue_button", "success"),
        ("bluer_button", "draft"),
    ]


async def test_an_idea_is_shelved_and_taken_up_again(client: Client) -> None:
    """An archived draft is out of sight; restored, it can be launched; deleted, it is gone."""
    idea = await told(client, "create_experiment", name="hero", description="A video")
    await told(client, "archive_experiment", experiment_id=idea["id"])
    assert await told(client, "list_experiments") == []
    assert len(await told(client, "list_experiments", include_archived=True)) == 1
    shelved = await refused(client, "launch_experiment", experiment_id=idea["id"])
    assert shelved["message"] == f"Experiment {idea['id']} is archived; restore it first"
    restored = await told(client, "restore_experiment", experiment_id=idea["id"])
    assert (restored["status"], restored["deleted"]) == ("draft", None)
    await told(client, "launch_experiment", experiment_id=idea["id"])
    [row] = await told(client, "list_erf_experiments")
    assert (row["id"], row["status"], row["metrics"]) == (idea["id"], "active", [])
    await told(client, "delete_experiment", experiment_id=idea["id"])
    assert await told(client, "list_erf_experiments") == []


@pytest.fixture
async def demo() -> AsyncIterator[Client]:
    """A client of a server on a demo of its own."""
    async with at_work("demo") as connected:
        yield connected


async def test_the_demos_checkout_is_decided_by_its_numbers(demo: Client) -> None:
    """Of three experiments one waits; more buy on one page, their orders are no smaller: ship."""
    monday = datetime.now(UTC).date() - timedelta(days=datetime.now(UTC).weekday())
    listed = await told(demo, "list_experiments")
    assert [(each["name"], each["status"], each["start_date"]) for each in listed] == [
        ("one_page_checkout", "concluded", str(monday - timedelta(days=28))),
        ("free_shipping_bar", "active", str(monday)),
        ("hero_video", "draft", None),
    ]
    flags = await told(demo, "list_feature_flags", include_archived=True)
    assert [(flag["key"], flag["status"]) for flag in flags] == [
        ("wishlists", "enabled"),
        ("one_page_checkout", "enabled"),
        ("dark_mode", "disabled"),
        ("old_banner", "archived"),
    ]
    history = await told(demo, "get_flag_history", flag_id=flags[3]["id"])
    assert [event[1] for event in history["events"]] == ["archived", "created"]

    found = await told(demo, "get_experiment", experiment_id=listed[0]["id"])
    assert found["feature_flag"]["id"] == flags[1]["id"]
    assert found["exposures_cache"] == {
        "control": pytest.approx(3471, rel=0.05),
        "one page": pytest.approx(3327, rel=0.1),
    }
    buyers, _, order_value = (
        metric["variants"]["one page"] for metric in found["results_cache"]["metrics"]
    )
    assert (buyers["value"], buyers["lift"], buyers["significant"]) == (
        pytest.approx(0.333, abs=0.02),
        pytest.approx(0.177, abs=0.06),
        True,
    )
    assert not order_value["significant"]
    decision = {"success": True, "variant": "one page", "message": "More buyers, same orders"}
    decided = await told(demo, "decide_experiment", experiment_id=found["id"], **decision)
    assert decided["status"] == "success"
