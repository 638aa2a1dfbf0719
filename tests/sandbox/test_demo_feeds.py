"""What flows into and out of the demo: its warehouse, an import that failed, a pipeline."""

from collections.abc import Generator

import pytest
from sandbox_client import Client, results_of
from small_demo import lay_demo, open_demo

BASE = "/api/app/projects/1/warehouse-sources/imports"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Generator[Client]:
    """A client of a small demo."""
    with open_demo(lay_demo(tmp_path_factory.mktemp("demo"))) as sandbox:
        yield Client(sandbox)


def test_the_history_of_the_import_tells_what_would_happen_again(client: Client) -> None:
    """Another sync fails for the same reason, in the same words."""
    client.request("PUT", f"{BASE}/1/manual-sync", json={})
    again, before = results_of(client.get(f"{BASE}/1/history"))["runs"]
    assert (again["status"], again["error"]) == (before["status"], before["error"])


def test_the_tables_can_be_imported(client: Client) -> None:
    """Orders from before the demo's own events, and customers."""
    orders = {
        "import_type": "event_stream",
        "warehouse_source_id": 1,
        "table_params": {"table": "orders_history"},
        "time_column_name": "ordered_at",
        "user_column_name": "customer_id",
        "event_name": "Order Completed (history)",
        "sync_mode": "one_time",
    }
    accounts = {
        "import_type": "groups",
        "warehouse_source_id": 1,
        "table_params": {"table": "crm_accounts"},
        "group_key": "account_id",
        "group_id_column": "account_id",
        "sync_mode": "one_time",
    }
    counts = {"event-stream": (orders, 240), "groups": (accounts, 40)}
    for path, (body, count) in counts.items():
        made = results_of(client.post(f"{BASE}/{path}", body))
        [run] = results_of(client.get(f"{BASE}/{made['id']}/history"))["runs"]
        assert (run["status"], run["num_events_imported"]) == ("SUCCEEDED", count)


def test_the_pipeline_has_run_every_day(client: Client) -> None:
    """Its days reach up to today, which is not over."""
    days = client.get("/api/2.0/nessie/pipeline/timeline", project_id=1).json()["day_syncs"]
    assert {day["status"] for day in days[:-1]} == {"synced"}
    assert (days[-1]["date"], days[-1]["status"]) == ("2026-02-06", "pending")
