"""Annotations: notes pinned to a day of every chart, and their tags."""

from typing import Annotated

from pydantic import Field

from mixpanel_mcp_core.models.wire import Answered

AnnotationId = Annotated[int, Field(description="Annotation id, from list_annotations.")]
AnnotationText = Annotated[str, Field(max_length=512, description="Text, at most 512 characters.")]
TagIds = Annotated[list[int], Field(description="Tag ids, from list_annotation_tags.")]
Moment = Annotated[
    str,
    Field(
        pattern=r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}:\d{2})?$",
        description="Day and time, YYYY-MM-DD HH:MM:SS, in the project's time zone.",
    ),
]


class AnnotationUser(Answered):
    """Who wrote an annotation."""

    id: int
    first_name: str
    last_name: str


class AnnotationTag(Answered):
    """A label that groups annotations."""

    id: int
    name: str
    project_id: int | None = None
    has_annotations: bool | None = None


class Annotation(Answered):
    """A note at a moment in time."""

    id: int
    project_id: int
    date: str
    description: str
    user: AnnotationUser | None = None
    tags: list[AnnotationTag] = []
