"""Events of these days on their way in."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class TrackedEvent(BaseModel):
    """One event to track."""

    model_config = ConfigDict(extra="forbid")

    event: str = Field(min_length=1, max_length=255, description="Event name, e.g. 'Purchase'.")
    properties: dict[str, Any] = Field(
        description="distinct_id, or '$user_id' and '$device_id'; time (Unix seconds or "
        "milliseconds) unless it is now; '$insert_id'; anything else is yours."
    )
