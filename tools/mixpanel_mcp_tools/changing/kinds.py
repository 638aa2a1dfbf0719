"""What the writing operations change: kinds of things, and how one of a kind is read and made.

One table serves previews, the journal and undoing: what a call would change is read the same way
for each.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, cast

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

import mixpanel_mcp_tools
from mixpanel_mcp_core.errors import QueryError
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_core.together import all_of

Image = dict[str, Any]
Given = Mapping[str, Any]
Role = Literal["create", "update", "delete", "touch", "switch"]
# Reads the things of these ids, as far as they are there.
Fetch = Callable[[Session, Given, Sequence[Any]], Awaitable[list[Image]]]

_AT_ONCE = 5
# A lookup table of more rows is not written down.
MOST_ROWS = 10_000


class Switch(NamedTuple):
    """Two operations that take each other back, and the field that is set after the first.

    It is `dated` where the moment is set, and not true.
    """

    on: str
    off: str
    field: str
    dated: bool = False

    def says(self, operation: str, now: Given) -> Given:
        """The field as one of the two leaves it; nothing where it is so already."""
        on = operation == self.on
        if bool(now.get(self.field)) == on:
            return {}
        return {self.field: ("now" if on else None) if self.dated else on}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing: which operations change it, and what makes one anew.

    `id` is the argument that names one (`delete_id` that of `delete`, where it differs), `key` the
    field of an image that does. `many` are operations on several, with the argument that tells
    which; `touched` those that change more than fields, `makers` further ones that make one,
    `switches` those that go to and fro. `arguments` tells an image as arguments where it differs.

    `made_of` are the arguments of `create` that an image tells, and what `needed` names must be
    known, or it is `unknown`; `then` those that `update` adds afterwards. An update that takes
    `whole` things is given all of `made_of`, any other one what it `always` takes; `beside` are
    arguments of it that are no fields. One that can be `replaced` is so by what makes one, given
    its id. `lost` is what does not come back with one that is made anew; without `made_of` it is
    the reason why none is. `stays` is what deleting one leaves behind.

    `also` is written down of one after a change, beside what the change said. One is `reread`
    where no answer tells what a change left.
    """

    noun: str
    fetch: Fetch
    id: str
    key: str = "id"
    create: str = ""
    update: str = ""
    delete: str = ""
    delete_id: str = ""
    many: Mapping[str, str] = field(default_factory=dict[str, str])
    touched: Sequence[str] = ()
    makers: Sequence[str] = ()
    switches: Sequence[Switch] = ()
    made_of: Sequence[str] = ()
    then: Sequence[str] = ()
    arguments: Callable[[Image], Image] = dict
    whole: bool = False
    lost: str = ""
    needed: Sequence[str] = ()
    unknown: str = "nothing of it is known"
    stays: str = ""
    also: Sequence[str] = ()
    beside: Sequence[str] = ()
    always: Sequence[str] = ()
    replaced: bool = False
    reread: bool = False

    @property
    def switching(self) -> Mapping[str, Switch]:
        """The switches, by each of their operations."""
        return {name: each for each in self.switches for name in (each.on, each.off)}

    @property
    def operations(self) -> list[str]:
        """All that change things of this kind."""
        single = (self.create, self.update, self.delete)
        others = (*self.many, *self.touched, *self.makers, *self.switching)
        return [name for name in (*single, *others) if name]

    @property
    def named(self) -> bool:
        """Whether it is known by its name, or the only one, and not by an id that it was given."""
        return not self.id or self.key == "name"

    @property
    def setting(self) -> str:
        """The operation that sets fields of one."""
        return self.update or self.create

    def role(self, operation: str, given: Given) -> Role | None:
        """What a call of an operation does to things of this kind."""
        if self.replaced and operation in (self.create, *self.makers) and given.get(self.id):
            return "touch"
        roles: dict[str, Role] = {
            self.create: "create",
            self.update: "update",
            self.delete: "delete",
            **dict.fromkeys(self.touched, "touch"),
            **dict.fromkeys(self.makers, "create"),
            **dict.fromkeys(self.switching, "switch"),
        }
        for name, argument in self.many.items():
            roles[name] = "delete" if argument.endswith("ids") else "update"
        return roles.get(operation)

    def targets(self, operation: str, given: Given) -> list[tuple[Any, Given]]:
        """The ids that a call names, each with what the call says of it."""
        if argument := self.many.get(operation):
            beside = {name: plain(each) for name, each in given.items() if name != argument}
            return [self._target(each, beside) for each in plain(given.get(argument) or [])]
        for name in (self.id, self.delete_id):
            if name in given:
                return [(plain(given[name]), plain(given))]
        return [] if self.id else [(None, plain(given))]

    def _target(self, entry: Any, beside: Given) -> tuple[Any, Given]:
        if not isinstance(entry, dict):
            return entry, {}
        told = {**beside, **cast("Image", entry)}
        return told.get(self.key, told.get("id")), told

    def said(self, image: Image, names: Sequence[str]) -> Image:
        """Those arguments that an image tells, None where it tells that there is nothing."""
        told = self.arguments(image) if image else {}
        return {
            name: told.get(name) for name in names if name in image or told.get(name) is not None
        }

    def left_by(self, says: Given, image: Image) -> list[str]:
        """The arguments that tell what a change left of one."""
        if self.whole:
            return list(self.made_of)
        return list(self.arguments(image)) if self.reread else [*says, *self.also]

    def id_in(self, image: Image) -> Any:
        """The id that an image tells."""
        return image.get(self.key) or image.get("id")

    def name_of(self, image: Image | None) -> str | None:
        """What a person calls it."""
        told = image or {}
        names = (told.get(each) for each in ("display_name", "title", "name", "description"))
        name = next((str(each) for each in names if each), None)
        return name if name is None or len(name) <= 60 else f"{name[:59]}…"


