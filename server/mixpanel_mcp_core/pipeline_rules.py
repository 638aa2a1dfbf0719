"""What each type of data pipeline needs and takes, checked before anything is sent. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from mixpanel_mcp_core.problems import Problem, refuse
from mixpanel_mcp_core.queries.suggestions import offer

Fields = Mapping[str, Any]

_MONTHS_BACK = 6
_JSON = ("json",)
_FILES = ("json", "parquet")
_WORDS: Mapping[str, tuple[str, ...]] = {
    "s3_encryption": ("none", "aes", "kms"),
    "schema_type": ("monoschema", "multischema"),
}
# Arguments of the tool that are fields of the destination too, and are taken from either place.
_OWN_ARGUMENTS = ("schema_type", "sync", "data_format")

_S3 = ("s3_bucket", "s3_region", "s3_role")
_S3_MORE = ("s3_prefix", "s3_encryption", "s3_kms_key_id")
_AZURE = ("storage_account", "container_name", "client_id", "client_secret", "tenant_id")
_SNOWFLAKE = tuple(
    f"snowflake_{name}"
    for name in (
        "account_name",
        "warehouse",
        "storage_integration",
        "user",
        "password",
        "role",
        "database",
        "schema",
    )
)
_GLUE = ("glue_database", "glue_role", "glue_table_prefix")


@dataclass(frozen=True, slots=True)
class _Destination:
    """A type of pipeline: the options it needs, those it takes, and the formats of its files."""

    needs: tuple[str, ...]
    takes: tuple[str, ...] = ()
    formats: tuple[str, ...] = field(default=())
    has_schema: bool = True


_DESTINATIONS: Mapping[str, _Destination] = {
    "gcs-raw": _Destination(("gcs_bucket", "gcs_region"), ("gcs_prefix",), _JSON, False),
    "s3-raw": _Destination(_S3, _S3_MORE, _JSON, False),
    "azure-raw": _Destination(_AZURE, ("prefix",), _JSON, False),
    "bigquery": _Destination(("bq_region", "gcp_project", "bq_dataset_name"), ("bq_prefix",)),
    "snowflake": _Destination(_SNOWFLAKE, ("snowflake_prefix",)),
    "aws": _Destination(_S3, (*_S3_MORE, "use_glue", *_GLUE), _FILES),
    "azure-blob": _Destination(_AZURE, ("prefix",), _FILES),
    "gcs-schema": _Destination(("gcs_bucket", "gcs_region"), ("gcs_prefix",), _FILES),
}
_EDITABLE = (
    "azure_client_id",
    "azure_client_secret",
    "azure_tenant_id",
    *_GLUE,
    "bq_share_with_group",
)
_CLOUD_REGION = re.compile(r"[a-z]+(-[a-z]+)*-?[0-9]*")
_BQ_REGION = re.compile(r"[A-Z]+(_[A-Z]+)*(_?[0-9]+)?")


def new_pipeline(kind: str, settings: Fields, today: date) -> dict[str, Any]:
    """The fields of a new pipeline; InvalidInputError with every rule that they break."""
    options: Fields = settings.get("options", {})
    told = {name: value for name, value in settings.items() if name != "options"}
    fields = {**told, **options}
    allowed = _allowed(kind)
    refuse(
        [
            *_twice(told, options),
            *_period(told, today),
            *_shape(kind, fields),
            *_options(options, allowed, kind),
            *_missing(options, _DESTINATIONS[kind].needs, kind),
            *_values({name: value for name, value in options.items() if name in allowed}),
        ]
    )
    return {"type": kind, **fields}


def changed_pipeline(name: str, settings: Fields) -> dict[str, Any]:
    """The fields of a change to a pipeline; InvalidInputError for options it has not."""
    options: Fields = settings.get("options", {})
    refuse([*_options(options, _EDITABLE, "edit_pipeline"), *_values(options)])
    told = {key: value for key, value in settings.items() if key != "options"}
    return {"name": name, **told, **options}


def _allowed(kind: str) -> tuple[str, ...]:
    destination = _DESTINATIONS[kind]
    return (*destination.needs, *destination.takes, *_OWN_ARGUMENTS)


def _twice(told: Fields, options: Fields) -> Iterator[Problem]:
    for name in _OWN_ARGUMENTS:
        if name in told and options.get(name, told[name]) != told[name]:
            yield f"options.{name}", f"differs from {name}, which says {told[name]!r}"


def _period(told: Fields, today: date) -> Iterator[Problem]:
    first, last = told.get("from_date"), told.get("to_date")
    earliest = _six_months_before(today).isoformat()
    if first is None and not told.get("trial"):
        yield "from_date", f"required unless trial; from {earliest} on"
    if first is not None and first < earliest:
        yield "from_date", f"at most 6 months back: from {earliest} on, not {first}"
    if first is not None and last is not None and first > last:
        yield "from_date", f"{first} is after to_date {last}; swap them"
    if last is not None and "frequency" in told:
        yield "frequency", "only without to_date: what ends is exported once"


def _shape(kind: str, fields: Fields) -> Iterator[Problem]:
    """What hangs on whether the type writes files of raw events or tables with a schema."""
    destination = _DESTINATIONS[kind]
    if (wanted := fields.get("data_format")) not in (None, *destination.formats):
        allowed = " or ".join(destination.formats) or "left out, since it makes no files"
        yield "data_format", f"for {kind} it must be {allowed}, not {wanted!r}"
    if destination.has_schema:
        if fields.get("sync") is not True:
            yield "sync", f"required for {kind}: must be true"
        return
    if fields.get("data_source") == "people":
        kinds = [name for name, each in _DESTINATIONS.items() if each.has_schema]
        yield "data_source", f"people only with a schema: {', '.join(kinds)}"
    for name in ("schema_type", "sync"):
        if name in fields:
            yield name, f"{kind} has no schema: leave it out"


def _options(options: Fields, allowed: Collection[str], owner: str) -> Iterator[Problem]:
    for name in options:
        if name not in allowed:
            sentence = f"{owner} takes no such option. {offer(name, allowed)}"
            yield f"options.{name}", sentence


def _missing(options: Fields, needed: Collection[str], kind: str) -> Iterator[Problem]:
    missing = [name for name in needed if options.get(name) in (None, "")]
    if missing:
        yield "options", f"{kind} also needs {', '.join(missing)}"


def _values(options: Fields) -> Iterator[Problem]:
    """Options whose values are words of a known form."""
    for name, words in _WORDS.items():
        if (word := options.get(name)) not in (None, *words):
            near = offer(str(word).lower(), words)
            yield f"options.{name}", f"must be one of {', '.join(words)}. {near}"
    for name in ("gcs_region", "s3_region"):
        if name in options and not _CLOUD_REGION.fullmatch(str(options[name])):
            near = str(options[name]).lower().replace("_", "-")
            yield f"options.{name}", f"a region of the cloud, e.g. us-east1. Did you mean {near!r}?"
    region = options.get("bq_region")
    if region is not None and not _BQ_REGION.fullmatch(str(region)):
        near = re.sub(r"-|(?<=[a-z])(?=[0-9])", "_", str(region)).upper()
        sentence = f"US, EU, or upper case with underscores. Did you mean {near!r}?"
        yield "options.bq_region", sentence


def _six_months_before(day: date) -> date:
    years, month = divmod(day.year * 12 + day.month - 1 - _MONTHS_BACK, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(years, month + 1, last)
        except ValueError:
            pass
    raise AssertionError("every month has 28 days")
