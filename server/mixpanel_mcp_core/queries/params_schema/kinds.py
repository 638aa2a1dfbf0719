"""What a level of report params is written with: kinds of values, and keys that hold them.

A key may be left out and may be null, unless it is `required` or `never_null`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic_core import core_schema as schema

Kind = schema.CoreSchema

ANYTHING: Kind = schema.any_schema()
TEXT: Kind = schema.str_schema()
WHOLE: Kind = schema.int_schema()
NUMBER: Kind = schema.float_schema()
FLAG: Kind = schema.bool_schema()
OBJECT: Kind = schema.dict_schema(keys_schema=TEXT)
THINGS: Kind = schema.list_schema(ANYTHING)
TEXTS: Kind = schema.list_schema(TEXT)
WHOLES: Kind = schema.list_schema(WHOLE)


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a level: what it holds, and the other name that it is accepted under."""

    kind: Kind
    required: bool = False
    nullable: bool = True
    also: str | None = None

    def field(self, name: str) -> schema.TypedDictField:
        """The key as the validator knows it."""
        kind = schema.nullable_schema(self.kind) if self.nullable else self.kind
        names: list[list[str | int]] = [[each] for each in (name, self.also) if each]
        return schema.typed_dict_field(kind, required=self.required, validation_alias=names)


def required(kind: Kind) -> Key:
    """A key that must be there."""
    return Key(kind, required=True, nullable=False)


def never_null(kind: Kind, *, also: str | None = None) -> Key:
    """A key that may be left out, but not be null."""
    return Key(kind, nullable=False, also=also)


def also(name: str, kind: Kind) -> Key:
    """A key that is accepted under another name too."""
    return Key(kind, also=name)


def words(*valid: str | int) -> Kind:
    """A closed set."""
    return schema.literal_schema(list(valid))


def words_of(literal: Any) -> Kind:
    """The closed set of a Literal."""
    return words(*get_args(literal))


def listing(kind: Kind) -> Kind:
    """A list of one kind."""
    return schema.list_schema(kind)


def level(
    keys: Mapping[str, Kind | Key],
    tolerated: str = "",
    *,
    open_ended: bool = False,
    ref: str | None = None,
) -> Kind:
    """An object of these keys; `tolerated` ones hold anything, others only where it is open.

    A level that holds itself needs a `ref` to be told by.
    """
    ignored = dict.fromkeys(tolerated.split(), ANYTHING)
    fields = {
        name: (kind if isinstance(kind, Key) else Key(kind)).field(name)
        for name, kind in {**keys, **ignored}.items()
    }
    extra = "allow" if open_ended else "forbid"
    return schema.typed_dict_schema(fields, extra_behavior=extra, ref=ref)


def chosen(choices: Mapping[str, Kind], choose: Callable[[Any], str]) -> Kind:
    """One of several levels, chosen by what the object says of itself."""
    tagged = {variant(name): kind for name, kind in choices.items()}
    return schema.tagged_union_schema(tagged, lambda value: variant(choose(value)))


def either(*choices: tuple[Kind, str]) -> Kind:
    """One of several named levels that nothing tells apart: all of them have their say."""
    return schema.union_schema(list(choices))


def variant(name: str) -> str:
    """The name of a choice as it stands in a validator's path, where no key is written so."""
    return f"<{name}>"


def is_variant(step: str | int) -> bool:
    """Whether a step of a path is a choice rather than a key."""
    return isinstance(step, str) and step.startswith("<") and step.endswith(">")


def sorted_words(valid: Iterable[str]) -> Kind:
    """The closed set of words that are kept in no order."""
    return words(*sorted(valid))
