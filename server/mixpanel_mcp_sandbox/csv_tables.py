"""CSV files as lookup tables: a header, rows by the value of their first column, typed cells."""

import csv
import io
import json
import re
from itertools import islice
from typing import Any, NamedTuple, cast

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
WORDS: dict[str, Any] = {"true": True, "false": False}
MOST_FAULTS = 10


class BadTable(Exception):
    """The file is no table; `failed` tells up to ten rows, by index behind the header."""

    def __init__(self, sentence: str, failed: list[dict[str, object]] | None = None):
        super().__init__(sentence)
        self.failed = failed or []


class CsvTable(NamedTuple):
    """The name of the key column, those of the others, and the rows by key."""

    key: str
    columns: list[str]
    rows: dict[str, dict[str, Any]]


def read_table(content: bytes) -> CsvTable:
    """Return the table in a file; BadTable for a file that is none."""
    try:
        text = content.decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadTable(f"The file is no CSV in UTF-8: {error}") from error
    if not lines or len(lines[0]) < 2:
        raise BadTable("The file needs a header row with a key column and another one")
    header = lines[0]
    if len(set(header)) < len(header) or not all(name.strip() for name in header):
        raise BadTable("The names in the header row must be unique and not blank")
    return CsvTable(header[0], header[1:], _rows(header, lines[1:]))


def head(content: bytes, limit: int | None) -> bytes:
    """Return the file up to its first `limit` rows, as it is written."""
    if limit is None:
        return content
    text = content.decode("utf-8-sig")
    reader = csv.reader(io.StringIO(text, newline=""))
    for _ in islice(reader, limit + 1):
        pass
    return "".join(io.StringIO(text, newline="").readlines()[: reader.line_num]).encode()


def _rows(header: list[str], lines: list[list[str]]) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    failed: list[dict[str, object]] = []
    for index, line in enumerate(lines):
        if fault := _fault(header, line, rows):
            failed.append({"index": index, "message": fault})
        elif line:
            cells = zip(header[1:], line[1:], strict=True)
            rows[line[0]] = {name: _typed(cell) for name, cell in cells if cell}
        if len(failed) == MOST_FAULTS:
            break
    if failed:
        first = failed[0]
        raise BadTable(f"Row {first['index']}: {first['message']}", failed)
    return rows


def _fault(header: list[str], line: list[str], rows: dict[str, Any]) -> str | None:
    if line and len(line) != len(header):
        return f"has {len(line)} cells instead of {len(header)}"
    if line and not line[0].strip():
        return f"has no {header[0]}"
    return f"repeats the {header[0]} {line[0]!r}" if line and line[0] in rows else None


def _typed(cell: str) -> Any:
    if cell in WORDS:
        return WORDS[cell]
    if NUMBER.fullmatch(cell):
        return float(cell) if set(cell) & set(".eE") else int(cell)
    if cell.startswith("["):
        try:
            items: Any = json.loads(cell)
        except ValueError:
            return cell
        texts = cast("list[Any]", items) if isinstance(items, list) else [None]
        return texts if all(isinstance(each, str) for each in texts) else cell
    return cell
