"""The operations: one small typed async function each, one module for each toolset.

A module is imported when one of its tools is called; until then its tools are known by what
`published/` says of them.
"""

from importlib import import_module
from pathlib import Path

from mixpanel_mcp_core.operation import Operation, Toolset

TOOLSETS: tuple[str, ...] = (
    "session",
    "accounts",
    "targets",
    "discovery",
    "queries",
    "live_query",
    "jql",
    "report_links",
    "compositions",
    "dashboards",
    "annotations",
    "flags",
    "experiments",
    "reports",
    "alerts",
    "webhooks",
    "business_context",
    "cohorts",
    "lexicon",
    "schemas",
    "governance",
    "metrics",
    "behaviors",
    "replays",
    "results",
    "streaming",
    "ingestion",
    "profiles",
    "groups",
    "identity",
    "pipelines",
    "warehouse",
    "lookup_tables",
    "lexicon_schemas",
    "gdpr",
    "flag_evaluation",
    "service_accounts",
    "changes",
)

# Listed by default: what a question about a product needs from the first look to the answer.
CORE: tuple[str, ...] = (
    "projects",
    "explain_session",
    "events",
    "properties",
    "property_values",
    "top_events",
    "query",
    "query_funnel",
    "query_retention",
    "query_flow",
    "query_user",
    "query_saved_report",
    "query_result",
    "create_board",
    "search_entities",
    "list_dashboards",
    "get_dashboard",
    "list_annotations",
)

# About the accounts of this machine, and where calls go from it.
OF_THIS_MACHINE: tuple[str, ...] = ("session", "accounts", "targets")

# What hands out credentials: only a server that was started to list such a tool runs it.
REVEALING: tuple[str, ...] = (
    "accounts_token",
    "accounts_export_bridge",
    "sign_replay",
    "sign_replays",
    "create_service_account",
)


def toolset(name: str) -> Toolset:
    """The toolset of that name, its module imported."""
    return getattr(import_module(f"mixpanel_mcp_tools.{name}"), name)


def operation(name: str) -> Operation | None:
    """The operation of that name, its module imported; None where there is none."""
    published = Path(__file__).parent / "published"
    found = (each for each in TOOLSETS if (published / each / f"{name}.json").exists())
    return next((toolset(each).operations[name] for each in found), None)
