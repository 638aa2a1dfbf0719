"""Experiments: draft -> active -> concluded -> success or fail, and archived at any time."""

from copy import deepcopy

from .calls import Call, Endpoint, Json, ok
from .documents import creator, editor, stamp
from .entities import Entities
from .errors import one_of, wrong
from .experiment_fields import NEXT, check_move, check_name, checked
from .experiment_results import Exposures, entries
from .flags import all_flags
from .identifiers import number_in
from .project import PERSON
from .scan import holdings

KIND = "experiments"
COPIED = ("description", "hypothesis", "variants", "metrics", "settings", "tags")


def list_experiments(call: Call) -> object:
    """Return the experiments, archived ones only when asked for."""
    archived_too = call.query.get("include_archived") == "true"
    experiments = all_experiments(call).all()
    return ok([_shown(call, each) for each in experiments if archived_too or not each["deleted"]])


def list_for_results(call: Call) -> object:
    """Return the experiments as Mixpanel's results framework lists them."""
    kept = ("id", "name", "status", "start_date", "end_date", "variants", "metrics")
    shown = [_shown(call, each) for each in all_experiments(call).all() if not each["deleted"]]
    return ok(
        [
            {name: each[name] for name in (*kept, "exposures_cache", "results_cache")}
            for each in shown
        ]
    )


def create(call: Call) -> object:
    """Create a draft."""
    body = call.json()
    settable = ("description", "hypothesis", "settings", "variants", "metrics")
    given = {name: body[name] for name in settable if name in body}
    # Two clients of Mixpanel have two names for it.
    given["global_access_type"] = body.get("global_access_type") or body.get("access_type")
    draft = new_experiment(call, body.get("name"), checked(given))
    return ok(_stored(call, draft | {"can_edit": body.get("can_edit") is not False}))


def new_experiment(call: Call, name: object, fields: Json) -> Json:
    """Return a draft with the given fields."""
    return {
        "id": all_experiments(call).next_uuid(),
        "content_type": "experiments",
        "name": check_name(name),
        "description": None,
        "hypothesis": None,
        "status": "draft",
        "variants": [],
        "metrics": [],
        "settings": {},
        "exposures_cache": None,
        "results_cache": None,
        "start_date": None,
        "end_date": None,
        "tags": [],
        "global_access_type": None,
        **{key: value for key, value in fields.items() if value is not None},
        **creator(call),
        "updated": stamp(call),
        "creator": PERSON,
        "is_favorited": False,
        "pinned_date": None,
        "can_edit": True,
        "deleted": None,
    }


def get(call: Call) -> object:
    """Return one experiment."""
    return ok(_shown(call, _experiment(call)))


def change(call: Call) -> object:
    """Change what is given; the status moves only along the states."""
    before, fields = _unarchived(call), checked(call.json())
    status = fields.get("status") or before["status"]
    if status != before["status"]:
        check_move(before, status)
    return ok(_changed(call, before, _dated(call, before | fields)))


def delete(call: Call) -> object:
    """Delete an experiment for good."""
    all_experiments(call).delete(number_in(_experiment(call)["id"]))
    return None


def launch(call: Call) -> object:
    """Make a draft active."""
    return ok(_moved(call, "active", {}))


def conclude(call: Call) -> object:
    """End an active experiment, on the day that is given or now."""
    fields = checked({"end_date": call.json().get("end_date")})
    return ok(_moved(call, "concluded", {k: v for k, v in fields.items() if v is not None}))


def decide(call: Call) -> object:
    """Call a concluded experiment a success or a failure."""
    body = call.json()
    success, variant = body.get("success"), body.get("variant")
    if not isinstance(success, bool):
        raise wrong("success must be true or false")
    known = _variant_keys(_experiment(call))
    if variant is not None and known:
        one_of(known, variant, "variant")
    decision = {name: body.get(name) for name in ("success", "variant", "message")}
    fields = {"decision": decision | {"date": stamp(call)}}
    return ok(_moved(call, "success" if success else "fail", fields))


def archive(call: Call) -> object:
    """Archive an experiment in the state it is in."""
    before = _experiment(call)
    if not before["deleted"]:
        _changed(call, before, before | {"deleted": stamp(call)})
    return ok({})


