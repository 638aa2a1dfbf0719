"""The operation `jql`, in a module of its own since the toolset has its name; `jql` has it."""

from typing import Annotated, Any

from pydantic import Field

from mixpanel_mcp_core.jql import run
from mixpanel_mcp_core.models.jql import JQLResult
from mixpanel_mcp_core.session import Session


async def jql(
    session: Session,
    script: Annotated[
        str,
        Field(min_length=1, description="JavaScript that defines main(), which returns rows."),
    ],
    params: Annotated[
        dict[str, Any] | None, Field(description="Global `params` of the script.")
    ] = None,
) -> JQLResult:
    """Run a JQL script over raw events and profiles, for what no other tool answers.

    JQL is in maintenance mode at Mixpanel; prefer `query`, `query_user` or `stream_events`. main()
    returns Events({from_date, to_date, event_selectors}), People() or join() of both, then filter,
    map, groupBy, groupByUser, reduce, sortAsc, sortDesc, flatten. event.time is in milliseconds,
    e.g. `function main() { return Events(params).groupBy(["name"], mixpanel.reducer.count()); }`.
    Returns the rows, groups as key_0, key_1 and value. At most 2 minutes, 60 calls per hour. A
    script that fails is a JQLSyntaxError with its line. Query API: POST jql.
    """
    rows = await run(session.query.caller, script, params)
    return JQLResult(raw=rows, row_count=len(rows))
