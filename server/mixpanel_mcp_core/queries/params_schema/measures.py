"""The levels that say how a metric is measured, shown, and held to significance."""

from pydantic_core import core_schema as schema

from mixpanel_mcp_core.queries.measures import FUNNEL_MATHS, MATHS, RETENTION_MATHS

from .kinds import (
    ANYTHING,
    FLAG,
    NUMBER,
    TEXT,
    TEXTS,
    WHOLE,
    either,
    level,
    listing,
    never_null,
    required,
    sorted_words,
    words,
)

_EVERY_MATH = MATHS | FUNNEL_MATHS | RETENTION_MATHS | {"session_replay_id_value"}
_WEIGHTS = level({name: required(WHOLE) for name in ("first", "middle", "last")})
_PREDEFINED = level(
    {
        "type": required(
            words(
                "first_touch",
                "last_touch",
                "linear",
                "participation",
                "time_decay",
                "u_shaped",
                "j_shaped",
                "inverse_j_shaped",
                "custom",
                "session_replay_last",
            )
        ),
        "name": TEXT,
        "weights": _WEIGHTS,
        "step_index": WHOLE,
    }
)
_CUSTOM = level(
    {"type": required(words("custom")), "name": required(TEXT), "weights": required(_WEIGHTS)}
)
_ATTRIBUTION = either(
    (_PREDEFINED, "PredefinedMultiAttribution"), (_CUSTOM, "CustomMultiAttribution")
)
_ROLLING = level({"rollingWindowSize": WHOLE})

FORMULA_MEASUREMENT = level(
    {"cumulative": FLAG, "rolling": _ROLLING, "multiAttribution": _ATTRIBUTION}
)
BEHAVIOR_MEASUREMENT = level(
    {
        "dataGroupId": TEXT,
        "math": sorted_words(_EVERY_MATH),
        "property": ANYTHING,
        "cumulative": FLAG,
        "perUserAggregation": TEXT,
        "rolling": _ROLLING,
        "segmentMethod": words("all", "first", "last"),
        "multiAttribution": _ATTRIBUTION,
        "stepIndex": WHOLE,
        "actionMode": TEXT,
        "actionStep": WHOLE,
        "retentionBucketIndex": WHOLE,
        "retentionCumulative": FLAG,
        "retentionSegmentationEvent": ANYTHING,
        "percentile": NUMBER,
    },
    "id type",
)
METRIC_DISPLAY = level(
    {
        "abbrev": FLAG,
        "axis": words("primary", "secondary"),
        "direction": words("up", "down"),
        "hideTrendline": FLAG,
        "minimumDetectableEffect": NUMBER,
        "oneSided": FLAG,
        "power": NUMBER,
        "precision": words(*range(9)),
        "prefix": TEXT,
        "suffix": TEXT,
        "trendline": FLAG,
    }
)
STATSIG = level(
    {
        "confidence": NUMBER,
        "control_key": required(TEXT),
        "sequential_testing_adjustment": ANYTHING,
        "pre_exposure_date_range": TEXTS,
        "winsorization": level(
            {"enabled": FLAG, "lower_percentile": NUMBER, "upper_percentile": NUMBER}
        ),
        "math": TEXT,
        "exposures": schema.dict_schema(
            TEXT, either((WHOLE, "int"), (schema.dict_schema(TEXT, WHOLE), "dict[str,int]"))
        ),
        "version": TEXT,
    }
)
SRM = level({"expectedRatios": required(schema.dict_schema(TEXT, NUMBER))})
GOAL = level(
    {
        "id": required(TEXT),
        "label": required(TEXT),
        "checkpoints": required(listing(schema.tuple_schema([TEXT, NUMBER]))),
        "target_type": never_null(words("absolute", "relative")),
        "target_input": NUMBER,
        "unit": ANYTHING,
        "direction": ANYTHING,
    }
)