def newest(things: Sequence[Image]) -> Image:
    """Of all there are the one that was made last, which has the highest id."""
    return max(things, key=lambda each: each.get("id") or 0, default={})


def plain(value: Any) -> Any:
    """A value as JSON has it, without what was not set."""
    return to_jsonable_python(value, exclude_none=True, by_alias=False, fallback=str)


def image_of(answer: Any) -> Image:
    """An answer's fields under the names that arguments have."""
    fields = answer.model_dump(mode="json") if isinstance(answer, BaseModel) else answer
    return cast("Image", fields if isinstance(fields, dict) else {})


def one(toolset: str, read: str, argument: str) -> Fetch:
    """Things that an operation shows one by one."""

    async def fetch(session: Session, given: Given, ids: Sequence[Any]) -> list[Image]:
        found: list[Image] = []
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            asked = (_there(run(toolset, read, session, **{argument: each})) for each in some)
            found += [image for images in await all_of(asked) for image in images]
        return found

    return fetch


def among(toolset: str, read: str, key: str, *, asked: str = "", beside: str = "") -> Fetch:
    """Things of a list: all of it, or what is `asked` by ids; `beside` narrows it as the call."""

    async def fetch(session: Session, given: Given, ids: Sequence[Any]) -> list[Image]:
        query = {asked: list(ids)} if asked else {}
        if beside and given.get(beside):
            query[beside] = given[beside]
        wanted = {str(each) for each in ids}
        rows = map(image_of, await run(toolset, read, session, **query))
        return [row for row in rows if str(row.get(key)) in wanted]

    return fetch


def only(toolset: str, read: str, *beside: str) -> Fetch:
    """The one thing of its kind that a project has, or that the same arguments lead to."""

    async def fetch(session: Session, given: Given, ids: Sequence[Any]) -> list[Image]:
        query = {name: given[name] for name in beside if given.get(name) is not None}
        return await _there(run(toolset, read, session, **query))

    return fetch


async def pipelines(session: Session, given: Given, ids: Sequence[Any]) -> list[Image]:
    """The pipelines of these names, each with whether it is `running`."""
    listed = await run("pipelines", "list_pipelines", session)
    table = listed.table()
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows] if table else []
    return [
        {**row, "running": str(row.get("sync_enabled")).lower() != "false"}
        for row in rows
        if row.get("name") in ids
    ]


async def property_definitions(session: Session, given: Given, ids: Sequence[Any]) -> list[Image]:
    """The definitions of these names that are of the resource which the call names."""
    asked = plain(given)
    entries = asked.get("definitions") or [{**asked, "name": asked.get("property_name")}]
    wanted = [(each.get("name"), _resource(each)) for each in entries]
    answer = await run("lexicon", "get_property_definitions", session, names=list(ids))
    found = [row for row in map(image_of, answer) if (row.get("name"), _resource(row)) in wanted]
    names = [row["name"] for row in found]
    return [row for row in found if names.count(row["name"]) == 1]


def _resource(told: Image) -> str:
    return str(told.get("resource_type") or "Event").lower()


async def schemas(session: Session, given: Given, ids: Sequence[Any]) -> list[Image]:
    """The schemas that a call is about: those of its entries, or of its type and name, or all."""
    asked = plain(given)
    entries = [] if asked.get("truncate") else asked.get("entries") or []
    wanted = {(_of(each, "entity_type", "entityType"), each.get("name")) for each in entries}
    kind, name = asked.get("entity_type"), asked.get("entity_name") or asked.get("name")
    listed = [image_of(each) for each in await run("schemas", "list_schema_registry", session)]
    found = {
        f"{each['entity_type']}/{each['name']}": each["schema_definition"]
        for each in listed
        if not wanted or (each["entity_type"], each["name"]) in wanted
        if entries or (kind in (None, each["entity_type"]) and name in (None, each["name"]))
    }
    return [{"schemas": found}] if found else []


def _of(entry: Image, *names: str) -> Any:
    return next((entry[name] for name in names if name in entry), None)


async def lookup_tables(session: Session, given: Given, ids: Sequence[Any]) -> list[Image]:
    """The lookup tables of these ids, with their rows where those are not too many to keep."""
    tables = await among("governance", "list_lookup_tables", "id")(session, given, ids)
    most = MOST_ROWS + 1
    for table in tables:
        text = await run(
            "governance", "download_lookup_table", session, data_group_id=table["id"], limit=most
        )
        table["csv"] = text if text.count("\n") <= most else None
    return tables


async def _there(asking: Awaitable[Any]) -> list[Image]:
    """What was asked for, or nothing where it is not there."""
    try:
        return [image_of(await asking)]
    except QueryError as error:
        if error.status_code != 404:
            raise
        return []


async def run(toolset: str, read: str, session: Session, **query: Any) -> Any:
    """What an operation that reads answers."""
    return await mixpanel_mcp_tools.toolset(toolset).operations[read].call(session, **query)
