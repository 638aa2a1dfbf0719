"""Parts of the grammar that this server reads but cannot compile yet."""

from dataclasses import dataclass
from typing import NoReturn

from mixpanel_mcp_core.errors import ParamValidationError


@dataclass(frozen=True)
class Unbuilt:
    """An argument whose form is known and whose compiler is not there."""

    feature: str

    def guard(self) -> NoReturn:
        """Raise ParamValidationError NOT_BUILT_YET."""
        raise ParamValidationError(
            f"{self.feature} is not supported by this server yet.",
            code="NOT_BUILT_YET",
            details={"feature": self.feature},
        )
