"""Data pipelines: what they are made of, and how they are told."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from mixpanel_mcp_core.dates import Day
from mixpanel_mcp_core.fields import Where
from mixpanel_mcp_core.tables import Table, table_of

PipelineType = Annotated[
    Literal[
        "gcs-raw",
        "s3-raw",
        "azure-raw",
        "bigquery",
        "snowflake",
        "aws",
        "azure-blob",
        "gcs-schema",
    ],
    Field(description="Where to: raw events as files, or tables with a schema."),
]
PipelineName = Annotated[
    str, Field(min_length=1, description="Name of the pipeline, from list_pipelines.")
]
JobState = Literal["pending", "running", "retried", "failed", "canceled", "timed_out"]
EventNames = Annotated[
    list[str], Field(min_length=1, description="Only these event names; default all.")
]


class PipelineSettings(TypedDict, total=False):
    """What a new pipeline may be told, whatever its type."""

    from_date: Annotated[
        Day, Field(description="First day, YYYY-MM-DD, at most 6 months back; not needed in trial.")
    ]
    to_date: Annotated[Day, Field(description="Last day, YYYY-MM-DD; without it, it goes on.")]
    data_source: Annotated[
        Literal["events", "people"],
        Field(description="What is exported; people only by types with a schema. Default events."),
    ]
    frequency: Annotated[
        Literal["daily", "hourly"], Field(description="How often; only without to_date.")
    ]
    events: EventNames
    where: Where
    trial: Annotated[bool, Field(description="Try it: 30 days, from yesterday.")]
    schema_type: Annotated[
        Literal["monoschema", "multischema"],
        Field(description="One table for all events, or one for each. Not for *-raw types."),
    ]
    sync: Annotated[
        bool, Field(description="Must be true for every type but the *-raw ones, which have none.")
    ]
    data_format: Annotated[
        Literal["json", "parquet"], Field(description="Format of the files; *-raw: only json.")
    ]
    options: Annotated[
        dict[str, Any],
        Field(
            description='Fields of the destination, e.g. {"gcs_bucket": "b", "gcs_region": '
            '"us-east1"}; an error names those that a type needs.'
        ),
    ]


class Listed(BaseModel):
    """An answer of named lists, e.g. the pipelines of each project; `by` is what the names are."""

    answer: Any
    by: str | None = None

    def value(self) -> Any:
        """The answer as it came."""
        return self.answer

    def table(self) -> Table | None:
        """A row for each object of the lists; None where there is none."""
        label = self.by
        return table_of(
            [
                row if label is None else {label: name, **row}
                for name, found in _lists(self.answer).items()
                for row in found
            ]
        )


def _lists(answer: Any) -> dict[str, list[dict[str, Any]]]:
    """The lists of objects in an answer, by name."""
    given = cast("Mapping[str, Any]", answer) if isinstance(answer, dict) else {}
    return {
        name: [row for row in cast("list[Any]", rows) if isinstance(row, dict)]
        for name, rows in given.items()
        if isinstance(rows, list)
    }
