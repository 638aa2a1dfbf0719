"""A request as the endpoints see it, and the table rows that name them."""

import binascii
import json
import zlib
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, cast
from urllib.parse import parse_qs

import orjson
from starlette.datastructures import QueryParams

from .database import Database
from .errors import Refusal, wrong
from .project import Project
from .store import Store

MOST_FORM_BYTES = 10_000_000

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Json = dict[str, Any]


@dataclass(frozen=True)
class Context:
    """What a query leaves open: the moment, the project's time zone, and what was saved."""

    now: datetime
    project: Project
    database: Database


@dataclass(frozen=True)
class Call:
    """One request: its parts, the cursor that answers it, and the moment it arrived.

    `origin` is where the sandbox was reached, for URLs that lead back to it; `address` is whom
    the request came from.
    """

    store: Store
    database: Database
    now: datetime
    path: Mapping[str, str] = field(default_factory=dict[str, str])
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    origin: str = ""
    address: str = ""

    @property
    def project(self) -> Project:
        """The project of the sandbox."""
        return self.store.project

    @property
    def context(self) -> Context:
        """The moment, the project and what was saved."""
        return Context(self.now, self.project, self.database)

    @property
    def now_ms(self) -> int:
        """The moment of the request in milliseconds since 1970."""
        return int(self.now.timestamp() * 1000)

    def required(self, name: str) -> str:
        """Return a query parameter; 400 without it."""
        if value := self.query.get(name):
            return value
        raise wrong(f"Missing required parameter: {name}")

    def repeated(self, name: str) -> list[str]:
        """Return every value of a query parameter that may stand there several times."""
        return self.query.getlist(name) if isinstance(self.query, QueryParams) else []

    def texts(self, name: str) -> list[str]:
        """Return a query parameter that is a JSON array of texts; 400 for anything else."""
        found = parse_json(self.required(name))
        if not isinstance(found, list) or not all(
            isinstance(each, str) for each in cast("list[Any]", found)
        ):
            raise wrong(f"{name} must be a JSON array of texts, not {self.query[name]}")
        return cast("list[str]", found)

    def number(self, name: str, default: int, most: int) -> int:
        """Return a query parameter as a number from 1 to `most`; 400 for anything else."""
        text = self.query.get(name)
        if not text:
            return default
        if not text.isdecimal() or not 1 <= int(text) <= most:
            raise wrong(f"{name} must be a number from 1 to {most}, not {text!r}")
        return int(text)

    def json(self) -> Json:
        """Return the body as a JSON object, empty without a body; 400 for anything else."""
        if not self.body:
            return {}
        value = parse_json(self.body)
        if not isinstance(value, dict):
            raise wrong("The body must be a JSON object.")
        return cast("Json", value)


@dataclass(frozen=True)
class Answer:
    """A status and a body where plain 200 with JSON is not what Mixpanel says."""

    content: object
    status: int = 200


@dataclass(frozen=True)
class Text:
    """A body that is no JSON."""

    content: bytes
    media_type: str


@dataclass(frozen=True)
class Endpoint:
    """One method on one path and the function that answers it in a worker thread."""

    method: Method
    path: str
    answer: Callable[[Call], object]
    writes: bool = False


def ok(results: object) -> Json:
    """Wrap a result in the App API's envelope."""
    return {"status": "ok", "results": results}


def parse_json(text: bytes | str) -> Any:
    """Return the JSON value; 400 when there is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        # Numbers beyond 64 bits are legal JSON, and halves of a character: no text can hold these.
        whole = json.dumps(json.loads(text), ensure_ascii=False).encode(errors="replace")
        return json.loads(whole, parse_int=_whole_number)
    except (ValueError, RecursionError) as error:
        raise wrong(f"The body is not valid JSON: {error}") from error


def _whole_number(digits: str) -> int | float:
    try:
        return orjson.loads(digits)
    except orjson.JSONDecodeError:
        return float(digits)


def unzipped(call: Call, limit: int) -> bytes:
    """Return the body, decompressed where it says so; 413 above `limit` bytes."""
    data = call.body
    if call.headers.get("content-encoding", "").lower() == "gzip":
        try:
            data = _gunzipped(data, limit)
        except zlib.error as error:
            raise wrong("The body is not valid gzip.") from error
    if len(data) > limit:
        raise too_large(limit)
    return data


def _gunzipped(packed: bytes, limit: int) -> bytes:
    """Return what all members of a gzip hold, but not much more than `limit` bytes."""
    data = b""
    while packed and len(data) <= limit:
        member = zlib.decompressobj(wbits=31)
        data += member.decompress(packed, limit + 1 - len(data))
        if not member.eof and len(data) <= limit:
            raise zlib.error("the body stops before the end of the gzip")
        packed = member.unused_data
    return data


def too_large(limit: int) -> Refusal:
    """Return the 413 of the ingestion hosts."""
    sentence = f"request exceeds the size limit of {limit} bytes"
    body = {"code": 413, "error": sentence, "status": "Request Entity Too Large"}
    return Refusal(413, sentence, body)


def form(call: Call) -> dict[str, str] | None:
    """Return the fields of a body that is a form, None for any other body."""
    if not call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return None
    fields = parse_qs(unzipped(call, MOST_FORM_BYTES).decode("utf-8", "replace"))
    return {name: values[0] for name, values in fields.items()}


def parameters(call: Call) -> dict[str, str]:
    """Return what a request says in its query or else in its form."""
    return {**(form(call) or {}), **call.query}


def form_or_json(call: Call, limit: int = MOST_FORM_BYTES) -> list[Any]:
    """Return the records of `/track` and `/engage`: a JSON body, or `data` of a form.

    413 where they are larger than `limit` bytes.
    """
    fields = form(call)
    data = unzipped(call, limit) if fields is None else fields.get("data", "").encode()
    if len(data) > limit:
        raise too_large(limit)
    if fields is None and not data and "data" in call.query:
        data = call.query["data"].encode()
    value = parse_json(_plain(data))
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _plain(data: bytes) -> bytes:
    if data[:1] in (b"{", b"["):
        return data
    try:
        return b64decode(data, validate=True)
    except binascii.Error as error:
        raise wrong("data is neither JSON nor base64.") from error
