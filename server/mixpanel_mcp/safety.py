"""Before a change: it is rehearsed, told, and confirmed, in one way for every operation."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mcp.types import CallToolResult, TextContent

from mixpanel_mcp.confirming import GOOD_FOR, Confirming, Unconfirmed, binding_of
from mixpanel_mcp.listing import Listing
from mixpanel_mcp.results import Renderer
from mixpanel_mcp.secrets import Masker
from mixpanel_mcp_core.operation import Operation

if TYPE_CHECKING:
    from mixpanel_mcp_core.models.changes import Foretold
    from mixpanel_mcp_core.session import Session

_MINUTES = GOOD_FOR // 60


class Safety:
    """What stands between a call and the change that it makes."""

    def __init__(
        self, listing: Listing, confirming: Confirming, renderer: Renderer, masker: Masker
    ) -> None:
        self._listing = listing
        self._confirming = confirming
        self._renderer = renderer
        self._masker = masker

    async def confirm(
        self,
        operation: Operation,
        given: Mapping[str, Any],
        session: "Session | None",
        token: str | None,
        context: Any,
    ) -> None:
        """Return when the call may go ahead.

        Raises Unconfirmed with a preview or a question where it must wait, and MixpanelError for
        a token that does not fit, a person who does not agree, and whatever would be refused.
        """
        if not self._confirming.asks(operation.effect):
            return
        source = session.source() if session else None
        bound = binding_of(operation.name, given, source)
        if token is not None:
            self._confirming.check(token, bound)
            return
        if self._confirming.answered(context, bound):
            return
        foretold = await _foretold(operation, given, session)
        if foretold is None:
            return
        question = self._masker.text(f"{_place(source)}{foretold.sentence()} Go ahead?")
        if await self._confirming.ask(context, question, bound):
            return
        raise Unconfirmed(self._preview(foretold, source, self._confirming.token(bound)))

    def _preview(
        self, foretold: "Foretold", source: Mapping[str, Any] | None, token: str
    ) -> CallToolResult:
        hints = [
            f"PREVIEW: nothing was changed yet. {foretold.does}",
            "Show this to the person. If they agree, call "
            f'{self._again(foretold.operation)} confirm: "{token}"',
        ]
        shown = type(foretold).model_validate(self._masker.value(foretold.model_dump(mode="json")))
        text = self._renderer.render(foretold.operation, shown, source, hints=hints)
        preview = {"operation": foretold.operation, "confirm": token, "changed": False}
        return CallToolResult(
            content=[TextContent(type="text", text=text)], structured_content=preview
        )

    def _again(self, operation: str) -> str:
        """How a client calls an operation once more, which it may not see as a tool."""
        if operation in self._listing.listed:
            return f"{operation} again within {_MINUTES} minutes with the same arguments and"
        return (
            f"run_write_operation again within {_MINUTES} minutes with operation {operation}, the "
            "same arguments and, among these,"
        )


async def _foretold(
    operation: Operation, given: Mapping[str, Any], session: "Session | None"
) -> "Foretold | None":
    """What the call would do; None where it would change nothing."""
    from mixpanel_mcp_core.rehearsal import Rehearsed, rehearse
    from mixpanel_mcp_tools.changing.foretelling import foretold, without_looking

    if session is None:
        return without_looking(operation, given)
    try:
        await operation.call(replace(session, on_change=rehearse), **given)
    except Rehearsed as stop:
        # Whoever is to agree must see it, also where nothing else is looked up.
        return await foretold(replace(session, lookups=True), operation, given, stop, blindly=False)
    return None


def noting_sender(operation: str, given: Mapping[str, Any]) -> AbstractContextManager[None]:
    """Have a rehearsal tell which operation would send the change."""
    from mixpanel_mcp_core.rehearsal import sent_by

    return sent_by(operation, given)


def _place(source: Mapping[str, Any] | None) -> str:
    """Where the change would be made, for a person."""
    if source is None:
        return "On this machine: "
    sandbox = ", the sandbox" if source["sandbox"] else ""
    return f"Account {source['account']}, project {source['project']}{sandbox}: "
