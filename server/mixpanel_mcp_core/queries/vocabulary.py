"""The closed sets of words that queries are written in, each spelled as on the wire."""

from typing import Literal

MathType = Literal[
    "total",
    "unique",
    "dau",
    "wau",
    "mau",
    "average",
    "median",
    "min",
    "max",
    "p25",
    "p75",
    "p90",
    "p99",
    "percentile",
    "histogram",
    "cumulative_unique",
    "sessions",
    "unique_values",
    "most_frequent",
    "first_value",
    "multi_attribution",
    "numeric_summary",
]
FunnelMathType = Literal[
    "conversion_rate_unique",
    "conversion_rate_total",
    "conversion_rate_session",
    "unique",
    "total",
    "average",
    "median",
    "min",
    "max",
    "p25",
    "p75",
    "p90",
    "p99",
    "histogram",
]
RetentionMathType = Literal["retention_rate", "unique", "total", "average"]
PerUserAggregation = Literal["unique_values", "total", "average", "min", "max"]
SegmentMethod = Literal["all", "first"]
QueryTimeUnit = Literal["hour", "day", "week", "month", "quarter"]
InsightsMode = Literal["timeseries", "total", "table"]
FunnelMode = Literal["steps", "trends", "table"]
FunnelOrder = Literal["loose", "any"]
FunnelReentryMode = Literal["default", "basic", "aggressive", "optimized"]
RetentionMode = Literal["curve", "trends", "table"]
RetentionAlignment = Literal["birth", "interval_start"]
RetentionUnboundedMode = Literal["none", "carry_back", "carry_forward", "consecutive_forward"]
TimeUnit = Literal["day", "week", "month"]
ConversionWindowUnit = Literal["second", "minute", "hour", "day", "week", "month", "session"]
FlowMode = Literal["sankey", "paths", "tree"]
FlowCountType = Literal["unique", "total", "session"]
FlowWindowUnit = Literal["day", "week", "month", "session"]
FlowSessionEvent = Literal["start", "end"]
ComparisonType = Literal["relative", "absolute-start", "absolute-end"]
ComparisonUnit = Literal["day", "week", "month", "quarter", "year"]
FiltersCombinator = Literal["all", "any"]
Quantifier = Literal["any", "all"]
DateUnit = Literal["hour", "day", "week", "month"]
FrequencyOperator = Literal[
    "is at least", "is at most", "is greater than", "is less than", "is equal to"
]
ResourceType = Literal["events", "people"]
InputResourceType = Literal["event", "user"]
InputType = Literal["string", "number", "boolean", "datetime", "list"]
BehaviorType = Literal["simple", "funnel", "retention"]
MetricRefType = Literal["metric", "formula", "warehouse"]
ChartType = Literal[
    "bar",
    "line",
    "pie",
    "bar-stacked",
    "stacked-line",
    "table",
    "insights-metric",
    "column",
    "stacked-column",
    "metric",
    "sankey",
    "flows",
    "paths",
    "funnel-top-paths",
    "funnel-steps",
    "funnel-steps-metric",
    "funnel-trend",
    "funnel-frequency-line",
    "funnel-frequency-bar",
    "funnel-ttc-line",
    "funnel-ttc-bar",
    "funnel-median-ttc",
    "line-retention",
    "retention-trend",
    "retention-trend-metric",
    "retention-table",
    "retention-curve",
    "frequency",
    "impact-adoption",
    "impact-trends",
    "impact-propensity",
    "frequency-curve",
]
ReportLinkType = Literal["insights", "funnels", "retention", "flows"]
SavedLinkType = Literal["insights", "funnels", "funnel", "retention", "flows", "launch-analysis"]
UserMode = Literal["profiles", "aggregate"]
UserAggregate = Literal["count", "extremes", "percentile", "numeric_summary"]
SortOrder = Literal["ascending", "descending"]
