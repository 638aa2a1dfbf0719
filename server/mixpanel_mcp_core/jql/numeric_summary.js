// Summary, percentiles, least and greatest of the numbers in an event property.
function main() {
  return Events({
    from_date: params.from_date,
    to_date: params.to_date,
    event_selectors: [{event: params.event}]
  })
  .filter(function (event) { return typeof number(event) === "number"; })
  .reduce([
    mixpanel.reducer.numeric_summary(number),
    mixpanel.reducer.numeric_percentiles(number, params.percentiles),
    mixpanel.reducer.min(number),
    mixpanel.reducer.max(number)
  ]);
}

function number(event) { return event.properties[params.property]; }
