"""Who did an event: the simplified identity merge over `$device_id` and `$user_id`."""

from __future__ import annotations

from collections.abc import Mapping

from .database import Database

DEVICE = "$device:"

RELINK = """
update own.events set uid = hash(link.user_id)
from (select unnest($devices::varchar[]) as device_id, unnest($users::varchar[]) as user_id) link
where own.events.uid = hash($prefix || link.device_id)
"""


class Links:
    """Pairs of device and user; the first user seen on a device keeps it."""

    def __init__(self, users: dict[str, str]):
        self.users = users
        self.fresh: dict[str, str] = {}

    @classmethod
    def load(cls, database: Database) -> Links:
        """Read the pairs that earlier events made."""
        return cls(dict(database.rows("select device_id, user_id from all_links")))

    def resolve(self, properties: Mapping[str, object]) -> str:
        """Return the id an event carries, empty for nobody; remember the pair it may carry."""
        user, device = _text(properties.get("$user_id")), _text(properties.get("$device_id"))
        if user and device and device not in self.users:
            self.users[device] = self.fresh[device] = user
        return user or (DEVICE + device if device else _text(properties.get("distinct_id")))

    def canonical(self, distinct_id: str) -> str:
        """Return the user behind a device id, any other id unchanged."""
        if distinct_id.startswith(DEVICE):
            return self.users.get(distinct_id[len(DEVICE) :], distinct_id)
        return distinct_id

    def store(self, database: Database) -> bool:
        """Write the new pairs, hand their earlier events over; True when there were any."""
        if not self.fresh:
            return False
        devices, users = list(self.fresh), list(self.fresh.values())
        pairs = {"devices": devices, "users": users}
        database.run(
            "insert into own.links select unnest($devices::varchar[]), unnest($users::varchar[])",
            pairs,
        )
        database.run(RELINK, {**pairs, "prefix": DEVICE})
        self.fresh = {}
        return True


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return ""
