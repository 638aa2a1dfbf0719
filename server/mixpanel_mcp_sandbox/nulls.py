"""Which event properties have a JSON null somewhere.

A null and a missing property are different segments, but telling them apart is slow; knowing the
few properties with nulls spares all the others.
"""

from collections.abc import Iterable

from .database import Database
from .records import Record

REMEMBER = "insert or ignore into own.null_properties select unnest($names::varchar[])"


def nulls_in(records: Iterable[Record]) -> set[str]:
    """Return the names of the properties that are null in some record."""
    return {
        name for record in records for name, value in record.properties.items() if value is None
    }


def remember(database: Database, names: set[str]) -> None:
    """Keep names for later processes."""
    if names:
        database.run(REMEMBER, {"names": sorted(names)})
