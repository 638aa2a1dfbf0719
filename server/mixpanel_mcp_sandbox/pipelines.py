"""Data pipelines: made, paused, resumed, cancelled, and what became of their jobs.

The destination is never called: a job counts as done when its time has come. What a form says of
buckets, roles and passwords is checked and then forgotten.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from .calls import Call, Endpoint, Json, Text
from .entities import Entities
from .errors import missing, one_of
from .expressions import condition
from .pipeline_fields import Form, Wanted, read_form, read_wanted
from .pipeline_jobs import Job, Plan, jobs
from .scan import holdings
from .timeline import Range, day_start, today

KIND = "pipelines"
STATES = ("pending", "running", "retried", "failed", "canceled", "timed_out")
ALWAYS_LISTED = ("canceled", "retried", "succeeded")
DONE = Text(b"", "text/plain")


def create(call: Call) -> object:
    """Make a pipeline, whose backfill runs at once."""
    form = read_form(call)
    wanted = read_wanted(call, form)
    _check_filter(call, wanted.where)
    known = _pipelines(call)
    name = _free_name(wanted, {each["name"] for each in known.all()})
    known.put(_document(call, known.next_number(), name, wanted))
    dataset = form.text("bq_dataset_name") if wanted.kind == "bigquery" else None
    return {"pipeline_names": [name], **({"bigquery_dataset_name": dataset} if dataset else {})}


def edit(call: Call) -> object:
    """Change which events a pipeline exports."""
    form, pipeline = _named(call)
    events, where = form.fields.get("events"), form.text("where")
    _check_filter(call, where)
    changes = {"events": events, "where": where}
    _pipelines(call).put(pipeline | {k: v for k, v in changes.items() if v is not None})
    return DONE


def pause(call: Call) -> object:
    """Begin no job from now on."""
    _, pipeline = _named(call)
    if not _paused(pipeline):
        pipeline["pauses"].append([call.now_ms, None])
        _pipelines(call).put(pipeline)
    return DONE


def resume(call: Call) -> object:
    """Run what has waited, and go on."""
    _, pipeline = _named(call)
    if _paused(pipeline):
        pipeline["pauses"][-1][1] = call.now_ms
        _pipelines(call).put(pipeline)
    return DONE


def cancel(call: Call) -> object:
    """Remove a pipeline with its history."""
    _, pipeline = _named(call)
    _pipelines(call).delete(pipeline["id"])
    return DONE


def listed(call: Call) -> object:
    """Return all pipelines, under the number of the project."""
    return {str(call.project.id): [_shown(call, each) for each in _pipelines(call).all()]}


def status(call: Call) -> object:
    """Return the jobs of a pipeline by state, or with `summary` how many there are."""
    pipeline = _found(call, call.required("name"))
    asked = [one_of(STATES, each, "status") for each in call.repeated("status")]
    by_state: dict[str, list[Json]] = {state: [] for state in (*ALWAYS_LISTED, *asked)}
    for job in jobs(_plan(call, pipeline), call.now_ms):
        state = job.state(call.now_ms)
        if not asked or state in asked:
            by_state.setdefault(state, []).append(_job(call, pipeline, job))
    if call.query.get("summary") == "true":
        return {state: len(found) for state, found in by_state.items()}
    return by_state


def timeline(call: Call) -> object:
    """Return when each day was exported, of one pipeline or of all."""
    name = call.query.get("name")
    asked = _pipelines(call).all() if not name else [_found(call, name)]
    return {"day_syncs": [day for each in asked for day in _days(call, each)]}


def _document(call: Call, number: int, name: str, wanted: Wanted) -> Json:
    zone = call.project.timezone
    last = wanted.last
    return {
        "id": number,
        "name": name,
        "frequency": wanted.frequency,
        "start": day_start(wanted.first, zone),
        "end": last and Range(wanted.first, last, "day", zone).end,
        "created": call.now_ms,
        "events": list(wanted.events),
        "where": wanted.where,
        "pauses": [],
    }


def _free_name(wanted: Wanted, taken: set[str]) -> str:
    name = f"{wanted.source}-{wanted.frequency}-{wanted.kind}"
    numbered = (f"{name}-{number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(each for each in numbered if each not in taken)


def _plan(call: Call, pipeline: Json) -> Plan:
    return Plan(
        pipeline["start"],
        pipeline["end"],
        pipeline["created"],
        call.project.timezone,
        pipeline["frequency"] == "hourly",
        [(first, last) for first, last in pipeline["pauses"]],
    )


def _shown(call: Call, pipeline: Json) -> Json:
    begun = [
        job
        for job in jobs(_plan(call, pipeline), call.now_ms)
        if job.state(call.now_ms) != "pending"
    ]
    last = begun[-1] if begun else None
    return {
        "name": pipeline["name"],
        "Dispatcher": "live" if last and not last.backfill else "backfill",
        "last_dispatched": _moment(call, last.run_at) if last and last.run_at else None,
        "frequency": pipeline["frequency"],
        "sync_enabled": "false" if _paused(pipeline) else "true",
    }


def _job(call: Call, pipeline: Json, job: Job) -> Json:
    done = job.run_at if job.state(call.now_ms) == "succeeded" else None
    return {
        "project_id": call.project.id,
        "name": pipeline["name"],
        "state": job.state(call.now_ms),
        "run_at": _moment(call, job.run_at),
        "last_finish": _moment(call, done),
        "from_date": _moment(call, job.start),
        "to_date": _moment(call, job.end),
    }


def _days(call: Call, pipeline: Json) -> Iterable[Json]:
    days: dict[date, list[Job]] = {}
    for job in jobs(_plan(call, pipeline), call.now_ms):
        day = today(datetime.fromtimestamp(job.start / 1000, UTC), call.project.timezone)
        days.setdefault(day, []).append(job)
    for day, found in days.items():
        done = [job for job in found if job.state(call.now_ms) == "succeeded"]
        yield {
            "date": day.isoformat(),
            "sync_times": [_moment(call, job.run_at) for job in done],
            "status": "synced" if len(done) == len(found) else "pending",
        }


def _moment(call: Call, at: int | None) -> str | None:
    """A moment as Mixpanel's scheduler writes it."""
    if at is None:
        return None
    local = datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(call.project.timezone))
    return local.strftime("%Y-%m-%d %H:%M:%S %z %Z")


def _check_filter(call: Call, where: str | None) -> None:
    if where:
        condition(where, holdings(call).scope())


def _paused(pipeline: Json) -> bool:
    return bool(pipeline["pauses"]) and pipeline["pauses"][-1][1] is None


def _named(call: Call) -> tuple[Form, Json]:
    form = read_form(call)
    return form, _found(call, form.required("name"))


def _found(call: Call, name: str) -> Json:
    for each in _pipelines(call).all():
        if each["name"] == name:
            return each
    raise missing(f"Pipeline {name} not found")


def _pipelines(call: Call) -> Entities:
    return Entities(call.database, KIND, "Pipeline")


PATH = "/api/2.0/nessie/pipeline"
ENDPOINTS = (
    Endpoint("GET", f"{PATH}/jobs", listed),
    Endpoint("POST", f"{PATH}/create", create, writes=True),
    Endpoint("POST", f"{PATH}/edit", edit, writes=True),
    Endpoint("POST", f"{PATH}/pause", pause, writes=True),
    Endpoint("POST", f"{PATH}/resume", resume, writes=True),
    Endpoint("POST", f"{PATH}/cancel", cancel, writes=True),
    Endpoint("GET", f"{PATH}/status", status),
    Endpoint("GET", f"{PATH}/timeline", timeline),
)
