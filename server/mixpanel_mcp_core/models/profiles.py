"""Arguments of profile, group and identity operations, and what Mixpanel says to them."""

from typing import Annotated, Any, Literal, Required, TypedDict

from pydantic import BaseModel, ConfigDict, Field, with_config

from mixpanel_mcp_core.fields import ProjectToken

DistinctId = Annotated[str, Field(description="Id of the person, as on their events.")]
GroupKey = Annotated[
    str, Field(description="Property that names the group, e.g. 'company'; set up in the project.")
]
GroupId = Annotated[str, Field(description="Which group: the property's value, e.g. 'acme'.")]
Values = Annotated[
    dict[str, Any], Field(description='Property names and values, e.g. {"plan": "pro"}.')
]
Numbers = Annotated[
    dict[str, Any],
    Field(description='Property names and numbers, e.g. {"logins": 1, "credit": -5}.'),
]
Lists = Annotated[
    dict[str, Any],
    Field(description='Property names and lists of texts or numbers, e.g. {"tags": ["a"]}.'),
]
Items = Annotated[
    dict[str, Any], Field(description='Property names, one item each, e.g. {"tags": "a"}.')
]
PropertyNames = Annotated[list[str], Field(description='Property names, e.g. ["plan"].')]
Strict = Annotated[bool, Field(description="Ask for errors record by record; default false.")]
Updates = Annotated[list[dict[str, Any]], Field(min_length=1)]


@with_config(ConfigDict(extra="forbid"))
class Sending(TypedDict, total=False):
    """How updates are sent."""

    ip: Annotated[bool, Field(description="Locate by the address of this server; default false.")]
    strict: Strict


@with_config(ConfigDict(extra="forbid"))
class ToPerson(Sending, total=False):
    """Whom an update is about, and how it is sent."""

    token: Required[ProjectToken]
    distinct_id: Required[DistinctId]


@with_config(ConfigDict(extra="forbid"))
class ToGroup(Sending, total=False):
    """Which group an update is about, and how it is sent."""

    token: Required[ProjectToken]
    group_key: Required[GroupKey]
    group_id: Required[GroupId]


class Accepted(BaseModel):
    """Mixpanel took what was well-formed."""

    status: Literal[1] = 1
    error: None = None
