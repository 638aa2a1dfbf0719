"""People at a login, played: they allow it, paste what they were told to, or choose."""

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode, urlsplit


async def visit(url: str) -> tuple[int, str]:
    """GET an address of this machine as a browser would; its status and page."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection("127.0.0.1", parts.port)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    head = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode())
    answer = (await reader.read()).decode()
    writer.close()
    return int(answer.split(" ")[1]), answer.partition("\r\n\r\n")[2]


class Allowing:
    """Opens the page of a login and comes back with this code, as if all was allowed."""

    supplies = False

    def __init__(self, code: str = "THECODE", **back: str) -> None:
        self.code = code
        self.back = back
        self.opened: list[str] = []
        self.pages: list[tuple[int, str]] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, url: str) -> bool:
        """Come back while the login is waiting."""
        self.opened.append(url)
        self._tasks.append(asyncio.create_task(self._return(url)))
        return True

    async def _return(self, url: str) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        given = {"code": self.code, "state": asked["state"], **self.back}
        self.pages.append(await visit(f"{asked['redirect_uri']}?{urlencode(given)}"))

    async def ask(self, what: str, *, secret: bool) -> str | None:
        """Knows nothing."""
        return None

    async def choose(self, what: str, options: Mapping[str, str]) -> str | None:
        """Chooses nothing."""
        return None

    async def tell_page(self, url: str) -> bool:
        """Sees no page that is only told."""
        return False

    async def paste(self) -> str | None:
        """Pastes nothing."""
        return None
