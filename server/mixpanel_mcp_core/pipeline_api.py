"""The export host's data pipelines: forms in, JSON or nothing out, for service accounts only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from mixpanel_mcp_core.account_kinds import check_service_account
from mixpanel_mcp_core.caller import READ_SECONDS, Caller, texts
from mixpanel_mcp_core.http import FORM, Request
from mixpanel_mcp_core.outcome import value_of
from mixpanel_mcp_core.retries import NEVER, RATE_LIMIT_ONLY, Retry
from mixpanel_mcp_core.session import Session

_PATH = "/nessie/pipeline/"


@dataclass(frozen=True, slots=True)
class PipelineApi:
    """`/api/2.0/nessie/pipeline`; a list is sent as a field that is repeated."""

    caller: Caller

    async def get(self, path: str, **query: Any) -> Any:
        """GET; what is None is left out."""
        return await self._sent("GET", path, texts(self._scoped(query)), None)

    async def post(self, path: str, fields: Mapping[str, Any], *, repeatable: bool = True) -> Any:
        """POST a form; what is None is left out. No error echoes its fields: some are secrets."""
        body = urlencode(texts(self._scoped(fields)), doseq=True).encode()
        return await self._sent("POST", path, {}, body, RATE_LIMIT_ONLY if repeatable else NEVER)

    def _scoped(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return {"project_id": self.caller.project_id, **fields}

    async def _sent(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | list[str]],
        body: bytes | None,
        retry: Retry = RATE_LIMIT_ONLY,
    ) -> Any:
        headers = {} if body is None else {"Content-Type": FORM}
        url = self.caller.url("export", _PATH + path)
        request = Request(method, url, query, body, headers, READ_SECONDS["app"])
        answer = await self.caller.send(request, retry)
        return value_of(answer, request, self.caller.project_id, may_be_empty=True)


def pipelines_of(session: Session) -> PipelineApi:
    """The data pipelines of the session's project; ConfigError for any but a service account."""
    check_service_account(session)
    return PipelineApi(session.export.caller)
