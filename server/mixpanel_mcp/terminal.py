"""The person at a terminal: asked for secrets and choices, shown pages to open."""

import asyncio
import getpass
import os
import sys
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path

from mixpanel_mcp_core.auth.browser import open_page
from mixpanel_mcp_core.auth.flows import CODE_SECONDS
from mixpanel_mcp_core.errors import ConfigError

try:
    import termios
except ImportError:  # Windows, where getpass hides what is typed.
    termios = None

LARGEST_SECRET = 64 * 1024


class Terminal:
    """Asks on the terminal, or takes a secret from standard input or a file where that was said.

    Questions and addresses go to standard error; standard output is the answer's.
    """

    def __init__(self, *, stdin: bool = False, file: Path | None = None, asked: bool = False):
        self.supplies = stdin or file is not None or asked
        self._stdin = stdin
        self._file = file
        self._page_told = False

    async def ask(self, what: str, *, secret: bool) -> str | None:
        """What was supplied or typed; None where there is neither."""
        if secret and self._stdin:
            return read_secret(sys.stdin.buffer.read(LARGEST_SECRET + 1), "standard input")
        if secret and self._file is not None:
            return read_secret(_content(self._file), self._file.name)
        if not sys.stdin.isatty():
            return None
        if secret and termios is None:
            return await asyncio.to_thread(getpass.getpass, f"{what}: ")
        with _unseen() if secret else nullcontext():
            return (await self._line(f"{what}: ")).strip() or None

    async def choose(self, what: str, options: Mapping[str, str]) -> str | None:
        """The key of the option whose number, or which itself, was typed."""
        if not sys.stdin.isatty():
            return None
        keys = list(options)
        for number, key in enumerate(keys, 1):
            _say(f"{number:>3}  {key}  {options[key]}")
        while True:
            typed = (await self._line(f"{what}, 1 to {len(keys)}: ")).strip()
            if typed in options:
                return typed
            if typed.isdecimal() and 1 <= int(typed) <= len(keys):
                return keys[int(typed) - 1]
            if not typed:
                return None

    async def open(self, url: str) -> bool:
        """Open the browser of this machine."""
        return await open_page(url)

    async def tell_page(self, url: str) -> bool:
        """Print the address, and that the way back can be pasted."""
        self._page_told = True
        _say(
            f"To log in, open this address in a browser:\n\n  {url}\n\n"
            f"Waiting for up to {CODE_SECONDS // 60} minutes. Is the browser on another computer? "
            "Its last\n"
            "page will not load then: paste the address of that page here and press Enter:"
        )
        return True

    async def paste(self) -> str | None:
        """The line that is pasted after an address was printed; None when input ends before."""
        if not self._page_told:
            return None
        try:
            return await self._line("") or None
        finally:
            _say("")

    async def _line(self, prompt: str) -> str:
        """A line of standard input; waiting for it keeps no other task, and not the exit."""
        if prompt:
            print(prompt, end="", file=sys.stderr, flush=True)
        loop = asyncio.get_running_loop()
        line: asyncio.Future[str] = loop.create_future()

        def read() -> None:
            text = _typed_line()
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, line, text)

        threading.Thread(target=read, daemon=True).start()
        return await line


def _typed_line() -> str:
    """A line of standard input, be it text or not; `sys.stdin` would raise where it is not."""
    line = b""
    while not line.endswith(b"\n") and (typed := os.read(sys.stdin.fileno(), 1)):
        line += typed
    return line.decode(errors="replace")


@contextmanager
def _unseen() -> Generator[None]:
    """What is typed at the terminal is not shown meanwhile, and shown again at the end."""
    assert termios is not None
    file = sys.stdin.fileno()
    before = termios.tcgetattr(file)
    hidden = [*before]
    hidden[3] &= ~termios.ECHO
    termios.tcsetattr(file, termios.TCSAFLUSH, hidden)
    try:
        yield
    finally:
        termios.tcsetattr(file, termios.TCSAFLUSH, before)
        _say("")


def _settle(future: asyncio.Future[str], text: str) -> None:
    if not future.done():
        future.set_result(text)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_SECRET + 1)
    except OSError as error:
        raise ConfigError(f"{path.name} cannot be read: {error.strerror}.") from error


def read_secret(content: bytes, where: str) -> str:
    """A secret as it was supplied, without the white space around it.

    Raises ConfigError when it is empty, over 64 KiB, or not UTF-8.
    """
    if len(content) > LARGEST_SECRET:
        raise ConfigError(f"The secret from {where} is longer than {LARGEST_SECRET:,} bytes.")
    try:
        text = content.decode().strip()
    except UnicodeDecodeError:
        raise ConfigError(f"The secret from {where} is not UTF-8.") from None
    if not text:
        raise ConfigError(f"The secret from {where} is empty.")
    return text


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
