"""Answers of the live query endpoints, and the tables drawn from them."""

from pydantic import BaseModel

from mixpanel_mcp_core.tables import Table

Number = int | float


class Segmentation(BaseModel):
    """Counts of an event over time, by segment."""

    event: str
    from_date: str
    to_date: str
    unit: str
    segment_property: str | None
    total: Number
    series: dict[str, dict[str, Number]]

    def table(self) -> Table:
        """One row for each segment and date."""
        rows = [
            [day, segment, count]
            for segment, days in self.series.items()
            for day, count in days.items()
        ]
        return Table(["date", "segment", "count"], rows)
