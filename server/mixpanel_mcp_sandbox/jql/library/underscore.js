// What scripts mostly use of Underscore, which JQL offers as `_`. Lists and objects alike.
(function (global) {
  "use strict";

  function getter(key) {
    if (typeof key === "function") return key;
    if (key === undefined || key === null) return function (each) { return each; };
    return function (each) { return each === null || each === undefined ? undefined : each[key]; };
  }

  function matcher(wanted) {
    if (typeof wanted === "function") return wanted;
    return function (each) {
      return Object.keys(wanted).every(function (key) { return each[key] === wanted[key]; });
    };
  }

  function entries(list) {
    if (list === null || list === undefined) return [];
    if (Array.isArray(list)) return list.map(function (each, place) { return [place, each]; });
    return Object.keys(list).map(function (key) { return [key, list[key]]; });
  }

  function extreme(list, key, better) {
    var best, bestValue;
    _.each(list, function (each) {
      var value = getter(key)(each);
      if (bestValue === undefined || better(value, bestValue)) { best = each; bestValue = value; }
    });
    return best;
  }

  function grouped(list, key, put) {
    var groups = {};
    _.each(list, function (each) { put(groups, getter(key)(each), each); });
    return groups;
  }

  var _ = {
    each: function (list, visit) {
      entries(list).forEach(function (entry) { visit(entry[1], entry[0], list); });
      return list;
    },
    map: function (list, change) {
      var get = getter(change);
      return entries(list).map(function (entry) { return get(entry[1], entry[0], list); });
    },
    filter: function (list, test) { return _.values(list).filter(matcher(test)); },
    reject: function (list, test) {
      return _.values(list).filter(function (each) { return !matcher(test)(each); });
    },
    find: function (list, test) { return _.values(list).find(matcher(test)); },
    every: function (list, test) { return _.values(list).every(getter(test)); },
    some: function (list, test) { return _.values(list).some(getter(test)); },
    contains: function (list, value) { return _.values(list).indexOf(value) >= 0; },
    reduce: function (list, join, start) {
      var rest = entries(list);
      var sum = arguments.length > 2 ? start : (rest.shift() || [])[1];
      rest.forEach(function (entry) { sum = join(sum, entry[1], entry[0], list); });
      return sum;
    },
    pluck: function (list, key) { return _.map(list, getter(key)); },
    where: function (list, wanted) { return _.filter(list, wanted); },
    findWhere: function (list, wanted) { return _.find(list, wanted); },
    max: function (list, key) { return extreme(list, key, function (a, b) { return a > b; }); },
    min: function (list, key) { return extreme(list, key, function (a, b) { return a < b; }); },
    sortBy: function (list, key) {
      var get = getter(key);
      return _.values(list).slice().sort(function (a, b) {
        return get(a) < get(b) ? -1 : get(a) > get(b) ? 1 : 0;
      });
    },
    groupBy: function (list, key) {
      return grouped(list, key, function (groups, name, each) {
        (groups[name] = groups[name] || []).push(each);
      });
    },
    countBy: function (list, key) {
      return grouped(list, key, function (groups, name) { groups[name] = (groups[name] || 0) + 1; });
    },
    indexBy: function (list, key) {
      return grouped(list, key, function (groups, name, each) { groups[name] = each; });
    },
    size: function (list) { return entries(list).length; },
    first: function (list, count) { return count === undefined ? list[0] : list.slice(0, count); },
    last: function (list, count) {
      return count === undefined ? list[list.length - 1] : list.slice(Math.max(list.length - count, 0));
    },
    rest: function (list, start) { return list.slice(start === undefined ? 1 : start); },
    initial: function (list, count) { return list.slice(0, -(count === undefined ? 1 : count)); },
    compact: function (list) { return list.filter(Boolean); },
    flatten: function (list, shallow) { return list.flat(shallow ? 1 : Infinity); },
    uniq: function (list, key) {
      var seen = new Set(), get = getter(typeof key === "boolean" ? null : key);
      return list.filter(function (each) { return !seen.has(get(each)) && !!seen.add(get(each)); });
    },
    union: function () { return _.uniq(_.flatten(Array.from(arguments), true)); },
    intersection: function (list) {
      var others = Array.from(arguments).slice(1);
      return _.uniq(list).filter(function (each) {
        return others.every(function (other) { return other.indexOf(each) >= 0; });
      });
    },
    difference: function (list) {
      var others = _.flatten(Array.from(arguments).slice(1), true);
      return list.filter(function (each) { return others.indexOf(each) < 0; });
    },
    without: function (list) { return _.difference(list, Array.from(arguments).slice(1)); },
    zip: function () {
      var lists = Array.from(arguments);
      return _.range(_.max(lists.map(_.size))).map(function (place) { return _.pluck(lists, place); });
    },
    object: function (names, values) {
      var made = {};
      names.forEach(function (name, place) {
        if (values) made[name] = values[place]; else made[name[0]] = name[1];
      });
      return made;
    },
    indexOf: function (list, value) { return list.indexOf(value); },
    range: function (start, stop, step) {
      var from = stop === undefined ? 0 : start, to = stop === undefined ? start : stop;
      var list = [], by = step || (to < from ? -1 : 1);
      for (var each = from; by > 0 ? each < to : each > to; each += by) list.push(each);
      return list;
    },
    times: function (count, make) { return _.range(count).map(function (each) { return make(each); }); },
    keys: function (object) { return Object.keys(object || {}); },
    values: function (list) { return Array.isArray(list) ? list : Object.values(list || {}); },
    pairs: function (object) { return Object.entries(object || {}); },
    has: function (object, key) { return Object.prototype.hasOwnProperty.call(object, key); },
    extend: function () { return Object.assign.apply(Object, arguments); },
    defaults: function (object) {
      var all = [{}].concat(Array.from(arguments).slice(1).reverse(), [object]);
      return Object.assign(object, Object.assign.apply(Object, all));
    },
    clone: function (object) { return Array.isArray(object) ? object.slice() : Object.assign({}, object); },
    pick: function (object) {
      return _.object(_.flatten(Array.from(arguments).slice(1)).filter(function (key) {
        return key in object;
      }).map(function (key) { return [key, object[key]]; }));
    },
    omit: function (object) {
      var left = _.flatten(Array.from(arguments).slice(1));
      return _.object(_.pairs(object).filter(function (pair) { return left.indexOf(pair[0]) < 0; }));
    },
    mapObject: function (object, change) {
      return _.object(_.pairs(object).map(function (pair) { return [pair[0], change(pair[1], pair[0])]; }));
    },
    identity: function (value) { return value; },
    isArray: Array.isArray,
    isBoolean: function (value) { return typeof value === "boolean"; },
    isDate: function (value) { return value instanceof Date; },
    isEmpty: function (list) { return typeof list === "string" ? !list : _.size(list) === 0; },
    isEqual: function (one, other) { return JSON.stringify(one) === JSON.stringify(other); },
    isFunction: function (value) { return typeof value === "function"; },
    isNaN: function (value) { return value !== value; },
    isNull: function (value) { return value === null; },
    isNumber: function (value) { return typeof value === "number"; },
    isObject: function (value) { return value !== null && /object|function/.test(typeof value); },
    isString: function (value) { return typeof value === "string"; },
    isUndefined: function (value) { return value === undefined; }
  };
  _.forEach = _.each; _.collect = _.map; _.select = _.filter; _.detect = _.find; _.all = _.every;
  _.any = _.some; _.include = _.includes = _.contains; _.foldl = _.inject = _.reduce;
  _.head = _.take = _.first; _.tail = _.rest; _.unique = _.uniq; _.assign = _.extend;
  global._ = _;
})(globalThis);
