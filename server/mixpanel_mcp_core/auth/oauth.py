"""The login server's protocol: a client is registered, a code is exchanged, a token renewed.

Authorization code with PKCE. These requests carry nothing of the library but what is said here:
no product name, no custom header, and no redirect is followed.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from pydantic import SecretStr

from mixpanel_mcp_core.auth.tokens import Tokens
from mixpanel_mcp_core.errors import MixpanelError, OAuthError
from mixpanel_mcp_core.http import FORM, JSON, Answer, Http, Request
from mixpanel_mcp_core.regions import Region, base_url
from mixpanel_mcp_core.retries import NEVER, retry_after

SCOPES = (
    "projects analysis events insights segmentation retention data:read funnels flows "
    "data_definitions dashboard_reports bookmarks"
)
_SHOWN = ("token_type", "expires_in", "scope", "error", "error_description")
_REDACTED = "<redacted>"
_READ_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Proof:
    """What one login keeps to itself until the code comes back."""

    verifier: str = field(repr=False)
    state: str = field(repr=False)

    @property
    def challenge(self) -> str:
        """The verifier's SHA-256, which the authorization request shows."""
        return _base64(hashlib.sha256(self.verifier.encode()).digest())


def new_proof() -> Proof:
    """A fresh verifier of 86 characters, and a state."""
    return Proof(_base64(secrets.token_bytes(64)), secrets.token_urlsafe(32))


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class LoginServer:
    """The login server of a region."""

    http: Http
    region: Region
    environ: Mapping[str, str]
    now: Callable[[], datetime]

    @property
    def base(self) -> str:
        """The URL that its paths are appended to."""
        return base_url(self.region, "oauth", self.environ) + "/"

    def trusts(self, issuer: str | None) -> bool:
        """Whether an answer that names its issuer (RFC 9207) is this server's."""
        if issuer is None:
            return True
        name = issuer.rstrip("/")
        return "//" in name and self.base.startswith(name + "/")

    def authorize_url(self, client_id: str, redirect_uri: str, proof: Proof) -> str:
        """The page where a person allows the login."""
        query = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "state": proof.state,
            "code_challenge": proof.challenge,
            "code_challenge_method": "S256",
        }
        return f"{self.base}authorize/?{urlencode(query)}"

    async def register(self, redirect_uri: str) -> str:
        """Register a client that returns to `redirect_uri`; its id.

        Raises OAuthError (OAUTH_REGISTRATION_ERROR).
        """
        request = Request(
            "POST",
            f"{self.base}mcp/register/",
            body=json.dumps(
                {
                    "redirect_uris": [redirect_uri],
                    "grant_types": ["authorization_code", "refresh_token"],
                    "response_types": ["code"],
                    "token_endpoint_auth_method": "none",
                    "scope": SCOPES,
                },
                separators=(",", ":"),
            ).encode(),
            headers={"Content-Type": JSON},
            read_seconds=_READ_SECONDS,
        )
        answer = await self._send(request, "OAUTH_REGISTRATION_ERROR")
        if not 200 <= answer.status < 300:
            raise _not_registered(answer)
        body = _object(answer.body)
        if body is None or not isinstance(body.get("client_id"), str) or not body["client_id"]:
            raise OAuthError(
                "The login server registered no client: its answer has no client_id.",
                code="OAUTH_REGISTRATION_ERROR",
                details={"status_code": answer.status},
            )
        return body["client_id"]

    async def exchange(self, code: str, redirect_uri: str, client_id: str, verifier: str) -> Tokens:
        """Tokens for the code that came back. Raises OAuthError (OAUTH_TOKEN_ERROR)."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": client_id,
            "code_verifier": verifier,
        }
        answer = await self._send(self._token_request(form), "OAUTH_TOKEN_ERROR")
        return self._tokens(answer, "OAUTH_TOKEN_ERROR", "The login was not completed")

    async def refresh(self, tokens: Tokens, client_id: str) -> Tokens:
        """New tokens for old ones; without a new refresh token the old one stays.

        Raises OAuthError: OAUTH_REFRESH_REVOKED when only a new login helps, else
        OAUTH_REFRESH_ERROR.
        """
        refresh = cast("SecretStr", tokens.refresh_token)
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh.get_secret_value(),
            "client_id": client_id,
        }
        answer = await self._send(self._token_request(form), "OAUTH_REFRESH_ERROR")
        if answer.status in (400, 401) and _says_invalid_grant(answer.body):
            raise OAuthError(
                "The login server takes the refresh token no more",
                code="OAUTH_REFRESH_REVOKED",
                details=_refusal(answer),
            )
        fresh = self._tokens(answer, "OAUTH_REFRESH_ERROR", "The login could not be renewed")
        return fresh if fresh.refresh_token else fresh.model_copy(update={"refresh_token": refresh})

    def _token_request(self, form: Mapping[str, str]) -> Request:
        return Request(
            "POST",
            f"{self.base}token/",
            body=urlencode(form).encode(),
            headers={"Content-Type": FORM},
            read_seconds=_READ_SECONDS,
        )

    async def _send(self, request: Request, code: str) -> Answer:
        try:
            return await self.http.send(request, None, NEVER)
        except MixpanelError as error:
            # The error's own details would tell of the body.
            raise OAuthError(
                f"The login server of region {self.region} cannot be reached: {error.message}",
                code=code,
                details={"url": request.url},
            ) from error

    def _tokens(self, answer: Answer, code: str, failed: str) -> Tokens:
        if answer.status != 200:
            raise OAuthError(
                f"{failed}: the login server answered {answer.status}",
                code=code,
                details=_refusal(answer),
            )
        body = _json(answer.body)
        if body is None:
            kind = answer.headers.get("content-type")
            raise OAuthError(
                f"{failed}: the login server's answer is not JSON",
                code=code,
                details={"content_type": kind, "body_length": len(answer.body)},
            )
        given: Mapping[str, Any] = body if isinstance(body, dict) else {}
        seconds = _seconds(given.get("expires_in"))
        access, kind = given.get("access_token"), given.get("token_type")
        if not isinstance(access, str) or not isinstance(kind, str) or seconds is None:
            raise OAuthError(
                f"{failed}: the login server's answer lacks access_token, expires_in or token_type",
                code=code,
                details={"response_data": redacted(body)},
            )
        refresh, scope = given.get("refresh_token"), given.get("scope")
        return Tokens(
            access_token=SecretStr(access),
            expires_at=self.now() + timedelta(seconds=seconds),
            token_type=kind,
            scope=scope if isinstance(scope, str) else "",
            refresh_token=SecretStr(refresh) if isinstance(refresh, str) and refresh else None,
        )


def redacted(body: Any) -> dict[str, Any] | str:
    """An answer of the token endpoint whose keys tell what is wrong, without its secrets."""
    if not isinstance(body, dict):
        return _REDACTED
    return {
        key: value
        if key in _SHOWN and (value is None or isinstance(value, str | int | float | bool))
        else _REDACTED
        for key, value in body.items()
    }


def _not_registered(answer: Answer) -> OAuthError:
    details: dict[str, Any] = {"status_code": answer.status}
    if answer.status == 429:
        details["retry_after"] = retry_after(answer.headers)
        told = "too many registrations; try again later"
    else:
        details["response_body"] = answer.body.decode(errors="replace")[:1000]
        told = f"status {answer.status}"
    return OAuthError(
        f"The login server did not register this program as a client: {told}.",
        code="OAUTH_REGISTRATION_ERROR",
        details=details,
    )


def _refusal(answer: Answer) -> dict[str, Any]:
    return {
        "status_code": answer.status,
        "response_body": answer.body.decode(errors="replace")[:4096],
    }


def _json(body: bytes) -> Any:
    """What a body holds; None for what is no JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _object(body: bytes) -> dict[str, Any] | None:
    value = _json(body)
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _says_invalid_grant(body: bytes) -> bool:
    return (_object(body) or {}).get("error") == "invalid_grant"


def _seconds(value: Any) -> int | None:
    """`expires_in`, a whole number or its text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        seconds = int(value)
    except ValueError:
        return None
    # A date beyond the calendar is no date.
    return seconds if 0 <= seconds < 10**10 else None
