"""The entities that the demo project holds from the start."""

from datetime import datetime

from .alerts import alert_history, alerts, webhooks
from .annotations import annotation_tags, annotations
from .business_context import business_context
from .cohorts import cohorts
from .companies import data_groups
from .custom_properties import custom_properties
from .dashboards import dashboards
from .definitions import (
    event_definitions,
    lexicon_history,
    lexicon_tags,
    property_definitions,
)
from .document import Document
from .experiments import experiments
from .feeds import pipelines, warehouse_imports, warehouse_runs, warehouse_tables
from .flags import flag_histories, flags
from .governance import custom_events, deletion_requests, drop_filters
from .lookup_tables import lookup_files, lookup_tables
from .metrics import behaviors, metrics
from .reports import reports
from .schemas import schema_enforcement, schemas
from .service_accounts import service_accounts


def documents(now: datetime) -> list[Document]:
    """Give all of them, dated within now's eighteen weeks.

    Raises:
        ValueError: now has no time zone.
    """
    return [
        *dashboards(now),
        *annotation_tags(),
        *annotations(now),
        *custom_properties(now),
        *reports(now),
        *cohorts(now),
        *metrics(now),
        *behaviors(now),
        *flags(now),
        *flag_histories(now),
        *experiments(now),
        *event_definitions(now),
        *property_definitions(now),
        *lexicon_tags(),
        *lexicon_history(now),
        *schemas(),
        *schema_enforcement(now),
        *drop_filters(now),
        *custom_events(),
        *lookup_tables(now),
        *lookup_files(),
        *deletion_requests(now),
        *alerts(now),
        *alert_history(now),
        *webhooks(now),
        *business_context(),
        *service_accounts(now),
        *warehouse_tables(now),
        *warehouse_imports(now),
        *warehouse_runs(now),
        *pipelines(now),
        *data_groups(),
    ]
