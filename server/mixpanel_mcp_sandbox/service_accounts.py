"""Service accounts: made, admitted to the project, shown, removed, and let in by their secrets.

The one that the sandbox has from the start is its own: it cannot be changed. Secrets are kept as
hashes only.
"""

import hmac
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_urlsafe

from .bookmarks import mapping
from .calls import Answer, Call, Endpoint, Json, ok
from .documents import own_number
from .entities import Entities
from .errors import Refusal, missing, wrong
from .fields import Fields, filled
from .guard import SERVICE_ACCOUNT, Guest
from .project import USER_ID
from .roles import check_role, project_role, role_of
from .store import Store

KIND = "service_accounts"
OWN_ID = 1
# In Mixpanel a service account is a user too.
FIRST_USER = 1000
SHOWN = ("id", "username", "last_used", "expires", "creator", "created", "user")
MINUTE = len("2026-03-01T00:00")
LONGEST_NAME = 255


def list_accounts(call: Call) -> object:
    """Return the accounts of the organization."""
    return ok([_shown(each) for each in _everyone(call)])


def create(call: Call) -> object:
    """Make an account and tell its secret, this one time."""
    body = call.json()
    username = filled(body, "username").strip()
    if len(username) > LONGEST_NAME or ":" in username:
        raise wrong(f"username must have up to {LONGEST_NAME} characters and no colon")
    if username in (each["username"] for each in _everyone(call)):
        raise wrong(f"There is a service account {username!r} already")
    fields = Fields(body)
    role = fields.value("role")
    secret, number = token_urlsafe(24), max(OWN_ID + 1, _accounts(call).next_number())
    account = {
        "id": number,
        "username": username,
        "last_used": None,
        "expires": _expiry(call, fields.text("expires")),
        "creator": USER_ID,
        "created": _moment(call.now),
        "user": FIRST_USER + number,
        "role": role_of(role or "consumer", "role"),
        "projects": _memberships(call, body, role),
        "secret": _digest(secret),
    }
    _accounts(call).put(account)
    return Answer(ok({**_shown(account), "token": secret}), 201)


def get(call: Call) -> object:
    """Return one account, without the envelope of the others."""
    return _shown(_one(call, int(call.path["id"])))


def delete(call: Call) -> object:
    """Remove an account; its secret is good for nothing from now on."""
    account = _one(call, int(call.path["id"]))
    _check_not_own(account["id"])
    _accounts(call).delete(account["id"])
    return {"status": "ok"}


def list_of_project(call: Call) -> object:
    """Return the accounts that the project lets in, with their roles."""
    return ok([_member(call, each) for each in _everyone(call) if project_role(each, call.project)])


def add_to_projects(call: Call) -> object:
    """Give accounts a role in projects; one that they have already is replaced."""
    body = call.json()
    accounts = _named(call, body)
    added = _memberships(call, body)
    if not added:
        raise wrong("projects is required")
    for account in accounts:
        new = {each["id"] for each in added}
        kept = [each for each in account["projects"] if each["id"] not in new]
        _accounts(call).put({**account, "projects": [*kept, *added]})
    return {"status": "ok"}


def remove_from_projects(call: Call) -> object:
    """Take accounts out of projects; who is not there stays outside."""
    projects = _projects(call.json())
    if not projects:
        raise wrong("projects is required")
    for entry in projects:
        number = _own_project(call, entry)
        for account in _named(call, entry):
            left = [each for each in account["projects"] if each["id"] != number]
            _accounts(call).put({**account, "projects": left})
    return {"status": "ok"}


def let_in(store: Store, guest: Guest, path: str, *, writes: bool) -> None:
    """Refuse with 401 a secret that is not good now, with 403 what its account may not do."""
    with store.read() as database:
        accounts = Entities(database, KIND, "Service account").all()
    named = [each for each in accounts if each["username"] == guest.username]
    account = next((each for each in named if _is_secret_of(each, guest.secret)), None)
    now = store.now()
    if account is None or _is_over(account, now):
        raise guest.refusal
    check_role(account, path, writes=writes, project=store.project)
    used = _moment(now)
    # A write for every request would make reading slow.
    if (account["last_used"] or "")[:MINUTE] != used[:MINUTE]:
        with store.write() as database:
            accounts = Entities(database, KIND, "Service account")
            if fresh := accounts.find(account["id"]):
                accounts.put({**fresh, "last_used": used})


