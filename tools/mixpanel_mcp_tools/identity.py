"""Identity: ids that belong to one person, in projects with Original ID Merge."""

from typing import Annotated

from pydantic import Field

from mixpanel_mcp_core.fields import ProjectToken
from mixpanel_mcp_core.ids import id_problems, is_uuid4
from mixpanel_mcp_core.imports.delivery import Delivery, add
from mixpanel_mcp_core.imports.records import Packed
from mixpanel_mcp_core.lenient_json import written
from mixpanel_mcp_core.models.ingestion import Imported
from mixpanel_mcp_core.models.profiles import Accepted
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.problems import Problem, refuse
from mixpanel_mcp_core.session import Session

identity = Toolset("identity", "Ids of one person: identify, alias, merge; none can be undone")


@identity.destroys(idempotent=True)
async def identity_create(
    session: Session,
    token: ProjectToken,
    identified_id: Annotated[str, Field(description="The person's own id, e.g. 'user-42'.")],
    anon_id: Annotated[
        str, Field(description="UUID v4 of the visitor until then; joined to nobody yet.")
    ],
) -> Accepted:
    """Join an anonymous visitor to a known person for good; what both did counts as one.

    Only projects with Original ID Merge heed it, and status 1 does not tell. Under Simplified ID
    Merge (default since April 2024) send events with both `$device_id` and `$user_id` instead.
    Ingestion API: POST /track.
    """
    refuse(_pair_problems(identified_id=identified_id, anon_id=anon_id))
    refuse([] if is_uuid4(anon_id) else [("anon_id", _NO_UUID)])
    properties = {"$identified_id": identified_id, "$anon_id": anon_id, "token": token}
    return await _tracked(session, "$identify", properties)


@identity.destroys(idempotent=True)
async def identity_create_alias(
    session: Session,
    token: ProjectToken,
    distinct_id: Annotated[str, Field(description="The person's id up to now.")],
    alias: Annotated[str, Field(description="Another id of theirs; it can have one person only.")],
) -> Accepted:
    """Give a person another id for good.

    Heeded under Original ID Merge and Legacy; status 1 does not tell. Simplified ID Merge ignores
    it: send events with both `$device_id` and `$user_id` instead. Ingestion API: POST /track.
    """
    refuse(_pair_problems(distinct_id=distinct_id, alias=alias))
    properties = {"distinct_id": distinct_id, "alias": alias, "token": token}
    return await _tracked(session, "$create_alias", properties)


@identity.destroys(idempotent=True)
async def identity_merge(
    session: Session,
    token: ProjectToken,
    distinct_id_1: Annotated[str, Field(description="One id of the person.")],
    distinct_id_2: Annotated[str, Field(description="Another id of theirs.")],
) -> Imported:
    """Merge two persons for good, whatever their ids; a person has at most 500.

    Only projects with Original ID Merge heed it. Needs a service account or a login beside the
    token. Returns num_records_imported, and failed_records with the reason. Ingestion API: POST
    /import.
    """
    refuse(_pair_problems(distinct_id_1=distinct_id_1, distinct_id_2=distinct_id_2))
    properties = {"$distinct_ids": [distinct_id_1, distinct_id_2], "token": token}
    record = written({"event": "$merge", "properties": properties})
    session.forget()
    done = Imported(num_records_imported=0, failed_records=[], batches=0)
    async for taken in Delivery(session.ingest, gzip=False).deliver([Packed(0, None, record)]):
        add(done, taken)
    return done


_NO_UUID = (
    "must be a UUID of version 4, e.g. '7a3f0d5e-4f0a-4d6f-9d3c-1a2b3c4d5e6f': Mixpanel ignores "
    "others. For any two ids use identity_merge"
)


async def _tracked(session: Session, event: str, properties: dict[str, str]) -> Accepted:
    session.forget()
    await session.ingest.form("/track", {"event": event, "properties": properties})
    return Accepted()


def _pair_problems(**ids: str) -> list[Problem]:
    problems = [problem for name, value in ids.items() for problem in id_problems(value, name)]
    first, second = ids
    if not problems and ids[first] == ids[second]:
        problems.append((second, f"must be another id than {first}"))
    return problems
