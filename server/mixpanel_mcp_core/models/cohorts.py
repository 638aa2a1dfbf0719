"""Saved cohorts: who is in one, what is saved, what is answered."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Required, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from typing_extensions import TypedDict

from mixpanel_mcp_core.models.wire import Answered
from mixpanel_mcp_core.queries.cohorts import CohortDefinition
from mixpanel_mcp_core.queries.filter_clauses import cohort_identification
from mixpanel_mcp_core.queries.words import refusal

CohortId = Annotated[int, Field(description="Cohort id, from list_cohorts_full.")]
CohortIds = Annotated[list[int], Field(description="Cohort ids, from list_cohorts_full.")]

# Mixpanel keeps a cohort without any of these, and nobody is in it.
_OWN_FORM = frozenset({"selector", "behaviors", "groups"})


def _compiled(given: Any) -> Any:
    """Criteria as Mixpanel stores them; its own form stays as it is."""
    if not isinstance(given, Mapping):
        return given
    keys = cast("Mapping[str, Any]", given)
    if _OWN_FORM & keys.keys():
        return given
    if "criterion" in keys:
        keys = {"all_of": keys}
    if not {"all_of", "any_of"} & keys.keys():
        raise refusal("definition", _not_criteria(keys))
    definition = CohortDefinition.model_validate(keys)
    definition.guard_at("definition")
    return cohort_identification(definition)["raw_cohort"]


def _not_criteria(keys: Mapping[str, Any]) -> str:
    given = f"there is {', '.join(keys)}" if keys else "it is empty"
    return (
        'Expected {"all_of": [...]} or {"any_of": [...]} with criteria such as {"criterion": '
        '"did_event", "event": "Buy", "at_least": 1, "within_days": 30}, or Mixpanel\'s own '
        f'{{"selector", "behaviors"}}; {given}.'
    )


Definition = Annotated[
    dict[str, Any],
    BeforeValidator(_compiled),
    Field(
        description='Who is in it. {"all_of": [{"criterion": "did_event", "event": "Buy", '
        '"at_least": 2, "within_days": 30}, {"criterion": "has_property", "property": "plan", '
        '"value": "pro"}]}, or any_of; criteria as in a cohort of `query`. Or Mixpanel\'s own '
        '{"selector", "behaviors"}.'
    ),
]


class CohortCreator(Answered):
    """Who made a cohort."""

    id: int | None = None
    name: str | None = None
    email: str | None = None


class Cohort(Answered):
    """A saved cohort; `count` is how many people it had when it was last counted."""

    whole_from: ClassVar[str] = "get_cohort"
    listed: ClassVar[tuple[str, ...]] = (
        "id",
        "name",
        "description",
        "count",
        "is_visible",
        "is_locked",
        "data_group_id",
        "last_edited",
        "verified",
    )

    id: int
    name: str
    description: str | None = None
    count: int | None = None
    is_visible: bool | None = None
    is_locked: bool | None = None
    data_group_id: str | None = None
    last_edited: str | None = None
    created_by: CohortCreator | None = None
    referenced_by: list[int] | None = None
    verified: bool = False
    last_queried: str | None = None
    referenced_directly_by: list[int] = []
    active_integrations: list[int] = []


class CohortFields(TypedDict, total=False):
    """What can be set on a cohort at any time."""

    definition: Definition
    description: Annotated[str, Field(description="What it is for; '' clears it.")]
    data_group_id: Annotated[str, Field(description="Group it is made of, when not people.")]
    is_locked: Annotated[bool, Field(description="Only admins may change it.")]
    is_visible: Annotated[bool, Field(description="It is offered in lists.")]
    deleted: Annotated[bool, Field(description="True moves it out of sight.")]


class NewCohort(CohortFields, total=False):
    """A cohort to create."""

    name: Required[Annotated[str, Field(description="Name, e.g. 'Repeat buyers'.")]]


class CohortChanges(CohortFields, total=False):
    """Changes to a cohort; what is not given stays."""

    name: Annotated[str, Field(description="New name.")]


class BulkUpdateCohortEntry(BaseModel):
    """Changes to one of several cohorts; what is not given stays."""

    model_config = ConfigDict(extra="forbid")

    id: int = Field(description="Cohort id.")
    name: str | None = Field(None, description="New name.")
    description: str | None = Field(None, description="New text.")
    definition: Definition | None = None


def flattened(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a cohort with those of its definition among them, which win."""
    own = {name: value for name, value in fields.items() if name != "definition"}
    return own | dict(fields.get("definition") or {})
