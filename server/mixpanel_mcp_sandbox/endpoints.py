"""Every endpoint but the streamed export, in one table."""

from . import (
    account,
    annotations,
    blueprints,
    dashboards,
    discovery,
    experiments,
    flags,
    flows,
    ingest,
    legacy_funnels,
    people,
    profile_stats,
    profiles,
    report_links,
    reports,
    saved_reports,
    segmentation,
)
from .calls import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *ingest.ENDPOINTS,
    *people.ENDPOINTS,
    *discovery.ENDPOINTS,
    *account.ENDPOINTS,
    *dashboards.ENDPOINTS,
    *blueprints.ENDPOINTS,
    *annotations.ENDPOINTS,
    *flags.ENDPOINTS,
    *experiments.ENDPOINTS,
    *reports.ENDPOINTS,
    *profiles.ENDPOINTS,
    *profile_stats.ENDPOINTS,
    *flows.ENDPOINTS,
    *saved_reports.ENDPOINTS,
    *report_links.ENDPOINTS,
    *legacy_funnels.ENDPOINTS,
    *segmentation.ENDPOINTS,
)
