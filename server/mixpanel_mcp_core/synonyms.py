"""What people who know other tools call things, and what they are called here."""

from collections.abc import Collection

# Each word with the names that it may stand for; the first that is valid at a place is meant.
_MEANT: dict[str, tuple[str, ...]] = {
    "breakdown": ("group_by", "segments"),
    "breakdowns": ("group_by", "segments"),
    "by": ("group_by", "segments"),
    "segment_by": ("group_by", "segments"),
    "filter": ("where", "filters"),
    "filters": ("where",),
    "conditions": ("where", "filters"),
    "interval": ("unit",),
    "granularity": ("unit",),
    "time_unit": ("unit",),
    "start_date": ("from_date",),
    "start": ("from_date",),
    "end_date": ("to_date",),
    "end": ("to_date",),
    "days": ("last",),
    "compare": ("time_comparison",),
    "comparison": ("time_comparison",),
    "events": ("steps", "event"),
    "event": ("events", "born_event"),
    "name": ("event", "property", "title"),
    "title": ("name",),
    "definition": ("behavior",),
    "behavior": ("definition",),
    "all_of": ("definition",),
    "any_of": ("definition",),
    "and": ("all_of",),
    "or": ("any_of",),
    "query": ("words", "arguments"),
    "report_id": ("bookmark_id",),
    "decimals": ("precision",),
    "variants": ("ruleset",),
    "rollout": ("ruleset",),
    "rollout_percentage": ("ruleset",),
    "is": ("equals",),
    "type": ("property_type", "math"),
    "aggregation": ("math", "aggregate"),
    "first_event": ("born_event",),
    "start_event": ("born_event",),
    "initial_event": ("born_event",),
    "cohort_event": ("born_event",),
    "returning_event": ("return_event",),
    "window": ("conversion_window",),
    "depth": ("forward",),
    "steps_forward": ("forward",),
    "steps_back": ("reverse",),
    "columns": ("output_properties",),
    "fields": ("output_properties",),
    "order_by": ("sort_by",),
    "sum": ("total",),
    "count": ("total",),
    "uniques": ("unique",),
    "users": ("unique",),
    "rate": ("retention_rate", "conversion_rate_unique"),
    "conversion_rate": ("conversion_rate_unique",),
    "mean": ("average",),
    "avg": ("average",),
    "p50": ("median",),
    "p95": ("percentile", "custom_percentile"),
    "distinct": ("unique_values", "unique"),
    "line": ("timeseries", "trends"),
    "trend": ("timeseries", "trends"),
    "bar": ("total",),
    "list": ("profiles",),
    "users_list": ("profiles",),
    "on": ("enabled",),
    "off": ("disabled",),
    "running": ("active",),
    "ended": ("concluded",),
}
_NOTES = {
    ("sum", "total"): "it sums the property",
    ("count", "total"): "it counts where no property is given",
    ("p95", "percentile"): "with percentile_value 95",
    ("p95", "custom_percentile"): "or percentile, with percentile_value 95",
}


def meant(word: str, valid: Collection[str]) -> str | None:
    """The valid name that a word of other tools stands for here, if there is one."""
    return next((name for name in _MEANT.get(word.lower(), ()) if name in valid), None)


def note_on(word: str, name: str) -> str:
    """What to know when the name is taken for the word; mostly nothing."""
    return _NOTES.get((word.lower(), name), "")
