"""Experiments: from a draft over its launch and end to the decision."""

from typing import Annotated, Any, Unpack

from pydantic import Field

from mixpanel_mcp_core.caller import given
from mixpanel_mcp_core.models.experiments import (
    Experiment,
    ExperimentChanges,
    ExperimentId,
    ExperimentName,
    NewExperiment,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.session import Session

experiments = Toolset("experiments", "Experiments: draft, launch, conclude, decide")


@experiments.reads
async def list_experiments(
    session: Session,
    include_archived: Annotated[bool, Field(description="Also list archived ones.")] = False,
) -> list[Experiment]:
    """List the project's experiments with hypothesis, status and dates.

    Status is draft, active, concluded, success or fail; get_experiment adds variants, metrics and
    results. App API: GET experiments/.
    """
    return await session.app.get(
        "experiments/", list[Experiment], include_archived=include_archived or None
    )


@experiments.writes
async def create_experiment(
    session: Session, name: ExperimentName, **experiment: Unpack[NewExperiment]
) -> Experiment:
    """Create an experiment as a draft.

    Add variants and metrics with update_experiment, then launch_experiment. Returns the draft with
    its id. App API: POST experiments/.
    """
    return await session.app.post("experiments/", Experiment, {"name": name, **experiment})


@experiments.reads
async def get_experiment(session: Session, experiment_id: ExperimentId) -> Experiment:
    """Fetch one experiment with variants, metrics, exposures and results so far.

    404 when there is none. App API: GET experiments/{id}.
    """
    return await session.app.get(f"experiments/{experiment_id}", Experiment)


@experiments.writes(idempotent=True)
async def update_experiment(
    session: Session, experiment_id: ExperimentId, **changes: Unpack[ExperimentChanges]
) -> Experiment:
    """Change an experiment's text, variants, metrics, settings, dates or tags.

    What is not given stays; a list or object replaces the whole of it. Returns the experiment. App
    API: PATCH experiments/{id}.
    """
    return await session.app.patch(f"experiments/{experiment_id}", Experiment, changes)


@experiments.destroys(idempotent=True)
async def delete_experiment(session: Session, experiment_id: ExperimentId) -> None:
    """Delete an experiment for good; archive_experiment can be undone.

    App API: DELETE experiments/{id}.
    """
    await session.app.delete(f"experiments/{experiment_id}")


@experiments.writes
async def launch_experiment(session: Session, experiment_id: ExperimentId) -> Experiment:
    """Launch a draft: from now on it is active and exposures count.

    400 unless it is a draft. Returns the experiment. App API: PUT experiments/{id}/launch.
    """
    return await session.app.put(f"experiments/{experiment_id}/launch", Experiment)


@experiments.destroys
async def conclude_experiment(
    session: Session,
    experiment_id: ExperimentId,
    end_date: Annotated[str, Field(description="Last day that counts, YYYY-MM-DD; default today.")]
    | None = None,
) -> Experiment:
    """Conclude an active experiment: no more data counts, the decision is open.

    It cannot be launched again. 400 unless it is active. Returns the experiment with its results;
    decide_experiment follows. App API: PUT experiments/{id}/force_conclude.
    """
    path = f"experiments/{experiment_id}/force_conclude"
    return await session.app.put(path, Experiment, given(end_date=end_date))


@experiments.destroys
async def decide_experiment(
    session: Session,
    experiment_id: ExperimentId,
    success: Annotated[bool, Field(description="Whether the hypothesis held.")],
    variant: Annotated[str, Field(description="Key of the variant to ship.")] | None = None,
    message: Annotated[str, Field(description="Why, e.g. '15 % lift, p 0.01'.")] | None = None,
) -> Experiment:
    """Decide a concluded experiment: success or fail, for good.

    400 unless it is concluded. Returns the experiment. App API: PATCH experiments/{id}/decide.
    """
    body = given(success=success, variant=variant, message=message)
    return await session.app.patch(f"experiments/{experiment_id}/decide", Experiment, body)


@experiments.writes(idempotent=True)
async def archive_experiment(session: Session, experiment_id: ExperimentId) -> None:
    """Archive an experiment: it leaves the list and keeps its state.

    restore_experiment brings it back. App API: POST experiments/{id}/archive.
    """
    await session.app.raw("POST", f"experiments/{experiment_id}/archive", {})


@experiments.writes(idempotent=True)
async def restore_experiment(session: Session, experiment_id: ExperimentId) -> Experiment:
    """Restore an archived experiment to the state it had.

    Returns the experiment. App API: DELETE experiments/{id}/archive.
    """
    return await session.app.delete_returning(f"experiments/{experiment_id}/archive", Experiment)


@experiments.writes
async def duplicate_experiment(
    session: Session,
    experiment_id: ExperimentId,
    name: Annotated[str, Field(description="Name of the copy.")],
) -> Experiment:
    """Copy an experiment as a new draft.

    Variants, metrics and settings come along, dates and results do not. Returns the draft. App API:
    POST experiments/{id}/duplicate.
    """
    path = f"experiments/{experiment_id}/duplicate"
    return await session.app.post(path, Experiment, {"name": name})


@experiments.reads
async def list_erf_experiments(session: Session) -> list[dict[str, Any]]:
    """List experiments in the form of Mixpanel's results framework (ERF).

    Each is an object as Mixpanel answers it, with its metrics. App API: GET experiments/erf/.
    """
    return await session.app.get("experiments/erf/", list[dict[str, Any]])
