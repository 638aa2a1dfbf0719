"""The Authorization header of an account, worked out for every request; logins are renewed."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mixpanel_mcp_core.auth.accounts import Account, OAuthBrowser, OAuthToken, ServiceAccount, basic
from mixpanel_mcp_core.auth.clients import stored_client
from mixpanel_mcp_core.auth.keychain import revealed
from mixpanel_mcp_core.auth.locks import locked_async
from mixpanel_mcp_core.auth.oauth import LoginServer
from mixpanel_mcp_core.auth.places import Places
from mixpanel_mcp_core.auth.tokens import Tokens, log_in, read_tokens, write_tokens
from mixpanel_mcp_core.errors import OAuthError
from mixpanel_mcp_core.regions import Region

REVOKED = "OAUTH_REFRESH_REVOKED"


@dataclass(frozen=True)
class Bearers:
    """How accounts of this machine authorise their requests.

    `learn` is told every secret, so that none is shown.
    """

    places: Places
    environ: Mapping[str, str]
    login_server: Callable[[Region], LoginServer]
    now: Callable[[], datetime]
    learn: Callable[[str], None]
    _renewing: set[asyncio.Task[Tokens]] = field(default_factory=set[asyncio.Task[Tokens]])

    async def authorization(self, account: Account) -> str:
        """The header's value.

        Raises OAuthError for a token that is missing, malformed, or cannot be renewed any more.
        """
        if isinstance(account, ServiceAccount):
            secret = revealed(account.secret.get_secret_value())
            self.learn(secret)
            pair = basic(account.username, secret)
            self.learn(pair.removeprefix("Basic "))
            return pair
        return f"Bearer {await self.token(account)}"

    async def token(self, account: OAuthBrowser | OAuthToken) -> str:
        """The bearer token, a fresh one where the old one is about to expire."""
        if isinstance(account, OAuthToken):
            token = self._static(account)
        else:
            token = (await self._current(account)).access_token.get_secret_value()
        self.learn(token)
        return _sendable(token, account.name)

    def _static(self, account: OAuthToken) -> str:
        if account.token is not None:
            return revealed(account.token.get_secret_value())
        token = self.environ.get(account.token_env or "")
        if not token:
            raise OAuthError(
                f"The environment variable {account.token_env} holds no token.",
                details={"account_name": account.name, "env_var": account.token_env},
            )
        return token

    async def _current(self, account: OAuthBrowser) -> Tokens:
        tokens = self._stored(account)
        if not tokens.expired(self.now()):
            return tokens
        # A renewal that was sent must be stored, though its caller may be gone by then: the
        # server takes the old refresh token no more.
        task = asyncio.create_task(self._renewed(account))
        self._renewing.add(task)
        task.add_done_callback(self._renewing.discard)
        return await asyncio.shield(task)

    async def settle(self) -> None:
        """Wait for renewals that are under way."""
        await asyncio.gather(*self._renewing, return_exceptions=True)

    async def _renewed(self, account: OAuthBrowser) -> Tokens:
        async with locked_async(self.places.tokens(account.name).parent):
            # Another process may have renewed them while this one waited.
            tokens = self._stored(account)
            if not tokens.expired(self.now()):
                return tokens
            client_id = self._renewable(account, tokens)
            try:
                fresh = await self.login_server(account.region).refresh(tokens, client_id)
            except OAuthError as error:
                return self._after_refusal(account, tokens, error)
            self._learn(fresh)
            fresh = fresh.model_copy(update={"in_keychain": tokens.in_keychain})
            write_tokens(self.places.tokens(account.name), fresh, account.name)
            return fresh

    def _after_refusal(self, account: OAuthBrowser, used: Tokens, error: OAuthError) -> Tokens:
        """What another program, one that takes no lock, has stored meanwhile; else the refusal."""
        if error.code == REVOKED:
            stored = self._stored(account)
            if stored.refresh_token != used.refresh_token and not stored.expired(self.now()):
                return stored
        sentence = error.message.rstrip(".")
        hint = f" {log_in(account.name)}" if error.code == REVOKED else ""
        refused = "status_code" in error.details
        details = {**error.details, **({"account_name": account.name} if refused else {})}
        raise OAuthError(f"{sentence}.{hint}", code=error.code, details=details) from error

    def _renewable(self, account: OAuthBrowser, tokens: Tokens) -> str:
        """The client that renews the tokens; OAuthError when nothing can."""
        details = {"account_name": account.name, "region": account.region}
        if tokens.refresh_token is None:
            raise OAuthError(
                f"The login of account {account.name} has expired. {log_in(account.name)}",
                details={**details, "path": str(self.places.tokens(account.name))},
            )
        client = stored_client(self.places, account.region)
        if client is None:
            raise OAuthError(
                f"The login of account {account.name} has expired, and the client that could renew "
                f"it is not registered on this machine. {log_in(account.name)}. If it came with a "
                "bridge file, export that anew where it came from: mixpanel-mcp accounts "
                "export-bridge PATH",
                code="OAUTH_REFRESH_ERROR",
                details={**details, "path": str(self.places.client(account.region))},
            )
        return client["client_id"]

    def _stored(self, account: OAuthBrowser) -> Tokens:
        tokens = read_tokens(self.places, account.name)
        self._learn(tokens)
        return tokens

    def _learn(self, tokens: Tokens) -> None:
        for secret in tokens.secrets():
            self.learn(secret)


def _sendable(token: str, account: str) -> str:
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise OAuthError(
            f"The token of account {account} has characters that no header can carry, "
            "such as a line break or a space.",
            details={"account_name": account},
        )
    return token
