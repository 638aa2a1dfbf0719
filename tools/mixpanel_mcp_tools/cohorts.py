"""Cohorts: groups of people by what they did and who they are, saved under a name."""

from typing import Annotated, Unpack

from pydantic import Field

from mixpanel_mcp_core.models.cohorts import (
    BulkUpdateCohortEntry,
    Cohort,
    CohortChanges,
    CohortId,
    CohortIds,
    NewCohort,
    flattened,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.session import Session

cohorts = Toolset("cohorts", "Saved cohorts: who is in them, how many; make, change, delete")


@cohorts.reads
async def list_cohorts_full(
    session: Session,
    data_group_id: Annotated[str, Field(description="Only cohorts of this group.")] | None = None,
    ids: CohortIds | None = None,
) -> list[Cohort]:
    """List the saved cohorts with text, size and date.

    Narrow to a group or to some ids; get_cohort adds definition, owner and what refers to it. App
    API: GET cohorts.
    """
    return await session.app.get(
        "cohorts", list[Cohort], data_group_id=data_group_id or None, ids=ids or None
    )


@cohorts.reads
async def get_cohort(session: Session, cohort_id: CohortId) -> Cohort:
    """Fetch one saved cohort with its definition and size.

    404 when there is none. App API: GET cohorts/{id}.
    """
    return await session.app.get(f"cohorts/{cohort_id}", Cohort)


@cohorts.writes
async def create_cohort(session: Session, **cohort: Unpack[NewCohort]) -> Cohort:
    """Save a cohort: people who did events so often, have properties, or are in other cohorts.

    Returns the cohort with its id, which filters and breakdowns of the queries take, e.g.
    {"operator": "in_cohort", "cohort": id}. Criteria are checked before anything is sent. App
    API: POST cohorts.
    """
    return await session.app.post("cohorts", Cohort, flattened(cohort))


@cohorts.destroys(idempotent=True)
async def update_cohort(
    session: Session, cohort_id: CohortId, **changes: Unpack[CohortChanges]
) -> Cohort:
    """Change a saved cohort's name, text, definition or visibility.

    What is not given stays; `definition` replaces the criteria, for every report that uses the
    cohort. Returns the cohort. App API: PATCH cohorts/{id}.
    """
    return await session.app.patch(f"cohorts/{cohort_id}", Cohort, flattened(changes))


@cohorts.destroys(idempotent=True)
async def delete_cohort(session: Session, cohort_id: CohortId) -> None:
    """Delete a saved cohort for good; reports that filter by it fail from then on.

    App API: DELETE cohorts/{id}.
    """
    await session.app.delete(f"cohorts/{cohort_id}")


@cohorts.destroys(idempotent=True)
async def bulk_delete_cohorts(session: Session, ids: CohortIds) -> None:
    """Delete several saved cohorts for good; reports that filter by them fail from then on.

    App API: POST cohorts/bulk-delete.
    """
    await session.app.raw("POST", "cohorts/bulk-delete", {}, {"cohort_ids": ids})


@cohorts.writes(idempotent=True)
async def bulk_update_cohorts(
    session: Session,
    entries: Annotated[
        list[BulkUpdateCohortEntry], Field(description="One entry for each cohort to change.")
    ],
) -> None:
    """Change names, texts or definitions of several saved cohorts at once.

    What an entry does not give stays. App API: POST cohorts/bulk-update.
    """
    changes = [flattened(entry.model_dump(exclude_none=True)) for entry in entries]
    await session.app.raw("POST", "cohorts/bulk-update", {}, {"cohorts": changes})
