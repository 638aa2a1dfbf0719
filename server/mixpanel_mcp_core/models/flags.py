"""Feature flags: variants, whom they are rolled out to, history and limits."""

from typing import Annotated, Any, ClassVar, Literal, NotRequired

from pydantic import AfterValidator, ConfigDict, Field, with_config
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from mixpanel_mcp_core.fields import PathId
from mixpanel_mcp_core.models.wire import Answered

FlagStatus = Literal["enabled", "disabled", "archived"]
ServingMethod = Literal["client", "server", "remote_or_local", "remote_only"]
ContractStatus = Literal["active", "grace_period", "expired"]

FlagId = Annotated[PathId, Field(description="Flag id (UUID), from list_feature_flags.")]
FlagName = Annotated[str, Field(description="Name for people, e.g. 'Dark mode'.")]
FlagKey = Annotated[
    str, Field(description="Key that code asks for, unique in the project, e.g. 'dark_mode'.")
]


def _share(number: float) -> float:
    """A share of the whole; who thinks in percent is told the share that it makes."""
    if 0 <= number <= 1:
        return number
    meant = f"; did you mean {number / 100:g}?" if 1 < number <= 100 else ""
    raise PydanticCustomError("share", "must be a share from 0 to 1{meant}", {"meant": meant})


Share = Annotated[
    float, AfterValidator(_share), Field(json_schema_extra={"minimum": 0, "maximum": 1})
]


@with_config(ConfigDict(extra="allow"))
class FlagVariant(TypedDict):
    """What a flag can say; its `value` (required) is true, false, text or any JSON."""

    key: Annotated[str, Field(description="Name of the variant, e.g. 'On'.")]
    # Any JSON value, which the published schema has no single type for; `variants` tells of it.
    value: SkipJsonSchema[Any]
    is_control: Annotated[bool, Field(description="What the others are compared with.")]
    split: Annotated[Share, Field(description="Share of the people, 0 to 1, e.g. 0.5.")]
    is_sticky: NotRequired[Annotated[bool, Field(description="People keep what they got.")]]
    description: NotRequired[Annotated[str | None, Field(description="What it is for.")]]


@with_config(ConfigDict(extra="allow"))
class FlagRollout(TypedDict):
    """A group of people who get the flag; further keys are sent as they are."""

    rollout_percentage: Annotated[
        Share, Field(description="Share of the group, 0 to 1: 0.3 is 30 %.")
    ]
    variant_splits: Annotated[
        dict[str, float], Field(description='Share of each variant by key, e.g. {"On": 1}.')
    ]
    name: NotRequired[Annotated[str | None, Field(description="Name of the group.")]]
    cohort_definition: NotRequired[
        Annotated[
            dict[str, Any] | None, Field(description="Who belongs to it, wire form; all without.")
        ]
    ]


@with_config(ConfigDict(extra="allow"))
class Ruleset(TypedDict):
    """What a flag says, and to whom; `test` and further keys are sent as they are."""

    variants: Annotated[
        list[FlagVariant],
        Field(
            max_length=11,
            description='At most 11, e.g. {"key": "On", "value": true, "is_control": false, '
            '"split": 1}.',
        ),
    ]
    rollout: Annotated[
        list[FlagRollout], Field(description="Groups of people, the first that fits counts.")
    ]


FlagRuleset = Annotated[
    Ruleset, Field(description="Variants, rollout groups and `test` users, as get_feature_flag.")
]


class FlagSettings(TypedDict, total=False):
    """What can be said of a flag beside its name, key, status and ruleset."""

    description: Annotated[str, Field(description="What the flag is for.")]
    tags: Annotated[list[str], Field(description="Tags; none when left out.")]
    context: Annotated[
        str, Field(description="What is assigned: distinct_id (default), device_id or a group key.")
    ]
    serving_method: Annotated[
        ServingMethod, Field(description="Where it is evaluated; default client.")
    ]


class FeatureFlag(Answered):
    """A feature flag; an archived one is listed only when asked for."""

    whole_from: ClassVar[str] = "get_feature_flag"
    listed: ClassVar[tuple[str, ...]] = (
        "id",
        "key",
        "name",
        "description",
        "status",
        "serving_method",
        "context",
        "experiment_id",
        "tags",
        "enabled_at",
        "modified",
        "last_modified_by_name",
    )

    id: str
    project_id: int
    name: str
    key: str
    description: str | None = None
    status: FlagStatus = "disabled"
    tags: list[str] = []
    experiment_id: str | None = None
    context: str = ""
    data_group_id: str | None = None
    serving_method: ServingMethod = "client"
    ruleset: dict[str, Any] = {}
    hash_salt: str | None = None
    workspace_id: int | None = None
    content_type: str | None = None
    created: str = ""
    modified: str = ""
    enabled_at: str | None = None
    deleted: str | None = None
    creator_id: int | None = None
    creator_name: str | None = None
    creator_email: str | None = None
    last_modified_by_id: int | None = None
    last_modified_by_name: str | None = None
    last_modified_by_email: str | None = None
    is_favorited: bool | None = None
    pinned_date: str | None = None
    can_edit: bool = False


class FlagHistoryResponse(Answered):
    """A page of a flag's changes, and how many there are in all."""

    events: list[list[Any]]
    count: int


class FlagLimitsResponse(Answered):
    """How many flags the contract allows, and how many are in use."""

    limit: int
    is_trial: bool
    current_usage: int
    contract_status: ContractStatus
