"""JQL, run for real: sources, transformations, reducers, keys, and what is said of a bad script.

The expected rows of documented examples follow Mixpanel's reference of JQL.
"""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sandbox_client import Client, open_empty

from mixpanel_mcp_sandbox.jql import endpoint, engine

FEBRUARY = '{from_date: "2026-02-01", to_date: "2026-02-28"}'
EVENTS = f"Events({FEBRUARY})"
PREFIX = "UserVisiblePreconditionFailedError: "


def did(person: str, name: str, time: str, **properties: Any) -> dict[str, Any]:
    """Return an event; `time` is a day of February and an hour, such as `02T10:30`."""
    stamp = f"2026-02-{time}:00Z"
    return {"event": name, "distinct_id": person, "time": stamp, "properties": properties}


LOADED = [
    did("ann", "Buy", "02T10:00", price=3, country="US", tags=["a", "b"]),
    did("ann", "See", "02T09:00", country="US", **{"$insert_id": "i1"}),
    did("ann", "Buy", "03T10:00", price=10, country="US"),
    did("ben", "Buy", "10T10:00", price=5, country="DE", tags=["b"]),
    did("ben", "Buy", "10T11:00", price="6", country=None),
    did("", "See", "11T11:00"),
    did("cat", "Secret", "11T12:00"),
]


@pytest.fixture(scope="module")
def shop() -> Generator[Client]:
    """What two customers and a nobody did in February, and three profiles."""
    with open_empty() as sandbox:
        client = Client(sandbox)
        client.load(LOADED)
        client.hide(["Secret"])
        client.set_profile("ann", {"plan": "pro", "age": 40})
        client.set_profile("zoe", {"plan": "free", "age": 20, "groups": ["x", "y"]})
        yield client


def sent(client: Client, script: str, params: object = None) -> httpx.Response:
    """The answer to a script."""
    form = {"script": script} | ({} if params is None else {"params": json.dumps(params)})
    return client.request("POST", "/api/query/jql", data=form)


