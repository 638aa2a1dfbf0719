// `mixpanel`: accessors, keys and reducers. A reducer starts a state, adds items and finishes it.
(function (global) {
  "use strict";

  var DAY = 86400000;
  // Buckets of the calendar begin where a date of that form does.
  var CALENDAR = {
    month: function (date) { return Date.UTC(date.getUTCFullYear(), date.getUTCMonth()); },
    quarter: function (date) {
      return Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / 3) * 3);
    },
    year: function (date) { return Date.UTC(date.getUTCFullYear(), 0); }
  };

  function accessor(given) {
    if (typeof given === "function") return given;
    if (given === undefined || given === null) return function (item) { return item; };
    if (typeof given !== "string") {
      throw new TypeError("an accessor is a function or the name of a property, not " + given);
    }
    var steps = given.split(".");
    return function (item) {
      for (var k = 0; k < steps.length; k++) {
        if (item === null || item === undefined) return undefined;
        item = item[steps[k]];
      }
      return item;
    };
  }

  function MultipleKeys(accessors) { this.accessors = accessors; }

  function numberOf(given) {
    var get = accessor(given);
    return function (item) {
      var value = get(item);
      return typeof value === "number" && isFinite(value) ? value : undefined;
    };
  }

  // A reducer over the numbers that an accessor finds; other items are passed over.
  function numeric(given, start, add, finish) {
    var get = numberOf(given);
    return reducer(start, function (state, item) {
      var value = get(item);
      return value === undefined ? state : add(state, value, item);
    }, finish);
  }

  function reducer(start, add, finish) {
    return {start: start, add: add, finish: finish || function (state) { return state; }};
  }

  function extreme(given, better, keep) {
    return numeric(given, function () { return null; }, function (best, value, item) {
      return best === null || better(value, best.value) ? {value: value, item: item} : best;
    }, function (best) { return best === null ? null : keep(best); });
  }

  function less(one, other) { return one < other; }
  function more(one, other) { return one > other; }
  function valueOf(best) { return best.value; }
  function itemOf(best) { return best.item; }

  function weight(item, options) {
    return options && options.account_for_sampling && item.sampling_factor
      ? 1 / item.sampling_factor : 1;
  }

  function summed(given, finish) {
    return numeric(given, function () { return {count: 0, sum: 0, sum_squares: 0}; },
      function (state, value) {
        state.count += 1; state.sum += value; state.sum_squares += value * value;
        return state;
      }, finish);
  }

  function summary(state) {
    if (!state.count) return {count: 0, sum: 0, sum_squares: 0, avg: null, stddev: null};
    var avg = state.sum / state.count;
    var variance = Math.max(state.sum_squares / state.count - avg * avg, 0);
    return {count: state.count, sum: state.sum, sum_squares: state.sum_squares,
            avg: avg, stddev: Math.sqrt(variance)};
  }

  // Between two neighbours, as the reports of the sandbox do.
  function percentile(sorted, wanted) {
    if (!sorted.length) return null;
    var place = (sorted.length - 1) * wanted / 100, below = Math.floor(place);
    var above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
  }

  function numericPercentiles(given, wanted) {
    if (wanted === undefined && typeof given !== "string" && typeof given !== "function") {
      wanted = given;
      given = undefined;
    }
    var all = Array.isArray(wanted) ? wanted : [wanted];
    all.forEach(function (each) {
      if (!(each > 0 && each < 100)) {
        throw new RangeError("a percentile lies between 0 and 100, which " + each + " does not");
      }
    });
    return numeric(given, function () { return []; },
      function (numbers, value) { numbers.push(value); return numbers; },
      function (numbers) {
        var sorted = Float64Array.from(numbers).sort();
        if (!Array.isArray(wanted)) return percentile(sorted, wanted);
        return all.map(function (each) {
          return {percentile: each, value: percentile(sorted, each)};
        });
      });
  }

  function top(limit) {
    function best(items) {
      return items.sort(function (a, b) { return b.value - a.value; }).slice(0, limit);
    }
    return numeric("value", function () { return []; }, function (items, value, item) {
      items.push(item);
      return items.length < 2 * limit + 1000 ? items : best(items);
    }, best);
  }

  function merged(into, item) {
    Object.keys(item).forEach(function (name) {
      var value = item[name], known = into[name];
      if (typeof value === "number" && typeof known === "number") into[name] = known + value;
      else if (value !== null && typeof value === "object" && !Array.isArray(value)) {
        into[name] = merged(known !== null && typeof known === "object" ? known : {}, value);
      } else if (known === undefined) into[name] = value;
    });
    return into;
  }

  function numericBucket(given, spec) {
    var get = numberOf(given);
    if (spec && CALENDAR[spec.calendar]) {
      return function (item) {
        var value = get(item);
        return value === undefined ? undefined : CALENDAR[spec.calendar](new Date(value));
      };
    }
    if (Array.isArray(spec)) {
      var boundaries = spec.slice().sort(function (a, b) { return a - b; });
      return function (item) {
        var value = get(item);
        return boundaries.filter(function (each) { return each <= value; }).pop();
      };
    }
    if (!spec || !(spec.bucket_size > 0)) {
      throw new TypeError("numeric_bucket needs a list of boundaries, or a bucket_size above 0");
    }
    var offset = spec.offset || 0;
    return function (item) {
      var value = get(item);
      if (value === undefined) return undefined;
      return Math.floor((value - offset) / spec.bucket_size) * spec.bucket_size + offset;
    };
  }

  function toNumber(given) {
    var get = accessor(given);
    return function (item) {
      var value = get(item);
      if (typeof value === "number") return value;
      if (value instanceof Date) return value.getTime() / 1000;
      if (typeof value !== "string" || !value.trim()) return undefined;
      var number = Number(value);
      if (isNaN(number) && /^\d{4}-\d\d/.test(value)) number = Date.parse(value) / 1000;
      return isNaN(number) ? undefined : number;
    };
  }

  global.mixpanel = {
    reducer: {
      count: function (options) {
        return reducer(function () { return 0; },
          function (sum, item) { return sum + weight(item, options); });
      },
      sum: function (given) { return summed(given, function (state) { return state.sum; }); },
      avg: function (given) { return summed(given, function (state) { return summary(state).avg; }); },
      numeric_summary: function (given) { return summed(given, summary); },
      numeric_percentiles: numericPercentiles,
      min: function (given) { return extreme(given, less, valueOf); },
      max: function (given) { return extreme(given, more, valueOf); },
      min_by: function (given) { return extreme(given, less, itemOf); },
      max_by: function (given) { return extreme(given, more, itemOf); },
      top: top,
      any: function () {
        return reducer(function () { return undefined; },
          function (known, item) { return known === undefined ? item : known; });
      },
      "null": function () {
        return reducer(function () { return null; }, function () { return null; });
      },
      object_merge: function () {
        return reducer(function () { return {}; }, merged);
      }
    },
    slice: function (given, start, limit) {
      var get = accessor(given);
      return function (item) { return get(item).slice(start, limit); };
    },
    multiple_keys: function (accessors) { return new MultipleKeys(accessors); },
    numeric_bucket: numericBucket,
    to_number: toNumber,
    daily_time_buckets: {bucket_size: DAY},
    // 1970 began on a Thursday, weeks begin on a Monday.
    weekly_time_buckets: {bucket_size: 7 * DAY, offset: 4 * DAY},
    monthly_time_buckets: {calendar: "month"},
    quarterly_time_buckets: {calendar: "quarter"},
    annual_time_buckets: {calendar: "year"}
  };

  return {accessor: accessor, MultipleKeys: MultipleKeys};
})(globalThis)
