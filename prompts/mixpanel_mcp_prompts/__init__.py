"""MCP prompts: Markdown files with a header, and their loader.

A file is `<name>.md`. Its header, between two lines of `---`, has `description:` and one line
`argument NAME:` for each argument; `{{NAME}}` in the text stands for its value.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent
_HEADER = re.compile(r"---\n(.*?)\n---\n(.*)", re.DOTALL)
_PLACE = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt: name, what it is for, its arguments with their meaning, and its text."""

    name: str
    description: str
    arguments: Mapping[str, str]
    text: str

    def filled(self, values: Mapping[str, str]) -> str:
        """The text with every argument in its place; what was not given reads "(not given)"."""
        return _PLACE.sub(lambda match: values.get(match[1]) or "(not given)", self.text).strip()


def load() -> list[Prompt]:
    """Every prompt, by name."""
    return [_read(path) for path in sorted(_FOLDER.glob("*.md"))]


def _read(path: Path) -> Prompt:
    match = _HEADER.fullmatch(path.read_text("utf-8"))
    if match is None:
        raise ValueError(f"{path.name} has no header")
    lines = dict(line.split(": ", 1) for line in match[1].splitlines())
    arguments = {
        key.removeprefix("argument "): text
        for key, text in lines.items()
        if key.startswith("argument ")
    }
    return Prompt(path.stem, lines["description"], arguments, match[2])
