"""The table of all kinds, by the operations that change them."""

import json
from collections.abc import Mapping
from typing import Any

from mixpanel_mcp_core.queries.nodes import object_in, objects_in
from mixpanel_mcp_tools.kinds import Image, Kind, among, one, only

_NO_REFERENCES = "what referred to the old id does not refer to the new one"


def _rows(image: Image) -> list[Any]:
    """The cards of a board, as create_dashboard takes them."""
    layout, contents = object_in(image.get("layout")), object_in(image.get("contents"))
    rows = object_in(layout.get("rows"))
    found: list[Any] = []
    for name in layout.get("rows_order") or ():
        cells = objects_in(object_in(rows.get(name)).get("cells"))
        cards = [card for cell in cells if (card := _card(contents, cell))]
        found += [{"contents": cards}] if cards else []
    return found


def _card(contents: Image, cell: Mapping[str, Any]) -> Image | None:
    kind = str(cell.get("content_type"))
    card = object_in(object_in(contents.get(kind)).get(str(cell.get("content_id"))))
    if kind == "text":
        return {"content_type": kind, "content_params": {"markdown": card.get("markdown") or ""}}
    if kind != "report" or not card.get("params"):
        return None
    bookmark = {"name": card.get("name"), "type": card.get("type")}
    bookmark["params"] = json.dumps(card["params"], ensure_ascii=False)
    return {"content_type": kind, "content_params": {"bookmark": bookmark}}


def _dashboard(image: Image) -> Image:
    return {**image, "rows": _rows(image) or None}


def _cohort(image: Image) -> Image:
    own = {key: image[key] for key in ("selector", "behaviors", "groups") if key in image}
    return {**image, "definition": own or None}


def _alert(image: Image) -> Image:
    return {**image, "bookmark_id": object_in(image.get("bookmark")).get("id")}


def _annotation(image: Image) -> Image:
    return {**image, "tags": [tag["id"] for tag in image.get("tags") or ()]}


def _flag(image: Image) -> Image:
    return {**image, "context": image.get("context") or None}


def _metric(image: Image) -> Image:
    definition = object_in(image.get("definition"))
    return {
        **image,
        "definition": {"type": image.get("type"), "definition": definition},
        "display": definition.get("display") or None,
        "goals": definition.get("goals") or [],
        "owned_by": object_in(image.get("owned_by")).get("id"),
    }


def _behavior(image: Image) -> Image:
    return {**image, "behavior": {"definition": image.get("definition")}}


def _schema(image: Image) -> Image:
    return {
        "entity_type": image.get("entity_type"),
        "entity_name": image.get("name"),
        "schema_json": image.get("schema_definition"),
    }


