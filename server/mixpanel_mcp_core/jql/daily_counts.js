// How often each event happened on each day of the project's time zone.
function main() {
  var asked = {from_date: params.from_date, to_date: params.to_date};
  if (params.events) {
    asked.event_selectors = params.events.map(function (name) { return {event: name}; });
  }
  return Events(asked)
    .groupBy([day, "name"], mixpanel.reducer.count())
    .sortAsc(function (row) { return row.key.join(" "); })
    .map(function (row) { return {date: row.key[0], event: row.key[1], count: row.value}; });
}

function day(event) { return new Date(event.time).toISOString().slice(0, 10); }
