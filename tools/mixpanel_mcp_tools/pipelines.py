"""Data pipelines: the deprecated API that exports a project into buckets and warehouses."""

from typing import Annotated, Any, Unpack

from pydantic import Field

from mixpanel_mcp_core.fields import Where
from mixpanel_mcp_core.models.pipelines import (
    EventNames,
    JobState,
    Listed,
    PipelineName,
    PipelineSettings,
    PipelineType,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.pipeline_api import pipelines_of
from mixpanel_mcp_core.pipeline_rules import changed_pipeline, new_pipeline
from mixpanel_mcp_core.session import Session

pipelines = Toolset("pipelines", "Data pipelines into buckets and warehouses (deprecated API)")


@pipelines.reads
async def list_pipelines(session: Session) -> Listed:
    """List the project's data pipelines: name, dispatcher, frequency, last run. Deprecated API.

    Mixpanel keeps it for its existing users; new pipelines are made in its web app. Needs a service
    account. Export API: GET nessie/pipeline/jobs.
    """
    return Listed(answer=await pipelines_of(session).get("jobs"), by="project")


@pipelines.writes
async def create_pipeline(
    session: Session, type: PipelineType, **settings: Unpack[PipelineSettings]
) -> dict[str, Any]:
    """Create a data pipeline into a bucket or warehouse. Deprecated API, for its existing users.

    Example: {"type": "s3-raw", "from_date": "2026-08-01", "options": {"s3_bucket": "b",
    "s3_region": "eu-west-1", "s3_role": "arn:aws:iam::1:role/r"}}. Types that make tables need
    sync: true. What the destination needs is checked before anything is sent, all problems
    together. Secrets in options are masked in logs, errors and results. Needs a service account
    with the role admin or owner. Returns pipeline_names; 400 says what Mixpanel does not take.
    Export API: POST nessie/pipeline/create.
    """
    fields = new_pipeline(type, settings, session.today())
    return await pipelines_of(session).post("create", fields, repeatable=False)


@pipelines.destroys(idempotent=True)
async def edit_pipeline(
    session: Session,
    name: PipelineName,
    events: EventNames | None = None,
    where: Where | None = None,
    options: Annotated[
        dict[str, Any],
        Field(
            description="azure_client_id, azure_client_secret, azure_tenant_id; glue_database, "
            'glue_role, glue_table_prefix; or bq_share_with_group, e.g. ["a@b.c"].'
        ),
    ]
    | None = None,
) -> dict[str, Any]:
    """Change a data pipeline: its events, its filter, or credentials and names. Deprecated API.

    What is given takes the place of what was there. Needs a service account with the role admin or
    owner; 404 when there is no such pipeline. Export API: POST nessie/pipeline/edit.
    """
    given = {"events": events, "where": where, "options": options or {}}
    return await pipelines_of(session).post("edit", changed_pipeline(name, given))


@pipelines.writes(idempotent=True)
async def pause_pipeline(session: Session, name: PipelineName) -> dict[str, Any]:
    """Pause a data pipeline: nothing is exported until resume_pipeline. Deprecated API.

    Needs a service account with the role admin or owner; 404 when there is no such pipeline.
    Export API: POST nessie/pipeline/pause.
    """
    return await pipelines_of(session).post("pause", {"name": name})


@pipelines.writes(idempotent=True)
async def resume_pipeline(session: Session, name: PipelineName) -> dict[str, Any]:
    """Resume a paused data pipeline, which then catches up. Deprecated API.

    Needs a service account with the role admin or owner; 404 when there is no such pipeline.
    Export API: POST nessie/pipeline/resume.
    """
    return await pipelines_of(session).post("resume", {"name": name})


@pipelines.destroys(idempotent=True)
async def cancel_pipeline(session: Session, name: PipelineName) -> dict[str, Any]:
    """Delete a data pipeline for good, with its history; pause_pipeline only stops it. Deprecated.

    What was exported stays where it is. Needs a service account with the role admin or owner; 404
    when there is no such pipeline. Export API: POST nessie/pipeline/cancel.
    """
    return await pipelines_of(session).post("cancel", {"name": name})


@pipelines.reads
async def get_pipeline_status(
    session: Session,
    name: PipelineName,
    summary: Annotated[bool, Field(description="Only how many jobs are in each state.")] = False,
    status: Annotated[list[JobState], Field(min_length=1, description="Only jobs in these states.")]
    | None = None,
) -> Listed:
    """Fetch the jobs of a data pipeline by state: what ran, was retried, failed. Deprecated API.

    Returns lists of jobs with state, run_at, last_finish, from_date and to_date. Needs a service
    account; 404 when there is no such pipeline. Export API: GET nessie/pipeline/status.
    """
    answer = await pipelines_of(session).get(
        "status", name=name, summary=summary or None, status=status
    )
    return Listed(answer=answer)


@pipelines.reads
async def get_pipeline_timeline(session: Session, name: PipelineName | None = None) -> Listed:
    """Fetch the days of a data pipeline, and when each was exported. Deprecated API.

    Returns date, sync_times and status for each day. Needs a service account; 404 when there is no
    such pipeline. Export API: GET nessie/pipeline/timeline.
    """
    return Listed(answer=await pipelines_of(session).get("timeline", name=name))
