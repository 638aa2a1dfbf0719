"""An operation's parameters as one pydantic model: for its schema and for checking a call."""

import inspect
import warnings
from collections.abc import Mapping
from functools import cache
from types import NoneType
from typing import (
    Annotated,
    Any,
    NotRequired,
    Required,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, create_model
from pydantic.fields import FieldInfo

from mixpanel_mcp_core.fields import null_counts
from mixpanel_mcp_core.operation import Operation

# What an operation runs on; the rest are the caller's arguments.
_INJECTED = frozenset({"session", "home", "store", "binder", "call_context"})

TARGET = "target"
CONFIRM = "confirm"
_TARGET = Annotated[str | None, Field(description="Saved target, or account/project[/workspace].")]
_CONFIRM = Annotated[str | None, Field(description="Token of a preview.")]


@cache
def parameters_of(operation: Operation) -> type[BaseModel]:
    """The model whose fields are the tool's arguments, in the order they are declared.

    What an operation runs on is left out; `**fields: Unpack[SomeTypedDict]` contributes the
    dict's keys, and `**further: Any` lets unknown arguments through. Whatever runs in a session
    has a `target`, which chooses the session, and whatever changes something a `confirm`; neither
    reaches the operation.
    """
    hints = get_type_hints(operation.call, include_extras=True)
    fields: dict[str, Any] = {}
    extra = False
    for name, parameter in inspect.signature(operation.call).parameters.items():
        if name in _INJECTED:
            continue
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD:
            fields[name] = (hints[name], _default(parameter))
        elif unpacked := get_args(hints[name]):
            fields |= _typed_dict_fields(unpacked[0])
        else:
            extra = True
    if runs_in_session(operation):
        fields[TARGET] = (_TARGET, None)
    if not operation.effect.read_only and not _runs_others(operation):
        fields[CONFIRM] = (_CONFIRM, None)
    config = ConfigDict(extra="allow" if extra else "forbid", protected_namespaces=())
    with warnings.catch_warnings():
        # An argument may be called like something that every pydantic model has, e.g. `validate`.
        warnings.filterwarnings("ignore", 'Field name ".*" .*shadows an attribute in parent')
        return create_model(operation.name, __config__=config, **fields)


def runs_in_session(operation: Operation) -> bool:
    """Whether the operation asks Mixpanel in a session, and not the accounts of this machine."""
    return _runs_on("session", operation)


def runs_on_store(operation: Operation) -> bool:
    """Whether the operation asks nobody, and reads results that were kept."""
    return _runs_on("store", operation)


def _runs_on(injected: str, operation: Operation) -> bool:
    return injected in inspect.signature(operation.call).parameters


def _runs_others(operation: Operation) -> bool:
    """Whether the operation hands arguments on to another one, a confirmation among them."""
    return "binder" in inspect.signature(operation.call).parameters


def _default(parameter: inspect.Parameter) -> Any:
    return ... if parameter.default is inspect.Parameter.empty else parameter.default


def _typed_dict_fields(typed_dict: Any) -> Mapping[str, Any]:
    """A TypedDict's keys as fields, required ones first; without a value a key is left out."""
    if not is_typeddict(typed_dict) and not hasattr(typed_dict, "__required_keys__"):
        raise TypeError(f"{typed_dict} is not a TypedDict")
    hints = get_type_hints(typed_dict, include_extras=True)
    required: frozenset[str] = typed_dict.__required_keys__
    ordered = sorted(hints, key=lambda key: key not in required)
    return {
        key: (_bare(hints[key]), ...) if key in required else (_optional(_bare(hints[key])), None)
        for key in ordered
    }


def _bare(hint: Any) -> Any:
    """The type without its Required or NotRequired."""
    return get_args(hint)[0] if get_origin(hint) in (Required, NotRequired) else hint


def _optional(hint: Any) -> Any:
    """The type or None; one that takes None itself stays, with what is noted on it."""
    inner = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    return hint if NoneType in get_args(inner) else hint | None


@cache
def other_names(model: type[BaseModel]) -> Mapping[str, str]:
    """The names that an argument is accepted under beside its own, each with its own."""
    return {
        choice: name
        for name, field in model.model_fields.items()
        if isinstance(field.validation_alias, AliasChoices)
        for choice in field.validation_alias.choices
        if isinstance(choice, str) and choice != name
    }


@cache
def nullable(model: type[BaseModel]) -> frozenset[str]:
    """The arguments for which null says something."""
    fields = model.model_fields.items()
    return frozenset(name for name, field in fields if null_counts in field.metadata)


def given_arguments(model: BaseModel) -> dict[str, Any]:
    """The arguments that a call really gave, as the operation's keyword arguments."""
    fields: Mapping[str, FieldInfo] = type(model).model_fields
    given = {
        name: getattr(model, name)
        for name in fields
        if name in model.model_fields_set and getattr(model, name) is not None
    }
    return {**given, **(model.model_extra or {})}
