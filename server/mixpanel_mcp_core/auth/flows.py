"""A login with a browser, from the registered client to the tokens."""

import asyncio
import contextlib
import hmac
from collections.abc import AsyncGenerator, Mapping
from typing import Any, NamedTuple

from mixpanel_mcp_core.auth.callback import Callback, Returned, listening, returned
from mixpanel_mcp_core.auth.clients import store_client, stored_client
from mixpanel_mcp_core.auth.home import Home
from mixpanel_mcp_core.auth.oauth import LoginServer, Proof, new_proof
from mixpanel_mcp_core.auth.tokens import Tokens
from mixpanel_mcp_core.errors import OAuthError
from mixpanel_mcp_core.regions import Region

CODE_SECONDS = 300
_TELL_SECONDS = 10
_WHOLE_SECONDS = CODE_SECONDS + 10


class _Codes(NamedTuple):
    """The error codes of one way in which the answer comes back."""

    denied: str
    incomplete: str
    state: str


_CALLBACK = _Codes(*["OAUTH_TOKEN_ERROR"] * 3)
_PASTED = _Codes("OAUTH_AUTH_DENIED", "OAUTH_PASTE_ERROR", "OAUTH_STATE_MISMATCH")


async def browser_login(home: Home, region: Region, *, open_browser: bool = True) -> Tokens:
    """Let a person log in; the tokens that come of it, which are not stored yet.

    With `open_browser` the page opens by itself where there is a browser; otherwise its address is
    told and what the browser was sent back to may be pasted. Raises OAuthError.
    """
    server, proof = home.login_server(region), new_proof()
    home.learn(proof.verifier)
    try:
        async with asyncio.timeout(_WHOLE_SECONDS):
            return await _logged_in(home, server, proof, open_browser)
    except TimeoutError:
        raise OAuthError(
            f"Nobody logged in within {CODE_SECONDS} seconds. Start the login again.",
            code="OAUTH_TIMEOUT",
            details={"timeout_seconds": CODE_SECONDS},
        ) from None


async def _logged_in(home: Home, server: LoginServer, proof: Proof, open_browser: bool) -> Tokens:
    async with listening(lambda given: _code(given, proof, server, _CALLBACK)) as callback:
        client_id = await _client(home, server, callback.redirect_uri)
        url = server.authorize_url(client_id, callback.redirect_uri, proof)
        sentence = await _shown(home, url, open_browser)
        async with asyncio.timeout(CODE_SECONDS), _telling(home, sentence):
            code = await _first(callback, _pasted(home, proof, server))
        home.learn(code)
        try:
            tokens = await server.exchange(code, callback.redirect_uri, client_id, proof.verifier)
        except OAuthError as error:
            _forget_unknown_client(home, server.region, error)
            raise
    for secret in tokens.secrets():
        home.learn(secret)
    return tokens


def _forget_unknown_client(home: Home, region: Region, error: OAuthError) -> None:
    """Drop a client that the server does not know any more, so that the next login registers."""
    if '"invalid_client"' in str(error.details.get("response_body")):
        home.places.client(region).unlink(missing_ok=True)


async def _client(home: Home, server: LoginServer, redirect_uri: str) -> str:
    """The region's client where it returns to this very address, else a new one."""
    stored = stored_client(home.places, server.region)
    if stored and stored.get("redirect_uri") == redirect_uri:
        return stored["client_id"]
    client_id = await server.register(redirect_uri)
    store_client(home.places, server.region, client_id, redirect_uri, home.clock())
    return client_id


async def _shown(home: Home, url: str, open_browser: bool) -> str | None:
    """Show the page; what there is to tell while it is open, if that was not told already."""
    if open_browser and await home.person.open(url):
        return f"Log in with the browser that opened, or open {url}"
    if await home.person.tell_page(url):
        return None
    if open_browser:
        raise OAuthError(
            "No browser could be opened on this machine. Log in from a terminal, or again with "
            "open_browser=false (login: no_browser=true) and open the address that is told then.",
            code="OAUTH_BROWSER_ERROR",
            details={"authorize_url": url},
        )
    return f"Open {url} to log in."


@contextlib.asynccontextmanager
async def _telling(home: Home, sentence: str | None) -> AsyncGenerator[None]:
    """Tell it again and again while a person logs in: to clients it is a sign of life."""

    async def tell(sentence: str) -> None:
        waited = 0
        while True:
            await home.report(waited, CODE_SECONDS, sentence)
            await asyncio.sleep(_TELL_SECONDS)
            waited += _TELL_SECONDS

    telling = asyncio.create_task(tell(sentence)) if sentence else None
    try:
        yield
    finally:
        if telling:
            telling.cancel()


async def _pasted(home: Home, proof: Proof, server: LoginServer) -> str:
    """The code out of a pasted line; waits for ever where nobody can paste."""
    line = await home.person.paste()
    if line is None:
        await asyncio.Event().wait()
    text = (line or "").strip()
    query = text.partition("?")[2] if "?" in text else text
    return _code(returned(query.partition("#")[0]), proof, server, _PASTED)


async def _first(callback: Callback, pasting: Any) -> str:
    """The code that comes first, by the callback or pasted."""
    pasted = asyncio.ensure_future(pasting)
    try:
        await asyncio.wait({callback.code, pasted}, return_when=asyncio.FIRST_COMPLETED)
        return await (callback.code if callback.code.done() else pasted)
    finally:
        pasted.cancel()
        with contextlib.suppress(asyncio.CancelledError, OAuthError):
            await pasted


def _code(given: Returned, proof: Proof, server: LoginServer, codes: _Codes) -> str:
    """The code that came back, once state and issuer are those of this login."""
    if given.error is not None:
        told = f": {given.error_description.rstrip('.')}" if given.error_description else ""
        raise OAuthError(
            f"The login was refused, {given.error}{told}.",
            code=codes.denied,
            details=_given(error=given.error, error_description=given.error_description),
        )
    if not given.code or not given.state:
        raise OAuthError(
            "The address that the browser came back to has no code and state.",
            code=codes.incomplete,
        )
    # What was pasted may be no text at all.
    if not hmac.compare_digest(given.state.encode(errors="replace"), proof.state.encode()):
        raise OAuthError(
            "What came back belongs to another login: its state is not the one of this login.",
            code=codes.state,
        )
    if not server.trusts(given.issuer):
        raise OAuthError(
            f"What came back is not from Mixpanel's login server of region {server.region}.",
            details={"issuer": given.issuer},
        )
    return given.code


def _given(**details: str | None) -> Mapping[str, str | None]:
    return {name: value for name, value in details.items() if value is not None}
