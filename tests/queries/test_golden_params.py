"""Arguments and the params that the reference client builds from them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_EXAMPLES = Path(__file__).parent.parent / "contract/cases/queries.json"
CASES: list[dict[str, Any]] = json.loads(_EXAMPLES.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_params_equal_the_reference_in_content_and_key_order(
    case: dict[str, Any], compiled: Callable[..., Any]
) -> None:
    """A query compiles to the very JSON text that the reference client sends."""
    params = compiled(case["tool"], case["arguments"])
    assert json.dumps(params) == json.dumps(case["params"])
