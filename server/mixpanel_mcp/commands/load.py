"""`mixpanel-mcp sandbox load`: the events of files into a sandbox of one's own."""

import argparse
import glob
import re
import shlex
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from mixpanel_mcp.loading import Loading
from mixpanel_mcp_core.errors import ConfigError, InvalidInputError, MixpanelError
from mixpanel_mcp_core.imports.columns import Asked
from mixpanel_mcp_core.imports.rows import opened
from mixpanel_mcp_core.imports.sources import reading
from mixpanel_mcp_core.imports.times import zone_named
from mixpanel_mcp_sandbox import SandboxError, open_sandbox
from mixpanel_mcp_sandbox.bulk import Loaded

# Arguments as problems call them, and as they are typed.
_ARGUMENTS = re.compile(
    r"\b(event_name|event_column|time_column|time_zone|distinct_id_column|without_person|"
    r"insert_id_column|property_columns|rename|text_columns)\b(?!')"
)
_MOST_REASONS = 10


def run(options: argparse.Namespace) -> int:
    """Load, and print what is stored; exit status 1 where no row could be."""
    if options.sandbox in ("demo", "empty"):
        raise ConfigError(f"--sandbox: {options.sandbox} is no file of your own; give its path.")
    started = time.perf_counter()
    try:
        paths = list(dict.fromkeys(_paths(options.files)))
        with reading() as reader:
            rows = opened(reader, paths, _asked(options), zone_named(options.time_zone))
            with open_sandbox(
                options.sandbox, identity=options.identity, timezone=options.project_timezone
            ) as sandbox:
                loading = Loading(sandbox, rows, _say)
                loaded = loading.run(keep=not options.dry_run)
    except SandboxError as error:
        raise ConfigError(str(error)) from error
    except InvalidInputError as error:
        raise InvalidInputError(_typed(error.message)) from error
    except duckdb.Error as error:
        reason = str(error).partition("\n")[0]
        raise MixpanelError(f"Nothing was loaded: {reason}") from error
    except (KeyboardInterrupt, RuntimeError) as error:
        # DuckDB makes an error of its own of Ctrl-C.
        if isinstance(error, RuntimeError) and "interrupted" not in str(error):
            raise
        _say("interrupted: nothing of these files was stored")
        raise KeyboardInterrupt from error
    seconds = time.perf_counter() - started
    print("\n".join(_told(options, loading, loaded, seconds)))
    return 1 if loading.refusals.count and not loaded.events else 0


def _asked(options: argparse.Namespace) -> Asked:
    return Asked(
        event_name=options.event_name,
        event_column=options.event_column,
        time_column=options.time_column,
        distinct_id_column=options.distinct_id_column,
        insert_id_column=options.insert_id_column,
        property_columns=_names(options.property_columns),
        rename=dict(_renamed(options.rename)),
        text_columns=_names(options.text_columns) or (),
        without_person=options.without_person,
    )


def _names(typed: str | None) -> list[str] | None:
    return None if typed is None else [name for name in typed.split(",") if name]


def _renamed(pairs: Iterable[str]) -> Iterator[tuple[str, str]]:
    for pair in pairs:
        column, equals, name = pair.partition("=")
        if not (column and equals and name):
            raise InvalidInputError(f"rename: {pair!r} is not COLUMN=NAME, e.g. amt=Amount")
        yield column, name


def _paths(typed: Iterable[str]) -> Iterator[Path]:
    """The files, of patterns too, which not every shell puts names in place of."""
    for name in typed:
        path = Path(name).expanduser()
        if path.is_file():
            yield path
            continue
        if path.is_dir():
            inside = shlex.quote(f"{name.rstrip('/')}/*.parquet")
            raise InvalidInputError(
                f"The folder {name} is no file: give what is in it, e.g. {inside}."
            )
        found = sorted(glob.glob(str(path))) if glob.has_magic(name) else []
        if not found:
            raise InvalidInputError(f"There is no file {name}.")
        yield from map(Path, found)


def _told(
    options: argparse.Namespace, loading: Loading, loaded: Loaded, seconds: float
) -> Iterator[str]:
    would = "would have" if options.dry_run else "has"
    yield f"{options.sandbox} {would} {_many(loaded.events, 'event')} of these files."
    rate = loading.count / seconds
    yield f"  rows        {loading.count:,} in {seconds:.1f} s, {rate:,.0f} a second"
    if loaded.first is not None and loaded.last is not None:
        yield f"  people      {loaded.people:,}"
        yield f"  days        {loaded.days:,}, from {loaded.first} to {loaded.last}"
    if loaded.superseded:
        yield f"  copies      {loaded.superseded:,} of the same $insert_id: the last ones count"
    if loaded.dropped:
        yield f"  dropped     {loaded.dropped:,} by what this sandbox filters or drops"
    if loading.refusals.count:
        yield f"  refused     {loading.refusals.count:,}"
        for each in loading.refusals.reasons()[:_MOST_REASONS]:
            yield f"    {each.rows:>8,}  {each.message}: {', '.join(each.examples)}"
    if loaded.events and not options.dry_run:
        sandbox = shlex.quote(options.sandbox)
        yield f"Ask it: mixpanel-mcp call --sandbox {sandbox} events"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


def _typed(message: str) -> str:
    """A problem in the words of the command line."""
    told = message.removeprefix("file_path: ")
    return _ARGUMENTS.sub(lambda found: "--" + found[0].replace("_", "-"), told)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
