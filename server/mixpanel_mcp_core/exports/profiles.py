"""Profiles page by page: into an answer, or into a file."""

import time
from collections.abc import AsyncGenerator, Sequence
from typing import Any, NamedTuple

from mixpanel_mcp_core.caller import json_text
from mixpanel_mcp_core.errors import ParamValidationError
from mixpanel_mcp_core.exports.delivery import Output, deliver
from mixpanel_mcp_core.exports.kinds import Kinds
from mixpanel_mcp_core.exports.parts import LineFile
from mixpanel_mcp_core.exports.records import PROFILES, Record, Shape
from mixpanel_mcp_core.exports.staging import staged
from mixpanel_mcp_core.exports.target import Target
from mixpanel_mcp_core.files import writing
from mixpanel_mcp_core.models.streaming import WrittenProfiles
from mixpanel_mcp_core.queries.users import read_page
from mixpanel_mcp_core.session import Session


class Selection(NamedTuple):
    """Which profiles are asked for, and what of them."""

    where: str | None = None
    cohort_id: str | None = None
    output_properties: Sequence[str] | None = None
    distinct_id: str | None = None
    distinct_ids: Sequence[str] | None = None
    group_id: str | None = None
    behaviors: Sequence[Record] | None = None
    as_of_timestamp: int | None = None
    include_all_users: bool = False

    def check(self) -> None:
        """Raise ParamValidationError for arguments that do not go together."""
        if self.distinct_id is not None and self.distinct_ids is not None:
            raise ParamValidationError(
                "distinct_id and distinct_ids exclude each other; give one of them.",
                code="AC2_DISTINCT_ID_CONFLICT",
            )
        if self.behaviors is not None and self.cohort_id is not None:
            raise ParamValidationError(
                "behaviors and cohort_id exclude each other; give one of them.",
                code="AC3_BEHAVIORS_COHORT_CONFLICT",
            )
        if self.include_all_users and self.cohort_id is None:
            raise ParamValidationError(
                "include_all_users is about the members of a cohort; give cohort_id too.",
                code="AC4_INCLUDE_ALL_USERS_REQUIRES_COHORT",
            )
        if self.as_of_timestamp is not None and self.as_of_timestamp > time.time():
            raise ParamValidationError(
                "as_of_timestamp lies in the future; give unix seconds of the past.",
                code="AC6_AS_OF_TIMESTAMP_FUTURE",
            )

    def body(self, project_id: str, page: int, session_id: str | None) -> dict[str, Any]:
        """The body of the request for a page; `session_id` is that of the answer before."""
        told: dict[str, Any] = {
            "session_id": session_id,
            "where": self.where or None,
            "filter_by_cohort": json_text(self.cohort_id and {"id": self.cohort_id}),
            "output_properties": json_text(self.output_properties),
            "distinct_id": self.distinct_id or None,
            "distinct_ids": json_text(list(dict.fromkeys(self.distinct_ids or ()))),
            "data_group_id": self.group_id or None,
            "behaviors": json_text(self.behaviors),
            "as_of_timestamp": self.as_of_timestamp,
            # The server's default is true.
            "include_all_users": self.include_all_users if self.cohort_id else None,
        }
        given = {name: value for name, value in told.items() if value is not None}
        return {"project_id": project_id, "page": page, **given}


async def pages(session: Session, selection: Selection) -> AsyncGenerator[list[Record]]:
    """Pages of raw profiles, one after the other: an answer names the session of the next."""
    if selection.distinct_ids is not None and not selection.distinct_ids:
        return
    number, session_id, before = 0, None, list[Any]()
    while True:
        body = selection.body(session.project_id, number, session_id)
        page = read_page(await session.query.post("engage/", body, in_query=True), {})
        # The same people again are those of a server which never comes to an end.
        people = [profile.get("$distinct_id") for profile in page.profiles]
        if not people or people == before:
            return
        yield page.profiles
        number, session_id, before = number + 1, page.session_id, people
        if session_id is None:
            return


async def export_profiles(
    session: Session, selection: Selection, target: Target, *, raw: bool
) -> WrittenProfiles:
    """Write profiles to a file.

    Nothing is kept of an interrupted call: pages belong to a session of the server, which ends at
    a time that it does not tell, and pages of two sessions may miss or double people between them.
    """
    kinds = Kinds() if target.tabular else None
    with staged(target, "profiles") as staging:
        path = staging.new_file()
        with writing(target.path):
            lines = LineFile(path, target.staged_compression)
            count = await _fetched(session, selection, lines, PROFILES.shape(kinds, raw=raw))
        found = kinds.settled() if kinds else {}
        output = Output(target.path, [path])
        file = await deliver([output], target, PROFILES, found, staging.folder)
    return WrittenProfiles(
        file=str(target.path),
        profiles=count,
        bytes=file.bytes,
        columns=file.columns,
        renamed=file.renamed,
    )


async def _fetched(session: Session, selection: Selection, file: LineFile, shape: Shape) -> int:
    """How many profiles were written to a file."""
    count = 0
    try:
        async for page in pages(session, selection):
            file.write([shape(each) for each in page])
            count += len(page)
            await session.report(count, None, f"{count:,} profiles")
        file.finish()
    finally:
        file.close()
    return count
