"""What is wrong with params, as problems: codes and sentences for what a validator reports."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import SchemaValidator, ValidationError

from mixpanel_mcp_core.queries.problems import Problem
from mixpanel_mcp_core.queries.suggestions import offer

from .kinds import is_variant

_WRONG_TYPES = ("string", "int", "bool", "float", "list", "dict", "model")
CODES: Mapping[str, str] = {
    "missing": "B0_MISSING_FIELD",
    "extra_forbidden": "S3_UNKNOWN_FIELD",
    "literal_error": "B0_INVALID_LITERAL",
    "value_error": "B0_VALIDATOR_ERROR",
    **dict.fromkeys((f"{kind}_type" for kind in _WRONG_TYPES), "B0_WRONG_TYPE"),
}
# In `sorting` the key at fault decides too; None stands for any key.
SORTING_CODES: Mapping[tuple[str, str | None], str] = {
    ("missing", "colSortAttrs"): "S2_MISSING_COL_SORT_ATTRS",
    ("missing", "sortBy"): "S8_MISSING_SORT_BY",
    ("missing", "sortOrder"): "S9_MISSING_SORT_ORDER",
    ("literal_error", "sortBy"): "S1_INVALID_SORT_BY",
    ("literal_error", "sortOrder"): "S6_INVALID_SORT_ORDER",
    ("list_type", "colSortAttrs"): "S7_NOT_A_LIST",
    ("dict_type", None): "S5_NOT_A_DICT",
}
# So many words are told whole; of more the nearest.
_FEW = 5
_SENTENCES: Mapping[str, str] = {
    "missing": "{key} is required.",
    "extra_forbidden": "There is no key {key} here.",
    "dict_type": "Expected an object.",
    "list_type": "Expected a list.",
}


def findings(
    validator: SchemaValidator, value: object, at: str = "", *, sorting: bool = False
) -> Iterator[Problem]:
    """Every problem that the validator sees in a value which stands at this path."""
    try:
        validator.validate_python(value)
    except ValidationError as error:
        told = error.errors(include_url=False)
        for each in told:
            steps = [step for step in (*filter(None, [at]), *each["loc"]) if not is_variant(step)]
            key = str(steps[-1]) if steps else ""
            yield Problem(_code(each["type"], key, sorting), _path(steps), _sentence(each, key))


def _code(kind: str, key: str, sorting: bool) -> str:
    own = [SORTING_CODES.get((kind, name)) for name in (key, None)] if sorting else []
    return next(filter(None, own), None) or CODES.get(kind, "VALIDATION_ERROR")


def _path(steps: Sequence[str | int]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".")


def _sentence(told: Any, key: str) -> str:
    if told["type"] == "literal_error" and isinstance(told["input"], str):
        valid = re.findall(r"'([^']*)'", told["ctx"]["expected"])
        if len(valid) > _FEW:
            return f"{told['input']!r} is not valid here. {offer(told['input'], valid)}"
    sentence = _SENTENCES.get(told["type"])
    return sentence.format(key=key) if sentence else f"{told['msg'].removesuffix('.')}."
