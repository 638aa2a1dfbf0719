// How many users did how many events; users below the first boundary are left out.
function main() {
  var asked = {from_date: params.from_date, to_date: params.to_date};
  if (params.events) {
    asked.event_selectors = params.events.map(function (name) { return {event: name}; });
  }
  return Events(asked)
    .groupByUser(mixpanel.reducer.count())
    .filter(function (user) { return user.value >= params.buckets[0]; })
    .groupBy([mixpanel.numeric_bucket("value", params.buckets)], mixpanel.reducer.count())
    .sortAsc(function (row) { return row.key[0]; })
    .map(function (row) { return {bucket_min: row.key[0], user_count: row.value}; });
}
