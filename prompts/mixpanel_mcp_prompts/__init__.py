"""MCP prompts: Markdown files with a header, and their loader.

A file is `<name>.md`. Its header, between two lines of `---`, has `description:` and a line
`argument NAME (KIND): MEANING` for each argument. In the text `{{NAME|WORDS}}` stands for its
value, or for the words where none was given; in quotes it is written as JSON.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

Kind = Literal[
    "text",
    "number",
    "date",
    "event",
    "property",
    "cohort",
    "report",
    "dashboard",
    "flag",
    "experiment",
]

_FOLDER = Path(__file__).parent
_HEADER = re.compile(r"---\n(.*?)\n---\n(.*)", re.DOTALL)
_ARGUMENT = re.compile(r"argument (\w+) \((\w+)\)")
_NUMBER = re.compile(r"[1-9][0-9]{0,3}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_PLACE = re.compile(r'("?)\{\{(\w+)\|([^}]*)\}\}\1')


@dataclass(frozen=True, slots=True)
class Argument:
    """What may be filled in, and what it names: `kind` is a sort of thing in the project."""

    kind: Kind
    meaning: str

    def problem(self, value: str) -> str | None:
        """What is wrong with a value, as the end of a sentence; None where nothing is."""
        if self.kind == "number" and not _NUMBER.fullmatch(value):
            return f"must be a whole number above 0, e.g. 28, not {value!r}"
        if self.kind == "date" and not _is_day(value):
            return f"must be a day, e.g. 2025-01-31, not {value!r}"
        return None


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt: name, what it is for, its arguments, and its text."""

    name: str
    description: str
    arguments: Mapping[str, Argument]
    text: str

    def filled(self, values: Mapping[str, str]) -> str:
        """The text with a value, or what stands for it, in every place."""

        def fill(place: re.Match[str]) -> str:
            value = values.get(place[2], "").strip() or place[3]
            return json.dumps(value, ensure_ascii=False) if place[1] else value

        return _PLACE.sub(fill, self.text).strip()


def _is_day(value: str) -> bool:
    try:
        return bool(_DAY.fullmatch(value)) and bool(date.fromisoformat(value))
    except ValueError:
        return False


@cache
def load() -> Sequence[Prompt]:
    """Every prompt, by name."""
    return tuple(_read(path) for path in sorted(_FOLDER.glob("*.md")))


def _read(path: Path) -> Prompt:
    match = _HEADER.fullmatch(path.read_text("utf-8"))
    if match is None:
        raise ValueError(f"{path.name} has no header")
    lines = dict(line.split(": ", 1) for line in match[1].splitlines())
    description = lines.pop("description")
    arguments = {
        name: Argument(kind, meaning)
        for name, kind, meaning in (_argument(path, *line) for line in lines.items())
    }
    return Prompt(path.stem, description, arguments, match[2])


def _argument(path: Path, head: str, meaning: str) -> tuple[str, Kind, str]:
    match = _ARGUMENT.fullmatch(head)
    if match is None or match[2] not in get_args(Kind):
        raise ValueError(f"{path.name}: not an argument of a known kind: {head}")
    return match[1], cast("Kind", match[2]), meaning
