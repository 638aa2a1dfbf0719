"""Arguments and the params that the reference client builds from them."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_HERE = Path(__file__).parent


def _read(name: str) -> list[dict[str, Any]]:
    return json.loads((_HERE / name).read_text(encoding="utf-8"))


CASES = [*_read("cases.json"), *_read("flow_cases.json")]
NOT_BUILT_YET = _read("not_built_yet.json")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_params_equal_the_reference_in_content_and_key_order(
    case: dict[str, Any], compiled: Callable[..., Any]
) -> None:
    """A query compiles to the very JSON text that the reference client sends."""
    params = compiled(case["tool"], case["arguments"])
    assert json.dumps(params) == json.dumps(case["params"])


_REFUSED = [case for case in NOT_BUILT_YET if case["tool"] != "query_retention"]


@pytest.mark.parametrize("case", _REFUSED, ids=lambda case: case["id"])
def test_what_is_not_built_yet_is_refused_by_name(
    case: dict[str, Any], refusals: Callable[..., Any]
) -> None:
    """A known form without a compiler is refused, never compiled to something else."""
    problems = refusals(case["tool"], case["arguments"])
    assert [problem["code"] for problem in problems] == ["NOT_BUILT_YET"]


def test_every_reference_case_is_either_compiled_or_listed_as_not_built() -> None:
    """The two lists share no case and together hold all cases of these engines."""
    ids = [case["id"] for case in (*CASES, *NOT_BUILT_YET)]
    assert len(set(ids)) == len(ids)
    assert Counter(each[:3] for each in ids) == {"ins": 127, "fun": 41, "flo": 24, "ext": 18}
