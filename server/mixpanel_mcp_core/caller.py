"""Who asks: what every API family needs to build a request and to send it."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic_core import to_jsonable_python

from mixpanel_mcp_core.auth.accounts import basic
from mixpanel_mcp_core.auth.resolve import Headers, chosen_project
from mixpanel_mcp_core.guarded import Guarded
from mixpanel_mcp_core.headers import over
from mixpanel_mcp_core.http import JSON, Answer, Request
from mixpanel_mcp_core.lenient_json import written
from mixpanel_mcp_core.outcome import value_of
from mixpanel_mcp_core.regions import Family, Region, base_url
from mixpanel_mcp_core.retries import RATE_LIMIT_ONLY, Retry

# What stands for the project where there is none, e.g. in the error of a question about all.
NO_PROJECT = "0"

Query = Mapping[str, Any]
Authorize = Callable[[], Awaitable[str]]

# The server's own limit for each family, and 15 seconds for the way.
READ_SECONDS: Mapping[Family, float] = {
    "query": 503,
    "app": 135,
    "export": 600,
    "ingest": 135,
    "web": 135,
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, for which project: what every API family needs to build a request."""

    http: Guarded
    account: str
    region: Region
    authorize: Authorize
    environ: Mapping[str, str]
    project: str | None = None
    workspace_id: int | None = None
    headers: Headers = ()

    @property
    def project_id(self) -> str:
        """The project; ConfigError where none is chosen."""
        return chosen_project(self.project, self.account)

    def url(self, family: Family, path: str) -> str:
        """The URL of a path in a family, in the account's region."""
        return base_url(self.region, family, self.environ) + path

    async def send(self, request: Request, retry: Retry, token: str | None = None) -> Answer:
        """Send a request with the account's headers; a project `token` takes the account's place.

        The authorization is worked out anew for every request.
        """
        authorization = await self.authorize() if token is None else basic(token, "")
        return await self.http.send(self.dressed(request), authorization, retry)

    def dressed(self, request: Request) -> Request:
        """The request with the headers that go with the account."""
        return replace(request, headers=over(self.headers, request.headers))

    async def json(
        self,
        family: Family,
        method: str,
        path: str,
        query: Query,
        body: Any = None,
        *,
        changes: bool | None = None,
    ) -> Any:
        """Send a request with an optional JSON body and return the JSON value of its answer.

        Models in the body are written under their wire names, without the fields that are None;
        a None inside free-form objects is sent. `changes` is False for a POST that only asks.
        """
        body = to_jsonable_python(body, by_alias=True, exclude_none=True)
        request = Request(
            method,
            self.url(family, path),
            parameters(query),
            None if body is None else written(body),
            {} if body is None else {"Content-Type": JSON},
            READ_SECONDS[family],
            echo=body,
            asks=changes is False,
        )
        answer = await self.send(request, RATE_LIMIT_ONLY)
        project = self.project or NO_PROJECT
        return value_of(answer, request, project, may_be_empty=method == "DELETE")


def parameters(query: Query) -> dict[str, str | list[str]]:
    """Query values as text: None left out, booleans in lower case, `name[]` repeated."""
    return {
        name: [_text(each) for each in value] if name.endswith("[]") else _text(value)
        for name, value in query.items()
        if value is not None
    }


def texts(fields: Query) -> dict[str, str | list[str]]:
    """Fields as text: None left out, booleans in lower case, a list as one text for each item."""
    return {
        name: [_text(each) for each in value] if isinstance(value, list) else _text(value)  # pyright: ignore[reportUnknownVariableType]
        for name, value in fields.items()
        if value is not None
    }


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(map(_text, value))  # pyright: ignore[reportUnknownArgumentType]
    return str(value)


def json_text(value: Any) -> str | None:
    """JSON inside one parameter, or None for nothing, which leaves the parameter out."""
    return json.dumps(value) if value else None


def given(**values: Any) -> dict[str, Any]:
    """The arguments that were given: what is None was not."""
    return {name: value for name, value in values.items() if value is not None}
