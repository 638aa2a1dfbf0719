"""What a new data pipeline must say, by its type; 400 for anything else."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import parse_qs

from .calls import Call
from .errors import Refusal, one_of, wrong
from .guard import check_project
from .timeline import Range, checked, parse_day, today

MOST_DAYS_BACK = 184
TRIAL_DAYS = 30
FREQUENCIES = ("daily", "hourly")
RAW = ("gcs-raw", "s3-raw", "azure-raw")
S3 = ("s3_bucket", "s3_region", "s3_role")
AZURE = ("storage_account", "container_name", "client_id", "client_secret", "tenant_id")
NEEDED: Mapping[str, Sequence[str]] = {
    "gcs-raw": ("gcs_bucket", "gcs_region"),
    "s3-raw": S3,
    "azure-raw": AZURE,
    "bigquery": ("bq_region", "gcp_project", "bq_dataset_name"),
    "snowflake": (
        "snowflake_account_name",
        "snowflake_warehouse",
        "snowflake_storage_integration",
        "snowflake_user",
        "snowflake_password",
        "snowflake_role",
        "snowflake_database",
        "snowflake_schema",
    ),
    "aws": S3,
    "azure-blob": AZURE,
    "gcs-schema": ("gcs_bucket", "gcs_region"),
}
FORMATS: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(RAW, ("json",)),
    **dict.fromkeys(("aws", "azure-blob", "gcs-schema"), ("json", "parquet")),
}
BQ_REGION = re.compile(r"[A-Z]+(_[A-Z0-9]+)*")
TRUTH = {"true": True, "false": False}


@dataclass(frozen=True)
class Form:
    """The fields of a form, each of which may be repeated."""

    fields: Mapping[str, Sequence[str]]

    def text(self, name: str) -> str | None:
        """Return a field, None without it."""
        return self.fields.get(name, (None,))[0]

    def required(self, name: str) -> str:
        """Return a field; 400 without it."""
        if value := self.text(name):
            return value
        raise wrong(f"Missing required parameter: {name}")

    def flag(self, name: str) -> bool:
        """Return a truth value, false without one; 400 for anything else."""
        return TRUTH[one_of(TRUTH, self.text(name) or "false", name)]


@dataclass(frozen=True)
class Wanted:
    """A new pipeline: what it exports, where to, from when to when."""

    kind: str
    source: str
    frequency: str
    first: date
    last: date | None
    events: Sequence[str]
    where: str | None


def read_form(call: Call) -> Form:
    """Return the fields of the body; 403 for another project, 400 without one."""
    if not call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise Refusal(400, "The body must be a form (application/x-www-form-urlencoded)")
    form = Form(parse_qs(call.body.decode("utf-8", "replace")))
    check_project(form.required("project_id"), call.project)
    return form


def read_wanted(call: Call, form: Form) -> Wanted:
    """Return the pipeline that a form describes."""
    kind = one_of(NEEDED, form.required("type"), "type")
    _check_destination(kind, form)
    source = one_of(("events", "people"), form.text("data_source") or "events", "data_source")
    if source == "people" and kind in RAW:
        raise wrong(f"{kind} exports events only")
    frequency = one_of(FREQUENCIES, form.text("frequency") or "daily", "frequency")
    first, last = _days(call, form)
    events, where = form.fields.get("events", ()), form.text("where")
    return Wanted(kind, source, frequency, first, last, events, where)


def _days(call: Call, form: Form) -> tuple[date, date | None]:
    now = today(call.now, call.project.timezone)
    if form.flag("trial"):
        first = now - timedelta(days=1)
        return first, first + timedelta(days=TRIAL_DAYS - 1)
    first = parse_day(form.required("from_date"))
    if first < now - timedelta(days=MOST_DAYS_BACK):
        raise wrong("from_date may lie at most 6 months back")
    if not (text := form.text("to_date")):
        return first, None
    last = parse_day(text)
    checked(Range(first, last, "day"))
    if form.text("frequency"):
        raise wrong("frequency is only for a pipeline without to_date")
    return first, last


def _check_destination(kind: str, form: Form) -> None:
    for name in NEEDED[kind]:
        form.required(name)
    if kind not in RAW:
        if not form.flag("sync"):
            raise wrong("sync must be true")
        one_of(
            ("monoschema", "multischema"), form.text("schema_type") or "monoschema", "schema_type"
        )
    if wanted := form.text("data_format"):
        one_of(FORMATS.get(kind, ()), wanted, "data_format")
    if kind == "bigquery" and not BQ_REGION.fullmatch(form.required("bq_region")):
        raise wrong(f"bq_region {form.text('bq_region')!r} is not a region of BigQuery")
    one_of(("none", "aes", "kms"), form.text("s3_encryption") or "none", "s3_encryption")
