"""Mixpanel's answers about user profiles, as results with a table."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, cast

from pydantic import Field

from mixpanel_mcp_core.errors import ResponseValidationError
from mixpanel_mcp_core.queries.answers import Noted, query_error
from mixpanel_mcp_core.tables import Table

_PAGE_SIZE = 1000


class UserPage(NamedTuple):
    """One page of raw profiles; a session means that there may be another."""

    profiles: list[dict[str, Any]]
    session_id: str | None = None
    total: int = 0
    size: int = _PAGE_SIZE


class UserResult(Noted):
    """The answer to a query on profiles: the profiles, or in `aggregate_data` what was computed.

    `total` counts the profiles returned, or is the count that was asked for.
    """

    computed_at: str
    total: int
    profiles: list[dict[str, Any]] = []
    params: dict[str, Any]
    meta: dict[str, Any]
    mode: Literal["profiles", "aggregate"]
    aggregate_data: Any = None
    population: int | None = Field(default=None, exclude=True)

    @property
    def distinct_ids(self) -> list[Any]:
        """The ids of the profiles returned, in order."""
        return [profile["distinct_id"] for profile in self.profiles]

    @property
    def value(self) -> Any:
        """The one figure that was computed; None for several."""
        return None if isinstance(self.aggregate_data, dict | list) else self.aggregate_data

    def remarks(self) -> list[str]:
        """What was counted, and what a reader should know beside the rows."""
        told = self._profiles_told() if self.mode == "profiles" else self._aggregate_told()
        return [*told, *self.notes]

    def table(self) -> Table:
        """A row for each profile, or for each segment, or one row with all that was computed."""
        if self.mode == "profiles":
            return _profiles_table(self.profiles)
        return _aggregate_table(self.aggregate_data, self.meta)

    def _profiles_told(self) -> list[str]:
        of_all = f" of {self.population:,} that match" if self.population else ""
        told = [f"profiles returned: {self.total:,}{of_all}"]
        if failed := self.meta.get("failed_pages"):
            told.append(f"pages that failed and are missing: {', '.join(map(str, failed))}")
        return told

    def _aggregate_told(self) -> list[str]:
        if self.meta["action"] == "count()" and self.value is not None:
            return [f"profiles that match: {self.total:,}"]
        return [f"over all profiles that match: {self.meta['action']}"]


def read_page(answer: object, params: Mapping[str, Any]) -> UserPage:
    """One page of profiles; QueryError where the answer tells of a failure instead.

    Raises ResponseValidationError for an answer of another shape.
    """
    if not isinstance(answer, dict):
        message = f"Expected an object with profiles, got {type(answer).__name__}."
        raise ResponseValidationError(message)
    body = cast("dict[str, Any]", answer)
    _refuse_failure(body, params)
    profiles: Any = body.get("results") or []
    if not isinstance(profiles, list) or not all(isinstance(each, dict) for each in profiles):
        raise ResponseValidationError("Expected a list of profiles in `results`.")
    total, size = (max(_whole(body.get(key)), 0) for key in ("total", "page_size"))
    return UserPage(profiles, body.get("session_id"), total, size or _PAGE_SIZE)


def read_profiles(
    profiles: Sequence[Mapping[str, Any]],
    params: Mapping[str, Any],
    meta: Mapping[str, Any],
    population: int,
    now: datetime,
) -> UserResult:
    """The result of a query for profiles, of which all pages were read at `now`."""
    return UserResult(
        computed_at=now.isoformat(),
        total=len(profiles),
        profiles=[_normalised(profile) for profile in profiles],
        params=dict(params),
        meta=dict(meta),
        mode="profiles",
        population=population or None,
    )


def read_aggregate(answer: object, params: Mapping[str, Any], now: datetime) -> UserResult:
    """The result of a query for a figure; QueryError where the answer has no such thing."""
    if not isinstance(answer, dict):
        message = f"Expected an object with results, got {type(answer).__name__}."
        raise query_error(message, answer, params)
    body = cast("dict[str, Any]", answer)
    _refuse_failure(body, params)
    data, action = body.get("results"), params["action"]
    return UserResult(
        computed_at=str(body.get("computed_at") or now.isoformat()),
        total=_whole(data) if action == "count()" else 0,
        params=dict(params),
        meta={"action": action, "segmented": "segment_by_cohorts" in params},
        mode="aggregate",
        aggregate_data=data,
    )


def _refuse_failure(body: Mapping[str, Any], params: Mapping[str, Any]) -> None:
    if "error" in body and "results" not in body:
        raise query_error(str(body["error"]), body, params)


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | float) and math.isfinite(value) else 0


def _normalised(profile: Mapping[str, Any]) -> dict[str, Any]:
    properties = dict(profile.get("$properties") or {})
    last_seen = properties.pop("$last_seen", None)
    distinct_id = profile.get("$distinct_id", "")
    return {"distinct_id": distinct_id, "last_seen": last_seen, "properties": properties}


def _profiles_table(profiles: Sequence[Mapping[str, Any]]) -> Table:
    """Properties by name, without the `$` of Mixpanel's own unless that would hide another."""
    names = {name for profile in profiles for name in profile["properties"]}
    columns = sorted((_column(name, names), name) for name in names)
    rows = [
        [
            profile["distinct_id"],
            profile["last_seen"],
            *(profile["properties"].get(name) for _, name in columns),
        ]
        for profile in profiles
    ]
    return Table(["distinct_id", "last_seen", *(column for column, _ in columns)], rows)


def _column(name: str, names: set[str]) -> str:
    taken = {"distinct_id", "last_seen"}
    bare = name.removeprefix("$")
    if bare == name:
        return f"{name} (property)" if name in taken else name
    return name if not bare or bare in taken | names else bare


def _aggregate_table(data: Any, meta: Mapping[str, Any]) -> Table:
    metric = {"metric": meta["action"]}
    if data is None:
        return Table(["metric", "value"], [])
    if not isinstance(data, dict):
        return Table(["metric", "value"], [[meta["action"], data]])
    values = cast("dict[str, Any]", data)
    if not meta["segmented"]:
        return _table_of([{**metric, **values}])
    return _table_of(
        [
            {"segment": key, **(each if isinstance(each, dict) else {"value": each})}
            for key, each in values.items()
        ]
    )


def _table_of(rows: Sequence[Mapping[str, Any]]) -> Table:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    return Table(columns, [[row.get(column) for column in columns] for row in rows])
