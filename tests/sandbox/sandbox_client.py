"""A client that talks to a sandbox in process, and a sandbox whose clock stands still."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import anyio
import httpx

from mixpanel_mcp_sandbox.calls import Call
from mixpanel_mcp_sandbox.database import Database
from mixpanel_mcp_sandbox.entities import Entities
from mixpanel_mcp_sandbox.expressions import value
from mixpanel_mcp_sandbox.expressions.terms import as_presence
from mixpanel_mcp_sandbox.identity import Model
from mixpanel_mcp_sandbox.ingest import append
from mixpanel_mcp_sandbox.lookup_tables import replace_rows
from mixpanel_mcp_sandbox.opening import new_engine
from mixpanel_mcp_sandbox.property_entries import read_property
from mixpanel_mcp_sandbox.records import Record
from mixpanel_mcp_sandbox.sandbox import Sandbox
from mixpanel_mcp_sandbox.scan import Holdings, holdings

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ACCOUNT = ("sandbox", "sandbox")
HIDE = "insert into own.entities values ('event_definitions', $id, null, $body)"


@dataclass
class Clock:
    """A moment that tests move on."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)


@dataclass(frozen=True)
class Client:
    """Requests to a sandbox, answered in process."""

    sandbox: Sandbox

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send one request with the sandbox's credentials unless others are given."""
        return anyio.run(partial(self._send, method, path, **options))

    def get(self, path: str, **query: Any) -> httpx.Response:
        """Send GET with query parameters."""
        return self.request("GET", path, params=query)

    def post(self, path: str, body: object, **query: Any) -> httpx.Response:
        """Send POST with a JSON body and query parameters."""
        return self.request("POST", path, json=body, params=query)

    def load(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Store events as they are, without the checks of ingestion."""
        store = self.sandbox.store
        with store.write() as database:
            append(store, database, [_record(event) for event in events])

    def hide(self, names: Iterable[str]) -> None:
        """Hide events as Lexicon does."""
        with self.sandbox.store.write() as database:
            for number, name in enumerate(names, start=1):
                body = json.dumps({"name": name, "hidden": True})
                values = {"id": number, "body": body}
                database.run(HIDE, values)

    def save(self, kind: str, *documents: Mapping[str, Any]) -> None:
        """Store entities of a kind as they are."""
        with self.sandbox.store.write() as database:
            for document in documents:
                Entities(database, kind, kind).put(dict(document))

    def save_cohorts(self, *documents: Mapping[str, Any]) -> None:
        """Store cohorts as they are."""
        self.save("cohorts", *documents)

    def join_tables(self, *tables: Mapping[str, Any]) -> None:
        """Store lookup tables: the event property of each, and columns by its values."""
        for number, table in enumerate(tables, start=1):
            rows = table["rows"]
            mapped = [{"value": table["property"], "resourceType": "event"}]
            columns = sorted({name for row in rows.values() for name in row})
            document = {"id": number, "mappedProperties": mapped, "columns": columns}
            self.save("lookup_tables", document)
            with self.sandbox.store.write() as database:
                replace_rows(database, number, rows)

    def set_profile(self, distinct_id: str, properties: Mapping[str, Any]) -> None:
        """Create a profile."""
        update = {"$token": "sandbox", "$distinct_id": distinct_id, "$set": properties}
        self.post("/engage", [update])

    def profiles(self) -> dict[str, Any]:
        """Return what the profiles hold, by distinct_id."""
        with self.sandbox.store.read() as database:
            rows = database.rows("select distinct_id, props::json from all_profiles")
        return {distinct_id: json.loads(props) for distinct_id, props in rows}

    def exported(self, **query: Any) -> list[Any]:
        """Return the lines of an export, by default of the hundred days up to now."""
        end = self.sandbox.store.now().date()
        days = {"from_date": end - timedelta(days=99), "to_date": end}
        answer = self.get("/api/2.0/export", **{k: str(v) for k, v in (days | query).items()})
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.text.splitlines()]

    def ingest(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Send the records of a worked case and return what came of them."""
        records = arguments.get("records") or _many(arguments["records_count"])
        if tool == "track":
            records = [_with_token(record) for record in records]
        options = {k: v for k, v in arguments.items() if k in ("strict", "verbose")}
        answer = self.post("/import" if tool == "import_events" else "/track", records, **options)
        failed = answer.json().get("failed_records", []) if tool == "import_events" else []
        stored = self.exported(time_in_ms="true")
        return {
            "http_status": answer.status_code,
            "body": answer.json(),
            "failed_indexes": [record["index"] for record in failed],
            "failed_fields": {str(record["index"]): record["field"] for record in failed},
            "stored": len(stored),
            "export_lines": len(stored),
            "stored_times_ms": [line["properties"]["time"] for line in stored],
            "stored_properties": [line["properties"] for line in stored],
        }

    def evaluate(self, arguments: Mapping[str, Any]) -> list[Any]:
        """Return the values of expressions over one event and its person's profile."""
        context = arguments["context"]
        event = context.get("event", {})
        time = event.get("$time", "2026-02-02T00:00:00Z")
        self.load(
            [
                {
                    "event": event.get("$event_name", "E"),
                    "distinct_id": event.get("$distinct_id", "someone"),
                    "time": time,
                    "properties": context.get("properties", {}),
                }
            ]
        )
        self.set_profile(event.get("$distinct_id", "someone"), context.get("user", {}))
        return [self._value(expression) for expression in arguments["expressions"]]

    def hold(self, inputs: Mapping[str, Any]) -> None:
        """Store an event with a property for each input of formulas that has a value."""
        properties = {name: given["value"] for name, given in inputs.items() if "value" in given}
        event = {"event": "E", "distinct_id": "u", "time": "2026-02-02T00:00:00Z"}
        self.load([{**event, "properties": properties}])

    def computed(self, formula: str, inputs: Mapping[str, Any]) -> Any:
        """Return the value of a formula over the inputs that `hold` stored."""
        composed = {name: {**given, "value": name} for name, given in inputs.items()}
        entry = {"customProperty": {"displayFormula": formula, "composedProperties": composed}}
        with self._held() as held:
            owner = read_property(entry, None, held.database)
            columns = f"({owner.sql})::json, {owner.present}"
            ((result, null),) = held.database.rows(f"select {columns} from {held.scan([owner])}")
        if result is None:
            return None if null else {"$undefined": True}
        return json.loads(result)

    def _value(self, expression: str) -> Any:
        with self._held() as held:
            scope = held.scope()
            term = value(expression, scope)
            columns = f"({term.sql})::variant::json, {as_presence(term)}"
            ((result, null),) = held.database.rows(
                f"select {columns} from {held.scan(scope.properties)}"
            )
        if result is None:
            return None if null else {"$undefined": True}
        return _readable(json.loads(result), term.kind)

    @contextmanager
    def _held(self) -> Generator[Holdings]:
        store = self.sandbox.store
        with store.read() as database:
            yield holdings(Call(store, database, store.now()))

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.sandbox.app)
        options = {"auth": ACCOUNT, **options}
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
            return await client.request(method, path, **options)


