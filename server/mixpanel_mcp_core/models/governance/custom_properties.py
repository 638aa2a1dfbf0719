"""Custom properties: values that Mixpanel computes from other properties at query time."""

from typing import Annotated, Any, ClassVar, Literal, Required

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict

from mixpanel_mcp_core.fields import PathId, PropertyType
from mixpanel_mcp_core.models.wire import CamelAnswered, either_case

ResourceType = Literal["events", "people", "group_profiles"]

CustomPropertyId = Annotated[
    PathId, Field(description="Custom property id, from list_custom_properties.")
]
Name = Annotated[str, Field(description="Name in menus, e.g. 'Order size'.")]


class ComposedPropertyValue(BaseModel):
    """A property that a formula refers to by a letter; further keys are sent as they are."""

    model_config = ConfigDict(extra="allow", alias_generator=to_camel, populate_by_name=True)

    type: str | None = None
    type_cast: str | None = None
    resource_type: str
    value: str | None = None
    label: str | None = None
    property_default_type: PropertyType | None = None
    behavior: Any = None
    join_property_type: str | None = None


class CustomProperty(CamelAnswered):
    """A property with a formula, or with the behavior that it is borrowed from."""

    whole_from: ClassVar[str] = "get_custom_property"
    listed: ClassVar[tuple[str, ...]] = (
        "custom_property_id",
        "name",
        "description",
        "resource_type",
        "property_type",
        "display_formula",
        "is_visible",
        "is_locked",
        "modified",
    )

    custom_property_id: int
    name: str
    description: str | None = None
    resource_type: ResourceType
    property_type: str | None = None
    display_formula: str | None = None
    composed_properties: dict[str, ComposedPropertyValue] | None = None
    is_locked: bool | None = None
    is_visible: bool | None = None
    data_group_id: str | None = None
    created: str | None = None
    modified: str | None = None
    example_value: str | None = None


class CustomPropertyFields(TypedDict, total=False):
    """What can be set on a custom property at any time."""

    description: Annotated[str, Field(description="What it means.")]
    display_formula: Annotated[
        str | None,
        Field(
            description="Formula over the letters of composed_properties, e.g. "
            '\'ifs(A < 50, "small", TRUE, "large")\'.',
            validation_alias=either_case("display_formula"),
        ),
    ]
    composed_properties: Annotated[
        dict[str, ComposedPropertyValue] | None,
        Field(
            description='Property of each letter: {"A": {"value": "revenue", "resource_type": '
            '"event", "type": "number"}}; resource_type is event, user or groupprofile.',
            validation_alias=either_case("composed_properties"),
        ),
    ]
    is_locked: Annotated[
        bool | None,
        Field(description="Only admins may change it.", validation_alias=either_case("is_locked")),
    ]
    is_visible: Annotated[
        bool | None,
        Field(description="False hides it.", validation_alias=either_case("is_visible")),
    ]


class NewCustomProperty(CustomPropertyFields, total=False):
    """A custom property to create or to check."""

    name: Required[Name]
    resource_type: Required[
        Annotated[
            ResourceType,
            Field(
                description="What has it: events, people or group profiles.",
                validation_alias=either_case("resource_type"),
            ),
        ]
    ]
    property_type: Annotated[
        PropertyType | None,
        Field(
            description="Type of its values; found out from the formula when left out.",
            validation_alias=either_case("property_type"),
        ),
    ]
    example_value: Annotated[
        str | None,
        Field(description="A typical value.", validation_alias=either_case("example_value")),
    ]
    data_group_id: Annotated[
        str | None,
        Field(
            description="Data group, for group_profiles.",
            validation_alias=either_case("data_group_id"),
        ),
    ]
    behavior: Annotated[
        dict[str, Any],
        Field(description="Event that the value is borrowed from, in the place of a formula."),
    ]


class CustomPropertyChanges(CustomPropertyFields, total=False):
    """Changes to a custom property; what is not given stays."""

    name: Name
