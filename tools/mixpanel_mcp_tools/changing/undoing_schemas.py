"""How changes of schemas are undone: those before come back, those that were added go. Pure."""

from dataclasses import replace
from typing import Any

from mixpanel_mcp_core.models.changes import Change
from mixpanel_mcp_tools.changing.comparing import same
from mixpanel_mcp_tools.changing.kinds import Image, Kind
from mixpanel_mcp_tools.changing.steps import Plan, Step, refuse


def of_schemas(change: Change, kind: Kind) -> Plan:
    """What undoes a change of schemas, each of which is called `entity_type/name`."""
    [image] = change.before
    before = kind.arguments(image) if image else {}
    after = change.after[0] if change.after else {}
    back = {key: each for key, each in before.items() if not same(each, after.get(key))}
    steps = [_deleting(kind, key, after[key]) for key in after if key not in before]
    if back:
        left = {key: after.get(key) for key in back}
        told = frozenset(back)
        steps.append(
            Step("create_schemas_bulk", kind, None, None, {}, back, left, told, shape=_entries)
        )
    if not steps:
        refuse(change, "it changed nothing")
    # With the last of them the whole is undone.
    return Plan([*steps[:-1], replace(steps[-1], target=None)])


def _deleting(kind: Kind, key: str, schema: Any) -> Step:
    entity_type, _, name = key.partition("/")
    arguments = {"entity_type": entity_type, "entity_name": name}
    told = frozenset({key})
    return Step("delete_schemas", kind, key, None, arguments, left={key: schema}, told=told)


def _entries(schemas: Image) -> Image:
    entries = [
        {"entity_type": key.partition("/")[0], "name": key.partition("/")[2], "schemaJson": schema}
        for key, schema in schemas.items()
    ]
    return {"entries": entries}
