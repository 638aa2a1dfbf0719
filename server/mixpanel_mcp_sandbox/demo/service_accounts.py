"""The demo's service accounts: what asks by itself, and what used to.

Nobody knows their secrets any more: these cannot be told twice.
"""

from dataclasses import dataclass
from datetime import datetime

from .calendar import instant
from .document import Document
from .project import ADA, NILS, PROJECT_ID, Person


@dataclass(frozen=True, slots=True)
class Account:
    """An account with its role in the project, and the days of the demo that it knows of."""

    username: str
    role: str
    creator: Person
    created: int
    last_used: int | None
    expires: int | None = None


ACCOUNTS = (
    Account("warehouse-export", "admin", ADA, created=2, last_used=125),
    Account("weekly-report", "consumer", NILS, created=30, last_used=118),
    Account("migration-2025", "admin", ADA, created=1, last_used=21, expires=28),
)
# The sandbox's own comes first.
FIRST_ID = 2


def service_accounts(now: datetime) -> list[Document]:
    """Give the accounts, none of which is used later than now."""
    return [
        Document("service_accounts", number, None, _body(account, number, now))
        for number, account in enumerate(ACCOUNTS, start=FIRST_ID)
    ]


def _body(account: Account, number: int, now: datetime) -> dict[str, object]:
    return {
        "id": number,
        "username": account.username,
        "last_used": _on(now, account.last_used),
        "expires": _on(now, account.expires),
        "creator": account.creator.id,
        "created": _on(now, account.created),
        "user": 1000 + number,
        "role": "consumer",
        "projects": [{"id": PROJECT_ID, "role": account.role}],
        "secret": None,
    }


def _on(now: datetime, day: int | None) -> str | None:
    if day is None:
        return None
    return min(f"{instant(now, day)}Z", now.strftime("%Y-%m-%dT%H:%M:%SZ"))
