"""Charts of the older live queries."""

from mixpanel_mcp_core.models import live_query as live

from .dates import Days
from .forms import Chart, listing
from .funnels import funnel_chart
from .kinds import chart_of
from .retention import retention_chart
from .trends import Line, dated_chart, drawn


def _days(value: live.Days) -> Days:
    return Days(value.from_date, value.to_date)


@chart_of.register
def _(value: live.Segmentation) -> Chart:
    by = f" by {value.segment_property}" if value.segment_property else ""
    return dated_chart(value.series, f"{value.event}{by}", _days(value))


@chart_of.register
def _(value: live.NumericSegmentation) -> Chart:
    return dated_chart(value.series, f"{value.event} by {value.property_expr}", _days(value))


@chart_of.register
def _(value: live.PropertyCounts) -> Chart:
    return dated_chart(value.series, f"{value.event} by {value.property_name}", _days(value))


@chart_of.register
def _(value: live.EventCounts) -> Chart:
    lines = [Line(event, "", counts) for event, counts in value.series.items()]
    return drawn(lines, listing(value.events), _days(value))


@chart_of.register(live.NumericSum)
@chart_of.register(live.NumericAverage)
def _(value: live.NumericSum | live.NumericAverage) -> Chart:
    word = "Sum" if isinstance(value, live.NumericSum) else "Average"
    title = f"{word} of {value.property_expr}: {value.event}"
    return drawn([Line(title, "", value.results)], title, _days(value))


@chart_of.register
def _(value: live.Funnel) -> Chart:
    return funnel_chart(value.table(), _days(value))


@chart_of.register
def _(value: live.Retention) -> Chart:
    title = f"Retention: {value.born_event} → {value.return_event}"
    return retention_chart(value.table(), title, _days(value), value.unit)


@chart_of.register
def _(value: live.Frequency) -> Chart:
    title = f"Active in at least so many {value.addiction_unit}s: {value.event or 'any event'}"
    return retention_chart(value.table(), title, _days(value))