def restore(call: Call) -> object:
    """Bring an archived experiment back in the state it was in."""
    before = _experiment(call)
    return ok(_changed(call, before, before | {"deleted": None}))


def duplicate(call: Call) -> object:
    """Copy an experiment as a draft without dates and results."""
    original = _experiment(call)
    fields = {name: deepcopy(original[name]) for name in COPIED}
    return ok(_stored(call, new_experiment(call, call.json().get("name"), fields)))


def all_experiments(call: Call) -> Entities:
    """Return the experiments of the project."""
    return Entities(call.database, KIND, "Experiment")


def _experiment(call: Call) -> Json:
    return all_experiments(call).named(call.path["id"])


def _unarchived(call: Call) -> Json:
    experiment = _experiment(call)
    if experiment["deleted"]:
        raise wrong(f"Experiment {experiment['id']} is archived; restore it first")
    return experiment


def _moved(call: Call, status: str, fields: Json) -> Json:
    before = _unarchived(call)
    check_move(before, status)
    return _changed(call, before, _dated(call, before | fields | {"status": status}))


def _dated(call: Call, experiment: Json) -> Json:
    """Return an experiment with the dates of its state; 400 when it would end before its start."""
    states = list(NEXT)
    dated = dict(experiment)
    if experiment["status"] != states[0]:
        dated["start_date"] = experiment["start_date"] or _now(call)
    if experiment["status"] not in states[:2]:
        dated["end_date"] = experiment["end_date"] or _now(call)
    start, end = dated["start_date"], dated["end_date"]
    if start and end and end[:10] < start[:10]:
        raise wrong(f"end_date {end} is before start_date {start}")
    return dated


def _now(call: Call) -> str:
    # A date without a zone is one of the project's.
    return f"{stamp(call)}Z"


def _changed(call: Call, before: Json, after: Json) -> Json:
    if after == before:
        return _shown(call, before)
    return _stored(call, after | editor(call) | {"updated": stamp(call)})


def _stored(call: Call, experiment: Json) -> Json:
    return _shown(call, all_experiments(call).put(experiment, call.project.workspace_id))


def _shown(call: Call, experiment: Json) -> Json:
    """Return an experiment with its flag and, where nobody stored other ones, its results."""
    flags = [each for each in all_flags(call).all() if each["experiment_id"] == experiment["id"]]
    flag = next(iter(flags), None)
    shown = experiment | {"feature_flag": flag and {name: flag[name] for name in FLAG_SHOWN}}
    if experiment["status"] == "draft":
        return shown
    names = [experiment["name"], *([flag["key"]] if flag else [])]
    exposures = Exposures(holdings(call), experiment, names)
    if shown["exposures_cache"] is None:
        shown["exposures_cache"] = exposures.counts()
    if shown["results_cache"] is None:
        shown["results_cache"] = exposures.results()
    return shown


FLAG_SHOWN = ("id", "key", "name", "status", "ruleset")


def _variant_keys(experiment: Json) -> list[str]:
    return [str(each["key"]) for each in entries(experiment["variants"]) if "key" in each]


MANY = "/api/app/{scope}/experiments/"
ONE = f"{MANY}{{id}}"
ENDPOINTS = (
    Endpoint("GET", MANY, list_experiments),
    Endpoint("POST", MANY, create, writes=True),
    Endpoint("GET", f"{MANY}erf/", list_for_results),
    Endpoint("GET", ONE, get),
    Endpoint("PATCH", ONE, change, writes=True),
    Endpoint("DELETE", ONE, delete, writes=True),
    Endpoint("PUT", f"{ONE}/launch", launch, writes=True),
    Endpoint("PUT", f"{ONE}/force_conclude", conclude, writes=True),
    Endpoint("PATCH", f"{ONE}/decide", decide, writes=True),
    Endpoint("POST", f"{ONE}/archive", archive, writes=True),
    Endpoint("DELETE", f"{ONE}/archive", restore, writes=True),
    Endpoint("POST", f"{ONE}/duplicate", duplicate, writes=True),
)
