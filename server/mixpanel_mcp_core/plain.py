"""Results as JSON values."""

from typing import Any, cast

from pydantic import BaseModel


def plain(value: Any) -> Any:
    """A result as JSON values: models by field name, with every declared field."""
    if isinstance(value, BaseModel):
        own = getattr(value, "value", None)
        return plain(own()) if callable(own) else value.model_dump(mode="json")
    if isinstance(value, list):
        return [plain(each) for each in cast("list[Any]", value)]
    return value
