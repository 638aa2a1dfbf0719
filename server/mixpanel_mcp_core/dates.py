"""Days as text, checked before anything is sent."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from mixpanel_mcp_core.errors import ParamValidationError


def _real_day(text: str) -> str:
    try:
        real = date.fromisoformat(text).isoformat() == text
    except ValueError:
        real = False
    if not real:
        raise PydanticCustomError(
            "date", "not a day of the calendar; write YYYY-MM-DD, e.g. 2026-01-31"
        )
    return text


Day = Annotated[str, AfterValidator(_real_day)]


def check_range(from_date: str | None, to_date: str | None) -> None:
    """Raise ParamValidationError (V15_DATE_ORDER) when the first day comes after the last."""
    if from_date and to_date and from_date > to_date:
        raise ParamValidationError(
            f"from_date {from_date} is after to_date {to_date}; swap them.",
            code="V15_DATE_ORDER",
            details={"field": "from_date", "from_date": from_date, "to_date": to_date},
        )
