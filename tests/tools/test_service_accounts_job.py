"""A service account is made, used with its own secret, replaced by another, and refused."""

import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from job_client import refused, told
from mcp import Client
from served import Served, served

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def mixpanel() -> Iterator[Served]:
    """A sandbox behind a real socket."""
    with served("empty") as sandbox:
        yield sandbox


@asynccontextmanager
async def signed_in(
    mixpanel: Served, username: str, secret: str, files: Path | None = None
) -> AsyncGenerator[Client]:
    """A client of a server that asks Mixpanel with these credentials."""
    environ = {**mixpanel.environ(), "MP_USERNAME": username, "MP_SECRET": secret}
    settings = Settings(toolsets=("all",), result_format="json", files=files, confirm="never")
    async with Client(build(settings, environ)) as client:
        yield client


async def test_a_service_account_is_rotated(mixpanel: Served, tmp_path: Path) -> None:
    """Its secret is in a file alone; it may do what its role says, until it is deleted."""
    organization = {"organization_id": 1}
    member = [{"id": 1, "role": "consumer"}]
    stamp = {"time": int(time.time()) - 60, "distinct_id": "ann"}
    events = [{"event": "View", "properties": stamp}]
    async with signed_in(mixpanel, "sandbox", "sandbox", tmp_path) as admin:
        first = await told(
            admin,
            "create_service_account",
            **organization,
            username="nightly",
            projects=member,
            output_file="nightly.txt",
        )
        file = tmp_path / "nightly.txt"
        assert {k: v for k, v in first.items() if k != "created"} == {
            "id": 2,
            "username": "nightly",
            "last_used": None,
            "expires": None,
            "creator": 1,
            "user": 1002,
            "token_file": str(file),
        }
        assert file.stat().st_mode & 0o777 == 0o600
        error = await refused(
            admin,
            "create_service_account",
            **organization,
            username="other",
            output_file="nightly.txt",
        )
        assert error["message"] == "output_file: nightly.txt is there already; give a new name"

        async with signed_in(mixpanel, "nightly", file.read_text("utf-8")) as nightly:
            assert await told(nightly, "events") == []
            error = await refused(nightly, "import_events", events=events)
            assert (error["code"], error["message"]) == (
                "QUERY_FAILED",
                "You are consumer of project 1; this needs owner or admin.",
            )
            which = {"service_account_ids": [2], "projects": [{"id": 1, "role": "admin"}]}
            done = await told(admin, "add_service_accounts_to_projects", **organization, **which)
            assert done == {"status": "ok"}
            assert (await told(nightly, "import_events", events=events))["num_records_imported"]
            shown = await told(admin, "get_service_account", **organization, service_account_id=2)
            assert shown["last_used"] is not None

            second = await told(
                admin, "create_service_account", **organization, username="new", projects=member
            )
            old = {"service_account_id": 2}
            assert await told(admin, "delete_service_account", **organization, **old) == {
                "status": "ok"
            }
            error = await refused(nightly, "top_events")
            assert (error["code"], error["details"]["status_code"]) == ("AUTH_FAILED", 401)
        async with signed_in(mixpanel, "new", second["token"]) as renewed:
            assert await told(renewed, "events") == ["View"]
            leave = {"projects": [{"id": 1, "service_account_ids": [second["id"]]}]}
            await told(admin, "remove_service_accounts_from_projects", **organization, **leave)
            error = await refused(renewed, "top_events")
            assert error["message"] == "You do not have access to project 1."
        everyone = await told(admin, "list_service_accounts", **organization)
        assert [each["username"] for each in everyone] == ["sandbox", "new"]
        members = await told(admin, "list_project_service_accounts")
        assert [(each["username"], each["role"]) for each in members] == [("sandbox", "owner")]
