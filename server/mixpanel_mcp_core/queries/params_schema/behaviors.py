"""The levels of what is measured: a behavior, the behaviors inside it, steps, buckets."""

from pydantic_core import core_schema as schema

from mixpanel_mcp_core.queries.bookmark_rules import BEHAVIOR_TYPES, TIME_UNITS
from mixpanel_mcp_core.queries.entry_rules import RESOURCE_TYPES
from mixpanel_mcp_core.queries.vocabulary import (
    ConversionWindowUnit,
    FiltersCombinator,
    FlowSessionEvent,
    FunnelOrder,
    FunnelReentryMode,
    RetentionAlignment,
    RetentionUnboundedMode,
)

from .kinds import (
    ANYTHING,
    FLAG,
    NUMBER,
    TEXT,
    THINGS,
    WHOLE,
    WHOLES,
    also,
    level,
    listing,
    required,
    sorted_words,
    words,
    words_of,
)
from .measures import METRIC_DISPLAY

BOOLEAN_OPERATORS = words("and", "or", "or_all", "and_any", "then")
_REF = "sub-behavior"
_INSIDE = schema.definition_reference_schema(_REF)
_EXCLUSION = level(
    {
        "bool_op": BOOLEAN_OPERATORS,
        "property_filter_params_list": THINGS,
        "event": TEXT,
        "event_id": WHOLE,
        "custom_event": WHOLE,
        "custom_event_name": TEXT,
        "step_label": TEXT,
        "session_event": words_of(FlowSessionEvent),
        "forward": WHOLE,
        "reverse": WHOLE,
        "steps": required(level({"from": also("from_step", WHOLE), "to": also("to_step", WHOLE)})),
    },
    "dropdown_tab_index filter property selected_property_type serialized type",
)
_BUCKET = level(
    {
        "bucketSize": NUMBER,
        "disabled": FLAG,
        "groups": listing(NUMBER),
        "max": NUMBER,
        "min": NUMBER,
        "offset": WHOLE,
        "unit": TEXT,
    }
)
SUB_BEHAVIOR = level(
    {
        "_idx": also("idx", TEXT),
        "type": words("event", "custom-event", "funnel"),
        "id": WHOLE,
        "name": TEXT,
        "renamed": TEXT,
        "filters": THINGS,
        "filtersDeterminer": words_of(FiltersCombinator),
        "funnelOrder": words_of(FunnelOrder),
        "behaviors": listing(_INSIDE),
        "display": METRIC_DISPLAY,
        "customEventSet": FLAG,
    },
    ref=_REF,
)
"""The one level that holds itself; every validator that knows behaviors must be told of it."""

BEHAVIOR = level(
    {
        "type": sorted_words(BEHAVIOR_TYPES),
        "id": WHOLE,
        "name": TEXT,
        "renamed": TEXT,
        "dataGroupId": TEXT,
        "filters": THINGS,
        "filtersDeterminer": words_of(FiltersCombinator),
        "resourceType": sorted_words(RESOURCE_TYPES),
        "behaviors": listing(_INSIDE),
        "raw_cohort": ANYTHING,
        "customBucket": _BUCKET,
        "conversionWindowDuration": WHOLE,
        "conversionWindowUnit": words_of(ConversionWindowUnit),
        "funnelReentryMode": words_of(FunnelReentryMode),
        "funnelOrder": words_of(FunnelOrder),
        "exclusions": listing(_EXCLUSION),
        "aggregateBy": THINGS,
        "retentionType": words("compounded", "birth", "addiction"),
        "retentionAlignmentType": words_of(RetentionAlignment),
        "retentionUnit": sorted_words(TIME_UNITS),
        "retentionUnbounded": FLAG,
        "retentionUnboundedMode": words_of(RetentionUnboundedMode),
        "retentionCustomBucketSizes": WHOLES,
        "segmentationEvent": TEXT,
        "unsavedId": TEXT,
        "search": TEXT,
        "profileType": TEXT,
        "dataset": TEXT,
        "datasetId": TEXT,
        "projectId": WHOLE,
        "display": METRIC_DISPLAY,
        "disableCohortize": FLAG,
        "customEventSet": FLAG,
        "hasUnsavedChanges": FLAG,
    },
    "filter",
)
