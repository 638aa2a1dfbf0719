// The values of an event property, the most frequent first; a list or an object as JSON text.
function main() {
  return Events({
    from_date: params.from_date,
    to_date: params.to_date,
    event_selectors: [{event: params.event}]
  })
  .filter(function (event) { return event.properties[params.property] !== undefined; })
  .groupBy([value], mixpanel.reducer.count())
  .sortDesc("value")
  .map(function (row) { return {value: row.key[0], count: row.value}; });
}

function value(event) {
  var found = event.properties[params.property];
  return typeof found === "object" && found !== null ? JSON.stringify(found) : found;
}
