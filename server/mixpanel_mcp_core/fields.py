"""Parameters that several operations share, each described once."""

from typing import Annotated

from pydantic import Field

EventName = Annotated[
    str, Field(description="Event name, spelled exactly as in Mixpanel, e.g. 'Sign Up'.")
]
FromDate = Annotated[
    str,
    Field(description="First day, YYYY-MM-DD, in the project's time zone."),
]
ToDate = Annotated[str, Field(description="Last day, YYYY-MM-DD, included.")]
Where = Annotated[
    str,
    Field(description='Filter expression, e.g. \'properties["plan"] == "pro"\'.'),
]
Limit = Annotated[int, Field(ge=1, description="Most items to return.")]
