"""Custom properties as the App API keeps them: created, checked, changed, deleted."""

from dataclasses import replace
from typing import Literal, cast

from .calls import Call, Endpoint, Json, ok
from .custom_properties import Computed
from .documents import Collection, checked, endpoints, stamp
from .errors import Refusal, one_of, wrong
from .expressions import Scope
from .property_entries import KIND, read_property

OWNERS = ("events", "people", "group_profiles")
TYPES = ("string", "number", "boolean", "datetime")
FIELDS: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "description": str,
    "resourceType": str,
    "displayFormula": str,
    "composedProperties": dict,
    "propertyType": str,
    "exampleValue": str,
    "dataGroupId": str,
    "isLocked": bool,
    "isVisible": bool,
    "behavior": dict,
}
BLANK: Json = {
    "description": None,
    "displayFormula": None,
    "composedProperties": None,
    "propertyType": None,
    "exampleValue": None,
    "dataGroupId": None,
    "isLocked": False,
    "isVisible": True,
}


def validate(call: Call) -> object:
    """Say that a custom property is good, or why it is not, without keeping it."""
    fields = checked(PROPERTIES, call.json(), frozenset(FIELDS))
    for name in sorted(PROPERTIES.required):
        if not fields.get(name):
            raise wrong(f"{name} is required")
    return ok({"valid": True, "propertyType": _read(call, fields, None).get("propertyType")})


def _created(call: Call, number: int, fields: Json) -> Json:
    dates = {"created": stamp(call), "modified": stamp(call)}
    known = {name: value for name, value in fields.items() if value is not None}
    return _read(call, {"id": number, "customPropertyId": number, **BLANK, **known, **dates}, None)


def _changed(call: Call, document: Json, fields: Json) -> Json:
    known = {name: value for name, value in fields.items() if value is not None}
    after = {**document, **known, "modified": stamp(call)}
    if {"displayFormula", "composedProperties"} & set(known):
        after["propertyType"] = None
    return _read(call, after, document["id"])


def _picked(_: Call, documents: list[Json]) -> list[Json]:
    return sorted(documents, key=lambda each: (str(each["name"]).lower(), each["id"]))


def _read(call: Call, document: Json, own: int | None) -> Json:
    """Return a document whose formula is good, with the type of its values; 400 otherwise."""
    one_of(OWNERS, document["resourceType"], "resourceType")
    if document.get("propertyType"):
        one_of(TYPES, document["propertyType"], "propertyType")
    if document.get("behavior"):
        return document
    if not document.get("displayFormula"):
        raise _refused("displayFormula or behavior is required")
    inside = () if own is None else (own,)
    try:
        owner = read_property({"customProperty": document}, None, call.database, inside)
        kind = _kind(call, cast("Computed", owner))
    except Refusal as refusal:
        raise _refused(str(refusal)) from refusal
    return {**document, "propertyType": document.get("propertyType") or kind}


def _kind(call: Call, owner: Computed) -> Literal["string", "number", "boolean", "datetime"]:
    """Return the type of a formula's values; where any may come out they are texts."""
    kind = owner.term(Scope(call.project.timezone, call.now_ms)).kind
    return kind if kind in ("number", "boolean", "datetime") else "string"


def _refused(sentence: str) -> Refusal:
    body = {"status": "error", "error": sentence, "field": "displayFormula"}
    return Refusal(400, sentence, body)


PROPERTIES = Collection(
    kind=KIND,
    path="custom_properties",
    noun="Custom property",
    fields=FIELDS,
    required=frozenset({"name", "resourceType"}),
    changeable=frozenset(FIELDS) - {"resourceType", "dataGroupId", "propertyType", "exampleValue"},
    create=_created,
    change=_changed,
    pick=_picked,
    slash=True,
)
VALIDATE = "/api/app/{scope}/custom_properties/validate/"
ENDPOINTS = (
    Endpoint("POST", VALIDATE, validate),
    # What changes one is a PUT here, although it leaves alone what it does not name.
    *(
        replace(each, method="PUT") if each.method == "PATCH" else each
        for each in endpoints(PROPERTIES)
    ),
)
