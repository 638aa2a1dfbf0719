"""Annotations: notes on the time axis of every chart."""

from typing import Annotated

from pydantic import Field

from mixpanel_mcp_core.caller import given
from mixpanel_mcp_core.fields import FromDate, ToDate
from mixpanel_mcp_core.models.annotations import (
    Annotation,
    AnnotationId,
    AnnotationTag,
    AnnotationText,
    Moment,
    TagIds,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.session import Session

annotations = Toolset("annotations", "Notes on the time axis of charts: releases, campaigns")


@annotations.reads
async def list_annotations(
    session: Session,
    from_date: FromDate | None = None,
    to_date: ToDate | None = None,
    tags: TagIds | None = None,
) -> list[Annotation]:
    """List annotations: releases, campaigns and incidents noted on the time axis.

    Narrow by first and last day and by tags. Returns id, date, description, author and tags.
    App API: GET annotations/.
    """
    return await session.app.get(
        "annotations/",
        list[Annotation],
        fromDate=from_date or None,
        toDate=to_date or None,
        tags=tags or None,
    )


@annotations.writes
async def create_annotation(
    session: Session,
    date: Moment,
    description: AnnotationText,
    tags: TagIds | None = None,
    user_id: Annotated[int, Field(description="Author, when not the account itself.")]
    | None = None,
) -> Annotation:
    """Create an annotation, e.g. to mark a release on every chart.

    Returns the annotation with its id. App API: POST annotations/.
    """
    body = given(date=date, description=description, tags=tags, user_id=user_id)
    return await session.app.post("annotations/", Annotation, body)


@annotations.reads
async def get_annotation(session: Session, annotation_id: AnnotationId) -> Annotation:
    """Fetch one annotation by id.

    Returns date, description, author and tags; 404 when there is none. App API: GET
    annotations/{id}/.
    """
    return await session.app.get(f"annotations/{annotation_id}/", Annotation)


@annotations.writes(idempotent=True)
async def update_annotation(
    session: Session,
    annotation_id: AnnotationId,
    description: AnnotationText | None = None,
    tags: TagIds | None = None,
) -> Annotation:
    """Change an annotation's text or tags; its date stays.

    What is not given stays; an empty list removes all tags. Returns the annotation. App API:
    PATCH annotations/{id}/.
    """
    body = given(description=description, tags=tags)
    return await session.app.patch(f"annotations/{annotation_id}/", Annotation, body)


@annotations.destroys(idempotent=True)
async def delete_annotation(session: Session, annotation_id: AnnotationId) -> None:
    """Delete an annotation for good.

    App API: DELETE annotations/{id}/.
    """
    await session.app.delete(f"annotations/{annotation_id}/")


@annotations.reads
async def list_annotation_tags(session: Session) -> list[AnnotationTag]:
    """List the tags that annotations can carry.

    Returns id and name of each. App API: GET annotations/tags/.
    """
    return await session.app.get("annotations/tags/", list[AnnotationTag])


@annotations.writes
async def create_annotation_tag(
    session: Session,
    name: Annotated[str, Field(min_length=1, description="Tag name, e.g. 'release'.")],
) -> AnnotationTag:
    """Create a tag for annotations.

    Returns the tag with its id. App API: POST annotations/tags/.
    """
    return await session.app.post("annotations/tags/", AnnotationTag, {"name": name})
