"""Tools and a prompt that answer with a question, as the protocol does since 2026-07-28.

The client calls again with the answers. A tool may need several rounds; which one it is in
stands in the request's state, which the SDK seals.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from contents import text
from mcp.server.mcpserver import Context
from mcp.types import (
    CallToolResult,
    CreateMessageRequest,
    CreateMessageRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    InputRequest,
    InputRequiredResult,
    ListRootsRequest,
    SamplingMessage,
)
from schemas import required

Call = Context[Any, Any]
Round = Mapping[str, InputRequest]
Run = Callable[[Mapping[str, Any], Call], Awaitable[CallToolResult | InputRequiredResult]]


def form(question: str, **types: str) -> ElicitRequest:
    """A question to the person."""
    params = ElicitRequestFormParams(message=question, requested_schema=required(**types))
    return ElicitRequest(params=params)


def sampling(prompt: str) -> CreateMessageRequest:
    """A question to the client's model."""
    message = SamplingMessage(role="user", content=text(prompt))
    return CreateMessageRequest(
        params=CreateMessageRequestParams(messages=[message], max_tokens=100)
    )


NAME = form("What is your name?", name="string")
CONFIRM = form("Please confirm", ok="boolean")
CAPITAL = sampling("What is the capital of France?")
CAPABILITY = {
    "elicitation/create": "elicitation",
    "sampling/createMessage": "sampling",
    "roots/list": "roots",
}


def once(questions: Round) -> Run:
    """Ask one round of questions, keeping no state."""

    async def run(_: Mapping[str, Any], context: Call) -> CallToolResult | InputRequiredResult:
        return asked(questions, context) or CallToolResult(content=[text("Thank you.")])

    return run


def in_rounds(*rounds: Round) -> Run:
    """Ask one round after the other; the state says how many were answered."""

    async def run(_: Mapping[str, Any], context: Call) -> CallToolResult | InputRequiredResult:
        done = int(context.request_state or 0)
        if context.request_state is None or _unanswered(rounds[done], context):
            return _asking(rounds[done], done)
        if done + 1 < len(rounds):
            return _asking(rounds[done + 1], done + 1)
        return CallToolResult(content=[text("state-ok")])

    return run


async def supported(_: Mapping[str, Any], context: Call) -> CallToolResult | InputRequiredResult:
    """Ask only what the client says that it can answer."""
    able = context.client_capabilities
    offered: Round = {"capital": CAPITAL, "name": NAME}
    questions: dict[str, InputRequest] = {
        key: each
        for key, each in offered.items()
        if able and getattr(able, CAPABILITY[each.method]) is not None
    }
    return InputRequiredResult(input_requests=questions)


def asked(questions: Round, context: Call) -> InputRequiredResult | None:
    """The questions, or None when all of them were answered."""
    if _unanswered(questions, context):
        return InputRequiredResult(input_requests=dict(questions))
    return None


def _unanswered(questions: Round, context: Call) -> bool:
    return not questions.keys() <= (context.input_responses or {}).keys()


def _asking(questions: Round, done: int) -> InputRequiredResult:
    return InputRequiredResult(input_requests=dict(questions), request_state=str(done))


BY_TOOL: dict[str, Run] = {
    "test_input_required_result_elicitation": once({"user_name": NAME}),
    "test_input_required_result_sampling": once({"capital_question": CAPITAL}),
    "test_input_required_result_list_roots": once({"client_roots": ListRootsRequest()}),
    "test_streaming_elicitation": once({"user_name": NAME}),
    "test_input_required_result_request_state": in_rounds({"confirm": CONFIRM}),
    "test_input_required_result_tampered_state": in_rounds({"confirm": CONFIRM}),
    "test_input_required_result_multiple_inputs": in_rounds(
        {"user_name": NAME, "greeting": CAPITAL, "client_roots": ListRootsRequest()}
    ),
    "test_input_required_result_multi_round": in_rounds(
        {"step1": NAME}, {"step2": form("What is your favourite colour?", color="string")}
    ),
    "test_input_required_result_capabilities": supported,
}