def _everyone(call: Call) -> list[Json]:
    own = {
        "id": OWN_ID,
        "username": SERVICE_ACCOUNT.partition(":")[0],
        # Whoever asks the sandbox uses it, or could.
        "last_used": _moment(call.now),
        "expires": None,
        "creator": USER_ID,
        "created": None,
        "user": FIRST_USER + OWN_ID,
        "role": "owner",
        "projects": [],
    }
    return [own, *_accounts(call).all()]


def _accounts(call: Call) -> Entities:
    return Entities(call.database, KIND, "Service account")


def _one(call: Call, number: int) -> Json:
    for account in _everyone(call):
        if account["id"] == number:
            return account
    raise missing(f"Service account {number} not found")


def _named(call: Call, body: Json) -> list[Json]:
    """Return the accounts that a body names; 400 for none, 404 for one that is not there."""
    numbers = Fields(body).listing("service_account_ids")
    if not numbers or not all(isinstance(each, int) for each in numbers):
        raise wrong("service_account_ids must be a list of numbers")
    for number in numbers:
        _check_not_own(number)
    return [_one(call, number) for number in dict.fromkeys(numbers)]


def _check_not_own(number: int) -> None:
    if number == OWN_ID:
        raise wrong("The sandbox's own service account cannot be changed")


def _memberships(call: Call, body: Json, role: object = None) -> list[Json]:
    """Return the projects of a body with the role in each, which may be one for all."""
    return [
        {
            "id": _own_project(call, each),
            "role": role_of(each.get("role") or role, "projects.role"),
        }
        for each in _projects(body)
    ]


def _projects(body: Json) -> list[Json]:
    return [mapping(each, "a project") for each in Fields(body).listing("projects") or []]


def _own_project(call: Call, entry: Json) -> int:
    number = own_number(entry)
    if number != call.project.id:
        raise Refusal(403, f"Project {number} does not belong to this organization")
    return number


def _expiry(call: Call, text: str | None) -> str | None:
    if text is None:
        return None
    try:
        end = datetime.fromisoformat(text)
        if end.tzinfo is None:
            raise wrong("expires must name its time zone, e.g. end with Z")
        end = end.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise wrong(f"expires must be an ISO date and time, not {text!r}") from error
    if end <= call.now:
        raise wrong("expires must lie ahead")
    return _moment(end)


def _member(call: Call, account: Json) -> Json:
    role = project_role(account, call.project)
    return {
        **_shown(account),
        "hasSensitiveAccess": False,
        "role": role,
        "target_type": "individual" if account["projects"] else "organization",
    }


def _shown(account: Json) -> Json:
    return {name: account[name] for name in SHOWN}


def _is_secret_of(account: Json, secret: str) -> bool:
    known = account["secret"]
    return known is not None and hmac.compare_digest(known, _digest(secret))


def _is_over(account: Json, now: datetime) -> bool:
    end = account["expires"]
    return end is not None and datetime.fromisoformat(end) <= now


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _moment(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


MANY = "/api/app/organizations/{organization_id:int}/service-accounts"
ONE = f"{MANY}/{{id:int}}"
ENDPOINTS = (
    Endpoint("GET", MANY, list_accounts),
    Endpoint("POST", MANY, create, writes=True),
    Endpoint("GET", ONE, get),
    Endpoint("DELETE", ONE, delete, writes=True),
    Endpoint("POST", f"{MANY}/add-to-project", add_to_projects, writes=True),
    Endpoint("POST", f"{MANY}/remove-from-project", remove_from_projects, writes=True),
    Endpoint("GET", "/api/app/projects/{project_id:int}/service-accounts", list_of_project),
)
