"""Lookup tables as the ingestion host knows them."""

from mixpanel_mcp_core.models.wire import Answered


class IngestedTable(Answered):
    """A lookup table by the id that it can be replaced by."""

    id: str
    name: str
