"""What the query tools answer beside results."""

from typing import Any

from pydantic import BaseModel


class Compiled(BaseModel):
    """A query in the form in which Mixpanel stores and runs it."""

    params: dict[str, Any]

    def value(self) -> dict[str, Any]:
        """The params alone."""
        return self.params
