"""Yesterday in UTC: the latest day that is over, of which a sandbox can have seen everything."""

from datetime import UTC, datetime, timedelta

DAY = datetime.now(UTC).date() - timedelta(days=1)
DAYS = {"from_date": str(DAY), "to_date": str(DAY)}
NOON = int(datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC).timestamp())
