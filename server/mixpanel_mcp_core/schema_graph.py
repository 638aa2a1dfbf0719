"""The map of a project: which event carries which property, put together from three lists."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from mixpanel_mcp_core.models.lexicon import SchemaGraph
from mixpanel_mcp_core.outcome import read, unwrap
from mixpanel_mcp_core.session import Session

Row = dict[str, Any]


class _Edge(NamedTuple):
    event: str
    property: str


async def ask_graph(session: Session, density: bool, user_properties: bool) -> SchemaGraph:
    """Ask for events, event properties, their relation, and perhaps user properties."""
    events = await session.app.get("data-definitions/events/", list[Row])
    properties = await _properties(session, "Event", density)
    carried = await session.query.get("data_definitions/events", fetch_per_event_properties=True)
    edges = list(dict.fromkeys(_edges(read(unwrap(carried), list[Row]))))
    of_users = await _properties(session, "User") if user_properties else []
    to_properties = {name: list[str]() for name in _names(events)}
    to_events = {name: list[str]() for name in _names(properties)}
    kept = [edge for edge in edges if edge.property in to_events]
    for edge in kept:
        to_properties.setdefault(edge.event, []).append(edge.property)
        to_events[edge.property].append(edge.event)
    return SchemaGraph(
        computed_at=session.now().isoformat(),
        events=events,
        properties=[_with_events(row, to_events) for row in properties],
        user_properties=of_users,
        event_to_properties=to_properties,
        property_to_events=to_events,
        include_density=density,
        meta={
            "event_count": len(events),
            "event_property_count": len(properties),
            "user_property_count": len(of_users),
            "events_without_name": sum(not _name(row) for row in events),
            "properties_without_name": sum(not _name(row) for row in properties),
            "property_event_entries_dropped": len(edges) - len(kept),
            "relationship_edges": len(kept),
        },
        params={"include_density": density, "include_user_properties": user_properties},
    )


async def _properties(session: Session, resource: str, density: bool = False) -> list[Row]:
    return await session.app.get(
        "data-definitions/properties/",
        list[Row],
        resourceType=resource,
        includeDensity=density or None,
        includeCustom=True,
        includeZeroCounts=True,
    )


def _edges(events: Sequence[Row]) -> Iterator[_Edge]:
    for event in events:
        carried = event.get("properties")
        for each in cast("list[Any]", carried) if isinstance(carried, list) else []:
            if (event_name := _name(event)) and (property_name := _name(each)):
                yield _Edge(event_name, property_name)


def _names(rows: Sequence[Row]) -> list[str]:
    return [name for row in rows if (name := _name(row))]


def _name(row: Any) -> str | None:
    name = cast("Row", row).get("name") if isinstance(row, dict) else None
    return name if isinstance(name, str) and name else None


def _with_events(row: Row, to_events: Mapping[str, list[str]]) -> Row:
    events = to_events.get(_name(row) or "", [])
    return {**row, "events": [{"name": event} for event in events]}