def rows(client: Client, returned: str, params: object = None) -> Any:
    """The rows of what main() returns."""
    answer = sent(client, f"function main() {{ return {returned}; }}", params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def failure(client: Client, script: str, params: object = None) -> str:
    """What is said of a script that fails, without what it always begins with."""
    answer = sent(client, script, params)
    assert answer.status_code == 412, answer.text
    body = answer.json()
    assert body == {"request": "/api/query/jql", "error": body["error"]}
    assert body["error"].startswith(PREFIX)
    return body["error"].removeprefix(PREFIX)


def test_events_are_told_with_all_that_they_have(shop: Client) -> None:
    """An event of nobody has no distinct_id, and hidden events come only when they are named."""
    found = rows(shop, f"{EVENTS}.sortAsc('time')")
    assert [each["name"] for each in found] == ["See", "Buy", "Buy", "Buy", "Buy", "See"]
    assert found[0] == {
        "name": "See",
        "distinct_id": "ann",
        "time": 1770022800000,
        "sampling_factor": 1,
        "properties": {"country": "US", "$insert_id": "i1"},
    }
    assert found[-1] == {
        "name": "See",
        "time": 1770807600000,
        "sampling_factor": 1,
        "properties": {},
    }


def test_profiles_are_told_with_all_that_they_have(shop: Client) -> None:
    """Time is that of the last update."""
    moment = 1772323200000
    zoe = {"plan": "free", "age": 20, "groups": ["x", "y"]}
    assert rows(shop, "People()") == [
        {
            "distinct_id": "ann",
            "time": moment,
            "last_seen": moment,
            "properties": {"age": 40, "plan": "pro"},
        },
        {"distinct_id": "zoe", "time": moment, "last_seen": moment, "properties": zoe},
    ]


def test_events_are_selected_by_name_expression_and_label(shop: Client) -> None:
    """A label takes the place of the name; the first selector that fits decides."""
    selectors = [
        {"event": "Buy", "selector": 'properties["country"] == "DE"', "label": "Buy (DE)"},
        {"event": "Buy", "selector": 'properties["price"] > 5'},
        {"event": "Buy", "selector": 'properties["price"] == 10', "label": "too late"},
        {"event": "Secret"},
    ]
    asked = {"from_date": "2026-02-01", "to_date": "2026-02-28", "event_selectors": selectors}
    returned = "Events(params).map(e => [e.name, e.properties.price])"
    assert sorted(rows(shop, returned, asked)) == [["Buy", 10], ["Buy (DE)", 5], ["Secret", None]]


def test_people_are_selected_by_expressions_of_which_one_must_hold(shop: Client) -> None:
    """They see the profile."""
    selectors = [{"selector": 'user["age"] < 30'}, {"selector": 'user["plan"] == "none"'}]
    returned = "People({user_selectors: params}).map(u => u.distinct_id)"
    assert rows(shop, returned, selectors) == ["zoe"]


@pytest.mark.parametrize(
    ("options", "pairs"),
    [
        ({}, "ann+ann ann+ann ann+ann ben+ ben+ +zoe +"),
        ({"type": "left"}, "ann+ann ann+ann ann+ann ben+ ben+ +"),
        ({"type": "right"}, "ann+ann ann+ann ann+ann +zoe"),
        ({"type": "inner"}, "ann+ann ann+ann ann+ann"),
        ({"selectors": [{"event": "Buy", "selector": 'user["age"] > 30'}]}, "ann+ann ann+ann"),
        (
            {
                "selectors": [
                    {"selector": 'properties["price"] > 4 and user["plan"] == "pro"'},
                    {"selector": 'user["age"] < 30'},
                ]
            },
            "ann+ann +zoe",
        ),
    ],
)
def test_events_and_people_are_joined(shop: Client, options: Any, pairs: str) -> None:
    """What has no other side is there or not, by the type; selectors see both sides."""
    returned = (
        f"join({EVENTS}, People(), params).map(t => "
        "(t.event && t.distinct_id || '') + '+' + (t.user ? t.user.distinct_id : ''))"
    )
    assert sorted(rows(shop, returned, options)) == sorted(pairs.split())


def test_people_that_are_not_selected_are_no_users_of_their_events(shop: Client) -> None:
    """The events stay where the type says so."""
    people = "People({user_selectors: [{selector: 'user[\"age\"] < 30'}]})"
    returned = f"join({EVENTS}, {people}).map(t => t.user ? t.distinct_id : '')"
    assert sorted(rows(shop, returned)) == [*[""] * 6, "zoe"]


def grouped(pairs: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of groups by one key each."""
    return [{"key": [key], "value": value} for key, value in pairs.items()]


BUYS = f'{EVENTS}.filter(e => e.name == "Buy")'
PRICE = "'properties.price'"


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        (f"{EVENTS}.reduce(mixpanel.reducer.count())", [6]),
        (f"{EVENTS}.filter(() => false).reduce(mixpanel.reducer.count())", []),
        (f"{EVENTS}.map(() => undefined).filter(x => x === undefined)", [None] * 6),
        (f"{BUYS}.reduce(mixpanel.reducer.sum({PRICE}))", [18]),
        (f"{BUYS}.reduce(mixpanel.reducer.sum(mixpanel.to_number({PRICE})))", [24]),
        (f"{BUYS}.reduce(mixpanel.reducer.avg({PRICE}))", [6]),
        (
            f"{BUYS}.reduce([mixpanel.reducer.min({PRICE}), mixpanel.reducer.max({PRICE})])",
            [[3, 10]],
        ),
        (
            f"{BUYS}.reduce([mixpanel.reducer.min_by({PRICE}), mixpanel.reducer.max_by({PRICE})])"
            ".map(both => _.pluck(both, 'time'))",
            [[1770026400000, 1770112800000]],
        ),
        (
            f"{BUYS}.reduce(mixpanel.reducer.numeric_summary({PRICE}))"
            ".map(s => [s.count, s.sum, s.sum_squares, s.avg, Math.round(s.stddev * 1000)])",
            [[3, 18, 134, 6, 2944]],
        ),
        (f"{BUYS}.reduce(mixpanel.reducer.numeric_percentiles({PRICE}, 50))", [5]),
        (
            f"{BUYS}.reduce(mixpanel.reducer.numeric_percentiles({PRICE}, [50, 75])).flatten()",
            [{"percentile": 50, "value": 5}, {"percentile": 75, "value": 7.5}],
        ),
        (
            f"{EVENTS}.groupBy(['name'], mixpanel.reducer.count()).reduce(mixpanel.reducer.top(1))",
            [grouped({"Buy": 4})],
        ),
        (f"{EVENTS}.reduce(mixpanel.reducer.any()).map(e => typeof e.name)", ["string"]),
        (
            f"{EVENTS}.groupByUser(mixpanel.reducer.null()).sortAsc('key.0')",
            grouped({"ann": None, "ben": None}),
        ),
        (
            "People().map(u => ({n: 1, by: {[u.properties.plan]: u.properties.age}}))"
            ".reduce(mixpanel.reducer.object_merge())",
            [{"n": 2, "by": {"pro": 40, "free": 20}}],
        ),
        (
            f"{BUYS}.groupBy([mixpanel.numeric_bucket({PRICE}, [0, 5])], mixpanel.reducer.count())"
            ".sortAsc('key.0')",
            [
                {"key": [0], "value": 1},
                {"key": [5], "value": 2},
                {"key": [None], "value": 1},
            ],
        ),
        (
            f"{EVENTS}.groupByUser(mixpanel.reducer.count()).groupBy([mixpanel.numeric_bucket("
            "'value', {bucket_size: 2, offset: 1})], mixpanel.reducer.count()).sortAsc('key.0')",
            [{"key": [1], "value": 1}, {"key": [3], "value": 1}],
        ),
        (
            f"{EVENTS}.groupBy([mixpanel.numeric_bucket('time', mixpanel.weekly_time_buckets),"
            " mixpanel.numeric_bucket('time', mixpanel.monthly_time_buckets)],"
            " mixpanel.reducer.count()).map(r => r.key.map(k => new Date(k).toISOString()"
            ".slice(0, 10)).concat(r.value))",
            [["2026-02-02", "2026-02-01", 3], ["2026-02-09", "2026-02-01", 3]],
        ),
        (
            f"{BUYS}.groupBy(['properties.tags'], mixpanel.reducer.count())",
            [
                {"key": ["a", "b"], "value": 1},
                {"key": [None], "value": 2},
                {"key": ["b"], "value": 1},
            ],
        ),
        (
            f"{BUYS}.filter(e => e.properties.tags).groupBy("
            "mixpanel.multiple_keys(['properties.tags']), mixpanel.reducer.count())",
            grouped({"a": 1, "b": 2}),
        ),
        (
            f"{BUYS}.groupByUser(['properties.country'], mixpanel.reducer.null())"
            ".groupBy([mixpanel.slice('key', 1)], mixpanel.reducer.count()).sortAsc('key.0')",
            [
                {"key": ["DE"], "value": 1},
                {"key": ["US"], "value": 1},
                {"key": [None], "value": 1},
            ],
        ),
        (
            f"{EVENTS}.groupByUser((seen, events) => (seen || []).concat(_.pluck(events, 'name')))"
            ".sortAsc('key.0')",
            grouped({"ann": ["See", "Buy", "Buy"], "ben": ["Buy", "Buy"]}),
        ),
        (
            f"{EVENTS}.reduce((counts, events) => _.reduce(counts, (a, b) => a + b, 0) +"
            " events.length)",
            [6],
        ),
        (
            f"{EVENTS}.groupBy(['name', 'properties.country'], mixpanel.reducer.count())"
            ".sortDesc('value').applyGroupLimits([2, 1]).map(r => r.key.concat(r.value))",
            [["Buy", "US", 2], ["See", "US", 1]],
        ),
        (
            f"{EVENTS}.groupBy(['name'], mixpanel.reducer.count()).sortDesc('value')"
            ".applyGroupLimits([9], 1)",
            grouped({"Buy": 4}),
        ),
    ],
)
def test_collections_are_transformed(shop: Client, returned: str, expected: Any) -> None:
    """Each transformation, reducer and key of the reference does what it says there."""
    assert rows(shop, returned) == expected


def test_reducers_join_what_they_made_of_parts(client: Client) -> None:
    """Many events are counted once; a reducer that forgets what it made already is found out."""
    client.load(did(f"u{n % 7}", "E", "02T10:00", n=n) for n in range(5000))
    counted = "(known, items) => known.reduce((a, b) => a + b, 0) + items.length"
    assert rows(client, f"{EVENTS}.reduce([{counted}, mixpanel.reducer.count()])") == [[5000, 5000]]
    assert rows(client, f"{EVENTS}.reduce((known, items) => items.length)") == [0]
    users = rows(client, f"{EVENTS}.groupByUser((n, events) => (n || 0) + events.length)")
    assert sum(each["value"] for each in users) == 5000
    assert len(users) == 7


def test_times_are_those_of_the_projects_zone() -> None:
    """Milliseconds since 1970 as a clock in the project's time zone shows them."""
    with open_empty(timezone="America/New_York") as sandbox:
        client = Client(sandbox)
        client.load([did("u", "E", "02T03:00"), did("u", "Late", "03T03:00")])
        day = '{from_date: "2026-02-01", to_date: "2026-02-01"}'
        returned = f"Events({day}).map(e => new Date(e.time).toISOString())"
        assert rows(client, returned) == ["2026-02-01T22:00:00.000Z"]


def test_a_script_that_fails_is_told_with_its_line(shop: Client) -> None:
    """The line, a caret below the place, and the calls that led there."""
    script = "function main() {\n  return Events(params)\n    .limit(10);\n}"
    assert failure(shop, script, {}) == (
        "Uncaught exception TypeError: not a function\n"
        "    .limit(10);\n"
        "     ^\n"
        "\n"
        "Stack trace:\n"
        "TypeError: not a function\n"
        "    at main (<anonymous>:3:6)\n"
    )


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("function main( { }", "Uncaught exception SyntaxError: "),
        ("var a = 1", "Uncaught exception ReferenceError: main is not defined"),
        ("function main() { return 1 }", "Uncaught exception TypeError: main() must return a "),
        ("function main() { return People().map(1) }", "Uncaught exception TypeError: map() needs"),
        ("function main() { throw new Error('no') }", "Uncaught exception Error: no\n"),
        (
            "function main() { return People().map(x => x).groupByUser(mixpanel.reducer.count()) }",
            "Uncaught exception TypeError: groupByUser() must follow Events(), People() or join(),",
        ),
        (
            "function main() { return People().reduce(_.times(9, mixpanel.reducer.count)) }",
            "Uncaught exception TypeError: groupBy() and reduce() accept at most 8 reducers\n",
        ),
        (
            "function main() { return join(Events({}).map(x => x), People()) }",
            "Uncaught exception TypeError: collections inside join() cannot be transformed\n",
        ),
        (
            "function main() { return People().groupBy(['properties'], mixpanel.reducer.any()) }",
            "Uncaught exception TypeError: a group key can only include scalars, not {",
        ),
        (
            "function main() { return Events({from_date: 'x', to_date: '2026-02-01'}) }",
            "from_date must be a day of the form YYYY-MM-DD",
        ),
        (
            "function main() { return Events({from_date: '2026-02-01', to_date: '9999-12-31'}) }",
            "Dates must lie in the years 2 to 9998.",
        ),
        (
            f"function main() {{ return join({EVENTS}, People(), {{type: 'outer'}}) }}",
            "type must be one of full, left, right, inner, not 'outer'",
        ),
        (
            "function main() { return People({user_selectors: [{selector: 'user['}]}) }",
            "Unexpected ",
        ),
        ("function main() { return People().filter(u => fetch('http://x')) }", "Uncaught exc"),
        ("function main() { return 'x'.repeat(2 ** 29) }", "The script needs more than 256 MB"),
    ],
)
def test_bad_scripts_are_refused_with_a_sentence(shop: Client, script: str, sentence: str) -> None:
    """In the source, in main(), in a transformation, in what it asks for; and no network."""
    assert failure(shop, script).startswith(sentence)


