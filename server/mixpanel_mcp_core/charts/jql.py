"""Charts of JQL: of scripts by their tables, of the ready analyses by what they are."""

from datetime import date, timedelta

from mixpanel_mcp_core.models import jql

from .dates import Days
from .forms import MOST_BARS, Bar, Bars, Chart, left_out, listing
from .kinds import chart_of
from .tables import table_chart
from .trends import Line, drawn


def _period(value: jql.Days) -> Days:
    return Days(value.from_date, value.to_date)


@chart_of.register
def _(value: jql.JQLResult) -> Chart | None:
    return table_chart(value.table())


@chart_of.register
def _(value: jql.DailyCounts) -> Chart:
    """A day without an entry had none."""
    first, last = (date.fromisoformat(day[:10]) for day in (value.from_date, value.to_date))
    days = [str(first + timedelta(days=place)) for place in range((last - first).days + 1)]
    lines: dict[str, dict[str, int]] = {}
    for each in value.counts:
        lines.setdefault(each.event, dict.fromkeys(days, 0))[each.date] = each.count
    told = [Line(event, "", line) for event, line in lines.items()]
    return drawn(told, listing(list(lines)) or "No data", _period(value))


@chart_of.register
def _(value: jql.PropertyDistribution) -> Chart:
    bars = [Bar(str(each.value), each.count) for each in value.values]
    return _in_order(bars, f"{value.event} by {value.property_name}", value)


@chart_of.register
def _(value: jql.EngagementDistribution) -> Chart:
    bars = [Bar(each.bucket_label, each.user_count) for each in value.buckets]
    return _in_order(bars, f"Users by their number of {listing(value.events or ['events'])}", value)


@chart_of.register
def _(value: jql.PropertyCoverage) -> Chart:
    bars = [Bar(each.property, each.coverage_percentage / 100) for each in value.coverage]
    return _in_order(bars, f"{value.event}: events with a value", value, share=True)


@chart_of.register
def _(value: jql.NumericSummary) -> Chart:
    ranks = [Bar(f"{rank}% are at most", number) for rank, number in value.percentiles.items()]
    bars = [Bar("least", value.min), *ranks, Bar("greatest", value.max), Bar("average", value.avg)]
    return _in_order(bars, f"{value.property_name} of {value.event}", value)


def _in_order(bars: list[Bar], title: str, days: jql.Days, *, share: bool = False) -> Bars:
    notes = left_out(min(len(bars), MOST_BARS), len(bars), "bars")
    period = _period(days).told()
    return Bars(title=title, period=period, notes=notes, bars=bars[:MOST_BARS], share=share)
