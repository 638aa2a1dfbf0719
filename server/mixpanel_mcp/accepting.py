"""Wide acceptance: what callers write nearly right is read as what they meant, or refused well.

Models write one item for a list, JSON text for an object, "7" for 7. The published schema tells
what was expected, so the slip can be undone before validation. Text is never parsed where text
is declared.
"""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, cast

import orjson
from pydantic import BaseModel, ValidationError

from mixpanel_mcp.parameters import given_arguments, nullable, other_names
from mixpanel_mcp.secrets import is_secret_name
from mixpanel_mcp_core.errors import InvalidInputError, MixpanelError
from mixpanel_mcp_core.synonyms import meant

Schema = Mapping[str, Any]

_PYTHON_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "array": list,
    "object": dict,
    "boolean": bool,
    "integer": (int, float),
    "number": (int, float),
}
_BOOLEANS = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
_LONGEST_SHOWN = 80
_SEVERAL_NUMBERS = re.compile(r"\s*\d+(\s*,\s*\d+)+\s*")
_NO_SECRETS = (
    "secrets are never taken as arguments. Name an environment variable of this server where the "
    "tool has secret_env or token_env, or use the command line, which asks: mixpanel-mcp accounts"
)


def accept(model: type[BaseModel], schema: Schema, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The keyword arguments of a call; raises InvalidInputError naming every field at fault."""
    kept = nullable(model)
    given = {
        name: value
        for name, value in _renamed(arguments, other_names(model)).items()
        if (value is None and name in kept) or not _absent(name, value, schema)
    }
    # Each reading undoes one slip more; the model decides how many it needs undone.
    for wrapped, as_text in ((False, False), (True, False)):
        try:
            return given_arguments(model.model_validate(_widened(given, schema, wrapped, as_text)))
        except ValidationError:
            pass
    try:
        return given_arguments(model.model_validate(_widened(given, schema, True, True)))
    except ValidationError as error:
        raise _explained(error, schema) from None


def _renamed(arguments: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Other names as the published ones; both at once stay, and the other is refused."""
    return {
        names[name] if name in names and names[name] not in arguments else name: value
        for name, value in arguments.items()
    }


def _absent(name: str, value: Any, schema: Schema) -> bool:
    """None is absent everywhere; "" where it may be left out and text would mean nothing."""
    if value != "" or name in schema.get("required", ()):
        return value is None
    field: Schema = schema["properties"].get(name, {})
    return field.get("type") != "string" or "enum" in field


def _widened(value: Any, schema: Schema, wrapped: bool, as_text: bool) -> Any:
    """JSON text read; then single items as lists (`wrapped`), and numbers as text (`as_text`)."""

    def widen(value: Any, schema: Schema) -> Any:
        expected = schema.get("type")
        if isinstance(value, str) and expected in _PYTHON_TYPES:
            value = _parsed(value, cast("str", expected))
        if expected == "string" and as_text and _is_number(value):
            return str(value)
        if expected == "string" and isinstance(value, str):
            return _in_its_case(value, schema.get("enum", ()))
        if expected == "array":
            return widen_items(value, schema.get("items", {}))
        if expected == "object" and isinstance(value, dict) and "properties" in schema:
            inner: Mapping[str, Schema] = schema["properties"]
            given = cast("dict[str, Any]", value)
            return {name: widen(each, inner.get(name, {})) for name, each in given.items()}
        return value

    def widen_items(value: Any, schema: Schema) -> Any:
        if isinstance(value, list):
            return [widen(item, schema) for item in cast("list[Any]", value)]
        if schema.get("type") == "integer" and _SEVERAL_NUMBERS.fullmatch(str(value)):
            return [int(each) for each in str(value).split(",")]
        item = widen(value, schema)
        return [item] if wrapped else item

    return widen(value, schema)


def _in_its_case(text: str, words: Sequence[str]) -> str:
    """A word of a set as the set spells it."""
    if text in words:
        return text
    return next((word for word in words if word.lower() == text.lower()), text)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _parsed(text: str, expected: str) -> Any:
    """JSON text as the value it stands for: of the expected kind, or an object in its place."""
    if expected == "boolean":
        return _BOOLEANS.get(text.strip().lower(), text)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    if isinstance(value, dict):
        # A cohort is published as an id, and may be a definition.
        return value  # pyright: ignore[reportUnknownVariableType]
    kind = _PYTHON_TYPES[expected]
    return value if isinstance(value, kind) and not isinstance(value, bool) else text


def _explained(error: ValidationError, schema: Schema) -> MixpanelError:
    problems: list[dict[str, Any]] = []
    for each in error.errors(include_url=False):
        cause = each.get("ctx", {}).get("error")
        if isinstance(cause, MixpanelError):
            return cause
        problems.append(_problem(cast("Mapping[str, Any]", each), schema))
    return InvalidInputError("; ".join(_sentence(problem) for problem in problems), problems)


def _problem(error: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    location: Sequence[str | int] = error["loc"]
    said = str(error["msg"]).replace(" after validation", "")
    problem: dict[str, Any] = {"field": field_path(location), "problem": said}
    kind = error["type"]
    if kind == "extra_forbidden" and is_secret_name(str(location[-1])):
        return problem | {"problem": _NO_SECRETS}
    if kind == "extra_forbidden":
        problem["problem"] = "there is no such argument"
        around = _at(schema, location[:-1])
        # Inside an object whose names are free, the published schema knows no further.
        if "properties" in around:
            known = sorted(around["properties"])
            problem |= {"allowed": known} | _nearest(str(location[-1]), known)
    elif kind == "missing":
        problem["problem"] = "required"
        if description := _at(schema, location).get("description"):
            problem["expected"] = description
    elif kind in ("literal_error", "enum"):
        allowed = [str(each) for each in _at(schema, location).get("enum", [])]
        problem["problem"] = f"must be one of {', '.join(allowed)}" if allowed else error["msg"]
        problem |= {"allowed": allowed} | _nearest(str(error["input"]), allowed)
    elif kind.endswith(("_type", "_parsing")):
        problem["problem"] = str(error["msg"]).replace("dictionary", "object")
        problem |= _described(schema, location)
    told = not is_secret_name(str(location[-1])) if location else True
    if kind != "missing" and told and isinstance(error["input"], str | int | float | bool):
        problem["given"] = str(error["input"])[:_LONGEST_SHOWN]
    return problem


def _sentence(problem: Mapping[str, Any]) -> str:
    text = f"{problem['field']}: {problem['problem']}"
    if expected := problem.get("expected"):
        text += f" ({expected})"
    if nearest := problem.get("nearest"):
        text += f". Did you mean {nearest!r}?"
    elif problem["problem"] == "there is no such argument" and "allowed" in problem:
        text += f". Allowed: {', '.join(problem['allowed']) or 'none'}"
    return text


def _nearest(given: str, allowed: Sequence[str]) -> dict[str, str]:
    near = meant(given, allowed) or _longer_or_shorter(given, allowed)
    near = near or next(iter(get_close_matches(given.lower(), allowed, n=1)), None)
    return {"nearest": near} if near else {}


def _longer_or_shorter(given: str, allowed: Sequence[str]) -> str | None:
    """`bookmark_id` for `id` and the other way round, where only one is meant."""
    alike = [name for name in allowed if name.endswith(f"_{given}") or given.endswith(f"_{name}")]
    return alike[0] if len(alike) == 1 else None


def _described(schema: Schema, location: Sequence[str | int]) -> dict[str, str]:
    """What the published schema says of a field, or of what it stands in."""
    for end in range(len(location), 0, -1):
        if description := _at(schema, location[:end]).get("description"):
            return {"expected": description}
    return {}


def _at(schema: Schema, location: Sequence[str | int]) -> Schema:
    """The schema of a field, followed as far as the published part goes."""
    for step in location:
        if isinstance(step, int):
            schema = schema.get("items", {})
        elif step in schema.get("properties", {}):
            schema = schema["properties"][step]
    return schema


def field_path(location: Sequence[str | int]) -> str:
    """A pydantic location as a path: `rows[0].contents`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return text.lstrip(".") or "the arguments"
