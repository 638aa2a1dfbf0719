"""Every rule, the shortest query that breaks it, and the sentence that the caller reads."""

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
SOURCES = HERE.parents[1] / "server/mixpanel_mcp_core/queries"
RULES: list[dict[str, Any]] = [
    json.loads(line) for line in (HERE / "rules.jsonl").read_text("utf-8").splitlines()
]
CODE = re.compile(r'"((?:[A-Z]{1,3}\d+[A-Z]?|FL|FLB\d)_[A-Z0-9_]+|U\d+|UP\d|U_[A-Z]+)"')


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["code"])
def test_the_sentence_says_what_would_be_right(
    rule: dict[str, Any], refusals: Callable[..., Any]
) -> None:
    """Code, place and message of the rule stand among the problems of the query."""
    told = [
        (each["code"], each.get("path"), each["message"])
        for each in refusals(rule["tool"], rule["arguments"])
    ]
    message = rule["message"].replace("<today>", date.today().isoformat())
    assert (rule["code"], rule.get("path"), message) in told


def test_no_rule_is_without_a_test() -> None:
    """Every code of the sources is broken here, or by name in another specification."""
    codes = {
        code for path in SOURCES.rglob("*.py") for code in CODE.findall(path.read_text("utf-8"))
    }
    specified = {rule["code"] for rule in RULES}
    specifications = [*HERE.glob("test_*.py"), *HERE.parent.glob("tools/test_saved_*.py")]
    others = "".join(path.read_text("utf-8") for path in specifications)
    assert sorted(code for code in codes - specified if f'"{code}' not in others) == []
