"""What may be said of an experiment: its fields, and which state follows which."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

from .bookmarks import listed, mapping
from .calls import Json
from .errors import one_of, wrong
from .fields import text_within

LONGEST_NAME = 255
LONGEST_DESCRIPTION = 400
LONGEST_TEXT = 100_000
NEXT: Mapping[str, tuple[str, ...]] = {
    "draft": ("active",),
    "active": ("concluded",),
    "concluded": ("success", "fail"),
    "success": (),
    "fail": (),
}


def check_name(value: object) -> str:
    """Return the name of an experiment; 400 for anything else."""
    return text_within(value, "name", 1, LONGEST_NAME)


def _date(value: object) -> object:
    if value is None:
        return None
    try:
        datetime.fromisoformat(str(value))
    except ValueError as error:
        raise wrong(f"{value!r} is not a day or moment of ISO 8601") from error
    return value


def _entries(value: object) -> object:
    if not isinstance(value, list | dict):
        raise wrong("variants and metrics must be a list or an object")
    return cast("object", value)


def _text(name: str, most: int) -> Callable[[Any], object]:
    return lambda value: None if value is None else text_within(value, name, 0, most)


def _cache(name: str) -> Callable[[Any], object]:
    return lambda value: None if value is None else mapping(value, name)


def _tags(value: object) -> object:
    return [text_within(each, "tags", 1, LONGEST_NAME) for each in listed(value, "tags")]


CHECKS: Mapping[str, Callable[[Any], object]] = {
    "name": check_name,
    "description": _text("description", LONGEST_DESCRIPTION),
    "hypothesis": _text("hypothesis", LONGEST_TEXT),
    "variants": _entries,
    "metrics": _entries,
    "settings": lambda v: mapping(v, "settings"),
    "start_date": _date,
    "end_date": _date,
    "tags": _tags,
    "exposures_cache": _cache("exposures_cache"),
    "results_cache": _cache("results_cache"),
    "status": lambda v: one_of(NEXT, v, "status"),
    "global_access_type": _text("global_access_type", LONGEST_NAME),
}


def checked(body: Json) -> Json:
    """Return the fields of a request that an experiment has; 400 for one that is malformed."""
    return {name: check(body[name]) for name, check in CHECKS.items() if name in body}


def check_move(experiment: Json, status: str) -> None:
    """Refuse a state that does not follow the one an experiment is in."""
    now = experiment["status"]
    if status not in NEXT[now]:
        possible = " or ".join(NEXT[now]) or "nothing else"
        raise wrong(f"An experiment that is {now} can become {possible}, not {status}")
