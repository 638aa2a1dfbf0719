"""Events of these days, sent as apps and browsers send them."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from mixpanel_mcp_core.batches import EVENTS, json_size
from mixpanel_mcp_core.caller import given
from mixpanel_mcp_core.fields import ProjectToken
from mixpanel_mcp_core.imports.checks import fault
from mixpanel_mcp_core.imports.records import MOST_BYTES
from mixpanel_mcp_core.models.profiles import Accepted
from mixpanel_mcp_core.models.tracking import TrackedEvent
from mixpanel_mcp_core.problems import Problem, refuse
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_core.updates import send_all
from mixpanel_mcp_tools.ingestion.toolset import ingestion

# Which times are too old is for Mixpanel's clock to say.
_GOOD_TIME = 1_700_000_000


@ingestion.writes
async def track_events(
    session: Session,
    token: ProjectToken,
    events: Annotated[
        list[TrackedEvent],
        Field(min_length=1, max_length=EVENTS.records, description="1 to 2,000 events."),
    ],
    ip: Annotated[
        bool, Field(description="Locate by the address of this server; Mixpanel decides if absent.")
    ]
    | None = None,
) -> Accepted:
    """Track events of the last 5 days with the project token, as apps do.

    Older events are dropped without a word, and so are malformed ones beside good ones: use
    import_events where each must be accounted for. An event with `$insert_id` counts once however
    often it is sent; a call is repeated after a failure only if all have one. Returns status 1.
    Ingestion API: POST /track.
    """
    records = [
        {"event": each.event, "properties": {"token": token, **each.properties}} for each in events
    ]
    refuse(_problems(events))
    repeatable = all(each.properties.get("$insert_id") for each in events)
    query = given(ip=None if ip is None else int(ip))
    return await send_all(session, "/track", records, EVENTS, repeatable=repeatable, **query)


def _problems(events: Sequence[TrackedEvent]) -> Iterator[Problem]:
    """What Mixpanel would drop an event for, without a word."""
    for index, each in enumerate(events):
        properties = {"distinct_id": "", **each.properties}
        if type(properties.get("time", 0)) in (int, float):
            properties["time"] = _GOOD_TIME
        if found := fault(each.event, properties, _GOOD_TIME * 1000):
            yield f"events[{index}].{found.field}", found.rule
        if json_size(each.properties) > MOST_BYTES:
            yield f"events[{index}]", f"an event has at most {MOST_BYTES:,} bytes"
