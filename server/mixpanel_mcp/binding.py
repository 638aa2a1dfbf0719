"""From a tool call to its operation and back: the one place that knows both.

Arguments are checked, the server's bounds asked, the session resolved, the operation run, its
value rendered, its errors explained. A direct call and one through the catalogue go the same way.
"""

import base64
import logging
import time
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from mcp.server.mcpserver import Context
from mcp.types import CallToolResult, ImageContent, InputRequiredResult, TextContent
from pydantic import BaseModel

import mixpanel_mcp_tools
from mixpanel_mcp.accepting import accept
from mixpanel_mcp.answers import Answers
from mixpanel_mcp.charting import with_chart
from mixpanel_mcp.confirming import Confirming, Unconfirmed
from mixpanel_mcp.failures import failed
from mixpanel_mcp.keeping import keeper, store_of
from mixpanel_mcp.listing import Listing
from mixpanel_mcp.parameters import (
    CONFIRM,
    TARGET,
    parameters_of,
    runs_in_session,
    runs_on_store,
)
from mixpanel_mcp.progress import Progress, progress_of
from mixpanel_mcp.published import names, published
from mixpanel_mcp.results import Keep, Renderer
from mixpanel_mcp.safety import Safety, noting_sender
from mixpanel_mcp.secrets import Masker
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp_core.errors import MixpanelError, NotPermittedError
from mixpanel_mcp_core.operation import Operation
from mixpanel_mcp_core.secret_fields import is_secret_name

if TYPE_CHECKING:
    from mixpanel_mcp_core.session import Session

log = logging.getLogger(__name__)

CallContext = Context[Any, Any] | None

# Their answers quote what Mixpanel answered, and that may quote what it was sent.
_QUOTING = frozenset({"accounts_test", "create_pipeline", "edit_pipeline", "preview_change"})


class Bound(NamedTuple):
    """An operation, its module imported, with the model that its arguments are checked by."""

    operation: Operation
    arguments: type[BaseModel]


@cache
def bound(name: str) -> Bound:
    """Import an operation on its first call."""
    operation = mixpanel_mcp_tools.toolset(names()[name]).operations[name]
    return Bound(operation, parameters_of(operation))


