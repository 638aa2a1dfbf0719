"""Every operation that can be undone, in groups: what is there first, and calls that change it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from time import time
from typing import Any, NamedTuple

Made = list[Any]
# Arguments, or what makes them of what was made first.
Arguments = Mapping[str, Any] | Callable[[Made], Mapping[str, Any]]
Call = tuple[str, Arguments]


class Group(NamedTuple):
    """Changes of the same things, which are made `first`; the calls of `look` tell their state."""

    look: Sequence[Call]
    first: Sequence[Call]
    changes: Sequence[Call]


def the(argument: str, /, at: int = 0, **more: Any) -> Callable[[Made], Mapping[str, Any]]:
    """Arguments that name by its id what was made as the first, second or third."""
    return lambda made: {argument: made[at]["id"], **more}


TEXT = {"content_type": "text", "content_params": {"markdown": "Hello"}}
BOARD: Call = ("create_dashboard", {"title": "Board", "rows": [{"contents": [TEXT]}]})


def params(made: Made) -> str:
    """The query of the report that was saved second."""
    return made[1]["params"]


def whole_flag(made: Made) -> Mapping[str, Any]:
    """A flag, switched off."""
    kept = {name: made[0][name] for name in ("name", "key", "ruleset")}
    return {"flag_id": made[0]["id"], **kept, "status": "disabled", "tags": ["late"]}


def text_card(made: Made) -> Mapping[str, Any]:
    """The only text card of the board."""
    [number] = made[0]["contents"]["text"]
    return {"dashboard_id": made[0]["id"], "text_card_id": int(number), "markdown": "Other"}


def action(does: str, **more: Any) -> Callable[[Made], Mapping[str, Any]]:
    """An action on the text card of the board."""

    def arguments(made: Made) -> Mapping[str, Any]:
        number = {} if does == "create" else {"content_id": text_card(made)["text_card_id"]}
        content = {"action": does, "content_type": "text", **number, **more}
        return {"dashboard_id": made[0]["id"], "content": content}

    return arguments


QUERY: Mapping[str, Any] = {
    "name": "Visits",
    "tool": "query",
    "arguments": {"events": "Visit", "last": 7},
}
WHO = {"criterion": "did_event", "event": "Buy", "at_least": 2, "within_days": 30}
SCHEMA = {"properties": {"amount": {"type": "number"}}}
OTHER = {"properties": {"amount": {"type": "string"}}}
BUY = {"entity_type": "event", "entity_name": "Buy"}
ENTRIES = [{"entityType": "event", "name": each, "schemaJson": OTHER} for each in ("Buy", "Gift")]
RULES = {
    "common_properties": [],
    "user_properties": [],
    "events": [],
    "rule_event": "Warn and Hide",
    "notification_emails": ["a@example.com"],
}
BOUGHT = {
    "event": "Buy",
    "properties": {"time": int(time()) - 60, "distinct_id": "ann", "plan": "pro"},
}
OF_EVENTS = {"resource_type": "Event"}
SIZE = {
    "name": "Size",
    "resource_type": "events",
    "display_formula": "A * 2",
    "composed_properties": {"A": {"value": "price", "resource_type": "event", "type": "number"}},
}
ROWS = {"columns": ["sku", "brand"], "rows": [["P1", "Fjell"], ["P2", "Tarn"]]}
FEW: Mapping[str, Any] = {"name": "Birch", "columns": ["sku", "brand"], "rows": [["P1", "Birch"]]}
CONDITION = {
    "keys": [{"header": "Visit", "value": "Visit"}],
    "type": "absolute",
    "op": "<",
    "value": 5,
}
WATCHED = {
    "name": "Few",
    "condition": CONDITION,
    "frequency": 86_400,
    "paused": False,
    "subscriptions": [{"type": "email", "value": "a@example.com"}],
}
ORDERS = {
    "name": "orders",
    "columns": ["order", "who", "at"],
    "rows": [["o-1", "ann", "2026-02-10T10:00:00"]],
}
SOURCE = {
    "warehouse_source_id": 1,
    "table_params": {"schema": "lookup", "table": "orders"},
    "sync_mode": "full_sync",
    "run_every": 0,
}
PIPELINE = {
    "type": "gcs-raw",
    "from_date": str(date.today()),
    "options": {"gcs_bucket": "b", "gcs_region": "us-east1"},
}


def card_of_report(made: Made) -> Mapping[str, Any]:
    """The report and the board that were made."""
    return {"dashboard_id": made[0]["id"], "bookmark_id": made[1]["id"]}


def ids(argument: str) -> Callable[[Made], Mapping[str, Any]]:
    """Arguments with a list of the only thing that was made."""
    return lambda made: {argument: [made[0]["id"]]}


def pipeline(made: Made) -> Mapping[str, Any]:
    """The only pipeline."""
    return {"name": made[0]["pipeline_names"][0]}


GROUPS: Sequence[Group] = (
    Group(
        [("list_annotations", {})],
        [("create_annotation", {"date": "2026-01-01 00:00:00", "description": "Release"})],
        [
            ("update_annotation", the("annotation_id", description="Launch")),
            ("delete_annotation", the("annotation_id")),
        ],
    ),
    Group(
        [("list_dashboards", {}), ("get_dashboard", the("dashboard_id", at=0))],
        [BOARD],
        [
            ("create_board", {"title": "Two", "rows": [{"cards": [{"text": "Hi"}]}]}),
            ("create_blueprint", {"template_type": "company_kpis"}),
            ("create_rca_dashboard", {"rca_source_id": 7, "rca_source_data": {"type": "metric"}}),
            ("update_dashboard", the("dashboard_id", title="Two", description="More")),
            ("update_dashboard", action("create", content_params={"markdown": "New"})),
            ("update_dashboard", action("update", content_params={"markdown": "New"})),
            ("update_text_card", text_card),
            ("delete_dashboard", the("dashboard_id")),
            ("bulk_delete_dashboards", ids("ids")),
        ],
    ),
    Group(
        [("list_dashboards", {})],
        [
            BOARD,
            ("favorite_dashboard", the("dashboard_id")),
            ("pin_dashboard", the("dashboard_id")),
        ],
        [
            ("unfavorite_dashboard", the("dashboard_id")),
            ("unpin_dashboard", the("dashboard_id")),
        ],
    ),
    Group(
        [("list_bookmarks_v2", {}), ("list_alerts", {})],
        [BOARD, ("save_query", the("dashboard_id", at=0, **QUERY))],
        [
            (
                "create_bookmark",
                lambda made: {
                    "name": "Two",
                    "bookmark_type": "insights",
                    "params": params(made),
                    "dashboard_id": made[0]["id"],
                },
            ),
            ("update_bookmark", lambda made: {"bookmark_id": made[1]["id"], "name": "Two"}),
            (
                "bulk_update_bookmarks",
                lambda made: {"entries": [{"id": made[1]["id"], "name": "Two"}]},
            ),
            ("delete_bookmark", lambda made: {"bookmark_id": made[1]["id"]}),
            ("bulk_delete_bookmarks", lambda made: {"ids": [made[1]["id"]]}),
        ],
    ),
    Group(
        [("list_alerts", {})],
        [
            BOARD,
            ("save_query", the("dashboard_id", at=0, **QUERY)),
            ("create_alert", lambda made: {**WATCHED, "bookmark_id": made[1]["id"]}),
        ],
        [
            ("update_alert", the("alert_id", at=2, name="Other", paused=True)),
            ("delete_alert", the("alert_id", at=2)),
            ("bulk_delete_alerts", lambda made: {"ids": [made[2]["id"]]}),
        ],
    ),
    Group(
        [("list_cohorts_full", {})],
        [("create_cohort", {"name": "Buyers", "definition": WHO, "description": "Twice"})],
        [
            ("update_cohort", the("cohort_id", name="Two")),
            (
                "bulk_update_cohorts",
                lambda made: {"entries": [{"id": made[0]["id"], "name": "Two"}]},
            ),
            ("delete_cohort", the("cohort_id")),
            ("bulk_delete_cohorts", ids("ids")),
        ],
    ),
    Group(
        [("list_feature_flags", {"include_archived": True})],
        [("create_feature_flag", {"name": "New", "key": "new", "status": "enabled"})],
        [
            ("duplicate_feature_flag", the("flag_id")),
            ("update_feature_flag", whole_flag),
            ("set_flag_test_users", the("flag_id", users={"On": "ann"})),
            ("delete_feature_flag", the("flag_id")),
        ],
    ),
    Group(
        [("list_feature_flags", {"include_archived": True})],
        [
            ("create_feature_flag", {"name": "Old", "key": "old"}),
            ("archive_feature_flag", the("flag_id")),
        ],
        [("restore_feature_flag", lambda made: {"flag_id": made[0]["id"]})],
    ),
    Group(
        [("list_experiments", {"include_archived": True})],
        [("create_experiment", {"name": "Blue", "hypothesis": "More clicks"})],
        [
            ("duplicate_experiment", the("experiment_id", name="Two")),
            ("update_experiment", the("experiment_id", hypothesis="Fewer", tags=["x"])),
            ("delete_experiment", the("experiment_id")),
        ],
    ),
    Group(
        [("list_experiments", {"include_archived": True})],
        [("create_experiment", {"name": "Old"}), ("archive_experiment", the("experiment_id"))],
        [("restore_experiment", lambda made: {"experiment_id": made[0]["id"]})],
    ),
    Group(
        [("list_webhooks", {})],
        [("create_webhook", {"name": "Hook", "url": "https://example.com/hook"})],
        [
            ("update_webhook", the("webhook_id", name="Two", is_enabled=False)),
            ("delete_webhook", the("webhook_id")),
        ],
    ),
    Group(
        [("get_business_context", {})],
        [("set_business_context", {"content": "A shop."})],
        [
            ("set_business_context", {"content": "A bank."}),
            ("clear_business_context", {}),
        ],
    ),
    Group(
        [
            ("get_event_definitions", {"names": ["Buy"]}),
            ("get_property_definitions", {"names": ["plan"]}),
        ],
        [
            ("import_events", {"events": [BOUGHT]}),
            (
                "update_event_definition",
                {"event_name": "Buy", "description": "Paid", "hidden": True},
            ),
            (
                "update_property_definition",
                {"property_name": "plan", "description": "Tariff", **OF_EVENTS},
            ),
        ],
        [
            (
                "update_event_definition",
                {"event_name": "Buy", "description": "Other", "tags": ["x"]},
            ),
            (
                "bulk_update_event_definitions",
                {
                    "events": [
                        {
                            "name": "Buy",
                            "hidden": False,
                            "contacts": ["a@example.com"],
                            "team_contacts": ["growth"],
                        }
                    ]
                },
            ),
            (
                "update_property_definition",
                {"property_name": "plan", "description": "Other", "hidden": True, **OF_EVENTS},
            ),
            (
                "bulk_update_property_definitions",
                {"definitions": [{"name": "plan", "hidden": True, **OF_EVENTS}]},
            ),
            ("delete_event_definition", {"event_name": "Buy"}),
        ],
    ),
    Group(
        [("list_lexicon_tags", {})],
        [("create_lexicon_tag", {"name": "core"})],
        [("delete_lexicon_tag", {"tag_name": "core"})],
    ),
    Group(
        [("list_schema_registry", {})],
        [("create_schema", {**BUY, "schema_json": SCHEMA})],
        [
            ("create_schema", {**BUY, "schema_json": OTHER}),
            ("create_schemas_bulk", {"entries": ENTRIES}),
            (
                "create_schemas_bulk",
                {"entries": ENTRIES[1:], "truncate": True, "entity_type": "event"},
            ),
            ("update_schema", {**BUY, "schema_json": OTHER}),
            ("update_schemas_bulk", {"entries": ENTRIES[:1]}),
            ("lexicon_upload_schema", {"entity_type": "event", "name": "Gift", "schema": SCHEMA}),
            ("lexicon_upload_schemas", {"entries": ENTRIES}),
            ("lexicon_delete_schemas", {"entity_type": "event"}),
            ("delete_schemas", {}),
        ],
    ),
    Group(
        [("list_schema_registry", {})],
        [],
        [("create_schema", {**BUY, "entity_name": "Sell", "schema_json": OTHER})],
    ),
    Group(
        [("get_schema_enforcement", {})],
        [
            ("create_schema", {**BUY, "schema_json": SCHEMA}),
            ("init_schema_enforcement", {"rule_event": "Warn and Accept"}),
        ],
        [
            (
                "update_schema_enforcement",
                {"notification_emails": ["a@example.com"], "rule_event": "Warn and Hide"},
            ),
            ("replace_schema_enforcement", RULES),
            ("delete_schema_enforcement", {}),
        ],
    ),
    Group(
        [("list_custom_events", {})],
        [("create_custom_event", {"name": "Any", "alternatives": ["Buy", "Gift"]})],
        [
            (
                "update_custom_event",
                lambda made: {
                    "custom_event_id": made[0]["id"],
                    "description": "Other",
                    "hidden": True,
                },
            ),
        ],
    ),
    Group(
        [("list_custom_properties", {})],
        [("create_custom_property", SIZE)],
        [
            (
                "update_custom_property",
                lambda made: {
                    "property_id": str(made[0]["custom_property_id"]),
                    "display_formula": "A * 3",
                },
            ),
            (
                "delete_custom_property",
                lambda made: {"property_id": str(made[0]["custom_property_id"])},
            ),
        ],
    ),
    Group(
        [("list_drop_filters", {})],
        [
            ("create_drop_filter", {"event_name": "Ping", "filters": []}),
            ("update_drop_filter", lambda made: {"id": made[0][-1]["id"], "active": False}),
        ],
        [
            ("update_drop_filter", lambda made: {"id": made[0][-1]["id"], "active": True}),
            ("delete_drop_filter", lambda made: {"drop_filter_id": made[0][-1]["id"]}),
        ],
    ),
    Group(
        [("list_metrics", {})],
        [("create_metric", {"name": "Buys", "definition": {"event": "Buy"}})],
        [
            ("update_metric", the("metric_id", name="Two", description="More")),
            (
                "bulk_update_metrics",
                lambda made: {"entries": [{"id": made[0]["id"], "name": "Two"}]},
            ),
            ("delete_metric", the("metric_id")),
            ("delete_metrics", ids("metric_ids")),
        ],
    ),
    Group(
        [("list_behaviors", {})],
        [("create_behavior", {"name": "Way", "behavior": {"steps": ["Visit", "Buy"]}})],
        [
            ("update_behavior", the("behavior_id", name="Two")),
            ("delete_behavior", the("behavior_id")),
            ("delete_behaviors", ids("behavior_ids")),
        ],
    ),
    Group(
        [("list_lookup_tables", {}), ("download_lookup_table", the("data_group_id"))],
        [("upload_lookup_rows", {"name": "Products", **ROWS})],
        [
            ("upload_lookup_rows", {**FEW, "name": "Two"}),
            ("upload_lookup_rows", the("data_group_id", **FEW)),
            ("update_lookup_table", the("data_group_id", name="Other")),
        ],
    ),
    Group(
        [("list_dashboards", {}), ("get_dashboard", the("dashboard_id"))],
        [BOARD, ("save_query", the("dashboard_id", **QUERY))],
        [
            ("add_report_to_dashboard", card_of_report),
            ("remove_report_from_dashboard", card_of_report),
        ],
    ),
    Group(
        [("list_lookup_tables", {})],
        [("upload_lookup_rows", {"name": "Products", **ROWS})],
        [
            ("upload_lookup_table", {"name": "Two", "file_path": "two.csv"}),
            ("delete_lookup_tables", ids("data_group_ids")),
        ],
    ),
    Group(
        [("list_pipelines", {})],
        [("create_pipeline", PIPELINE), ("pause_pipeline", pipeline)],
        [("resume_pipeline", pipeline)],
    ),
    Group(
        [("list_warehouse_imports", {})],
        [
            ("upload_lookup_rows", ORDERS),
            (
                "create_event_stream_import",
                {**SOURCE, "event_name": "Order", "time_column_name": "at"},
            ),
        ],
        [
            ("create_people_import", {**SOURCE, "user_column_name": "who"}),
            ("create_groups_import", {**SOURCE, "group_key": "who", "group_id_column": "who"}),
            (
                "create_lookup_table_import",
                {
                    **SOURCE,
                    "mixpanel_property": {"value": "order", "resourceType": "event"},
                    "property_key_column_name": "order",
                },
            ),
            ("update_warehouse_import", the("import_id", at=1, paused=True, run_every=0)),
        ],
    ),
)
