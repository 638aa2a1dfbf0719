// In how many events of a kind each of some properties has a value.
function main() {
  return Events({
    from_date: params.from_date,
    to_date: params.to_date,
    event_selectors: [{event: params.event}]
  })
  .reduce(function (counts, events) {
    var sum = {total: events.length, properties: {}};
    params.properties.forEach(function (name) {
      sum.properties[name] = events.filter(function (event) {
        var value = event.properties[name];
        return value !== undefined && value !== null;
      }).length;
    });
    counts.forEach(function (count) {
      sum.total += count.total;
      params.properties.forEach(function (name) {
        sum.properties[name] += count.properties[name];
      });
    });
    return sum;
  });
}
