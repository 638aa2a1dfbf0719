"""Text of the expression language to a tree; a syntax error is a 400 that names the place."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mixpanel_mcp_sandbox.errors import wrong

from .nodes import (
    Accessor,
    Constant,
    Invocation,
    Listing,
    Name,
    Node,
    Operation,
    Undefined,
    parts,
)

ACCESSORS = ("properties", "user", "event", "group_properties", "behaviors")
CONSTANTS: dict[str, object] = {"true": True, "false": False, "null": None}
WORDS = ("and", "or", "not", "in", "contains")
COMPARISONS = ("==", "=", "!=", "<", "<=", ">", ">=")
TOKEN = re.compile(
    r"""\s*(?:(?P<comment>//[^\n]*)
        | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
        | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
        | (?P<name>[A-Za-z_][A-Za-z_0-9]*)
        | (?P<sign>==|!=|<=|>=|[-+*/%<>=()\[\],])
        )""",
    re.VERBOSE | re.DOTALL,
)
# A level of brackets takes some twenty calls of the parser.
DEEPEST = 40
TOO_DEEP = f"The expression is nested deeper than {DEEPEST} levels"
# These take any number of operands; others in a row nest what they work on.
CHAINS = ("or", "and", "+")
LONGEST = 200


@dataclass(frozen=True)
class Token:
    """A piece of the text: what it is, its words (keywords lower-cased) and where it stands."""

    kind: str
    text: str
    place: int


def parse(text: str, *, accessors: bool = True) -> Node:
    """Return the tree of an expression, or of a formula, which has no `accessors`."""
    node = _Parser(_tokens(text), ACCESSORS if accessors else ()).whole()
    _check_depth(node)
    return node


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    place = 0
    end = len(text.rstrip())
    while place < end:
        match = TOKEN.match(text, place)
        if match is None:
            rest = text[place:].lstrip()
            raise wrong(f"Unexpected character {rest[0]!r} at position {len(text) - len(rest)}")
        place = match.end()
        kind = str(match.lastgroup)
        if kind != "comment":
            tokens.append(_token(kind, match.group(kind), match.start(kind)))
    return [*tokens, Token("end", "end of the expression", len(text))]


def _token(kind: str, text: str, place: int) -> Token:
    if kind == "name" and text.lower() in WORDS:
        return Token("sign", text.lower(), place)
    return Token(kind, text, place)


class _Parser:
    """Recursive descent, one method per level of precedence."""

    def __init__(self, tokens: list[Token], accessors: Sequence[str]):
        self.tokens = tokens
        self.accessors = accessors
        self.at = 0
        self.depth = 0

    def whole(self) -> Node:
        node = self.disjunction()
        if self.token.kind != "end":
            raise self.unexpected()
        return node

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def unexpected(self) -> Exception:
        return wrong(f"Unexpected {self.token.text!r} at position {self.token.place}")

    def take(self, *signs: str) -> str | None:
        if self.token.kind == "sign" and self.token.text in signs:
            self.at += 1
            return self.tokens[self.at - 1].text
        return None

    def expect(self, sign: str) -> None:
        if not self.take(sign):
            raise self.unexpected()

    def disjunction(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise wrong(TOO_DEEP)
        node = self.infix(self.conjunction, "or")
        self.depth -= 1
        return node

    def conjunction(self) -> Node:
        return self.infix(self.negation, "and")

    def negation(self) -> Node:
        return self.prefixed("not", self.comparison, "not")

    def comparison(self) -> Node:
        node, place = self.sum(), self.token.place
        while operator := self.comparison_sign():
            negated, operator = operator
            node = Operation(operator, (node, self.sum()), place)
            node = Operation("not", (node,), place) if negated else node
            place = self.token.place
        return node

    def comparison_sign(self) -> tuple[bool, str] | None:
        if operator := self.take(*COMPARISONS, "in", "contains"):
            return False, "==" if operator == "=" else operator
        following = self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        if self.token.text == "not" and following.text in ("in", "contains"):
            self.at += 2
            return True, following.text
        return None

    def sum(self) -> Node:
        return self.infix(self.product, "+", "-")

    def product(self) -> Node:
        return self.infix(self.unary, "*", "/", "%")

    def infix(self, operand: Callable[[], Node], *signs: str) -> Node:
        node, place = operand(), self.token.place
        while operator := self.take(*signs):
            node = _joined(operator, node, operand(), place)
            place = self.token.place
        return node

    def prefixed(self, sign: str, operand: Callable[[], Node], operator: str) -> Node:
        places: list[int] = []
        while self.take(sign):
            places.append(self.tokens[self.at - 1].place)
        node = operand()
        for place in reversed(places):
            node = Operation(operator, (node,), place)
        return node

    def unary(self) -> Node:
        return self.prefixed("-", self.postfix, "negative")

    def postfix(self) -> Node:
        node, place = self.primary(), self.token.place
        while self.take("["):
            node = Operation("index", (node, self.disjunction()), place)
            self.expect("]")
            place = self.token.place
        return node

    def primary(self) -> Node:
        token = self.token
        if self.take("("):
            node = self.disjunction()
            self.expect(")")
            return node
        if self.take("["):
            return Listing(self.items("]"))
        self.at += 1
        if token.kind == "number":
            return Constant(float(token.text))
        if token.kind == "string":
            return Constant(_unquoted(token.text))
        if token.kind == "name":
            return self.named(token)
        self.at -= 1
        raise self.unexpected()

    def named(self, token: Token) -> Node:
        name = token.text
        if self.take("("):
            return Invocation(name.lower(), self.items(")"), token.place)
        if name.lower() in self.accessors:
            return self.accessor(name.lower())
        if name.lower() == "undefined":
            return Undefined()
        if name.lower() in CONSTANTS:
            return Constant(CONSTANTS[name.lower()])
        return Name(name, token.place)

    def accessor(self, source: str) -> Node:
        self.expect("[")
        if self.token.kind != "string":
            raise self.unexpected()
        name = _unquoted(self.token.text)
        self.at += 1
        self.expect("]")
        return Accessor(source, name)

    def items(self, closing: str) -> tuple[Node, ...]:
        items: list[Node] = []
        if self.take(closing):
            return ()
        while True:
            items.append(self.disjunction())
            if self.take(closing):
                return tuple(items)
            self.expect(",")


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


def _joined(operator: str, left: Node, right: Node, place: int) -> Node:
    if operator in CHAINS and isinstance(left, Operation) and left.operator == operator:
        if len(left.operands) == LONGEST:
            raise wrong(f"More than {LONGEST} operands in a row at position {place}")
        return Operation(operator, (*left.operands, right), left.place)
    return Operation(operator, (left, right), place)


def _check_depth(whole: Node) -> None:
    """Refuse what is too deep for the compiler although its brackets are not."""
    level = [whole]
    for _ in range(DEEPEST):
        level = [part for node in level for part in parts(node)]
    if level:
        raise wrong(TOO_DEEP)
