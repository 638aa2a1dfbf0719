"""What all terms of a query share: frozen, strict about keys, null as absent, guarded."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, cast

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import InitErrorDetails, ValidationError

from mixpanel_mcp_core.errors import ParamValidationError

from .suggestions import offer
from .words import refusal


def _without_docstring(schema: dict[str, Any]) -> None:
    # The argument that holds the object describes it; once is enough for a published schema.
    schema.pop("description", None)


class Term(BaseModel):
    """One object of the query grammar.

    Reading checks its form; `guard` checks what only makes sense of a whole object.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=_without_docstring)
    shorthand: ClassVar[str] = ""

    @model_validator(mode="before")
    @classmethod
    def _read_keys(cls, given: Any) -> Any:
        if isinstance(given, str) and cls.shorthand:
            return {cls.shorthand: given}
        if isinstance(given, BaseModel):
            return given
        if not isinstance(given, Mapping):
            message = f"Expected an object with {', '.join(cls.model_fields)}, got {given!r}."
            raise refusal("object", message)
        items = cast("Mapping[str, Any]", given)
        cls._refuse_unknown_keys(items)
        return {key: value for key, value in items.items() if value is not None}

    @classmethod
    def _refuse_unknown_keys(cls, items: Mapping[str, Any]) -> None:
        known = list(cls.model_fields)
        unknown = [key for key in items if key not in known]
        if unknown:
            raise ValidationError.from_exception_data(
                cls.__name__, [_unknown_key(key, items[key], known) for key in unknown]
            )

    def guard(self) -> None:
        """Raise ParamValidationError with the code of the first rule that this object breaks."""

    def guard_at(self, path: str) -> None:
        """The same, told with the path at which this object stands."""
        try:
            self.guard()
        except ParamValidationError as error:
            raise error.inside(path) from None


def guard_each(path: str, items: Iterable[object] | None) -> None:
    """Guard the objects of a list, each at its index; plain names have nothing to guard."""
    for index, item in enumerate(items or ()):
        if isinstance(item, Term):
            item.guard_at(f"{path}[{index}]")


def _unknown_key(key: str, value: object, known: list[str]) -> InitErrorDetails:
    message = f"There is no key {key!r} here. {offer(key, known)}"
    return InitErrorDetails(type=refusal("unknown_key", message), loc=(key,), input=value)


def one_or_more(
    kinds: type | tuple[type, ...], code: str, message: str
) -> Callable[[Any], list[Any] | None]:
    """Read a list, or a single item of one of these kinds as a list of one."""

    def read(value: Any) -> list[Any] | None:
        if value is None:
            return None
        if isinstance(value, kinds):
            return [value]
        if isinstance(value, Sequence) and not isinstance(value, str | bytes):
            return list(cast("Sequence[Any]", value))
        raise refusal(code, f"{message} Got {value!r}.")

    return read
