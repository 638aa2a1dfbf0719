"""Feature flags as an app asks for them."""

from typing import Annotated, Any, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from mixpanel_mcp_core.models.wire import Answered
from mixpanel_mcp_core.tables import Table, table_of


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


class ServedFlags(Answered):
    """The variant that somebody gets of each flag, by its key; flags without one are left out."""

    flags: dict[str, dict[str, Any]]

    def table(self) -> Table | None:
        """A row for each flag."""
        return table_of([{"key": key, **served} for key, served in self.flags.items()])


class FlagDefinitions(Answered):
    """The enabled flags as SDKs evaluate them."""

    flags: list[dict[str, Any]]

    def table(self) -> Table | None:
        """A row for each flag."""
        return table_of(self.flags)
