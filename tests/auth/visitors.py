"""People at a login that goes wrong: what their browsers bring back, or what they paste."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qs, urlencode, urlsplit

from people import Allowing, visit

Asked = Mapping[str, str]


def asked_of(url: str) -> dict[str, str]:
    """The parameters of the page that a login opens."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def callback_of(asked: Asked, **given: str) -> str:
    """The address that the login server would send the browser back to."""
    return f"{asked['redirect_uri']}?{urlencode(given)}"


async def send(port: int, data: bytes) -> bytes:
    """Write bytes to a port of this machine; what came back until the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    try:
        return await asyncio.wait_for(reader.read(), 3)
    except ConnectionError:
        return b""
    finally:
        writer.close()


def port_of(asked: Asked) -> int:
    """The port that a login listens on."""
    port = urlsplit(asked["redirect_uri"]).port
    assert port is not None
    return port


class Visiting(Allowing):
    """Opens the page, and does then what the test says with the address to come back to."""

    def __init__(self, then: Callable[[Asked], Awaitable[None]]) -> None:
        super().__init__()
        self._then = then

    async def _return(self, url: str) -> None:
        await self._then(asked_of(url))


class Bringing(Allowing):
    """Comes back with exactly these parameters; `state` of "THEIRS" is the login's own."""

    def __init__(self, **given: str) -> None:
        super().__init__()
        self.given = given

    async def _return(self, url: str) -> None:
        asked = asked_of(url)
        mine = {k: asked["state"] if v == "THEIRS" else v for k, v in self.given.items()}
        self.pages.append(await visit(callback_of(asked, **mine)))


class Pasting(Allowing):
    """Has no browser here, and pastes a line; STATE in it is the login's own."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self.line = line

    async def open(self, url: str) -> bool:
        """There is none."""
        return False

    async def tell_page(self, url: str) -> bool:
        """Sees the address."""
        self.opened.append(url)
        return True

    async def paste(self) -> str | None:
        """Paste the line."""
        return self.line.replace("STATE", asked_of(self.opened[-1])["state"])
