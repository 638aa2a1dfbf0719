"""The whole params of a report: of insights, funnels and retention, and of flows."""

from mixpanel_mcp_core.queries.bookmark_rules import TIME_UNITS
from mixpanel_mcp_core.queries.vocabulary import ChartType, FlowSessionEvent

from .behaviors import BOOLEAN_OPERATORS
from .kinds import (
    ANYTHING,
    FLAG,
    OBJECT,
    TEXT,
    TEXTS,
    THINGS,
    WHOLE,
    WHOLES,
    level,
    listing,
    never_null,
    required,
    sorted_words,
    words,
    words_of,
)
from .sections import SECTIONS

_ANNOTATION_OPTIONS = level(
    {
        "tagFilterIds": WHOLES,
        "showUntagged": FLAG,
        "sortOrder": words("asc", "desc"),
        "hideAnnotations": FLAG,
        "creatorFilterIds": WHOLES,
    }
)
_STEP_COLUMNS = level(
    {
        "conv-first-step": never_null(FLAG, also="conv_first_step"),
        "conv-prev-step": never_null(FLAG, also="conv_prev_step"),
        "count": never_null(FLAG),
        "stat-sig": never_null(FLAG, also="stat_sig"),
        "time-first-step": never_null(FLAG, also="time_first_step"),
        "time-prev-step": never_null(FLAG, also="time_prev_step"),
    }
)
DISPLAY_OPTIONS = level(
    {
        "chartType": required(words_of(ChartType)),
        "plotStyle": words("standard", "stacked"),
        "analysis": words("linear", "logarithmic", "rolling", "cumulative"),
        "value": words("absolute", "relative"),
        "rollingWindowSize": WHOLE,
        "timeUnit": sorted_words(TIME_UNITS),
        "primaryYAxisOptions": ANYTHING,
        "secondaryYAxisOptions": ANYTHING,
        "theme": ANYTHING,
        "xAxisOptions": ANYTHING,
        "annotationOptions": _ANNOTATION_OPTIONS,
        "commentOptions": level({"commentsDisabled": FLAG}),
        "queryTimeSampling": FLAG,
        "tableSummaryAggregation": words("average", "sum", "min", "max", "median"),
        "statSigControl": listing(
            level({"prop": required(TEXT), "propName": TEXT, "cohortDesc": ANYTHING})
        ),
        "funnelStepsSelectedTableColumns": _STEP_COLUMNS,
    },
    "axisAssignments",
)
# `sorting` is checked on its own, and here only where it is null.
SECTIONED_PARAMS = level(
    {
        "columnWidths": ANYTHING,
        "displayOptions": required(DISPLAY_OPTIONS),
        "forecastComparison": ANYTHING,
        "legend": ANYTHING,
        "liftComparison": ANYTHING,
        "name": TEXT,
        "sections": required(SECTIONS),
        "sorting": ANYTHING,
        "timeComparison": ANYTHING,
        "versions": TEXTS,
        "executedMigrations": THINGS,
        "icon": TEXT,
        "id": WHOLE,
        "isNewQBEnabled": FLAG,
        "title": TEXT,
    },
    "alignment anchor_position anchorPosition cardinality cardinality_threshold chart_type "
    "chartType count_type date_range error exclusions fields filter_by_cohort filter_by_event "
    "global_access_type graph_sort_priority group_by hidden_events modified segments smartHub "
    "steps trend_unit trendType ttcVizType use_query_sampling user user_id",
)
_FLOW_STEP = level(
    {
        "event": TEXT,
        "event_id": WHOLE,
        "custom_event": WHOLE,
        "session_event": words_of(FlowSessionEvent),
        "step_label": TEXT,
        "forward": never_null(WHOLE),
        "reverse": never_null(WHOLE),
        "bool_op": never_null(BOOLEAN_OPERATORS),
        "property_filter_params_list": never_null(THINGS),
    }
)
FLOW_PARAMS = level(
    {
        "steps": required(listing(_FLOW_STEP)),
        "date_range": required(OBJECT),
        "flows_merge_type": never_null(TEXT),
        "count_type": never_null(TEXT),
        "cardinality_threshold": never_null(WHOLE),
        "version": never_null(WHOLE),
        "conversion_window": never_null(OBJECT),
        "anchor_position": never_null(WHOLE),
        "alignment": never_null(WHOLES),
        "collapse_repeated": never_null(FLAG),
        "show_custom_events": never_null(FLAG),
        "hidden_events": never_null(TEXTS),
        "exclusions": THINGS,
        "filter_by_cohort": ANYTHING,
        "filter_by_event": ANYTHING,
        "group_by": THINGS,
        "aggregate_by": THINGS,
        "data_group_id": TEXT,
        "segments": THINGS,
        "time_percentiles_enabled": FLAG,
        "chartType": TEXT,
    },
    open_ended=True,
)
