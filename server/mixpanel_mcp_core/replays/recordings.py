"""The files of a recording: signed by Mixpanel, read from another host, and no others.

That host gets neither credentials nor headers of the account. Only `https` is followed, or the
gateway that all requests go to; redirects are not; what is read has a limit. The signature stands
in no error.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any, cast
from urllib.parse import parse_qsl

import orjson

from mixpanel_mcp_core.errors import (
    MixpanelError,
    ReplayNotFoundError,
    SessionReplayError,
    SignedURLExpiredError,
    UnsupportedReplayFormatError,
)
from mixpanel_mcp_core.http import Request
from mixpanel_mcp_core.models.replays import Environment, SignedReplay, SignedUrl
from mixpanel_mcp_core.regions import moved
from mixpanel_mcp_core.retries import RATE_LIMIT_ONLY
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_core.together import all_of

MOST_BYTES = 100_000_000
_FOLDER = re.compile(r"(https?://[A-Za-z0-9.-]+(?::\d+)?/)[^?#\s]*")
_READ_SECONDS = 60

RrwebEvent = dict[str, Any]


async def sign(session: Session, replay_ids: Sequence[str], env: Environment) -> list[SignedReplay]:
    """Where the files of replays lie, in Mixpanel's order."""
    if not replay_ids:
        return []
    wanted = [{"replay_id": each, "replay_env": env} for each in replay_ids]
    urls = await session.app.at_project.post(
        "replays/sign/bulk", list[SignedUrl], {"replays": wanted}, changes=False
    )
    now = session.now()
    return [SignedReplay(**url.model_dump(), env=env, signed_at=now) for url in urls]


class Recording:
    """One recording that is being read, file after file, several at once."""

    def __init__(
        self,
        session: Session,
        signed: SignedReplay,
        retention_days: int,
        *,
        max_files: int,
        at_once: int,
        sign_again: bool = True,
    ) -> None:
        self._session = session
        self._signed = signed
        self._days = retention_days
        self._max_files = max_files
        self._at_once = at_once
        self._sign_again = sign_again
        self._left = MOST_BYTES

    async def events(self) -> AsyncGenerator[RrwebEvent]:
        """The recorded events, file by file, until a file is not there.

        Raises ReplayNotFoundError when the first one is not, SignedURLExpiredError when the
        signature is refused twice, SessionReplayError for more than can be read, and
        UnsupportedReplayFormatError for files of something else.
        """
        for first in range(0, self._max_files, self._at_once):
            numbers = range(first, min(first + self._at_once, self._max_files))
            files = await self._files(numbers)
            for number, content in zip(numbers, files, strict=True):
                if content is None:
                    if number == 0:
                        raise self._not_found()
                    return
                for event in self._read(content):
                    yield event
            await self._session.report(numbers.stop, None, f"{numbers.stop} files read")

    async def _files(self, numbers: range) -> list[bytes | None]:
        try:
            return await all_of(self._file(number) for number in numbers)
        except SignedURLExpiredError:
            if not self._sign_again:
                raise
            self._sign_again = False
        self._signed = await one_signed(self._session, self._signed.replay_id, self._signed.env)
        return await all_of(self._file(number) for number in numbers)

    async def _file(self, number: int) -> bytes | None:
        """One file's content, None where there is none."""
        request = Request(
            "GET",
            moved(f"{self._folder}{number:04d}-{self._days}.json", self._session.environ),
            dict(parse_qsl(self._signed.query_string.lstrip("?"), keep_blank_values=True)),
            read_seconds=_READ_SECONDS,
            bare=True,
        )
        http = self._session.http
        try:
            async with http.stream(request, None, http.attempts(RATE_LIMIT_ONLY)) as stream:
                if stream.status == 200:
                    return b"".join([chunk async for chunk in self._counted(stream.chunks())])
                if stream.status == 404:
                    return None
        except SessionReplayError:
            raise
        except MixpanelError as error:
            error.details.pop("request_params", None)
            raise
        if stream.status == 403:
            raise SignedURLExpiredError(
                "The signature of the recording's address is refused.",
                details=self._details(stream.status),
            )
        raise SessionReplayError(
            f"The recording could not be read: status {stream.status} from where it lies.",
            details=self._details(stream.status),
        )

    async def _counted(self, chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
        async for chunk in chunks:
            self._left -= len(chunk)
            if self._left < 0:
                raise SessionReplayError(
                    f"The recording has more than {MOST_BYTES // 1_000_000} MB. Read a part of "
                    "it with a smaller max_files.",
                    details=self._details(None),
                )
            yield chunk

    @property
    def _folder(self) -> str:
        url = self._signed.url
        found = _FOLDER.fullmatch(url)
        gateway = self._session.environ.get("MP_API_BASE_URL", "")
        if found is None or not (url.startswith("https:") or gateway.startswith(found[1])):
            raise SessionReplayError(
                "Mixpanel names a place for the recording that is not followed: only https is.",
                details={"replay_id": self._signed.replay_id},
            )
        return url

    def _read(self, content: bytes) -> list[RrwebEvent]:
        try:
            events = orjson.loads(content)
        except orjson.JSONDecodeError:
            events = None
        if not isinstance(events, list) or not all(map(_is_event, cast("list[Any]", events))):
            raise UnsupportedReplayFormatError(
                "The files of this replay are not those of a recorded web page.",
                details=self._details(501),
            )
        return cast("list[RrwebEvent]", events)

    def _not_found(self) -> ReplayNotFoundError:
        return ReplayNotFoundError(
            f"There is no recording of replay {self._signed.replay_id!r}, or its "
            f"{self._days} days are over. list_replays tells which there are, and their "
            "retention_days.",
            details=self._details(404),
        )

    def _details(self, status: int | None) -> dict[str, Any]:
        told = {} if status is None else {"status_code": status}
        return {
            **told,
            "replay_id": self._signed.replay_id,
            "retention_days": self._days,
            "cdn_url_prefix": self._signed.url,
        }


async def one_signed(session: Session, replay_id: str, env: Environment) -> SignedReplay:
    """Where the files of one replay lie; ReplayNotFoundError where Mixpanel does not say."""
    for signed in await sign(session, [replay_id], env):
        if signed.replay_id == replay_id:
            return signed
    raise unsigned(replay_id)


def unsigned(replay_id: str) -> ReplayNotFoundError:
    """The error for a replay that Mixpanel gives no address of."""
    return ReplayNotFoundError(
        f"Mixpanel gives no address for replay {replay_id!r}.", details={"replay_id": replay_id}
    )


def _is_event(value: Any) -> bool:
    """Whether a value is an event as rrweb writes it."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("type"), int)
        and isinstance(value.get("timestamp"), int | float)
    )
