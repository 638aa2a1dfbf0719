"""How every answer's model reads: unknown keys are kept, nothing is guessed from another type."""

from pydantic import BaseModel, ConfigDict


class Answered(BaseModel):
    """A shape that Mixpanel answers with; fields that it adds later stay readable."""

    model_config = ConfigDict(frozen=True, extra="allow")
