"""What Mixpanel says of a script that failed: 412, with the line, a caret and the calls."""

import re

from mixpanel_mcp_sandbox.errors import Refusal

from .runner import LIBRARY_LINE

PATH = "/api/query/jql"
PREFIX = "UserVisiblePreconditionFailedError: "
# A place as the engine tells it; what is thrown outside any function stands in `<eval>`.
PLACE = re.compile(r"^ +at (?:(?P<call>.+?) \()?<input>:(?P<line>\d+):(?P<column>\d+)\)?$", re.M)


def refused(sentence: str) -> Refusal:
    """Return the 412 for what a script asks, or needs."""
    body = {"request": PATH, "error": PREFIX + sentence}
    return Refusal(412, sentence, body)


def failed(told: str, script: str, megabytes: int) -> Refusal:
    """Return the 412 for what the engine says of a script."""
    # The engine has no memory left to say what happened.
    if told.startswith(("null", "InternalError: out of memory")):
        return refused(f"The script needs more than {megabytes} MB of memory.")
    sentence = told.partition("\n    at ")[0].removesuffix("\nundefined").strip()
    places = [place for place in PLACE.finditer(told) if int(place["line"]) < LIBRARY_LINE]
    calls = "".join(f"    at {_call(place)}\n" for place in places)
    shown = _pointed_at(script, places[0]) if places else ""
    return refused(f"Uncaught exception {sentence}\n{shown}\nStack trace:\n{sentence}\n{calls}")


def _call(place: re.Match[str]) -> str:
    where = f"<anonymous>:{place['line']}:{place['column']}"
    name = place["call"]
    return where if name in (None, "<eval>") else f"{name} ({where})"


def _pointed_at(script: str, place: re.Match[str]) -> str:
    lines = script.splitlines()
    number, column = int(place["line"]), int(place["column"])
    if number > len(lines):
        return ""
    line = lines[number - 1].replace("\t", " ")
    return f"{line}\n{' ' * (column - 1)}^\n"
