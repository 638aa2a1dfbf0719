"""Declaring operations: one word says the effect, and the function stays what it is."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from mixpanel_mcp_core.operation import Effect, Operation, Toolset

Declare = Callable[[Toolset], Callable[..., Any]]


async def rename(session: object, dashboard_id: int, title: str = "") -> str:
    """Rename a dashboard."""
    return f"{dashboard_id} {title}"


@pytest.mark.parametrize(
    ("declare", "effect"),
    [
        (lambda tools: tools.reads, Effect(True, False, True, False)),
        (lambda tools: tools.writes, Effect(False, False, False, False)),
        (lambda tools: tools.writes(), Effect(False, False, False, False)),
        (lambda tools: tools.writes(idempotent=True), Effect(False, False, True, False)),
        (lambda tools: tools.writes(open_world=True), Effect(False, False, False, True)),
        (lambda tools: tools.destroys, Effect(False, True, False, False)),
        (lambda tools: tools.destroys(idempotent=True), Effect(False, True, True, False)),
        (lambda tools: tools.destroys(open_world=True), Effect(False, True, False, True)),
    ],
)
def test_a_declared_function_is_collected_and_unchanged(declare: Declare, effect: Effect) -> None:
    """The toolset knows it by name, with its effect; the function itself comes back."""
    tools = Toolset("dashboards", "Dashboards")
    assert declare(tools)(rename) is rename
    assert tools.operations == {"rename": Operation(rename, effect, "dashboards")}
    assert tools.operations["rename"].name == "rename"


@pytest.mark.anyio
async def test_a_declared_function_can_be_called_directly() -> None:
    """Its signature and documentation are its own."""
    declared = Toolset("dashboards", "Dashboards").writes(rename)
    assert await declared(object(), 7, title="Weekly") == "7 Weekly"
    assert inspect.getdoc(declared) == "Rename a dashboard."
    assert list(inspect.signature(declared).parameters) == ["session", "dashboard_id", "title"]


def test_operations_keep_the_order_of_their_declaration() -> None:
    """Listings follow the source."""
    tools = Toolset("letters", "Letters")

    async def b() -> None: ...
    async def a() -> None: ...

    tools.reads(b)
    tools.destroys(a)
    assert list(tools.operations) == ["b", "a"]


@pytest.mark.parametrize("again", ["reads", "writes", "destroys"])
def test_two_operations_of_one_name_are_refused(again: str) -> None:
    """A copied function that was not renamed is found at import, and the first one stays."""
    tools = Toolset("dashboards", "Dashboards")
    tools.reads(rename)

    async def other() -> None: ...

    other.__name__ = "rename"
    with pytest.raises(ValueError, match="two operations are called rename"):
        getattr(tools, again)(other)
    assert tools.operations["rename"].call is rename


def test_toolsets_do_not_share_operations() -> None:
    """The same name may stand in two toolsets that are built apart."""
    one, two = Toolset("one", ""), Toolset("two", "")
    one.reads(rename)
    assert two.operations == {}