@pytest.mark.parametrize(
    "loop", ["for (;;) {}", "let a = []; a.length = 4e9; a.join('x')"], ids=["own", "native"]
)
def test_a_script_that_takes_too_long_is_ended(
    shop: Client, loop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the engine itself would not stop."""
    monkeypatch.setattr(engine, "SECONDS", 1)
    said = failure(shop, f"function main() {{ {loop} }}")
    assert said == "The script took longer than 1 seconds."


def test_an_engine_that_breaks_is_told_of(
    shop: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It takes nothing but the script with it, however long that is."""
    (tmp_path / "runner.py").touch()
    monkeypatch.setattr(engine, "RUNNER", tmp_path / "runner.py")
    said = failure(shop, f"function main() {{}} // {'x' * 1_000_000}")
    assert said == "The script broke the JavaScript engine."


def test_more_rows_than_there_is_room_for_are_refused(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Mixpanel does at its own limit."""
    monkeypatch.setattr(endpoint, "MOST_BYTES", 100)
    said = failure(shop, f"function main() {{ return {EVENTS} }}")
    assert said == "The rows of the script are larger than 100 bytes."


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("e.source.kind = 'tables'", "the source must be Events(), People() or join()"),
        ("e.source.kind = 'join'", "events must be an object"),
        ("e.source.spec = undefined", "the argument must be an object"),
        ("Object.prototype.toJSON = () => 5", "the source must be an object"),
    ],
)
def test_a_source_that_a_script_forged_is_refused(shop: Client, change: str, sentence: str) -> None:
    """What is asked of the sandbox is read as if a stranger had written it."""
    script = f"function main() {{ const e = {EVENTS}; {change}; return e }}"
    assert failure(shop, script) == sentence


def test_rows_stay_json_whatever_a_script_does_to_lists(shop: Client) -> None:
    """The library holds what it needs of the language from before the script."""
    changed = "Array.prototype.join = Array.prototype.push = () => '],['"
    script = f"function main() {{ {changed}; return People().map(p => p.distinct_id) }}"
    assert sent(shop, script).json() == ["ann", "zoe"]


def test_a_script_cannot_reach_the_sandbox(shop: Client) -> None:
    """Nothing of the library or of the machine is in its reach but what JQL documents."""
    names = "Object.getOwnPropertyNames(globalThis)"
    known = rows(shop, f"People().reduce(() => {names}).flatten()")
    assert {"Events", "People", "join", "mixpanel", "_", "params", "main"} <= set(known)
    assert {"sandbox", "plan", "feed", "finish", "setParams", "os", "std"}.isdisjoint(known)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "Missing required parameter: script"),
        ({"script": "x", "params": "{"}, "params is not valid JSON"),
    ],
)
def test_a_form_without_a_script_is_refused(
    shop: Client, form: dict[str, str], sentence: str
) -> None:
    """Before anything runs."""
    answer = shop.request("POST", "/api/query/jql", data=form)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(sentence)


def test_a_machine_without_the_engine_is_told_so(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one sentence, as 501."""
    monkeypatch.setattr(engine, "find_spec", lambda _name: None)  # pyright: ignore
    answer = sent(shop, "function main() { return People() }")
    assert answer.status_code == 501
    assert answer.json()["error"].startswith("This sandbox does not run JQL: ")


def test_scripts_have_what_they_know_of_underscore(shop: Client) -> None:
    """Lists and objects, values by function, name or pattern."""
    people = '[{n: "a", age: 3}, {n: "b", age: 1}, {n: "c", age: 3}]'
    told = {
        f"_.map({people}, 'n')": ["a", "b", "c"],
        f"_.pluck(_.where({people}, {{age: 3}}), 'n')": ["a", "c"],
        f"_.findWhere({people}, {{age: 1}}).n": "b",
        f"_.max({people}, p => p.age).n + _.min({people}, 'age').n": "ab",
        f"_.pluck(_.sortBy({people}, 'age'), 'n').join('')": "bac",
        f"_.mapObject(_.groupBy({people}, 'age'), _.size)": {"1": 1, "3": 2},
        f"_.countBy({people}, 'age')": {"1": 1, "3": 2},
        f"_.keys(_.indexBy({people}, 'n'))": ["a", "b", "c"],
        "_.map({a: 1, b: 2}, (value, key) => key + value)": ["a1", "b2"],
        "_.reduce([1, 2, 3], (a, b) => a + b)": 6,
        "_.reduce({a: 1}, (a, b) => a + b, 5)": 6,
        "_.reject([1, 2, 3], n => n > 1)": [1],
        "[_.every([1, 0]), _.some([1, 0]), _.contains([1, 2], 2)]": [False, True, True],
        "_.uniq([1, 2, 1]).concat(_.union([1], [2, 1]), _.compact([0, 3]))": [1, 2, 1, 2, 3],
        "_.difference([1, 2, 3], [2]).concat(_.without([1, 2], 1), _.intersection([1, 2], [2]))": [
            1,
            3,
            2,
            2,
        ],
        "_.zip(['a', 'b'], [1, 2])": [["a", 1], ["b", 2]],
        "_.object(['a', 'b'], [1, 2])": {"a": 1, "b": 2},
        "_.flatten([1, [2, [3]]]).concat(_.flatten([1, [2, [3]]], true))": [1, 2, 3, 1, 2, [3]],
        "_.range(3).concat(_.range(3, 1), _.times(2, n => n * 5))": [0, 1, 2, 3, 2, 0, 5],
        "[_.first([1, 2]), _.last([1, 2]), _.first([1, 2], 1), _.last([1, 2], 1)]": [
            1,
            2,
            [1],
            [2],
        ],
        "[_.rest([1, 2, 3]), _.initial([1, 2, 3])]": [[2, 3], [1, 2]],
        "_.extend(_.pick({a: 1, b: 2}, 'a'), _.omit({c: 3, d: 4}, 'd'))": {"a": 1, "c": 3},
        "_.defaults({a: 1}, {a: 2, b: 3})": {"a": 1, "b": 3},
        "[_.isEmpty({}), _.isEmpty([1]), _.isEmpty(''), _.isEqual([1], [1])]": [
            True,
            False,
            True,
            True,
        ],
        "[_.isString('x'), _.isNumber('x'), _.isObject(null), _.isFunction(_.map)]": [
            True,
            False,
            False,
            True,
        ],
    }
    [found] = rows(shop, f"People().reduce(() => [{', '.join(told)}])")
    assert dict(zip(told, found, strict=True)) == told
