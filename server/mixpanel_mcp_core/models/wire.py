"""How every answer's model reads: unknown keys are kept, nothing is guessed from another type."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Answered(BaseModel):
    """A shape that Mixpanel answers with; fields that it adds later stay readable.

    `listed` names the fields that tell one from another where many stand in a list; without it a
    list shows every field.
    """

    model_config = ConfigDict(frozen=True, extra="allow")
    listed: ClassVar[tuple[str, ...]] = ()
