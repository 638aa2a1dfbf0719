"""What comes out of kept results: pages, answers to SQL, files."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from mixpanel_mcp_core.tables import Table


class Page(BaseModel):
    """Rows of a kept result from `first` on, of `total` that were asked for.

    `origin` is where the result came from; `view` tells the question apart from others.
    """

    handle: str
    tool: str
    origin: dict[str, Any] | None
    columns: list[str]
    rows: list[list[Any]]
    first: int
    total: int
    view: str

    def table(self) -> Table:
        """The rows."""
        return Table(self.columns, self.rows)

    def value(self) -> dict[str, Any]:
        """Columns and rows, with the cursor for more where there are more."""
        told = self.model_dump(include={"handle", "tool", "columns", "rows", "total"})
        return {**told, "cursor": self.cursor(len(self.rows))}

    def cursor(self, shown: int) -> str | None:
        """Where the rows after the first `shown` begin; None at the end."""
        end = self.first + shown
        return f"{end}-{self.view}" if end < self.total else None

    def rows_told(self, shown: int) -> str:
        """Which rows are shown, and how to see the next."""
        if cursor := self.cursor(shown):
            rows = f"rows {self.first + 1:,} to {self.first + shown:,} of {self.total:,}"
            return f"{rows}; the next: the same call with cursor {cursor}"
        if self.first:
            return f"rows {self.first + 1:,} to {self.total:,} of {self.total:,}"
        return f"{self.total:,} row{'' if self.total == 1 else 's'}"

    def remarks(self) -> list[str]:
        """Which result it is."""
        several = [] if self.origin else ["from several projects"]
        return [*several, f"{self.tool} {self.handle}"]


class SqlAnswer(BaseModel):
    """What SQL says of kept results, which came from `origins`; `complete` where that is all."""

    columns: list[str]
    rows: list[list[Any]]
    complete: bool
    origins: Mapping[str, dict[str, Any] | None]

    @property
    def origin(self) -> dict[str, Any] | None:
        """Where all of them came from; None where from several."""
        first, *others = self.origins.values()
        return first if all(each == first for each in others) else None

    def table(self) -> Table:
        """The rows."""
        return Table(self.columns, self.rows)

    def value(self) -> dict[str, Any]:
        """Columns and rows."""
        return self.model_dump(include={"columns", "rows", "complete"})

    def remarks(self) -> list[str]:
        """What a reader should know beside the rows."""
        told = [] if self.complete else ["more rows follow: aggregate, or add a limit"]
        if self.origin is None:
            told += [
                f"{name}: {each['account']}/{each['project']}" if each else f"{name}: several"
                for name, each in self.origins.items()
            ]
        return told


class ExportedResult(BaseModel):
    """A kept result that was written to a file."""

    file: str
    rows: int
    bytes: int
    columns: dict[str, str]
    origin: dict[str, Any] | None

    def value(self) -> dict[str, Any]:
        """All but the origin, which the answer begins with."""
        return self.model_dump(exclude={"origin"})
