"""Ask a model the questions of the evaluation: `uv run python -m tests.evals.run --command "…"`.

The command is started for each question. It reads the question, and the configuration of the MCP
server, from its standard input; `{config}` in it is the path of a file with that configuration. The
last line that it writes is `ANSWER: …`, which is graded by the true answer. Without a command the
good solutions are run, and weighed.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mcp import Client

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_sandbox import open_sandbox

from .grading import last_answer, right
from .probing import solved
from .questions import Question, questions
from .truth import Answer, truths

_ASKED = """\
{ask}

Find out with the tools of the MCP server "mixpanel". End with one line, and nothing else in it:
ANSWER: the number, name or date (YYYY-MM-DD)

The configuration of the MCP server:
{config}
"""


def main() -> int:
    """Ask, grade, print a line for each question; 1 when an answer was wrong."""
    every = questions()
    options = _options([each.name for each in every])
    asked = [each for each in every if not options.only or each.name in options.only]
    with _new_demo() as base:
        known = truths(base, asked)
        if options.command:
            told = {each.name: answered(options.command, each, options.seconds) for each in asked}
        else:
            told = asyncio.run(_solved(asked))
    wrong = [each for each in asked if not right(told[each.name], known[each.name])]
    for each in asked:
        print(_line(each, told[each.name], known[each.name], each in wrong))
    print(f"{len(asked) - len(wrong)} of {len(asked)} answers are right")
    return 1 if wrong else 0


def _options(names: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.evals.run",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--command", help="what answers a question, e.g. a model's command line")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help="only these")
    parser.add_argument("--seconds", type=float, default=300, help="time for an answer (300)")
    return parser.parse_args()


@contextmanager
def _new_demo() -> Generator[Path]:
    """The file of a demo that nobody has changed, where servers find it from now on."""
    with tempfile.TemporaryDirectory(prefix="mixpanel-evals-") as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        open_sandbox("demo").close()
        yield next(Path(folder).rglob("demo-g*.duckdb"))


async def _solved(asked: Sequence[Question]) -> dict[str, str]:
    async with Client(build(Settings(sandbox="demo"))) as client:
        found = await solved(client, asked)
    weights = [each.tokens for each in found]
    print(f"answers weigh {max(weights):,} tokens at most, {sum(weights):,} in all")
    return {each.question.name: each.answer for each in found}


def answered(command: str, question: Question, seconds: float) -> str:
    """What a command answers; nothing where it says nothing, or takes too long."""
    config = json.dumps(_config(), indent=1)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(config)
        file.flush()
        try:
            done = subprocess.run(
                command.replace("{config}", file.name),
                shell=True,
                input=_ASKED.format(ask=question.ask, config=config),
                stdout=subprocess.PIPE,
                text=True,
                timeout=seconds,
            )
        except subprocess.TimeoutExpired:
            return ""
    return last_answer(done.stdout)


def _config() -> dict[str, object]:
    """How a client starts the server, in the form that most clients read."""
    server = {
        "command": sys.executable,
        "args": ["-m", "mixpanel_mcp", "serve", "--sandbox", "demo"],
        "env": {name: os.environ[name] for name in ("XDG_CACHE_HOME",) if name in os.environ},
    }
    return {"mcpServers": {"mixpanel": server}}


def _line(question: Question, told: str, truth: Answer, wrong: bool) -> str:
    return f"{'WRONG' if wrong else 'right'}  {question.name}: {told or 'no answer'} ({truth})"


if __name__ == "__main__":
    sys.exit(main())