def results_of(answer: httpx.Response) -> Any:
    """Return what a good answer of the App API holds."""
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def moment(text: str) -> datetime:
    """Return the moment of an ISO text."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def open_empty(
    now: datetime | Clock = NOW,
    timezone: str = "UTC",
    identity: Model | None = None,
    session_minutes: int = 30,
    token_seconds: int = 3600,
) -> Sandbox:
    """Open an empty sandbox whose clock stands still, or moves when a test moves it."""
    return _OnUsedEngine(
        "empty",
        cache=None,
        now=now if isinstance(now, Clock) else Clock(now),
        timezone=timezone,
        identity=identity,
        session_minutes=session_minutes,
        token_seconds=token_seconds,
        engine=lambda: _ENGINES.pop() if _ENGINES else new_engine(),
    )


_ENGINES: list[Database] = []


class _OnUsedEngine(Sandbox):
    """A sandbox that leaves its engine to the next: to make one takes longer than most tests."""

    _closed = False

    def close(self) -> None:
        """Forget all that was stored, the first time."""
        if not self._closed:
            self._closed = True
            engine = Database(self.store.connection)
            engine.run("detach own")
            _ENGINES.append(engine)


def _record(event: Mapping[str, Any]) -> Record:
    properties = {"distinct_id": event["distinct_id"], **event["properties"]}
    insert_id = properties.pop("$insert_id", None)
    time = int(moment(event["time"]).timestamp() * 1000)
    return Record(event["event"], time, insert_id, properties)


def _many(count: int) -> list[dict[str, Any]]:
    time = int(NOW.timestamp()) - 100 * 86_400
    return [
        {
            "event": "A",
            "properties": {"time": time, "distinct_id": "u1", "$insert_id": f"i-{number}"},
        }
        for number in range(count)
    ]


def _with_token(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "properties": {**record["properties"], "token": "sandbox"}}


def _readable(result: Any, kind: str) -> Any:
    if kind != "datetime":
        return result
    return datetime.fromtimestamp(result / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
