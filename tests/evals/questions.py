"""The questions of the evaluation: asked in words, solved by a call, known by plain SQL."""

import csv
import io
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mixpanel_mcp_sandbox import demo

_FILE = Path(__file__).with_name("questions.toml")
_DAY = re.compile(r"\{day(\d+)\}")


@dataclass(frozen=True, slots=True)
class Find:
    """Where in a table the answer stands: a column of the row that is left, or how many are left.

    Left are rows that have one of the values of each column in `where` and none of `unless`; of
    those the one with the `most` or `least` in a column, else the first.
    """

    column: str = ""
    where: Mapping[str, str | list[str]] = field(default_factory=dict[str, str | list[str]])
    unless: Mapping[str, str | list[str]] = field(default_factory=dict[str, str | list[str]])
    most: str | None = None
    least: str | None = None
    rows: bool = False

    def answer(self, table: Sequence[Mapping[str, str]]) -> str:
        """What stands there."""
        left = [
            row
            for row in table
            if all(row[name] in _several(values) for name, values in self.where.items())
            and not any(row[name] in _several(values) for name, values in self.unless.items())
            and row.get("segment") not in ("$overall", "undefined")
        ]
        if self.rows:
            return str(len(left))
        if by := self.most or self.least:
            left.sort(key=lambda row: float(row[by]), reverse=by == self.most)
        return left[0][self.column]


@dataclass(frozen=True, slots=True)
class Question:
    """One question, its good solution, and the SQL that knows the answer."""

    name: str
    ask: str
    call: str
    find: Find
    truth: str
    story: int | None = None

    @property
    def tool(self) -> str:
        """The tool that answers it."""
        return self.call.partition(" ")[0]

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of the call."""
        return json.loads(self.call.partition(" ")[2])

    def answer(self, text: str) -> str:
        """The answer in the text that the tool answered with."""
        return self.find.answer(list(csv.DictReader(io.StringIO(text.split("\n\n", 1)[1]))))


def questions() -> list[Question]:
    """All questions, with the dates that the demo has now."""
    now = datetime.now(UTC)
    told = _DAY.sub(
        lambda day: demo.at(now, int(day[1])).date().isoformat(), _FILE.read_text("utf-8")
    )
    return [
        Question(name, find=Find(**entry.pop("find")), **entry)
        for name, entry in tomllib.loads(told).items()
    ]


def _several(values: str | list[str]) -> Sequence[str]:
    return [values] if isinstance(values, str) else values
