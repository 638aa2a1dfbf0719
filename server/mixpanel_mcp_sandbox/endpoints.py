"""Every endpoint but the streamed export, in one table."""

from . import account, discovery, ingest, people, reports, segmentation
from .calls import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *ingest.ENDPOINTS,
    *people.ENDPOINTS,
    *discovery.ENDPOINTS,
    *account.ENDPOINTS,
    *reports.ENDPOINTS,
    *segmentation.ENDPOINTS,
)
