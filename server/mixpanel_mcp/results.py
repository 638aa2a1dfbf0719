"""Results as a model reads them: one line of context, then a table or JSON, within a budget."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import orjson
from pydantic import BaseModel

from mixpanel_mcp.rendering import (
    aligned_lines,
    as_table,
    csv_lines,
    field_lines,
    listed_fields,
)
from mixpanel_mcp.shortening import shortened
from mixpanel_mcp_core.clock import lasting
from mixpanel_mcp_core.lenient_json import written
from mixpanel_mcp_core.limits import Standing
from mixpanel_mcp_core.plain import plain
from mixpanel_mcp_core.tables import Table, table_of

Format = Literal["csv", "table", "json"]
# Keeps a table that an answer has no room for; how to go on with it, or None.
Keep = Callable[[Table], str | None]

# Tables of numbers and ids weigh about three characters a token, prose four.
CHARACTERS_A_TOKEN = 3


@dataclass(frozen=True, slots=True)
class Renderer:
    """Turns an operation's value into text. `max_tokens` bounds the text, cut at whole rows.

    The format `json` is for programs: the whole value, which no budget may tear.
    """

    format: Format
    max_tokens: int

    def render(
        self,
        name: str,
        value: Any,
        source: Mapping[str, Any] | None,
        *,
        age: float | None = None,
        hints: Sequence[str] = (),
        keep: Keep | None = None,
        standings: Sequence[Standing] = (),
    ) -> str:
        """The whole text of an answer; without `source` it came from no project.

        `age` is how many seconds ago it was asked, where it was remembered; each of the `hints`
        stands in a line of its own, right below the context. What is cut is kept by `keep`. The
        `standings` are of the limits that it was counted against.
        """
        if self.format == "json":
            budget = {each.limit.name: each.told() for each in standings}
            more = {"cached_seconds": age and round(age), "hints": hints, "budget": budget}
            told = {key: each for key, each in more.items() if each or each == 0}
            return _json({"source": source, **told, "result": plain(value)})
        table = as_table(value, for_people=self.format == "table")
        context = [name, *(_source(source) if source else []), *_age(age), *_dates(value)]
        context += [each.words() for each in standings if each.matters]
        if table is not None:
            text = self._tabular(context, table, value, keep)
        else:
            text = self._other(context, value, keep)
        head, line_end, rest = text.partition("\n")
        return "\n".join([head, *hints]) + line_end + rest

    def _tabular(self, context: Sequence[str], table: Table, value: Any, keep: Keep | None) -> str:
        lines = csv_lines(table) if self.format == "csv" else aligned_lines(table)
        head = len(lines) - len(table.rows)
        appendix = self._appendix(value)
        shown = self._that_fit(lines[head:], sum(map(len, [*lines[:head], *appendix])))
        body = [*(lines[: head + shown] if table.columns else []), *appendix]
        own_words = getattr(value, "rows_told", None)
        if callable(own_words):
            rows = cast("str", own_words(shown))
        else:
            # Programs and SQL do better with columns that are the same for every question.
            rows = _rows(shown, len(table.rows), as_table(value) or table, keep)
        return _join([*context, rows, *_remarks(value)], body)

    def _appendix(self, value: Any) -> list[str]:
        """The lines that a result has to say after its table, in at most half of the budget."""
        appendix, room = getattr(value, "appendix", None), self._characters // 2
        lines = cast("list[str]", appendix()) if callable(appendix) else []
        shown = self._that_fit(lines, room)
        left = len(lines) - shown
        cut = [f"and {left:,} more line{'s' * (left > 1)}"] if left else []
        return ["", *(line[:room] for line in lines[:shown]), *cut] if lines else []

    def _other(self, context: Sequence[str], value: Any, keep: Keep | None) -> str:
        if value is None:
            return _join([*context, "done"], [])
        fields = plain(value)
        content = _without_nulls(fields) or fields
        if not isinstance(content, list):
            whole, cut = self._characters, list[str]()
            if isinstance(content, dict):
                given = cast("Mapping[str, Any]", content)
                content, cut = shortened(given, lambda each: len(self._told(each)) <= whole)
                cut += _kept_lists(given, content, keep)
            text = self._told(content)
            note = (
                [] if len(text) <= whole else [f"cut after {whole:,} of {len(text):,} characters"]
            )
            return _join([*context, *cut, *note, *_remarks(value)], [text[:whole]])
        lines = [
            each if isinstance(each, str) else _json(each) for each in cast("list[Any]", content)
        ]
        shown = self._that_fit(lines, 0)
        rows = _rows(shown, len(lines), Table(["value"], [[each] for each in lines]), keep)
        return _join([*context, rows, *_remarks(value)], lines[:shown])

    def _told(self, content: Any) -> str:
        """One thing: as it is where it is text, its fields one to a line for people, else JSON."""
        if isinstance(content, str):
            return content
        if self.format == "table" and isinstance(content, dict) and content:
            return "\n".join(field_lines(cast("dict[str, Any]", content)))
        return _json(content)

    def _that_fit(self, lines: Sequence[str], used: int) -> int:
        """How many lines fit; at least one, so that an answer is never empty for its size."""
        for index, line in enumerate(lines):
            used += len(line) + 1
            if used > self._characters and index:
                return index
        return len(lines)

    @property
    def _characters(self) -> int:
        return self.max_tokens * CHARACTERS_A_TOKEN


def _join(context: Sequence[str], body: Sequence[str]) -> str:
    return "\n".join([" · ".join(context), *([""] if body else []), *body])


def _source(source: Mapping[str, Any]) -> list[str]:
    parts = [f"account {source['account']}", f"project {source['project'] or 'none'}"]
    if source["workspace"]:
        parts.append(f"workspace {source['workspace']}")
    parts.append(f"region {source['region']}")
    return [*parts, "sandbox: true"] if source["sandbox"] else parts


def _age(seconds: float | None) -> list[str]:
    """How old a remembered answer is."""
    return [] if seconds is None else [f"cached: asked {lasting(seconds)} ago"]


def _dates(value: Any) -> list[str]:
    first, last = getattr(value, "from_date", None), getattr(value, "to_date", None)
    return [f"{str(first)[:10]} to {str(last)[:10]}"] if first and last else []


def _remarks(value: Any) -> list[str]:
    remarks = getattr(value, "remarks", None)
    told = cast("list[str]", remarks()) if callable(remarks) else []
    if not listed_fields(value):
        return told
    whole = value[0].whole_from
    return [*told, f"main fields; {whole} tells all of one" if whole else "main fields"]


def _kept_lists(given: Mapping[str, Any], shown: Mapping[str, Any], keep: Keep | None) -> list[str]:
    """How to go on with each list of objects that was cut."""
    lists = {name: each for name, each in given.items() if each is not shown[name]}
    told: list[str] = []
    for name, each in lists.items():
        objects = isinstance(each, list) and all(isinstance(row, dict) for row in each)
        table = table_of(cast("list[Mapping[str, Any]]", each)) if objects and keep else None
        if keep and table and (more := keep(table)):
            told.append(f"{name}: {more}")
    return told


def _rows(shown: int, total: int, table: Table, keep: Keep | None) -> str:
    if shown < total:
        more = keep(table) if keep else None
        return f"shown {shown:,} of {total:,} rows; {more or 'narrow the question to see the rest'}"
    return f"{total:,} row{'' if total == 1 else 's'}"


def _without_nulls(value: Any) -> Any:
    """An object without its empty fields: absent and null mean the same to a reader."""
    if isinstance(value, dict):
        given = cast("dict[str, Any]", value)
        return {key: _without_nulls(each) for key, each in given.items() if each is not None}
    return value


def _json(value: Any) -> str:
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    return written(value, orjson.OPT_NON_STR_KEYS).decode()
