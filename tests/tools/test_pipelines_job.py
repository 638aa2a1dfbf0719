"""Data pipelines, as a client makes and watches them; their secrets go to Mixpanel alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from job_client import refused, told
from mcp import Client
from recorded_client import connected, whole

pytestmark = pytest.mark.anyio

PASSWORD = "correct-horse"
SNOWFLAKE = {
    "type": "snowflake",
    "trial": True,
    "sync": True,
    "options": {
        "snowflake_account_name": "a",
        "snowflake_warehouse": "w",
        "snowflake_storage_integration": "i",
        "snowflake_user": "u",
        "snowflake_password": PASSWORD,
        "snowflake_role": "r",
        "snowflake_database": "d",
        "snowflake_schema": "s",
    },
}
GCS = {"gcs_bucket": "b", "gcs_region": "us-east1"}
TODAY = datetime.now(UTC).date()
YESTERDAY = (TODAY - timedelta(days=1)).isoformat()


async def test_a_pipeline_is_made_watched_paused_and_cancelled(client: Client) -> None:
    """Every answer is about the pipeline that was made; nothing is left of it in the end."""
    made = await told(
        client,
        "create_pipeline",
        type="gcs-raw",
        from_date=YESTERDAY,
        events=["A", "B"],
        options=GCS,
    )
    [name] = made["pipeline_names"]
    assert await told(client, "edit_pipeline", name=name, events=["A"]) == {"status": "ok"}
    summary = await told(client, "get_pipeline_status", name=name, summary=True)
    assert sum(summary.values()) == 2
    assert await told(client, "pause_pipeline", name=name) == {"status": "ok"}
    [shown] = (await told(client, "list_pipelines"))["1"]
    assert (shown["name"], shown["sync_enabled"]) == (name, "false")
    assert await told(client, "resume_pipeline", name=name) == {"status": "ok"}
    days = (await told(client, "get_pipeline_timeline", name=name))["day_syncs"]
    assert [day["date"] for day in days] == [YESTERDAY, TODAY.isoformat()]
    assert await told(client, "cancel_pipeline", name=name) == {"status": "ok"}
    error = await refused(client, "get_pipeline_status", name=name)
    assert error["message"] == f"Pipeline {name} not found"


@pytest.mark.parametrize(
    ("arguments", "fields"),
    [
        ({"type": "gcs-raw", "options": GCS}, ["from_date"]),
        ({"type": "gcs-raw", "from_date": "2020-01-01", "options": GCS}, ["from_date"]),
        ({"type": "gcs-raw", "trial": True, "options": {"gcs_bucket": "b"}}, ["options"]),
        (
            {"type": "gcs-raw", "trial": True, "options": {**GCS, "gcs_prefx": "p"}},
            ["options.gcs_prefx"],
        ),
        (
            {
                "type": "s3-raw",
                "from_date": YESTERDAY,
                "to_date": YESTERDAY,
                "frequency": "daily",
                "data_format": "parquet",
                "data_source": "people",
                "sync": True,
                "options": {
                    "s3_bucket": "b",
                    "s3_region": "EU_WEST_1",
                    "s3_role": "r",
                    "s3_encryption": "KMS",
                },
            },
            [
                "frequency",
                "data_format",
                "data_source",
                "sync",
                "options.s3_encryption",
                "options.s3_region",
            ],
        ),
        (
            {
                "type": "bigquery",
                "trial": True,
                "options": {"bq_region": "us-east4", "gcp_project": "p", "bq_dataset_name": "n"},
            },
            ["sync", "options.bq_region"],
        ),
    ],
)
async def test_what_a_type_needs_is_told_before_anything_is_sent(
    arguments: dict[str, Any], fields: list[str]
) -> None:
    """All problems together, each with its field."""
    async with connected() as (client, recorder):
        error = await refused(client, "create_pipeline", **arguments)
    assert recorder.requests == []
    assert [each["field"] for each in error["details"]["problems"]] == fields


async def test_an_empty_answer_is_a_good_one() -> None:
    """Mixpanel answers changes with nothing at all."""
    async with connected({"status": 200, "body": None}) as (client, recorder):
        result = await client.call_tool("edit_pipeline", {"name": "p", "where": "true"})
    assert '{"status":"ok"}' in whole(result).replace("\\", "")
    assert recorder.requests[0].body.decode() == "project_id=12345&name=p&where=true"


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 400, "body": {"status": "error", "error": f"{PASSWORD} is too weak"}},
        {"status": 200, "body": {"pipeline_names": ["p"], "snowflake_password": PASSWORD}},
    ],
)
async def test_a_password_is_sent_and_never_told(answer: dict[str, Any]) -> None:
    """Whatever Mixpanel quotes of it."""
    async with connected(answer) as (client, recorder):
        result = await client.call_tool("create_pipeline", SNOWFLAKE)
    assert f"snowflake_password={PASSWORD}" in recorder.requests[0].body.decode()
    assert PASSWORD not in whole(result)
