"""The answer around the series of insights and funnels."""

from datetime import datetime

from .calls import Json
from .timeline import Range


def envelope(now: datetime, days: Range, headers: list[str], series: Json) -> Json:
    """Return Mixpanel's report object."""
    return {
        "computed_at": now.isoformat(),
        "date_range": {"from_date": days.first.isoformat(), "to_date": days.last.isoformat()},
        "headers": headers,
        "series": series,
        "meta": {"sampling_factor": 1.0, "is_cached": False},
    }
