"""What was allowed to clients: codes, and the tokens that came of them."""

import hmac
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe

from .clients import Client
from .shelf import Shelf

CODE_SECONDS = 60
REFRESH_SECONDS = 30 * 86_400
MOST_SECRETS = 1000


class InvalidGrant(Exception):
    """A code or refresh token is not good, or not good for who shows it."""


@dataclass
class Grant:
    """What the user allowed once, behind one code and every token that comes of it."""

    client: Client
    redirect_uri: str
    challenge: str = field(repr=False)
    redeemed: bool = False
    revoked: bool = False


@dataclass(frozen=True)
class Tokens:
    """The tokens of one answer; `refresh` is None for clients that did not register for it."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    seconds: int
    scope: str


class Grants:
    """The codes and tokens that are good now; of each kind the latest thousand."""

    def __init__(self, now: Callable[[], datetime], token_seconds: int):
        self.token_seconds = token_seconds
        self._codes: Shelf[Grant] = Shelf(now, MOST_SECRETS)
        self._access: Shelf[Grant] = Shelf(now, MOST_SECRETS)
        self._refresh: Shelf[Grant] = Shelf(now, MOST_SECRETS)
        self._lock = threading.Lock()

    def allow(self, client: Client, redirect_uri: str, challenge: str) -> str:
        """Return a code for what the user has allowed."""
        code = token_urlsafe(32)
        with self._lock:
            self._codes.put(code, Grant(client, redirect_uri, challenge), CODE_SECONDS)
        return code

    def redeem(self, code: str, client: Client, redirect_uri: str, verifier: str) -> Tokens:
        """Return tokens for a code.

        Raises:
            InvalidGrant: it is unknown, expired or used, or not for this client and request.
        """
        with self._lock:
            grant = self._codes.get(code)
            if grant is None:
                raise InvalidGrant("The code is unknown or has expired.")
            if grant.redeemed:
                grant.revoked = True
                raise InvalidGrant("The code was used before; the tokens it gave are revoked.")
            if grant.client != client:
                raise InvalidGrant("The code is for another client.")
            if grant.redirect_uri != redirect_uri:
                raise InvalidGrant("The code is for another redirect_uri.")
            if not hmac.compare_digest(challenge_of(verifier), grant.challenge):
                raise InvalidGrant("code_verifier does not fit the code_challenge.")
            grant.redeemed = True
            # A thief may come late: the code is known for as long as its tokens can be good.
            self._codes.put(code, grant, REFRESH_SECONDS)
            return self._issue(grant)

    def renew(self, token: str, client: Client) -> Tokens:
        """Return new tokens for a refresh token, which is used up.

        Raises:
            InvalidGrant: it is unknown, expired, used, revoked or for another client.
        """
        with self._lock:
            grant = self._refresh.get(token)
            if grant is None or grant.revoked or grant.client != client:
                raise InvalidGrant("The refresh token is unknown, used, revoked or has expired.")
            self._refresh.drop(token)
            return self._issue(grant)

    def accepts(self, token: str) -> bool:
        """Tell whether an access token is good now."""
        with self._lock:
            grant = self._access.get(token)
            return grant is not None and not grant.revoked

    def _issue(self, grant: Grant) -> Tokens:
        access = token_urlsafe(32)
        self._access.put(access, grant, self.token_seconds)
        refresh = None
        if "refresh_token" in grant.client.grant_types:
            refresh = token_urlsafe(32)
            self._refresh.put(refresh, grant, REFRESH_SECONDS)
        return Tokens(access, refresh, self.token_seconds, grant.client.scope)


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a PKCE verifier."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
