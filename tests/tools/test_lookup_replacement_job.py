"""A lookup table is replaced on the ingestion host and joined in a query, told by a client."""

import time
from pathlib import Path
from typing import Any

import pytest
from job_client import at_work, refused, told
from mcp import Client

pytestmark = pytest.mark.anyio


async def by_brand(client: Client) -> dict[str, Any]:
    """How many views there are of each brand."""
    answer = await told(
        client,
        "query",
        events="View",
        group_by=[{"property": "sku → brand"}],
        mode="total",
        last=7,
    )
    [counts] = answer["series"].values()
    return {name: each["all"] for name, each in counts.items() if name != "$overall"}


async def test_a_table_is_replaced_raw_and_joined_in_a_query(tmp_path: Path) -> None:
    """From text or from a file; a table at fault changes nothing."""
    async with at_work("empty", tmp_path) as client:
        properties = {"time": int(time.time()) - 60, "distinct_id": "ann"}
        skus = ("P1", "P2", "P2")
        events = [
            {"event": "View", "properties": {**properties, "sku": sku, "n": n}}
            for n, sku in enumerate(skus)
        ]
        await told(client, "import_events", events=events)
        columns, rows = ["sku", "brand"], [["P1", "Fjell"], ["P2", "Tarn"]]
        await told(client, "upload_lookup_rows", name="Brands", columns=columns, rows=rows)
        assert await by_brand(client) == {"Tarn": 2, "Fjell": 1}

        [table] = await told(client, "ingest_list_lookup_tables")
        assert table["name"] == "Brands"
        which = {"lookup_table_id": table["id"]}
        done = await told(
            client, "replace_lookup_table", **which, csv='sku,brand\nP1,Moor\nP2,"Dale, Ltd"\n'
        )
        assert done == {"code": 200, "status": "OK"}
        replaced = {"Dale, Ltd": 2, "Moor": 1}
        assert await by_brand(client) == replaced

        fault = 'sku,brand\nP1,"A\nB"\n,C\nP1,D,E\nP1,F\n'
        error = await refused(client, "replace_lookup_table", **which, csv=fault)
        assert error["message"] == (
            "csv: line 4: the key, its first value, is empty; csv: line 5: has 3 values for 2 "
            "columns; csv: line 6: has the key 'P1' of line 2"
        )
        assert await by_brand(client) == replaced

        (tmp_path / "brands.csv").write_text("sku,brand\nP2,Kestrel\n", encoding="utf-8-sig")
        await told(client, "replace_lookup_table", **which, csv="brands.csv")
        assert await by_brand(client) == {"Kestrel": 2, "undefined": 1}
        error = await refused(client, "replace_lookup_table", **which, csv="../brands.csv")
        assert (error["code"], error["details"]) == ("NOT_PERMITTED", {"field": "csv"})
