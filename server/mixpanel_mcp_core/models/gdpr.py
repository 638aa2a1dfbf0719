"""Requests about people's data under GDPR and CCPA."""

from typing import Annotated, Any, Literal

from pydantic import Field

from mixpanel_mcp_core.fields import PathId

JsonObject = dict[str, Any]

TrackingId = Annotated[PathId, Field(description="task_id of the request that was made.")]
ComplianceType = Annotated[
    Literal["GDPR", "CCPA"], Field(description="The law that the person appeals to.")
]
DisclosureType = Annotated[
    Literal["Data", "Categories", "Sources"],
    Field(description="CCPA only: the data itself, its categories or its sources; default Data."),
]
