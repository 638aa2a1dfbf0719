"""Rows of the table `entities`: one JSON document per kind and number."""

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from .calls import Json
from .database import Database
from .errors import missing
from .identifiers import number_in, uuid_of

PUT = "insert or replace into own.entities values ($kind, $id, $workspace, $body)"
PUT_ALL = """
insert or replace into own.entities
select $kind, d.id, $workspace, d.body from (select unnest(from_json($documents::json,
    '[{"id":"BIGINT","body":"JSON"}]')) as d)
"""
# The row stays as a tombstone, so that numbers are never used twice and the demo's documents
# do not come back.
BURY = "update own.entities set body = 'null' where kind = $kind and id = $id"
LIST = "select body from own.entities where kind = $kind and body <> 'null' order by id"
GET = "select body from own.entities where kind = $kind and id = $id and body <> 'null'"
NEXT = "select coalesce(max(id), 0) + 1 from own.entities where kind = $kind"


@dataclass(frozen=True)
class Entities:
    """The documents of one kind; `noun` is what an error calls one of them."""

    database: Database
    kind: str
    noun: str

    def all(self) -> list[Json]:
        """Return the documents in the order of their numbers."""
        return [orjson.loads(row[0]) for row in self.database.rows(LIST, {"kind": self.kind})]

    def find(self, number: int) -> Json | None:
        """Return a document, None when there is none."""
        body = self.database.value(GET, {"kind": self.kind, "id": number})
        return orjson.loads(body) if body else None

    def get(self, number: int) -> Json:
        """Return a document; 404 when there is none."""
        body = self.find(number)
        if body is None:
            raise missing(f"{self.noun} {number} not found")
        return body

    def named(self, identifier: str) -> Json:
        """Return the document that has this UUID; 404 when there is none."""
        body = self.find(number_in(identifier))
        if body is None or body["id"] != identifier:
            raise missing(f"{self.noun} {identifier} not found")
        return body

    def next_uuid(self) -> str:
        """Return a UUID that was never used."""
        return uuid_of(self.kind, self.next_number())

    def next_number(self) -> int:
        """Return a number that was never used."""
        return int(self.database.value(NEXT, {"kind": self.kind}))

    def put(self, body: Json, workspace: int | None = None) -> Json:
        """Store a document under its `id` and return it."""
        text = orjson.dumps(body).decode()
        number = number_in(body["id"])
        values = {"kind": self.kind, "id": number, "workspace": workspace, "body": text}
        self.database.run(PUT, values)
        return body

    def put_all(self, bodies: Iterable[Json], workspace: int | None = None) -> None:
        """Store many documents, each with an `id` of its own, in one statement."""
        rows = [{"id": number_in(body["id"]), "body": body} for body in bodies]
        if rows:
            text = orjson.dumps(rows).decode()
            values = {"kind": self.kind, "workspace": workspace, "documents": text}
            self.database.run(PUT_ALL, values)

    def delete(self, number: int) -> None:
        """Remove a document; 404 when there is none."""
        self.get(number)
        self.database.run(BURY, {"kind": self.kind, "id": number})
