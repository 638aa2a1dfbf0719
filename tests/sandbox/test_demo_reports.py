"""The demo's reports, cohorts and metrics are there from the start, and answer."""

from collections.abc import Generator
from typing import Any

import pytest
from report_bodies import body
from sandbox_client import Client, results_of
from small_demo import FRIDAY, lay_demo, open_demo

from mixpanel_mcp_sandbox import demo

BASE = "/api/app/projects/1"
DOCUMENTS = demo.documents(FRIDAY)
REPORTS = [document.body for document in DOCUMENTS if document.kind == "bookmarks"]
BOARDS = [document.body for document in DOCUMENTS if document.kind == "dashboards"]
RUN: dict[str, tuple[str, str]] = {
    "insights": ("insights", "bookmark_id"),
    "funnels": ("funnels", "funnel_id"),
    "retention": ("retention", "bookmark_id"),
    "flows": ("arb_funnels", "bookmark_id"),
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Generator[Client]:
    """A client of a small demo in a cache of its own."""
    folder = lay_demo(tmp_path_factory.mktemp("cache"), people=1_000)
    with open_demo(folder) as sandbox:
        yield Client(sandbox)


def entities(client: Client, path: str, **query: Any) -> Any:
    """What the App API has of a kind."""
    return results_of(client.get(f"{BASE}/{path}", **query))


def answered(client: Client, report: dict[str, Any]) -> Any:
    """The numbers of a report that is run by its id."""
    path, parameter = RUN[report["type"]]
    days = {"from_date": "2026-02-05", "to_date": "2026-02-06"} if path == "funnels" else {}
    answer = client.get(f"/api/query/{path}", **{parameter: report["id"]}, **days)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    keys = {"insights": "series", "funnels": "data", "flows": "steps"}
    return told[keys[report["type"]]] if report["type"] in keys else told


def test_every_report_stands_on_its_board() -> None:
    """Cards and reports are the same, and the layout has a place for each."""
    for board in BOARDS:
        contents, layout = board["contents"], board["layout"]
        own = {str(each["id"]): each for each in REPORTS if each["dashboard_id"] == board["id"]}
        assert contents["report"] == own
        shown = [
            (cell["content_type"], str(cell["content_id"]))
            for name in layout["rows_order"]
            for cell in layout["rows"][name]["cells"]
        ]
        texts = [("text", number) for number in contents["text"]]
        assert shown == texts + [("report", number) for number in own]


def test_the_app_api_has_them_all(client: Client) -> None:
    """The list of reports is that of the documents."""
    assert entities(client, "bookmarks", v="2")["results"] == REPORTS


@pytest.mark.parametrize(
    "report", [each for each in REPORTS if each["type"] in RUN], ids=lambda each: each["name"]
)
def test_every_report_answers(client: Client, report: dict[str, Any]) -> None:
    """It can be run by its id, and finds something."""
    assert answered(client, report)


def test_the_table_of_people_can_be_asked(client: Client) -> None:
    """Its params are those of a query for profiles."""
    (report,) = (each for each in REPORTS if each["type"] == "user")
    answer = client.post("/api/query/engage/", report["params"]).json()
    values = [each["$properties"]["lifetime_value"] for each in answer["results"]]
    assert values == sorted(values, reverse=True)
    assert values[-1] > 500


def test_every_cohort_has_people(client: Client) -> None:
    """Those of a list, and those whom a definition finds."""
    counts = {each["name"]: each["count"] for each in entities(client, "cohorts")}
    assert counts.pop("Testers") == 25
    assert list(counts) == [
        "Has wishlists",
        "Bought twice in 30 days",
        "Dormant 14 days",
        "Spring sale sign-ups",
        "Android 4.2.0 users",
    ]
    assert all(0 < count < 1_000 for count in counts.values())


def test_metrics_and_behaviors_are_measured(client: Client) -> None:
    """A formula of a saved metric, and the saved funnel."""
    days = {"dateRangeType": "in the last", "unit": "day", "window": {"unit": "day", "value": 30}}
    kinds = {each["id"]: each["type"] for each in entities(client, "metrics").values()}
    show = [{"type": kind, "id": number} for number, kind in kinds.items()]
    answer = client.post("/api/query/insights", body(*show, time=[days], chart="bar")).json()
    found = {name: node["all"] for name, node in answer["series"].items()}
    assert list(found) == ["Orders", "Revenue", "Orders per checkout"]
    assert 0 < found["Orders per checkout"] < 1 < found["Orders"] < found["Revenue"]
    way = {"behavior": {"type": "funnel", "id": 4101}, "measurement": {"math": "unique"}}
    asked = body(way, time=[days], chart="funnel-steps")
    assert client.post("/api/query/insights", asked).status_code == 200
