"""Lookup tables: CSV rows joined to a property by its value."""

from typing import Annotated, ClassVar

from pydantic import Field

from mixpanel_mcp_core.models.wire import Answered, CamelAnswered

DataGroupId = Annotated[int, Field(description="Lookup table id, from list_lookup_tables.")]
ReplacedTable = Annotated[
    int, Field(description="Id of the table to replace; without it a new one is made.")
]
TableName = Annotated[
    str, Field(min_length=1, max_length=255, description="Table name, e.g. 'Products'.")
]


class LookupTable(CamelAnswered):
    """A lookup table; its rows come with download_lookup_table."""

    listed: ClassVar[tuple[str, ...]] = (
        "id",
        "name",
        "has_mapped_properties",
        "created_at",
        "last_modified_at",
    )

    id: int
    name: str
    token: str | None = None
    created_at: str | None = None
    last_modified_at: str | None = None
    has_mapped_properties: bool | None = None


class LookupTableUploadUrl(Answered):
    """Where to put a file, and by what it is known afterwards."""

    url: str
    path: str
    key: str
