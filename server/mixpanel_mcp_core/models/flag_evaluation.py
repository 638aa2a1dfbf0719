"""Feature flags as an app asks for them."""

from typing import Annotated, Any, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict


@with_config(ConfigDict(extra="allow"))
class FlagContext(TypedDict):
    """Who asks; further keys, e.g. those of groups, are sent as they are."""

    distinct_id: Annotated[str, Field(min_length=1, description="The person.")]
    device_id: NotRequired[
        Annotated[str, Field(description="For flags of devices; default distinct_id.")]
    ]
    custom_properties: NotRequired[
        Annotated[dict[str, Any], Field(description='For runtime rules, e.g. {"plan": "pro"}.')]
    ]
