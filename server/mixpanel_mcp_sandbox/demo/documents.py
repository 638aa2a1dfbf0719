"""The entities that the demo project holds from the start."""

from datetime import datetime

from .annotations import annotation_tags, annotations
from .dashboards import dashboards
from .document import Document


def documents(now: datetime) -> list[Document]:
    """Give dashboards, annotation tags and annotations, dated within now's eighteen weeks.

    What lies ahead of now is left out: an annotation is written when the thing happens.

    Raises:
        ValueError: now has no time zone.
    """
    return [*dashboards(now), *annotation_tags(), *annotations(now)]
