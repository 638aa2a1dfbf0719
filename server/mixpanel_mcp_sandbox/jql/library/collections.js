// Collections: what main() returns is a source and steps; items are pushed through the steps.
// `parts` is what reducers.js gives; the value is what the sandbox calls.
(function (global, parts) {
  "use strict";

  // As they were before a script could change them.
  var stringify = JSON.stringify, parse = JSON.parse;
  var joinTexts = Function.prototype.call.bind(Array.prototype.join);
  var MOST_REDUCERS = 8;
  // How many items a reducer of a script gets at once, and how many of its results it must join.
  var BATCH = 1000, JOINED = 10;

  function Collection(source, steps) {
    this.source = source;
    this.steps = steps;
  }

  Collection.prototype = {
    filter: function (test) { return this.with("filter", {test: callable(test, "filter")}); },
    map: function (change) { return this.with("map", {change: callable(change, "map")}); },
    flatten: function () { return this.with("flatten", {}); },
    sortAsc: function (given) { return this.with("sort", {get: parts.accessor(given), sign: 1}); },
    sortDesc: function (given) { return this.with("sort", {get: parts.accessor(given), sign: -1}); },
    reduce: function (given) { return this.with("reduce", {reducers: reducers(given, joining)}); },
    groupBy: function (keys, given) {
      return this.with("groupBy", {keys: keysOf(keys), reducers: reducers(given, joining)});
    },
    groupByUser: function (keys, given) {
      if (this.steps.some(function (step) { return step.kind !== "filter"; })) {
        throw new TypeError("groupByUser() must follow Events(), People() or join(), or a filter() of them");
      }
      var own = arguments.length < 2 ? [] : keysOf(keys);
      var all = reducers(arguments.length < 2 ? keys : given, remembering);
      return this.with("groupByUser", {keys: own, reducers: all});
    },
    applyGroupLimits: function (limits, most) {
      if (!Array.isArray(limits)) throw new TypeError("applyGroupLimits() needs a list of limits");
      return this.with("limits", {limits: limits, most: most});
    },
    with: function (kind, step) {
      step.kind = kind;
      return new Collection(this.source, this.steps.concat([step]));
    }
  };

  function callable(given, name) {
    if (typeof given !== "function") throw new TypeError(name + "() needs a function");
    return given;
  }

  function keysOf(given) {
    var all = given instanceof parts.MultipleKeys ? [given] : given;
    if (!Array.isArray(all)) throw new TypeError("group keys must be a list of names or functions");
    return all.map(function (key) {
      if (key instanceof parts.MultipleKeys) return {each: key.accessors.map(parts.accessor)};
      return {get: parts.accessor(key)};
    });
  }

  // Reducers as {start, add, finish}; functions of a script become such by `wrap`.
  function reducers(given, wrap) {
    var all = Array.isArray(given) ? given : [given];
    if (all.length > MOST_REDUCERS) {
      throw new TypeError("groupBy() and reduce() accept at most " + MOST_REDUCERS + " reducers");
    }
    var ready = all.map(function (each) {
      if (typeof each === "function") return wrap(each);
      if (each && each.start) return each;
      throw new TypeError("a reducer is a function or one of mixpanel.reducer, not " + each);
    });
    return {all: ready, listed: Array.isArray(given)};
  }

  // function(accumulators, items), called for parts of the items and then for its own results.
  function joining(call) {
    function pass(state) {
      if (state.items.length) state.done.push(call([], state.items));
      state.items = [];
      if (state.done.length === JOINED) state.done = [call(state.done, [])];
      return state;
    }
    return {
      start: function () { return {items: [], done: []}; },
      add: function (state, item) {
        state.items.push(item);
        return state.items.length < BATCH ? state : pass(state);
      },
      settle: pass,
      finish: function (state) {
        var done = pass(state).done;
        return done.length === 1 ? done[0] : call(done, []);
      }
    };
  }

  // function(state, events), called with the events of one user in their order.
  function remembering(call) {
    function pass(state) {
      if (state.items.length) state.known = call(state.known, state.items);
      state.items = [];
      return state;
    }
    return {
      start: function () { return {items: [], known: undefined}; },
      add: function (state, item) {
        state.items.push(item);
        return state.items.length < BATCH ? state : pass(state);
      },
      finish: function (state) { return pass(state).known; }
    };
  }

  function Group(key, reducers) {
    this.key = key;
    this.reducers = reducers;
    this.states = reducers.all.map(function (each) { return each.start(); });
  }

  Group.prototype = {
    add: function (item) {
      for (var k = 0; k < this.states.length; k++) {
        this.states[k] = this.reducers.all[k].add(this.states[k], item);
      }
    },
    // Items are not kept longer than the part of the source that they came with.
    settle: function () {
      var states = this.states;
      this.reducers.all.forEach(function (each, k) {
        if (each.settle) states[k] = each.settle(states[k]);
      });
    },
    value: function () {
      var states = this.states;
      var values = this.reducers.all.map(function (each, k) { return each.finish(states[k]); });
      return this.reducers.listed ? values : values[0];
    }
  };

  function groupKeys(item, keys) {
    var found = [[]];
    keys.forEach(function (key) {
      if (key.get) found = crossed(found, [scalars(key.get(item))]);
      else key.each.forEach(function (get) {
        found = crossed(found, scalars(get(item)).map(function (value) { return [value]; }));
      });
    });
    return found;
  }

  function crossed(keys, ends) {
    return keys.flatMap(function (key) {
      return ends.map(function (end) { return key.concat(end); });
    });
  }

  function scalars(value) {
    var all = Array.isArray(value) ? value : [value];
    all.forEach(function (each) {
      if (typeof each === "function" || typeof each === "object" && each !== null) {
        throw new TypeError("a group key can only include scalars, not " + stringify(each));
      }
    });
    return all.map(function (each) { return each === undefined ? null : each; });
  }

  function Groups(keys, reducers) {
    this.keys = keys;
    this.reducers = reducers;
    this.all = new Map();
  }

  Groups.prototype = {
    add: function (item, prefix) {
      var self = this;
      groupKeys(item, this.keys).forEach(function (own) {
        var key = prefix.concat(own), name = stringify(key);
        var group = self.all.get(name);
        if (!group) self.all.set(name, group = new Group(key, self.reducers));
        group.add(item);
      });
    },
    settle: function () { this.all.forEach(function (group) { group.settle(); }); },
    leave: function (next) {
      this.all.forEach(function (group) { next.push({key: group.key, value: group.value()}); });
      this.all.clear();
    }
  };

  function nothing() {}

  // Each stage takes items one by one, settles after a part of the source, and ends with it.
  var STAGES = {
    filter: function (step, next) {
      return {push: function (item) { if (step.test(item)) next.push(item); },
              settle: nothing, end: nothing};
    },
    map: function (step, next) {
      return {push: function (item) { next.push(step.change(item)); }, settle: nothing, end: nothing};
    },
    flatten: function (step, next) {
      return {push: function (item) {
        if (Array.isArray(item)) item.forEach(next.push); else next.push(item);
      }, settle: nothing, end: nothing};
    },
    reduce: function (step, next) {
      var group = null;
      return {
        push: function (item) { (group = group || new Group([], step.reducers)).add(item); },
        settle: function () { if (group) group.settle(); },
        end: function () { if (group) next.push(group.value()); }
      };
    },
    groupBy: function (step, next) {
      var groups = new Groups(step.keys, step.reducers);
      return {
        push: function (item) { groups.add(item, []); },
        settle: function () { groups.settle(); },
        end: function () { groups.leave(next); }
      };
    },
    groupByUser: function (step, next) {
      var groups = new Groups(step.keys, step.reducers), user;
      return {
        push: function (item) {
          if (item.distinct_id === undefined) return;
          if (item.distinct_id !== user) groups.leave(next);
          user = item.distinct_id;
          groups.add(item, [user]);
        },
        settle: nothing,
        end: function () { groups.leave(next); }
      };
    },
    sort: function (step, next) {
      var items = [];
      return {
        push: function (item) { items.push([scalars(step.get(item))[0], item]); },
        settle: nothing,
        end: function () {
          items.sort(function (a, b) { return step.sign * compared(a[0], b[0]); });
          items.forEach(function (pair) { next.push(pair[1]); });
        }
      };
    },
    limits: function (step, next) {
      var seen = {}, kept = 0;
      return {
        push: function (item) {
          if (kept >= step.most || !roomFor(item.key, step.limits, seen)) return;
          kept += 1;
          next.push(item);
        },
        settle: nothing,
        end: nothing
      };
    }
  };

  // At each place of a key, the first few values that came with the same values before it stay.
  function roomFor(key, limits, seen) {
    for (var k = 0; k < limits.length && k < key.length; k++) {
      var name = stringify(key[k]);
      if (!(name in seen)) {
        if (Object.keys(seen).length >= limits[k]) return false;
        seen[name] = {};
      }
      seen = seen[name];
    }
    return true;
  }

  function compared(one, other) {
    if (typeof one === typeof other) return one < other ? -1 : one > other ? 1 : 0;
    var order = ["number", "string", "boolean", "object"];
    return order.indexOf(typeof one) - order.indexOf(typeof other);
  }

  function source(kind, spec) { return new Collection({kind: kind, spec: spec || {}}, []); }

  global.Events = function Events(spec) { return source("events", spec); };
  global.People = function People(spec) { return source("people", spec); };
  global.join = function join(events, people, options) {
    [events, people].forEach(function (each, place) {
      if (!(each instanceof Collection) || each.source.kind !== ["events", "people"][place]) {
        throw new TypeError("join() needs Events() and People()");
      }
      if (each.steps.length) {
        throw new TypeError("collections inside join() cannot be transformed");
      }
    });
    return source("join", Object.assign({}, options, {
      events: events.source.spec, people: people.source.spec
    }));
  };

  // What the rows of a source stand for.
  var READERS = {
    events: function (row) {
      var properties = row[4];
      if (row[3] !== null) properties.$insert_id = row[3];
      return {name: row[0], distinct_id: row[1] || undefined, time: row[2], sampling_factor: 1,
              properties: properties};
    },
    people: function (row) {
      var seen = row[1] === null ? undefined : row[1];
      return {distinct_id: row[0], time: seen, last_seen: seen, properties: row[2]};
    },
    join: function (row) {
      return {distinct_id: row[0] || undefined,
              event: row[1] ? READERS.events(row[1]) : undefined,
              user: row[2] ? READERS.people(row[2]) : undefined};
    }
  };

  var read, stages, output = [];
  var SINK = {
    push: function (item) {
      var text = stringify(item);
      output[output.length] = text === undefined ? "null" : text;
    },
    settle: nothing,
    end: nothing
  };

  function told() {
    var text = joinTexts(output, ",");
    output = [];
    return text;
  }

  return {
    setParams: function (text) { global.params = parse(text); },
    // Runs main() and tells which source it wants, and whether in the order of users.
    plan: function () {
      if (typeof main !== "function") throw new ReferenceError("main is not defined");
      var wanted = main();
      if (!(wanted instanceof Collection)) {
        throw new TypeError("main() must return a collection of events, people or both");
      }
      read = READERS[wanted.source.kind];
      stages = [SINK];
      wanted.steps.slice().reverse().forEach(function (step) {
        stages.unshift(STAGES[step.kind](step, stages[0]));
      });
      var byUser = wanted.steps.some(function (step) { return step.kind === "groupByUser"; });
      return stringify({kind: wanted.source.kind, spec: wanted.source.spec, by_user: byUser});
    },
    // Takes a part of the source and gives what came out of it, as JSON without brackets.
    feed: function (text) {
      parse(text).forEach(function (row) { stages[0].push(read(row)); });
      stages.forEach(function (stage) { stage.settle(); });
      return told();
    },
    finish: function () {
      stages.forEach(function (stage) { stage.end(); });
      return told();
    }
  };
})
