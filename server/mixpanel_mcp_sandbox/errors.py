"""What goes wrong: `SandboxError` when a sandbox cannot be opened, `Refusal` when a request fails.

SandboxError     the file or the cache cannot be used; one sentence for the person
Refusal          an answer other than 2xx, raised anywhere below the routes
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

Word = TypeVar("Word")


class SandboxError(Exception):
    """A sandbox cannot be opened; the text says why, and nothing was changed."""


class Refusal(Exception):
    """A request is refused with an HTTP status and Mixpanel's error body.

    `wait` is the number of seconds after which the same request may be good.
    """

    def __init__(
        self,
        status: int,
        sentence: str,
        body: Mapping[str, object] | None = None,
        *,
        wait: int | None = None,
    ):
        super().__init__(sentence)
        self.status = status
        self.body = dict(body or {"status": "error", "error": sentence})
        self.headers = {} if wait is None else {"retry-after": str(wait)}


def wrong(sentence: str) -> Refusal:
    """Return the 400 for a request that Mixpanel would refuse."""
    return Refusal(400, sentence)


def one_of(words: Iterable[Word], value: object, name: str) -> Word:
    """Return the word that an argument is; 400 for a value that is none of them."""
    allowed = list(words)
    for word in allowed:
        if word == value:
            return word
    near = get_close_matches(str(value).lower(), [str(word).lower() for word in allowed], n=1)
    nearest = [f". Did you mean {str(word)!r}?" for word in allowed if str(word).lower() in near]
    told = f"{name} must be one of {', '.join(map(str, allowed))}, not {value!r}"
    raise wrong(told + "".join(nearest[:1]))


def missing(sentence: str) -> Refusal:
    """Return the 404 for something that does not exist."""
    return Refusal(404, sentence)


def not_emulated(thing: str, status: int = 400) -> Refusal:
    """Return the refusal for what Mixpanel can do and this sandbox cannot yet."""
    return Refusal(status, f"The sandbox does not emulate {thing} yet.")