KINDS: tuple[Kind, ...] = (
    Kind(
        "dashboard",
        one("dashboards", "get_dashboard", "dashboard_id"),
        "dashboard_id",
        create="create_dashboard",
        update="update_dashboard",
        delete="delete_dashboard",
        many={"bulk_delete_dashboards": "ids"},
        makers=("create_board", "create_blueprint", "create_rca_dashboard"),
        touched=("remove_report_from_dashboard", "add_report_to_dashboard", "update_text_card"),
        made_of=(
            "title",
            "description",
            "is_private",
            "is_restricted",
            "filters",
            "breakdowns",
            "time_filter",
            "rows",
        ),
        arguments=_dashboard,
        lost="its cards are copies with new ids; views, favourites and pins are gone",
    ),
    Kind(
        "report",
        one("reports", "get_bookmark", "bookmark_id"),
        "bookmark_id",
        create="create_bookmark",
        update="update_bookmark",
        delete="delete_bookmark",
        many={"bulk_delete_bookmarks": "ids", "bulk_update_bookmarks": "entries"},
        made_of=(
            "name",
            "bookmark_type",
            "params",
            "description",
            "icon",
            "dashboard_id",
            "is_visibility_restricted",
            "is_modification_restricted",
        ),
        lost="its card stands at the end of its dashboard, and alerts on the old id are gone",
    ),
    Kind(
        "cohort",
        one("cohorts", "get_cohort", "cohort_id"),
        "cohort_id",
        create="create_cohort",
        update="update_cohort",
        delete="delete_cohort",
        many={"bulk_delete_cohorts": "ids", "bulk_update_cohorts": "entries"},
        made_of=("name", "definition", "description", "data_group_id", "is_locked", "is_visible"),
        arguments=_cohort,
        lost=_NO_REFERENCES,
    ),
    Kind(
        "feature flag",
        one("flags", "get_feature_flag", "flag_id"),
        "flag_id",
        create="create_feature_flag",
        update="update_feature_flag",
        delete="delete_feature_flag",
        makers=("duplicate_feature_flag",),
        touched=("set_flag_test_users",),
        made_of=(
            "name",
            "key",
            "status",
            "ruleset",
            "description",
            "tags",
            "context",
            "serving_method",
        ),
        arguments=_flag,
        whole=True,
        lost="people may be given other variants than before",
    ),
    Kind(
        "experiment",
        one("experiments", "get_experiment", "experiment_id"),
        "experiment_id",
        create="create_experiment",
        update="update_experiment",
        delete="delete_experiment",
        makers=("duplicate_experiment",),
        touched=("launch_experiment", "conclude_experiment", "decide_experiment"),
        made_of=("name", "description", "hypothesis", "settings"),
        then=("variants", "metrics", "tags"),
        lost="it is a draft again, without dates and results",
    ),
    Kind(
        "alert",
        one("alerts", "get_alert", "alert_id"),
        "alert_id",
        create="create_alert",
        update="update_alert",
        delete="delete_alert",
        many={"bulk_delete_alerts": "ids"},
        made_of=(
            "bookmark_id",
            "name",
            "condition",
            "frequency",
            "paused",
            "subscriptions",
            "notification_windows",
        ),
        arguments=_alert,
        lost="its history is gone",
    ),
    Kind(
        "annotation",
        one("annotations", "get_annotation", "annotation_id"),
        "annotation_id",
        create="create_annotation",
        update="update_annotation",
        delete="delete_annotation",
        made_of=("date", "description", "tags"),
        arguments=_annotation,
        lost="its author is the account that undoes",
    ),
    Kind(
        "webhook",
        among("webhooks", "list_webhooks", "id"),
        "webhook_id",
        create="create_webhook",
        update="update_webhook",
        delete="delete_webhook",
        made_of=("name", "url"),
        then=("is_enabled",),
        lost="user name and password are not kept anywhere: set them with update_webhook",
    ),
    Kind(
        "event definition",
        among("lexicon", "get_event_definitions", "name", asked="names"),
        "event_name",
        "name",
        update="update_event_definition",
        delete="delete_event_definition",
        many={"bulk_update_event_definitions": "events"},
        made_of=("hidden", "dropped", "verified", "tags", "display_name", "description"),
    ),
    Kind(
        "property definition",
        among("lexicon", "get_property_definitions", "name", asked="names", beside="resource_type"),
        "property_name",
        "name",
        update="update_property_definition",
        many={"bulk_update_property_definitions": "definitions"},
    ),
    Kind(
        "tag",
        among("lexicon", "list_lexicon_tags", "name"),
        "tag_name",
        "name",
        create="create_lexicon_tag",
        delete="delete_lexicon_tag",
        made_of=("name",),
        lost="events that carried it do not carry it again",
    ),
    Kind(
        "custom event",
        among("governance", "list_custom_events", "custom_event_id"),
        "custom_event_id",
        "custom_event_id",
        create="create_custom_event",
        update="update_custom_event",
        delete="delete_custom_event",
        lost="Mixpanel does not tell which events a custom event stood for",
    ),
    Kind(
        "custom property",
        one("governance", "get_custom_property", "property_id"),
        "property_id",
        "custom_property_id",
        create="create_custom_property",
        update="update_custom_property",
        delete="delete_custom_property",
        made_of=(
            "name",
            "resource_type",
            "description",
            "display_formula",
            "composed_properties",
            "is_locked",
            "is_visible",
            "property_type",
            "example_value",
            "data_group_id",
            "behavior",
        ),
        lost=_NO_REFERENCES,
    ),
    Kind(
        "drop filter",
        among("governance", "list_drop_filters", "id"),
        "id",
        create="create_drop_filter",
        update="update_drop_filter",
        delete="delete_drop_filter",
        delete_id="drop_filter_id",
        made_of=("event_name", "filters"),
        lost="events that came meanwhile are kept, and a switched off filter is on again",
    ),
    Kind(
        "metric",
        one("metrics", "get_metric", "metric_id"),
        "metric_id",
        create="create_metric",
        update="update_metric",
        delete="delete_metric",
        many={"delete_metrics": "metric_ids", "bulk_update_metrics": "entries"},
        made_of=("name", "definition", "description", "owned_by", "verified"),
        arguments=_metric,
        lost=_NO_REFERENCES,
    ),
    Kind(
        "behavior",
        one("behaviors", "get_behavior", "behavior_id"),
        "behavior_id",
        create="create_behavior",
        update="update_behavior",
        delete="delete_behavior",
        many={"delete_behaviors": "behavior_ids"},
        made_of=("name", "behavior", "description"),
        then=("verified",),
        arguments=_behavior,
        lost=_NO_REFERENCES,
    ),
    Kind(
        "schema",
        among("schemas", "list_schema_registry", "name", beside="entity_type"),
        "entity_name",
        "name",
        update="create_schema",
        delete="delete_schemas",
        touched=("update_schema",),
        made_of=("entity_type", "entity_name", "schema_json"),
        arguments=_schema,
        whole=True,
    ),
    Kind(
        "business context",
        only("business_context", "get_business_context", "level", "organization_id"),
        "",
        update="set_business_context",
        touched=("clear_business_context",),
        made_of=("content", "level", "organization_id"),
        whole=True,
    ),
    Kind(
        "schema enforcement",
        only("schemas", "get_schema_enforcement"),
        "",
        touched=(
            "init_schema_enforcement",
            "update_schema_enforcement",
            "replace_schema_enforcement",
            "delete_schema_enforcement",
        ),
        lost="the rules before are in the journal; set them with replace_schema_enforcement",
    ),
    Kind(
        "lookup table",
        among("governance", "list_lookup_tables", "id"),
        "data_group_id",
        update="update_lookup_table",
        many={"delete_lookup_tables": "data_group_ids"},
        lost="its rows are kept nowhere else: upload them again",
    ),
    Kind(
        "warehouse import",
        one("warehouse", "get_warehouse_import", "import_id"),
        "import_id",
        update="update_warehouse_import",
        delete="delete_warehouse_import",
        lost="what it imported may be gone with it: create it anew",
    ),
)

_BY_OPERATION: Mapping[str, Kind] = {
    name: kind
    for kind in KINDS
    for name in (kind.create, kind.update, kind.delete, *kind.many, *kind.touched, *kind.makers)
    if name
}

_PAIRS = (
    ("favorite_dashboard", "unfavorite_dashboard"),
    ("pin_dashboard", "unpin_dashboard"),
    ("archive_feature_flag", "restore_feature_flag"),
    ("archive_experiment", "restore_experiment"),
    ("pause_pipeline", "resume_pipeline"),
)
# What takes back a call with the same arguments.
OPPOSITES: Mapping[str, str] = dict(_PAIRS) | {back: there for there, back in _PAIRS}


def kind_of(operation: str) -> Kind | None:
    """The kind of thing that an operation changes, where it is one of the table."""
    return _BY_OPERATION.get(operation)
