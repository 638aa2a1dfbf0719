"""Requests under GDPR and CCPA: made, looked at, withdrawn."""

from collections.abc import Callable
from functools import partial

from .calls import Answer, Call, Endpoint, Json, Method, ok
from .documents import stamp
from .errors import Refusal, missing, one_of, wrong
from .fields import Fields
from .identifiers import number_in
from .privacy_jobs import (
    CANCELLABLE,
    DELETIONS,
    DONE,
    RETRIEVALS,
    REVOKED,
    ask_again,
    content_of,
    jobs,
    status,
)
from .project import USER_EMAIL
from .storage import signed_url

LAWS = ("GDPR", "CCPA")
DISCLOSURES = ("Data", "Categories", "Sources")
MOST_IDS = {RETRIEVALS: 2000, DELETIONS: 1999}


def create(kind: str, call: Call) -> object:
    """Take a request and tell by what it is known."""
    fields = Fields(call.json())
    law = one_of(LAWS, fields.text("compliance_type") or LAWS[0], "compliance_type")
    disclosure = fields.text("disclosure_type") or DISCLOSURES[0]
    if kind == RETRIEVALS:
        one_of(DISCLOSURES, disclosure, "disclosure_type")
    made = jobs(call, kind)
    identifier = made.next_uuid()
    made.put(
        {
            "id": identifier,
            "state": "open",
            "requested": call.now_ms,
            "date_requested": stamp(call),
            "compliance_type": law,
            "disclosure_type": disclosure,
            "distinct_ids": _distinct_ids(fields, MOST_IDS[kind]),
        }
    )
    ask_again(call, call.now_ms)
    return Answer(ok({"task_id": identifier}), 201)


def get_retrieval(call: Call) -> object:
    """Tell how far a retrieval is, with a URL of its file once there is one."""
    job = _found(call, RETRIEVALS)
    if job is None:
        return ok({"status": "NOT_FOUND", "results": None, "distinct_ids": []})
    told = status(call, job)
    url = _url(call, number_in(job["id"])) if told == DONE else None
    return ok({"status": told, "results": url, "distinct_ids": job["distinct_ids"]})


def get_deletion(call: Call) -> object:
    """Tell how far a deletion is."""
    job = _found(call, DELETIONS)
    if job is None:
        return ok({"tracking_id": call.path["id"], "status": "NOT_FOUND", "distinct_ids": []})
    return ok(
        {
            "tracking_id": job["id"],
            "status": status(call, job),
            "requesting_user": USER_EMAIL,
            "compliance_type": job["compliance_type"],
            "project_id": call.project.id,
            "date_requested": job["date_requested"],
            "distinct_ids": job["distinct_ids"],
        }
    )


def cancel(call: Call) -> object:
    """Withdraw a deletion before it has started; 405 afterwards."""
    job = _found(call, DELETIONS)
    if job is None:
        raise missing(f"There is no deletion {call.path['id']}")
    told = status(call, job)
    if told not in (*CANCELLABLE, REVOKED):
        raise Refusal(405, f"The deletion is {told} and can no longer be cancelled")
    jobs(call, DELETIONS).put({**job, "state": REVOKED})
    return None


def _url(call: Call, number: int) -> str:
    key = f"retrieval-{number}.jsonl"
    call.store.files.keep(key, content_of(call, number))
    return signed_url(call, "GET", key)


def _found(call: Call, kind: str) -> Json | None:
    found = jobs(call, kind).find(number_in(call.path["id"]))
    return found if found and found["id"] == call.path["id"] else None


def _distinct_ids(fields: Fields, most: int) -> list[str]:
    given = fields.listing("distinct_ids")
    if not given or not all(isinstance(each, str) and each for each in given):
        raise wrong("distinct_ids must be a list of texts")
    if len(given) > most:
        raise wrong(f"distinct_ids may hold at most {most} ids, not {len(given)}")
    return given


def _checked(answer: Callable[[Call], object], call: Call) -> object:
    """Answer who names the project by its token, once a second."""
    if call.required("token") != call.project.token:
        sentence = "You do not have access to a project of this token; the sandbox's is {}."
        raise Refusal(403, sentence.format(call.project.token))
    if not call.store.privacy_pace.takes(call.now_ms):
        raise Refusal(429, "Only one request a second is allowed.", wait=1)
    return answer(call)


def _endpoint(method: Method, path: str, answer: Callable[[Call], object]) -> Endpoint:
    # All of them are counted, and so write.
    return Endpoint(method, path, partial(_checked, answer), writes=True)


RETRIEVAL = "/api/app/data-retrievals/v3.0/"
DELETION = "/api/app/data-deletions/v3.0/"
ENDPOINTS = (
    _endpoint("POST", RETRIEVAL, partial(create, RETRIEVALS)),
    _endpoint("GET", f"{RETRIEVAL}{{id}}/", get_retrieval),
    _endpoint("POST", DELETION, partial(create, DELETIONS)),
    _endpoint("GET", f"{DELETION}{{id}}/", get_deletion),
    _endpoint("DELETE", f"{DELETION}{{id}}/", cancel),
)