class Binder:
    """Runs tools by name."""

    def __init__(
        self, listing: Listing, sessions: Sessions, renderer: Renderer, masker: Masker
    ) -> None:
        self.listing = listing
        self.masker = masker
        self._sessions = sessions
        self._renderer = renderer
        self._answers = Answers(remembering=listing.settings.cache)
        self._safety = Safety(listing, Confirming(listing.settings.confirm), renderer, masker)

    async def call(
        self, name: str, arguments: Mapping[str, Any], context: CallContext = None
    ) -> CallToolResult | InputRequiredResult:
        """Run one operation for a client; every MixpanelError becomes an error result."""
        started = time.perf_counter()
        try:
            async with progress_of(context) as progress:
                result = await self._run(name, arguments, context, progress)
        except Unconfirmed as waiting:
            log.info("call waits for a confirmation", extra={"tool": name})
            return waiting.result
        except MixpanelError as error:
            log.info("call failed", extra={"tool": name, "code": error.code})
            return failed(error, self.masker, _where_ids_are(name) if _not_found(error) else None)
        except Exception:
            log.exception("call broke", extra={"tool": name})
            return failed(_unexpected(name), self.masker)
        took = round((time.perf_counter() - started) * 1000)
        log.info("call answered", extra={"tool": name, "milliseconds": took})
        return result

    async def session(self, target: str | None = None) -> "Session":
        """The session of now, or that of a target, able to run operations by name."""
        return (await self._sessions.session(target)).running(self._run_by_name)

    async def _run(
        self,
        name: str,
        arguments: Mapping[str, Any],
        context: CallContext,
        progress: Progress | None,
    ) -> CallToolResult:
        operation, given = self._checked(name, arguments)
        token = given.pop(CONFIRM, None)
        if not runs_in_session(operation):
            await self._safety.confirm(operation, given, None, token, context)
            value = await self._without_session(operation, given, progress)
            # Kept results came from where their answer says.
            source = value.origin if runs_on_store(operation) else None
            keep = self._keeper(name, given, source)
            result = self._rendered(name, value, source, keep=keep)
            return with_chart(result, value, source, context)
        session = await self.session(given.pop(TARGET, None) or None)
        if progress is not None:
            session = session.reporting(progress.report, progress.note)
        await self._safety.confirm(operation, given, session, token, context)
        answer = await self._answers.to(session, operation, given)
        source = _source(session, given, answer.value)
        keep = None if name in _QUOTING else self._keeper(name, given, source)
        hints = [*session.hints, *answer.hints]
        result = self._rendered(
            name,
            answer.value,
            source,
            age=answer.age,
            hints=hints,
            keep=keep,
            standings=list(session.standings.values()),
        )
        return with_chart(result, answer.value, source, context, hints)

    def _checked(self, name: str, arguments: Mapping[str, Any]) -> tuple[Operation, dict[str, Any]]:
        """An operation that this server may run, and its arguments as it takes them."""
        if not self.listing.allows(name):
            raise NotPermittedError(self.listing.why_not(name))
        operation, model = bound(name)
        self._learn_secrets(arguments)
        given = accept(model, published(name).tool["inputSchema"], arguments)
        # Once more, since objects may have been given as JSON text.
        self._learn_secrets(given)
        return operation, given

    def _learn_secrets(self, arguments: Mapping[str, Any]) -> None:
        """Mask from now on what a caller tells as a secret: an answer may quote the request."""
        for name, value in arguments.items():
            if is_secret_name(name) and isinstance(value, str):
                self.masker.learn(value)
            elif isinstance(value, dict):
                self._learn_secrets(cast("Mapping[str, Any]", value))

    async def _run_by_name(
        self, session: "Session", name: str, arguments: Mapping[str, Any]
    ) -> Any:
        """Run an operation for another one, in its session and within the same bounds."""
        operation, given = self._checked(name, arguments)
        given.pop(TARGET, None)
        given.pop(CONFIRM, None)
        if not runs_in_session(operation):
            return await self._without_session(operation, given)
        with noting_sender(name, given):
            answer = await self._answers.to(session, operation, given)
        session.hints.extend(answer.hints)
        return answer.value

    async def _without_session(
        self, operation: Operation, given: Mapping[str, Any], progress: Progress | None = None
    ) -> Any:
        """Run an operation on results that were kept, or on accounts, of which may be none yet."""
        home = (await self._sessions.home()).opening(self.session)
        if runs_on_store(operation):
            return await operation.call(store_of(self.listing, self._sessions), **given)
        if progress is not None:
            home = home.reporting(progress.report)
        try:
            return await operation.call(home, **given)
        finally:
            if not operation.effect.read_only:
                self._answers.forget()

    def _keeper(
        self, name: str, given: Mapping[str, Any], source: Mapping[str, Any] | None
    ) -> Keep | None:
        return keeper(self.listing, self._sessions, name, given, source)

    def _rendered(
        self, name: str, value: Any, source: Mapping[str, Any] | None, **about: Any
    ) -> CallToolResult:
        text = self._renderer.render(name, value, source, **about)
        result = said(self.masker.text(text) if name in _QUOTING else text)
        if isinstance(picture := getattr(value, "png", None), bytes):
            data = base64.b64encode(picture).decode()
            result.content.append(ImageContent(type="image", data=data, mime_type="image/png"))
        return result


def _source(session: "Session", given: Mapping[str, Any], value: Any) -> Mapping[str, Any] | None:
    """Where an answer came from, if it does not say so itself, as one that was made of others.

    A workspace asked for in the call is the one that answered.
    """
    asked = given.get("workspace_id")
    here = session.source() if asked is None else {**session.source(), "workspace": asked}
    return getattr(value, "origin", here)


def _not_found(error: MixpanelError) -> bool:
    return error.details.get("status_code") == 404


def _where_ids_are(name: str) -> str | None:
    """The arguments of a tool that come from another one's answer, with its name."""
    fields: Mapping[str, Any] = published(name).tool["inputSchema"]["properties"]
    told = [
        f"{field}: {schema['description']}"
        for field, schema in fields.items()
        if ", from " in schema.get("description", "")
    ]
    return f"Look it up. {' '.join(told)}" if told else None


def said(text: str) -> CallToolResult:
    """A good answer."""
    return CallToolResult(content=[TextContent(type="text", text=text)])


def _unexpected(name: str) -> MixpanelError:
    return MixpanelError(
        f"{name} failed for a reason that this server did not expect; its log on stderr says more.",
        code="INTERNAL_ERROR",
    )
