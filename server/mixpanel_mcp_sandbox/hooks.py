"""Hooks: paths of the sandbox itself that take calls, so that it can be seen what arrives.

A sandbox calls nobody but itself: what a webhook would send to another address goes nowhere.
"""

import re
from base64 import b64decode
from binascii import Error
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from .calls import Answer, Call, Endpoint, Json, ok
from .documents import stamp
from .entities import Entities
from .errors import wrong
from .guard import HOOK

KIND = "hook_calls"
MOST_KEPT = 100
OWN_HOSTS = ("sandbox", "localhost", "127.0.0.1", "::1")
MIXPANEL = r"([a-z-]+\.)?mixpanel\.com"
# Where the sandbox plays every host, a first folder names the host.
PATH = re.compile(rf"(/{MIXPANEL})?{HOOK.pattern}")
ELSEWHERE = (
    "The sandbox calls only itself: give a URL of the form http://sandbox/hooks/NAME. Nothing "
    "was sent."
)


@dataclass(frozen=True)
class Called:
    """What an address answered; without a status it was not called."""

    status: int
    message: str

    @property
    def good(self) -> bool:
        """True for a status from 200 to 299."""
        return 200 <= self.status < 300


def call_address(call: Call, url: str, content: Json, username: str | None = None) -> Called:
    """Send content to an address, as the user where there is one."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    here = urlsplit(f"//{call.headers.get('host', '')}").hostname
    own = host in (*OWN_HOSTS, here) or re.fullmatch(MIXPANEL, host)
    match = PATH.fullmatch(parts.path)
    if not own or match is None:
        return Called(0, ELSEWHERE)
    wanted = parse_qs(parts.query).get("status", ["200"])[0]
    return _arrived(call, match["name"], content, username, wanted)


def arrive(call: Call) -> object:
    """Take a call from anywhere; the query parameter `status` chooses the answer."""
    wanted = call.query.get("status", "200")
    called = _arrived(call, call.path["name"], call.json(), _user(call), wanted)
    return Answer({"message": called.message}, called.status)


def arrived(call: Call) -> object:
    """Return the calls that came to a hook, the latest first."""
    calls = [each for each in _calls(call).all() if each["hook"] == call.path["name"]]
    return ok(calls[::-1])


def forget(call: Call) -> object:
    """Forget the calls that came to a hook."""
    calls = _calls(call)
    for each in calls.all():
        if each["hook"] == call.path["name"]:
            calls.delete(each["id"])
    return None


def _arrived(call: Call, name: str, content: Json, username: str | None, wanted: str) -> Called:
    if not re.fullmatch("[2-5][0-9][0-9]", wanted):
        raise wrong(f"status must be a number from 200 to 599, not {wanted!r}")
    calls = _calls(call)
    entry = {"hook": name, "time": stamp(call), "username": username, "content": content}
    calls.put({"id": calls.next_number(), **entry})
    for old in calls.all()[:-MOST_KEPT]:
        calls.delete(old["id"])
    return Called(int(wanted), "arrived")


def _user(call: Call) -> str | None:
    """The user that a call names; the password is nobody's business."""
    kind, _, value = call.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        return b64decode(value, validate=True).decode("utf-8", "replace").partition(":")[0]
    except Error:
        return None


def _calls(call: Call) -> Entities:
    return Entities(call.database, KIND, "Call")


ENDPOINTS = (
    Endpoint("POST", "/hooks/{name}", arrive, writes=True),
    Endpoint("GET", "/hooks/{name}/calls", arrived),
    Endpoint("DELETE", "/hooks/{name}/calls", forget, writes=True),
)
