"""What a project contains: events and their properties."""

from pydantic import BaseModel


class FunnelInfo(BaseModel):
    """A saved funnel."""

    funnel_id: int
    name: str


class TopEvent(BaseModel):
    """One of today's most frequent events, compared with the same time yesterday."""

    event: str
    count: int | float
    percent_change: float
