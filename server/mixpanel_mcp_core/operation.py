"""An operation, declared once, and the toolset that collects it.

Name, schema, description, annotations and documentation of a tool derive from the function and
from the word it was declared with: `reads`, `writes` or `destroys`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar, overload

P = ParamSpec("P")
R = TypeVar("R")
Call = Callable[P, Awaitable[R]]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a call does to Mixpanel, in the words of MCP's tool annotations."""

    read_only: bool
    destructive: bool
    idempotent: bool
    open_world: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: the function, its effect, and the toolset it belongs to."""

    call: Callable[..., Awaitable[Any]]
    effect: Effect
    toolset: str

    @property
    def name(self) -> str:
        """The tool's name: the function's."""
        return self.call.__name__


@dataclass(frozen=True, slots=True)
class Toolset:
    """A named group of operations that is listed, or left out, as a whole."""

    name: str
    summary: str
    operations: dict[str, Operation] = field(default_factory=dict[str, Operation])

    def reads(self, call: Call[P, R]) -> Call[P, R]:
        """Declare an operation that changes nothing."""
        return self._collect(call, Effect(True, False, True, False))

    @overload
    def writes(self, call: Call[P, R], /) -> Call[P, R]: ...
    @overload
    def writes(
        self, /, *, idempotent: bool = False, open_world: bool = False
    ) -> Callable[[Call[P, R]], Call[P, R]]: ...
    def writes(
        self,
        call: Callable[..., Any] | None = None,
        /,
        *,
        idempotent: bool = False,
        open_world: bool = False,
    ) -> Any:
        """Declare an operation that adds or changes, and loses nothing."""
        return self._declare(call, Effect(False, False, idempotent, open_world))

    @overload
    def destroys(self, call: Call[P, R], /) -> Call[P, R]: ...
    @overload
    def destroys(
        self, /, *, idempotent: bool = False, open_world: bool = False
    ) -> Callable[[Call[P, R]], Call[P, R]]: ...
    def destroys(
        self,
        call: Callable[..., Any] | None = None,
        /,
        *,
        idempotent: bool = False,
        open_world: bool = False,
    ) -> Any:
        """Declare an operation that may lose data which no other call brings back."""
        return self._declare(call, Effect(False, True, idempotent, open_world))

    def _declare(self, call: Callable[..., Any] | None, effect: Effect) -> Any:
        if call is not None:
            return self._collect(call, effect)
        return lambda function: self._collect(function, effect)  # pyright: ignore

    def _collect(self, call: Call[P, R], effect: Effect) -> Call[P, R]:
        name = call.__name__
        if name in self.operations:
            raise ValueError(f"two operations are called {name}")
        self.operations[name] = Operation(call, effect, self.name)
        return call
