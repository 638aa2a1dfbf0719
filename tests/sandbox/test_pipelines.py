"""Data pipelines: what a form must say, when their jobs run, what becomes of the jobs."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from sandbox_client import Client, Clock, open_empty

PATH = "/api/2.0/nessie/pipeline"
GCS = {"type": "gcs-raw", "gcs_bucket": "b", "gcs_region": "us-east1"}
NAME = "events-daily-gcs-raw"


def post(client: Client, verb: str, **fields: Any) -> Any:
    """Send a form and return status and body."""
    answer = client.request("POST", f"{PATH}/{verb}", data={"project_id": "1", **fields})
    return answer.status_code, answer.json() if answer.content else None


def states(client: Client, **query: Any) -> Any:
    """The jobs of the pipeline by state."""
    return client.get(f"{PATH}/status", project_id=1, name=NAME, **query).json()


def test_a_backfill_runs_at_once_and_each_day_after_its_end(client: Client, clock: Clock) -> None:
    """The day that still goes on waits until an hour after midnight."""
    made = post(client, "create", **GCS, from_date="2026-02-26")
    assert made == (200, {"pipeline_names": [NAME]})
    assert states(client, summary="true") == {
        "canceled": 0,
        "retried": 0,
        "succeeded": 0,
        "running": 2,
        "pending": 2,
    }
    clock.move(hours=1, minutes=5)
    assert client.get(f"{PATH}/jobs", project_id=1).json() == {
        "1": [
            {
                "name": NAME,
                "Dispatcher": "backfill",
                "last_dispatched": "2026-03-01 01:00:00 +0000 UTC",
                "frequency": "daily",
                "sync_enabled": "true",
            }
        ]
    }
    assert client.get(f"{PATH}/timeline", project_id=1, name=NAME).json()["day_syncs"][1:] == [
        {
            "date": "2026-02-27",
            "sync_times": ["2026-03-01 00:00:00 +0000 UTC"],
            "status": "synced",
        },
        {
            "date": "2026-02-28",
            "sync_times": ["2026-03-01 01:00:00 +0000 UTC"],
            "status": "synced",
        },
        {"date": "2026-03-01", "sync_times": [], "status": "pending"},
    ]
    assert states(client, status="pending") == {
        "canceled": [],
        "retried": [],
        "succeeded": [],
        "pending": [
            {
                "project_id": 1,
                "name": NAME,
                "state": "pending",
                "run_at": "2026-03-02 01:00:00 +0000 UTC",
                "last_finish": None,
                "from_date": "2026-03-01 00:00:00 +0000 UTC",
                "to_date": "2026-03-02 00:00:00 +0000 UTC",
            }
        ],
    }


def test_a_paused_pipeline_waits_and_catches_up(client: Client, clock: Clock) -> None:
    """Pausing and resuming twice is as good as once."""
    post(client, "create", **GCS, from_date="2026-03-01")
    for verb in ("pause", "pause"):
        assert post(client, verb, name=NAME) == (200, None)
    clock.move(days=3)
    assert states(client, summary="true")["succeeded"] == 0
    [shown] = client.get(f"{PATH}/jobs", project_id=1).json()["1"]
    assert shown["sync_enabled"] == "false"
    for verb in ("resume", "resume"):
        assert post(client, verb, name=NAME) == (200, None)
    clock.move(minutes=5)
    assert states(client, summary="true")["succeeded"] == 2


def test_an_hourly_pipeline_exports_each_hour_from_its_making_on(
    client: Client, clock: Clock
) -> None:
    """Its backfill is exported by day."""
    post(client, "create", **GCS, from_date="2026-02-27", frequency="hourly")
    clock.move(hours=4, minutes=5)
    days = client.get(f"{PATH}/timeline", project_id=1).json()["day_syncs"]
    assert [(day["date"], len(day["sync_times"])) for day in days] == [
        ("2026-02-27", 1),
        ("2026-02-28", 1),
        ("2026-03-01", 3),
    ]


def test_days_end_at_midnight_also_when_the_clocks_change() -> None:
    """The day that has 25 hours is one job, and those after it begin when they do."""
    clock = Clock(datetime(2026, 10, 27, 12, tzinfo=UTC))
    with open_empty(clock, timezone="Europe/Berlin") as sandbox:
        client = Client(sandbox)
        post(client, "create", **GCS, from_date="2026-10-24", to_date="2026-10-26")
        clock.move(hours=1)
        found = [(job["from_date"], job["to_date"]) for job in states(client)["succeeded"]]
    midnights = [
        "2026-10-24 00:00:00 +0200 CEST",
        "2026-10-25 00:00:00 +0200 CEST",
        "2026-10-26 00:00:00 +0100 CET",
        "2026-10-27 00:00:00 +0100 CET",
    ]
    assert found == list(pairwise(midnights))


def test_a_cancelled_pipeline_is_gone_with_its_history(client: Client) -> None:
    """Nothing can be done with it afterwards."""
    post(client, "create", **GCS, from_date="2026-02-27")
    assert post(client, "cancel", name=NAME) == (200, None)
    gone = {"status": "error", "error": f"Pipeline {NAME} not found"}
    assert [post(client, verb, name=NAME) for verb in ("edit", "pause", "resume", "cancel")] == [
        (404, gone)
    ] * 4
    assert states(client) == gone
    assert client.get(f"{PATH}/jobs", project_id=1).json() == {"1": []}


def test_names_are_not_given_twice(client: Client) -> None:
    """A second pipeline of a kind gets a number."""
    for name in (NAME, f"{NAME}-2"):
        made = post(client, "create", **GCS, from_date="2026-02-27")
        assert made == (200, {"pipeline_names": [name]})


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"from_date": "2026-02-01"}, "Missing required parameter: type"),
        ({**GCS}, "Missing required parameter: from_date"),
        (
            {**GCS, "from_date": "2026-02-02", "to_date": "2026-02-01"},
            "The end of the date range lies before its start.",
        ),
        (
            {**GCS, "from_date": "2026-02-02", "to_date": "9999-12-31"},
            "Dates must lie in the years 2 to 9998.",
        ),
        ({**GCS, "from_date": "2025-08-01"}, "from_date may lie at most 6 months back"),
        (
            {**GCS, "from_date": "2026-02-01", "to_date": "2026-02-02", "frequency": "daily"},
            "frequency is only for a pipeline without to_date",
        ),
        (
            {"type": "s3-raw", "s3_bucket": "b", "from_date": "2026-02-01"},
            "Missing required parameter: s3_region",
        ),
        ({**GCS, "type": "gcs-schema", "trial": "true"}, "sync must be true"),
        (
            {**GCS, "data_source": "people", "trial": "true"},
            "gcs-raw exports events only",
        ),
        (
            {**GCS, "data_format": "parquet", "trial": "true"},
            "data_format must be one of json, not 'parquet'",
        ),
    ],
)
def test_a_form_that_is_wrong_is_refused(
    client: Client, fields: dict[str, str], sentence: str
) -> None:
    """The sentence names the field."""
    refused = post(client, "create", **fields)
    assert refused == (400, {"status": "error", "error": sentence})


def test_only_a_service_account_may_ask(client: Client) -> None:
    """A bearer token is refused, though other APIs take it."""
    headers = {"authorization": "Bearer sandbox"}
    answer = client.request("GET", f"{PATH}/jobs", auth=None, headers=headers)
    assert answer.status_code == 401
