"""Why there is no way back from a change, where there is none. Pure."""

from collections.abc import Mapping

_REASONS: Mapping[str, str] = {
    "ingestion": "events that were taken in stay; only create_deletion_request removes events",
    "profiles": "Mixpanel keeps no earlier state of a profile",
    "groups": "Mixpanel keeps no earlier state of a profile",
    "identity": "ids that were joined stay joined",
    "gdpr": "requests about people's data are final",
    "service_accounts": "credentials are told once, and memberships are the organization's",
    "warehouse": "imports are changed by hand",
    "pipelines": "pipelines are changed by hand",
    "lookup_tables": "the rows before are kept nowhere",
}


def reason_for(operation: str, toolset: str) -> str:
    """Why a change by an operation cannot be undone."""
    return _REASONS.get(operation, _REASONS.get(toolset, "there is no way back from it"))
