"""Why there is no way back from a change, where there is none, by operation or toolset. Pure."""

from collections.abc import Mapping

_STATES = "an experiment goes on from state to state, and never back"
_CALLED = "what was called or told cannot be called back"

REASONS: Mapping[str, str] = {
    "ingestion": "events that were taken in stay; only create_deletion_request removes events",
    "profiles": "Mixpanel keeps no earlier state of a profile",
    "groups": "Mixpanel keeps no earlier state of a profile",
    "identity": "ids that were joined stay joined",
    "gdpr_create_retrieval": "what was asked for is made; it changes nobody's data",
    "gdpr_create_deletion": "gdpr_cancel_deletion withdraws it with its task_id in time",
    "gdpr_cancel_deletion": "the request has to be made anew by whoever wants the deletion",
    "service_accounts": "credentials are told once, and memberships are the organization's",
    "launch_experiment": _STATES,
    "conclude_experiment": _STATES,
    "decide_experiment": _STATES,
    "create_annotation_tag": "Mixpanel has no request that deletes a tag of annotations",
    "update_lexicon_tag": "Mixpanel lists tags without their ids, so the old name is not known",
    "create_deletion_request": "cancel_deletion_request withdraws it while it is Submitted",
    "cancel_deletion_request": "the request has to be made anew by whoever wants the deletion",
    "update_blueprint_cohorts": "Mixpanel does not tell which cohorts blueprints used before",
    "finalize_blueprint": "a blueprint is finished once; delete the dashboard instead",
    "update_report_link": "Mixpanel does not tell how the report was linked before",
    "create_report_link": "a link stays, and changes nothing that is saved",
    "test_alert": _CALLED,
    "test_webhook": _CALLED,
    "create_pipeline": "what it exported stays; end it with cancel_pipeline",
    "edit_pipeline": "Mixpanel tells neither the filter nor the credentials that it had",
    "cancel_pipeline": "a pipeline that was cancelled is made anew by hand",
    "sync_warehouse_import": "what was imported stays",
    "replace_lookup_table": "the ingestion host does not give rows back; upload_lookup_rows can be "
    "undone",
}


def reason_for(operation: str, toolset: str) -> str:
    """Why a change by an operation cannot be undone."""
    return REASONS.get(operation) or REASONS.get(toolset) or "there is no way back from it"
