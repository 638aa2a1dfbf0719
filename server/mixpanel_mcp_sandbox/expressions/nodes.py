"""The tree of an expression or a formula."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Constant:
    """A number, text, boolean or null."""

    value: object


@dataclass(frozen=True)
class Undefined:
    """The constant `undefined`."""


@dataclass(frozen=True)
class Name:
    """A bare name, such as `NOW`, and where it stands."""

    name: str
    place: int


@dataclass(frozen=True)
class Accessor:
    """`properties["x"]`, `user["x"]`, `event["$time"]`."""

    source: str
    name: str


@dataclass(frozen=True)
class Listing:
    """A list in brackets."""

    items: tuple["Node", ...]


@dataclass(frozen=True)
class Operation:
    """A prefix or infix operator, what it works on, and where it stands."""

    operator: str
    operands: tuple["Node", ...]
    place: int


@dataclass(frozen=True)
class Invocation:
    """A function, its arguments, and where it stands."""

    function: str
    arguments: tuple["Node", ...]
    place: int


Node = Constant | Undefined | Name | Accessor | Listing | Operation | Invocation


def parts(node: Node) -> tuple[Node, ...]:
    """Return what a node is made of."""
    match node:
        case Operation(_, operands):
            return operands
        case Invocation(_, arguments):
            return arguments
        case Listing(items):
            return items
        case _:
            return ()
