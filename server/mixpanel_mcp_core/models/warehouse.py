"""Warehouse connectors: imports of tables as events, profiles, groups and lookup tables."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Required

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, with_config
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from mixpanel_mcp_core.models.wire import Answered
from mixpanel_mcp_core.tables import Table, table_of

JsonObject = dict[str, Any]

_HOUR = 3_600_000_000_000
_SPELT: Mapping[str, int] = {
    "never": 0,
    "hourly": _HOUR,
    "daily": 24 * _HOUR,
    "weekly": 168 * _HOUR,
}


def _in_nanoseconds(value: Any) -> Any:
    return _SPELT.get(value.strip().lower(), value) if isinstance(value, str) else value


def _known(value: int) -> int:
    if value not in _SPELT.values():
        allowed = ", ".join(f"{each} ({word})" for word, each in _SPELT.items())
        nearest = min(_SPELT.values(), key=lambda each: abs(each - _scaled(value)))
        raise PydanticCustomError(
            "run_every",
            "in nanoseconds, one of {allowed}. Did you mean {nearest}?",
            {"allowed": allowed, "nearest": nearest},
        )
    return value


def _scaled(value: int) -> int:
    """A number of nanoseconds, of seconds where it is too small for an hour of them."""
    return value if abs(value) >= _HOUR / 100 else value * 1_000_000_000


ImportId = Annotated[
    int, Field(gt=0, description="Warehouse import id, from list_warehouse_imports.")
]
RunEvery = Annotated[
    int,
    BeforeValidator(_in_nanoseconds),
    AfterValidator(_known),
    Field(
        description="Nanoseconds between runs: 0 (only by sync_warehouse_import), 3600000000000 "
        "(hourly), 86400000000000 (daily) or 604800000000000 (weekly)."
    ),
]
SyncMode = Annotated[
    Literal["time_based", "mirror_mode", "full_sync", "one_time"],
    Field(
        description="time_based: rows newer than the last run, by insert_time_column_name; "
        "mirror_mode: also changes and deletions; full_sync: all rows each time; one_time."
    ),
]
Column = Annotated[str, Field(min_length=1, description="Name of a column.")]
WarehouseSourceId = Annotated[
    int,
    Field(gt=0, description="Connection to the warehouse; its id stands in Mixpanel's web app."),
]
TableParams = Annotated[
    JsonObject,
    Field(description='The table, as the warehouse names it, e.g. {"table": "orders"}.'),
]


@with_config(ConfigDict(extra="forbid"))
class Autoscale(TypedDict, total=False):
    """How many workers a cluster may grow to."""

    min_workers: Annotated[int, Field(ge=0)]
    max_workers: Annotated[int, Field(ge=1)]


@with_config(ConfigDict(extra="forbid"))
class ExportClusterConfig(TypedDict, total=False):
    """The cluster that Databricks exports with, in its own words."""

    spark_version: str
    node_type_id: str
    driver_node_type_id: str
    num_workers: Annotated[int, Field(ge=0)]
    autoscale: Autoscale
    spark_conf: JsonObject
    spark_env_vars: JsonObject
    data_security_mode: Literal[
        "USER_ISOLATION",
        "SINGLE_USER",
        "NONE",
        "LEGACY_TABLE_ACL",
        "LEGACY_PASSTHROUGH",
        "LEGACY_SINGLE_USER",
        "LEGACY_SINGLE_USER_STANDARD",
    ]
    single_user_name: str
    custom_tags: JsonObject
    policy_id: str
    instance_pool_id: str
    driver_instance_pool_id: str
    enable_elastic_disk: bool
    runtime_engine: Literal["STANDARD", "PHOTON"]
    aws_attributes: JsonObject
    azure_attributes: JsonObject
    gcp_attributes: JsonObject
    init_scripts: list[JsonObject]


@with_config(ConfigDict(extra="forbid"))
class Databricks(TypedDict, total=False):
    """What only imports from Databricks have."""

    export_cluster_config: Required[
        Annotated[ExportClusterConfig, Field(description="Cluster to export with.")]
    ]


DatabricksParams = Annotated[
    Databricks, Field(description="Only for Databricks: the cluster, as Databricks describes it.")
]


class TableSource(TypedDict, total=False):
    """Which table is imported, and how often."""

    warehouse_source_id: Required[WarehouseSourceId]
    table_params: Required[TableParams]
    run_every: RunEvery
    databricks_params: DatabricksParams


class RowSource(TableSource, total=False):
    """Which rows of a table are imported, and which of their columns."""

    sync_mode: Required[SyncMode]
    insert_time_column_name: Annotated[
        str, Field(description="Column with the time of a row's insertion; time_based needs it.")
    ]
    json_properties_column_name: Annotated[
        str, Field(description="Column with a JSON object of further properties.")
    ]
    property_mappings: Annotated[
        dict[str, str],
        Field(description='Column to property name, e.g. {"amt": "amount"}; default as they are.'),
    ]


class EventStream(RowSource, total=False):
    """A table of which every row is an event."""

    time_column_name: Required[
        Annotated[str, Field(min_length=1, description="Column with the time of the event.")]
    ]
    event_name: Annotated[
        str, Field(min_length=1, description="Name of all events; or else event_column_name.")
    ]
    event_column_name: Annotated[
        str, Field(min_length=1, description="Column with each event's name; or else event_name.")
    ]
    user_column_name: Annotated[str, Field(description="Column with the user id.")]
    device_column_name: Annotated[str, Field(description="Column with the device id.")]
    company_column_name: Annotated[
        str, Field(description="Column with the company; required in B2B projects.")
    ]


class People(RowSource, total=False):
    """A table of which every row is a user profile."""

    user_column_name: Required[
        Annotated[str, Field(min_length=1, description="Column with the user id.")]
    ]


class Groups(RowSource, total=False):
    """A table of which every row is the profile of a group."""

    group_key: Required[
        Annotated[str, Field(min_length=1, description="Group key, e.g. 'company_id'.")]
    ]
    group_id_column: Required[
        Annotated[str, Field(min_length=1, description="Column with the group's id.")]
    ]


@with_config(ConfigDict(extra="forbid"))
class JoinedProperty(TypedDict, total=False):
    """The property that a lookup table is joined to."""

    value: Required[Annotated[str, Field(min_length=1, description="Name of the property.")]]
    resourceType: Required[
        Annotated[Literal["event", "user"], Field(description="Whose property it is.")]
    ]
    customPropertyId: Annotated[int, Field(description="Its id where it is a custom property.")]


class LookupTable(TableSource, total=False):
    """A table that adds columns to a property."""

    mixpanel_property: Required[
        Annotated[JoinedProperty, Field(description="Property whose values are looked up.")]
    ]
    property_key_column_name: Required[
        Annotated[str, Field(min_length=1, description="Column with the values of that property.")]
    ]
    sync_mode: Required[
        Annotated[
            Literal["full_sync", "one_time"],
            Field(description="full_sync: the whole table each time; one_time."),
        ]
    ]


class WarehouseImport(Answered):
    """A table that is imported from a warehouse."""

    listed: ClassVar[tuple[str, ...]] = (
        "id",
        "import_type",
        "sync_mode",
        "warehouse_source_id",
        "table_params",
        "paused",
        "run_every",
        "last_dispatch",
        "is_deleted",
    )
    whole_from: ClassVar[str] = "get_warehouse_import"

    id: int
    import_type: str | None = None
    sync_mode: str | None = None
    created: str | None = None
    creator_id: int | None = None
    creator_name: str | None = None
    creator_email: str | None = None
    warehouse_source_id: int | None = None
    table_params: JsonObject | None = None
    paused: bool | None = None
    run_every: int | None = None
    last_dispatch: int | None = None
    is_deleted: bool | None = None

    def value(self) -> JsonObject:
        """What Mixpanel told of it."""
        return self.model_dump(exclude_unset=True)


class WarehouseImportDetail(WarehouseImport):
    """An import with its columns."""

    event_name: str | None = None
    event_column_name: str | None = None
    time_column_name: str | None = None
    user_column_name: str | None = None
    insert_time_column_name: str | None = None
    property_mappings: JsonObject | None = None
    group_key: str | None = None
    group_id_column: str | None = None
    databricks_params: JsonObject | None = None


class Run(Answered):
    """One run of an import."""

    status: str
    start_time: Any = None
    end_time: Any = None
    num_events_imported: int | None = None

    def value(self) -> JsonObject:
        """What Mixpanel told of it."""
        return self.model_dump(exclude_unset=True)


class History(Answered):
    """The latest runs of an import."""

    runs: list[Run] = []

    def value(self) -> JsonObject:
        """What Mixpanel told of them."""
        return self.model_dump(exclude_unset=True)

    def table(self) -> Table | None:
        """A row for each run; None where there was none."""
        return table_of([run.value() for run in self.runs])
