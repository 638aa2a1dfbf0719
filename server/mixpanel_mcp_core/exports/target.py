"""Where an export goes: format and compression by the name, one file or one for each day."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mixpanel_mcp_core.files import allowed
from mixpanel_mcp_core.nearest import near_names
from mixpanel_mcp_core.problems import unfit

Format = Literal["jsonl", "csv", "parquet"]
Compression = Literal["", "gz", "zst"]
StagedCompression = Literal["gz", "zst"]

DATE = "{date}"
ENDINGS: dict[str, tuple[Format, Compression]] = {
    ".jsonl": ("jsonl", ""),
    ".jsonl.gz": ("jsonl", "gz"),
    ".jsonl.zst": ("jsonl", "zst"),
    ".csv": ("csv", ""),
    ".csv.gz": ("csv", "gz"),
    ".csv.zst": ("csv", "zst"),
    ".parquet": ("parquet", ""),
}


@dataclass(frozen=True, slots=True)
class Target:
    """A file in the allowed folder; with `{date}` in its name, a file for each day."""

    path: Path
    format: Format
    compression: Compression

    @property
    def daily(self) -> bool:
        """Whether there is a file for each day."""
        return DATE in self.path.name

    @property
    def tabular(self) -> bool:
        """Whether the file has columns."""
        return self.format != "jsonl"

    @property
    def staging(self) -> Path:
        """The hidden folder beside it, that holds what is fetched already."""
        return self.path.with_name(f".{self.path.name}.export")

    @property
    def staged_compression(self) -> StagedCompression:
        """How records are compressed until they are delivered: the disk is slower than zstd."""
        return "gz" if self.format == "jsonl" and self.compression == "gz" else "zst"

    def of_day(self, day: object) -> Path:
        """The file of one day."""
        return self.path.with_name(self.path.name.replace(DATE, str(day)))


def read_target(folder: Path | None, name: str, *, raw: bool, may_be_daily: bool) -> Target:
    """The target that `output_file` names; NotPermittedError or InvalidInputError."""
    path = allowed(folder, name)
    ending = next((each for each in _longest_first() if path.name.lower().endswith(each)), None)
    if ending is None:
        raise unfit("output_file", _no_ending(path.name))
    if any(part.startswith(".") for part in Path(name).parts if part != "."):
        raise unfit("output_file", "a name that begins with a dot is kept for unfinished exports")
    if DATE in str(path.parent):
        raise unfit("output_file", "{date} may stand in the name of the file, not of a folder")
    target = Target(path, *ENDINGS[ending])
    if target.daily and not may_be_daily:
        raise unfit("output_file", "{date} is for events of whole days: not with limit or profiles")
    if raw and target.tabular:
        raise unfit("raw", f"a {target.format} file has columns; raw is for .jsonl")
    return target


def _longest_first() -> list[str]:
    return sorted(ENDINGS, key=len, reverse=True)


def _no_ending(name: str) -> str:
    given = name[name.find(".") :] if "." in name else ""
    near = near_names(given, list(ENDINGS)) if given else []
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{name} ends in none of {', '.join(ENDINGS)}{hint}"
