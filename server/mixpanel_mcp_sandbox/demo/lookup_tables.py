"""The demo's lookup tables: what is known of each product and of each country."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from .calendar import instant
from .document import Document

CREATED = 20
PRODUCTS_PER_CATEGORY = 40
BRANDS = ("Fjell", "Tarn", "Kestrel", "Birch & Bear", "Northwind")
SERIES = ("Ridge", "Moor", "Summit", "Valley", "Drift", "Ember", "Frost", "Delta")
NOUNS = {
    "Tents": ("tent", 0.42),
    "Jackets": ("jacket", 0.48),
    "Boots": ("boots", 0.38),
    "Packs": ("pack", 0.45),
    "Stoves": ("stove", 0.33),
    "Lamps": ("lamp", 0.52),
}
COUNTRIES = (
    ("US", "United States", "North America", "USD"),
    ("GB", "United Kingdom", "Europe", "GBP"),
    ("DE", "Germany", "Europe", "EUR"),
    ("FR", "France", "Europe", "EUR"),
    ("CA", "Canada", "North America", "CAD"),
    ("JP", "Japan", "Asia", "JPY"),
    ("BR", "Brazil", "South America", "BRL"),
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the property that it is joined to, its other columns, its rows."""

    name: str
    key: str
    columns: tuple[str, ...]
    rows: tuple[Sequence[object], ...]

    @property
    def csv(self) -> str:
        """The file that it was uploaded as."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([(self.key, *self.columns), *self.rows])
        return text.getvalue()


def tables() -> tuple[Table, Table]:
    """Give the tables in the order of their numbers."""
    columns = ("product_name", "brand", "category", "margin")
    return (
        Table("skus", "sku", columns, tuple(_products())),
        Table("countries", "country", ("country_name", "region", "local_currency"), COUNTRIES),
    )


def lookup_tables(now: datetime) -> list[Document]:
    """Give the tables, without their rows."""
    created = instant(now, CREATED)
    return [
        Document(
            "lookup_tables",
            number,
            None,
            {
                "id": number,
                "name": table.name,
                "token": f"lookup-{number}",
                "createdAt": created,
                "lastModifiedAt": created,
                "hasMappedProperties": True,
                "mappedProperties": [
                    {"value": table.key, "resourceType": kind} for kind in ("event", "user")
                ],
                "keyColumn": table.key,
                "columns": list(table.columns),
            },
        )
        for number, table in enumerate(tables(), start=1)
    ]


def lookup_files() -> list[Document]:
    """Give the files that hold the rows."""
    return [
        Document("lookup_files", number, None, {"id": number, "csv": table.csv})
        for number, table in enumerate(tables(), start=1)
    ]


def _products() -> Iterable[Sequence[object]]:
    for category, (noun, margin) in NOUNS.items():
        for number in range(PRODUCTS_PER_CATEGORY):
            brand = BRANDS[number * 3 % len(BRANDS)]
            series = SERIES[(number * 5 + len(category)) % len(SERIES)]
            sku = f"NT-{category[:2].upper()}-{number:03}"
            name = f"{brand} {series} {noun} {100 + number}"
            yield sku, name, brand, category, round(margin - number % 7 / 50, 2)
