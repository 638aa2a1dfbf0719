"""The property that an entry of a bookmark names: one of the data, a joined or a custom one."""

from typing import get_args

from .bookmarks import mapping
from .calls import Json
from .custom_properties import Cast, Computed, Input
from .database import Database
from .entities import Entities
from .errors import not_emulated, wrong
from .lookup_tables import event_property
from .properties import SOURCES, Property

KIND = "custom_properties"
CASTS: tuple[Cast, ...] = get_args(Cast)
MOST_NESTED = 10


def read_property(
    entry: Json, name: object, database: Database, inside: tuple[int | None, ...] = ()
) -> Property:
    """Return the property of a filter, group or measurement entry.

    Args:
        entry: says by `customPropertyId` or `customProperty` that the property is a custom one.
        name: of a property that is none.
        database: where custom properties and lookup tables are found.
        inside: numbers of the custom properties that are being read, None for those without.
    """
    if entry.get("customPropertyId") is not None:
        return _saved(entry["customPropertyId"], database, inside)
    if entry.get("customProperty"):
        custom = mapping(entry["customProperty"], "customProperty")
        return _computed(custom, database, (*inside, None))
    if not isinstance(name, str) or not name:
        raise wrong("A property needs a name.")
    source = SOURCES.get(str(entry.get("resourceType", "events")))
    if source is None:
        raise not_emulated(f"properties of {entry.get('resourceType')!r}")
    return event_property(database, name, source)


def _saved(number: object, database: Database, inside: tuple[int | None, ...]) -> Computed:
    if isinstance(number, bool) or not isinstance(number, int):
        raise wrong(f"{number!r} is not the number of a custom property.")
    if number in inside:
        raise wrong(f"Custom property {number} refers to itself.")
    document = Entities(database, KIND, "Custom property").find(number)
    if document is None:
        raise wrong(f"Custom property {number} not found")
    return _computed(document, database, (*inside, number))


def _computed(custom: Json, database: Database, inside: tuple[int | None, ...]) -> Computed:
    if len(inside) > MOST_NESTED:
        raise wrong(f"Custom properties may be nested at most {MOST_NESTED} deep.")
    text = custom.get("displayFormula")
    if not isinstance(text, str):
        raise not_emulated("custom properties without a formula")
    inputs = mapping(custom.get("composedProperties") or {}, "composedProperties")
    operands = (
        _input(name, mapping(entry, f"composedProperties.{name}"), database, inside)
        for name, entry in inputs.items()
    )
    return Computed(str(custom.get("name") or text), formula=text, operands=tuple(operands))


def _input(name: str, entry: Json, database: Database, inside: tuple[int | None, ...]) -> Input:
    if entry.get("behavior"):
        raise not_emulated("borrowed properties")
    cast_to = entry.get("typeCast") or ("datetime" if entry.get("type") == "datetime" else None)
    if cast_to not in (None, *CASTS):
        raise wrong(f"typeCast must be one of {', '.join(CASTS)}, not {cast_to!r}")
    owner = read_property(entry, entry.get("value"), database, inside)
    return Input(name, owner, cast_to)
