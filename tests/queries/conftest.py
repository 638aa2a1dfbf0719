"""Queries as a caller writes them: read from JSON, compiled, or refused."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from mixpanel_mcp_core.errors import BookmarkValidationError, ParamValidationError
from mixpanel_mcp_core.queries import (
    FlowQuery,
    FunnelQuery,
    InsightsQuery,
    RetentionQuery,
    UserQuery,
    compile_flow,
    compile_funnel,
    compile_insights,
    compile_retention,
    compile_user,
)

sys.path.insert(0, str(Path(__file__).parent))

Compile = Callable[[str, Any], dict[str, Any]]
Refusals = Callable[[str, Any], list[dict[str, Any]]]

# What reads the arguments of a tool, and what compiles them.
_ENGINES: dict[str, tuple[TypeAdapter[Any], Callable[[Any], dict[str, Any]]]] = {
    "query": (TypeAdapter(InsightsQuery), compile_insights),
    "query_funnel": (TypeAdapter(FunnelQuery), compile_funnel),
    "query_retention": (TypeAdapter(RetentionQuery), compile_retention),
    "query_flow": (TypeAdapter(FlowQuery), compile_flow),
    "query_user": (TypeAdapter(UserQuery), compile_user),
}


def _compiled(tool: str, arguments: Any) -> dict[str, Any]:
    reader, compile_query = _ENGINES[tool]
    return compile_query(reader.validate_python(arguments))


def _refusals(tool: str, arguments: Any) -> list[dict[str, Any]]:
    try:
        _compiled(tool, arguments)
    except ParamValidationError as error:
        return [_construction(error)]
    except BookmarkValidationError as error:
        return error.errors
    except ValidationError as error:
        return [_refused_form(each) for each in error.errors()]
    return []


def _construction(error: ParamValidationError) -> dict[str, Any]:
    told = {"code": error.code, "message": error.message}
    return {**told, "details": error.details} if error.details else told


def _refused_form(each: Any) -> dict[str, Any]:
    cause = each.get("ctx", {}).get("error")
    if isinstance(cause, ParamValidationError):
        return _construction(cause)
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in each["loc"]]
    return {"code": each["type"], "path": "".join(steps).lstrip("."), "message": each["msg"]}


@pytest.fixture
def compiled() -> Compile:
    """Compile JSON arguments to params."""
    return _compiled


@pytest.fixture
def refusals() -> Refusals:
    """Every problem for which JSON arguments are refused; none when they compile."""
    return _refusals
