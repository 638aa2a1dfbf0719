"""Whether a change may go ahead: a person is asked, or a token of its preview is shown again."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal

from mcp import MCPError
from mcp.server.mcpserver import Context
from mcp.types import (
    CallToolResult,
    ElicitRequest,
    ElicitRequestedSchema,
    ElicitRequestFormParams,
    InputRequiredResult,
)

from mixpanel_mcp_core.errors import InvalidInputError, MixpanelError
from mixpanel_mcp_core.operation import Effect

Policy = Literal["always", "destructive", "never"]

GOOD_FOR = 600
MODERN = "2026-07-28"
_QUESTION = "confirm"
# Without fields: the person accepts or declines.
_FORM: ElicitRequestedSchema = {"type": "object", "properties": {}}


class Unconfirmed(Exception):
    """A change that waits: `result` is the preview, or the question, that the client gets."""

    def __init__(self, result: CallToolResult | InputRequiredResult) -> None:
        super().__init__()
        self.result = result


class Confirming:
    """Signs what was previewed, and recognises it once.

    The key lives as long as this process: a token of another one is worth nothing here.
    """

    def __init__(self, policy: Policy, clock: Callable[[], float] = time.time) -> None:
        self._policy = policy
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._used: dict[str, int] = {}

    def asks(self, effect: Effect) -> bool:
        """Whether calls of this effect wait for a confirmation."""
        if effect.read_only or self._policy == "never":
            return False
        return effect.destructive or self._policy == "always"

    def token(self, bound: str) -> str:
        """A token for what is bound, good once and for ten minutes."""
        expires = int(self._clock()) + GOOD_FOR
        nonce = secrets.token_urlsafe(6)
        return f"{expires:x}.{nonce}.{self._signature(expires, nonce, bound)}"

    def check(self, token: str, bound: str) -> None:
        """Use a token up; InvalidInputError for any but a fresh one of the very same call."""
        expires, nonce, signature = _parts(token)
        expected = self._signature(expires, nonce, bound)
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            raise _refused(
                "is not the token of this call: operation, arguments, account and project must be "
                "those of the preview, in the same server"
            )
        if expires < self._clock():
            raise _refused("has expired, ten minutes after the preview")
        self._used = {key: until for key, until in self._used.items() if until >= self._clock()}
        if nonce in self._used:
            raise _refused("was used already; a token is good once")
        self._used[nonce] = expires

    def _signature(self, expires: int, nonce: str, bound: str) -> str:
        content = f"{expires}\n{nonce}\n{bound}".encode()
        digest = hmac.digest(self._key, content, hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:18]).decode()

    def answered(self, context: Context[Any, Any] | None, bound: str) -> bool:
        """Whether the person has agreed to what is bound, in answer to our question.

        Raises MixpanelError (NOT_CONFIRMED) where the person has not. An answer to a question
        that was never asked counts for nothing.
        """
        if context is None or not _is_modern(context):
            return False
        answer: Any = (context.input_responses or {}).get(_QUESTION)
        if answer is None or context.request_state is None:
            return False
        self.check(context.request_state, bound)
        _require(answer.action)
        return True

    async def ask(self, context: Context[Any, Any] | None, question: str, bound: str) -> bool:
        """Ask the person; False where the client has no way to.

        Raises Unconfirmed with the question where the client asks between two calls, and
        MixpanelError (NOT_CONFIRMED) where the person does not agree or could not be asked.
        """
        if context is None or not _can_ask(context):
            return False
        if _is_modern(context):
            params = ElicitRequestFormParams(message=question, requested_schema=_FORM)
            requests: Any = {_QUESTION: ElicitRequest(params=params)}
            state = self.token(bound)
            raise Unconfirmed(InputRequiredResult(input_requests=requests, request_state=state))
        try:
            session = context.session
            answer = await session.elicit_form(question, _FORM, context.request_id)
        except MCPError as error:
            raise _not_confirmed("The client could not ask the person.") from error
        _require(answer.action)
        return True


def binding_of(operation: str, given: Mapping[str, Any], source: Mapping[str, Any] | None) -> str:
    """What a confirmation holds for, and for nothing else."""
    return json.dumps([operation, given, source], sort_keys=True, default=str)


def _is_modern(context: Context[Any, Any]) -> bool:
    """Whether questions go between two calls, as there is no way back within one."""
    return (context.protocol_version or "") >= MODERN


def _can_ask(context: Context[Any, Any]) -> bool:
    capabilities = context.client_capabilities
    asking = capabilities and capabilities.elicitation
    return bool(asking) and (asking.form is not None or asking.url is None)


def _require(action: str) -> None:
    if action == "decline":
        raise _not_confirmed("The person declined.")
    if action != "accept":
        raise _not_confirmed("The person closed the question without an answer.")


def _not_confirmed(why: str) -> MixpanelError:
    return MixpanelError(
        f"{why} Nothing was changed. Do not call again unless the person asks for it.",
        code="NOT_CONFIRMED",
    )


def _parts(token: str) -> tuple[int, str, str]:
    expires, _, rest = token.strip().partition(".")
    nonce, _, signature = rest.partition(".")
    try:
        return int(expires, 16), nonce, signature
    except ValueError:
        raise _refused("is no token of a preview") from None


def _refused(problem: str) -> InvalidInputError:
    told = f"{problem}. Nothing was changed; call without `confirm` for a new preview"
    return InvalidInputError(f"confirm: {told}.", [{"field": "confirm", "problem": told}])
