"""Mixpanel and its login server on a recorder, good unless a test says otherwise."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from recorder import Recorded, Recorder, recording

Answer = Mapping[str, Any]

ACCESS, REFRESH = "access-token-one", "refresh-token-one"
GOOD_TOKENS: Answer = {
    "access_token": ACCESS,
    "refresh_token": REFRESH,
    "expires_in": 3600,
    "token_type": "Bearer",
    "scope": "projects",
}


def me_of(*projects: str, domain: str = "mixpanel.com", user: str = "ann") -> Answer:
    """The answer of `/me` for somebody who sees these projects."""
    seen = {id: {"name": f"Project {id}", "domain": domain} for id in projects}
    person = {"user_id": 7, "user_email": f"{user}@example.com"}
    return {"status": 200, "body": {"results": {**person, "projects": seen}}}


@dataclass
class Mixpanel:
    """What is answered at each path; `asked` has the requests, the login server's and the APIs'."""

    recorder: Recorder
    register: Answer = field(
        default_factory=lambda: {"status": 201, "body": {"client_id": "CLIENT"}}
    )
    token: Answer = field(default_factory=lambda: {"status": 200, "body": GOOD_TOKENS})
    me: Answer = field(default_factory=lambda: me_of("11"))
    before_token: Callable[[], Awaitable[None]] | None = None

    async def answer(self, request: Recorded) -> Answer:
        """The answer to one request."""
        if request.path.endswith("/register/"):
            return self.register
        if request.path.endswith("/token/"):
            if self.before_token:
                await self.before_token()
            return self.token
        return self.me if request.path.endswith("/me") else {"status": 200, "body": []}

    @property
    def url(self) -> str:
        """The base of all its hosts."""
        return self.recorder.url

    @property
    def asked(self) -> list[str]:
        """Every request so far, as method and path."""
        return [f"{each.method} {each.path}" for each in self.recorder.requests]

    def forms(self) -> list[dict[str, str]]:
        """What came to the token endpoint."""
        requests = self.recorder.requests
        sent = [each.body.decode() for each in requests if each.path.endswith("/token/")]
        return [dict(parse_qsl(body)) for body in sent]

    def bearers(self) -> list[str]:
        """The authorization of each request of an API."""
        requests = [each for each in self.recorder.requests if each.path.startswith("/api/")]
        return [each.headers.get("authorization", "") for each in requests]


@asynccontextmanager
async def played() -> AsyncGenerator[Mixpanel]:
    """A Mixpanel on a free port."""
    async with recording() as recorder:
        mixpanel = Mixpanel(recorder)
        recorder.answer = mixpanel.answer
        yield mixpanel
