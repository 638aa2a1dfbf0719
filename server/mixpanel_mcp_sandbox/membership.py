"""Whether a person is in a cohort, as a property that filters and breakdowns can look at."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from .errors import wrong
from .properties import Derived

NUMBER = re.compile("[0-9]{1,18}")


@dataclass(frozen=True)
class Cohort:
    """A cohort as a request names it: a saved one by its number, or a definition as JSON text."""

    id: int | None = None
    definition: str = ""


@dataclass(frozen=True)
class Membership(Derived):
    """True for the events of a cohort's members; `name` is what a table calls the column."""

    prefix = "m"
    cohort: Cohort = field(kw_only=True)

    @property
    def sql(self) -> str:
        """Membership as VARIANT, never undefined."""
        return f"({self.column}.uid is not null)::variant"

    @property
    def present(self) -> str:
        """Always true: who is not in a cohort is outside it."""
        return "true"

    @property
    def identity(self) -> Cohort:
        """The cohort: memberships of one cohort share its table."""
        return self.cohort


def read_cohort(entry: dict[str, Any]) -> Cohort:
    """Return the cohort of an object with `id` or `raw_cohort`; 400 when it has neither."""
    if isinstance(entry.get("raw_cohort"), dict):
        return Cohort(definition=json.dumps(entry["raw_cohort"], sort_keys=True))
    number = entry.get("id")
    if isinstance(number, int) and not isinstance(number, bool):
        return Cohort(number)
    # Older clients write the number as text.
    if isinstance(number, str) and NUMBER.fullmatch(number):
        return Cohort(int(number))
    raise wrong("A cohort needs an id or a raw_cohort.")
