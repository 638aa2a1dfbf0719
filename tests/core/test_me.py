"""What `/me` says: kept for a day, and read for the names of accounts and their regions."""

import json
import os
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from clients import ACCOUNT, authorize, client
from own_home import ME, TEAM, home_in, lay, mode, places_in
from recorder import Recorder, recording

from mixpanel_mcp_core.auth import book
from mixpanel_mcp_core.auth.accounts import ServiceAccount
from mixpanel_mcp_core.auth.known import known_me, me_of
from mixpanel_mcp_core.auth.me import derived_name
from mixpanel_mcp_core.auth.places import Places
from mixpanel_mcp_core.auth.resolve import ENV_ACCOUNTS, Scope
from mixpanel_mcp_core.errors import ConfigError, MixpanelError
from mixpanel_mcp_core.models.session import Me
from mixpanel_mcp_core.regions import region_of_domain
from mixpanel_mcp_core.session import Session

DAY = 86_400
MEMBERS = {"member_list": [1, 2], "unified_member_list": [{"id": 1}]}
ANSWER: Mapping[str, Any] = {
    "user_id": 7,
    "user_email": "ada@example.com",
    "organizations": {"9": {"id": 9, "name": "Acme", "role": "owner"}},
    "projects": {"12345": {"name": "Shop", "domain": "mixpanel.com", "flavour": "new"}},
    "workspaces": {"44": {"id": 44, "name": "All", "project_id": 12345, **MEMBERS}},
}
KEPT = {**ANSWER, "workspaces": {"44": {"id": 44, "name": "All", "project_id": 12345}}}


@asynccontextmanager
async def asking(
    places: Places | None, recorder: Recorder, account: str = "team"
) -> AsyncGenerator[Session]:
    """A session of an account of this name, which asks the recorder."""
    environ = {"MP_API_BASE_URL": recorder.url}
    record = {**ACCOUNT.model_dump(), "secret": "hunter2", "name": account}
    scope = Scope(ServiceAccount.model_validate(record), "12345")
    async with client(environ) as http:
        yield Session(scope, http, authorize, environ, places=places)


async def asked(
    places: Places | None,
    *answers: Mapping[str, Any],
    refresh: bool = False,
    account: str = "team",
) -> tuple[Me, int]:
    """What a new session knows of its account, and how many requests that took."""
    async with recording() as recorder, asking(places, recorder, account) as session:
        recorder.answers += answers or [{"status": 200, "body": {"results": ANSWER}}]
        return await me_of(session, refresh=refresh), len(recorder.requests)


def told(me: Me) -> dict[str, Any]:
    """What was said, without the moment when it was kept."""
    return me.model_dump(exclude_unset=True, exclude={"cached_at", "cached_region"})


def stored(places: Places, *, age: float = 10, mode: int = 0o600) -> Path:
    """An answer that was kept this many seconds ago, told apart by its user."""
    record = {**KEPT, "user_id": 8, "cached_at": time.time() - age, "cached_region": None}
    return lay(places.me("team"), record, mode)


def linked(places: Places) -> None:
    """An answer that is kept elsewhere."""
    path = stored(places)
    path.symlink_to(path.rename(path.with_name("real")))


@pytest.mark.anyio
async def test_an_answer_is_kept_for_the_next_session(tmp_path: Path) -> None:
    """For the owner only, with the moment, and without the long lists of members."""
    places = places_in(tmp_path)
    before = time.time()
    fresh, first = await asked(places)
    again, second = await asked(places)
    path = tmp_path / ".mp/accounts/team/me.json"
    record = json.loads(path.read_text())
    assert (told(fresh), first, second) == (ANSWER, 1, 0)
    assert (fresh.cached_at, fresh.cached_region) == (None, None)
    assert before <= record["cached_at"] <= time.time()
    assert again == Me.model_validate(record)
    assert again.workspaces["44"].model_dump(exclude_none=True) == KEPT["workspaces"]["44"]
    assert again.projects["12345"].model_dump(exclude_none=True) == ANSWER["projects"]["12345"]
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("age", "used"),
    [(0, True), (DAY - 60, True), (DAY + 1, False), (10 * DAY, False), (-DAY, False)],
)
async def test_an_answer_is_good_for_a_day(tmp_path: Path, age: float, used: bool) -> None:
    """One from the future is not trusted: a clock was wrong."""
    places = places_in(tmp_path)
    stored(places, age=age)
    me, requests = await asked(places)
    assert (me.user_id, requests) == ((8, 0) if used else (7, 1))


@pytest.mark.anyio
@pytest.mark.parametrize("moment", [None, "yesterday", float("nan"), float("inf")])
async def test_an_answer_without_its_moment_is_asked_again(tmp_path: Path, moment: Any) -> None:
    """It may be years old."""
    places = places_in(tmp_path)
    lay(places.me("team"), {**KEPT, "user_id": 8, "cached_at": moment})
    assert (await asked(places))[1] == 1


@pytest.mark.anyio
async def test_a_refresh_passes_over_all_that_is_known(tmp_path: Path) -> None:
    """In memory and in the file, and both have the new answer then."""
    places = places_in(tmp_path)
    stored(places)
    async with recording() as recorder, asking(places, recorder) as session:
        recorder.answers += [{"status": 200, "body": {"results": ANSWER}}]
        users = [(await me_of(session)).user_id for _ in "12"]
        users.append((await me_of(session, refresh=True)).user_id)
        users.append((await me_of(session)).user_id)
    assert (users, len(recorder.requests)) == ([8, 8, 7, 7], 1)
    assert (await asked(places))[1] == 0


@pytest.mark.anyio
@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", b"\xff", '{"projects": []}', '{"user_id": "x"}', '{"workspaces": {"1": 2}}'],
)
async def test_a_file_that_does_not_read_is_deleted_and_asked_again(
    tmp_path: Path, content: str | bytes
) -> None:
    """It would not read the next time either."""
    places = places_in(tmp_path)
    path = lay(places.me("team"), content)
    async with recording() as recorder, asking(places, recorder) as session:
        assert known_me(session) is None
    assert not path.exists()
    assert (await asked(places))[1] == 1


@pytest.mark.anyio
@pytest.mark.parametrize(
    "laid",
    [
        lambda places: stored(places, mode=0o640),
        linked,
        lambda places: os.mkfifo(places.me("team"), 0o600),
    ],
    ids=["open", "link", "pipe"],
)
async def test_an_unsafe_file_is_passed_over_and_replaced(
    tmp_path: Path, laid: Callable[[Places], Any], caplog: pytest.LogCaptureFixture
) -> None:
    """With a warning: somebody may have laid it."""
    places = places_in(tmp_path)
    path = places.me("team")
    path.parent.mkdir(parents=True)
    laid(places)
    assert (await asked(places))[0].user_id == 7
    assert caplog.messages == ["the cached answer of /me is not used"]
    assert (path.is_symlink(), path.is_file(), mode(path)) == (False, True, 0o600)


@pytest.mark.anyio
async def test_a_folder_in_the_files_place_only_keeps_it_from_being_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Answers go on, and so do changes of the account."""
    home = home_in(tmp_path, TEAM)
    home.places.me("team").mkdir(parents=True)
    assert (await asked(home.places))[0].user_id == 7
    assert caplog.messages == [
        "the cached answer of /me is not used",
        "the answer of /me is not cached",
    ]
    assert book.update(home, "team", {"region": "eu"}).region == "eu"
    assert caplog.messages[2:] == ["the cached answer of /me is not deleted"]


@pytest.mark.anyio
@pytest.mark.parametrize("account", ENV_ACCOUNTS)
async def test_an_account_of_the_environment_is_asked_each_time(
    tmp_path: Path, account: str
) -> None:
    """Its name does not say whose credentials they are; nor is anything laid or read of it."""
    places = places_in(tmp_path)
    assert [(await asked(places, account=account))[1] for _ in "12"] == [1, 1]
    assert not places.root.exists()


@pytest.mark.anyio
async def test_a_session_without_files_remembers_by_itself(tmp_path: Path) -> None:
    """The sandbox's, which leaves nothing behind."""
    async with recording() as recorder, asking(None, recorder) as session:
        recorder.answers += [{"status": 200, "body": ANSWER}]
        assert [(await me_of(session)).user_id for _ in "12"] == [7, 7]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "hint"), [(401, "they are refused"), (403, "scope user_details")]
)
async def test_refused_credentials_are_a_configuration_error(
    tmp_path: Path, status: int, hint: str
) -> None:
    """With status and account, and nothing is kept."""
    places = places_in(tmp_path)
    with pytest.raises(ConfigError, match=hint) as caught:
        await asked(places, {"status": status, "body": {"error": "no"}})
    assert caught.value.details == {"status_code": status, "account_name": "team"}
    assert not places.root.exists()


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"status": 404, "body": {}}, "QUERY_FAILED"),
        ({"status": 500, "body": {}}, "SERVER_ERROR"),
        ({"status": 200, "text": "<html>"}, "INVALID_RESPONSE"),
        ({"status": 200, "body": {"projects": [1]}}, "RESPONSE_VALIDATION_ERROR"),
    ],
)
async def test_other_errors_pass_through(
    tmp_path: Path, answer: Mapping[str, Any], code: str
) -> None:
    """And nothing is kept."""
    places = places_in(tmp_path)
    with pytest.raises(MixpanelError) as caught:
        await asked(places, answer)
    assert caught.value.code == code
    assert not places.root.exists()


@pytest.mark.anyio
async def test_an_answer_that_is_no_object_is_kept_as_it_is(tmp_path: Path) -> None:
    """Under `results`."""
    me, _ = await asked(places_in(tmp_path), {"status": 200, "body": {"results": [1]}})
    assert told(me) == {"results": [1]}


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        (lambda home: book.update(home, "team", {"default_project": "9"}), True),
        (lambda home: book.use_account(home, "team"), True),
        (lambda home: book.update(home, "team", {"region": "eu"}), False),
        (lambda home: book.update(home, "team", {"secret": "other"}), False),
        (
            lambda home: (
                book.remove(home, "team", force=False),
                book.add(home, {"name": "team", "type": "oauth_browser", "region": "us"}),
            ),
            False,
        ),
    ],
    ids=["project", "use", "region", "secret", "another of that name"],
)
def test_what_is_kept_goes_when_the_account_may_be_somebody_else(
    tmp_path: Path, change: Callable[[Any], Any], kept: bool
) -> None:
    """A day of another person's projects would be a long one."""
    home = home_in(tmp_path, f"{TEAM}{ME}")
    path = stored(home.places)
    change(home)
    assert path.exists() is kept


@pytest.mark.parametrize(
    ("organizations", "taken", "name"),
    [
        (
            {"1": {"id": 1, "name": "Café & Söhne, Inc. — a very long organisation name"}},
            [],
            "cafe-sohne-inc-a-very-long-organ",
        ),
        ({"2": {"name": "Acme"}, "1": {"name": "Other"}}, [], "acme"),
        ({"1": {"name": "  ACME -- Ltd.  "}}, [], "acme-ltd"),
        ({"1": {"name": "ﬁne №5 ²"}}, [], "fine-no5-2"),
        ({"1": {"name": "a" * 31 + " b"}}, [], "a" * 31),
        ({"1": {"name": "a" * 40}}, ["a" * 32], "a" * 32 + "-2"),
        ({"1": {"name": "Acme"}}, ["acme"], "acme-2"),
        ({"1": {"name": "Acme"}}, ["acme", "acme-2", "acme-4"], "acme-3"),
        ({"1": {"id": 17, "name": "日本"}}, [], "org-17"),
        ({"17": {"name": ""}}, [], "org-17"),
        ({"17": {}}, ["org-17"], "org-17-2"),
        ({}, [], "account"),
        ({}, ["account"], "account-2"),
    ],
)
def test_an_account_is_named_after_its_first_organization(
    organizations: Mapping[str, Any], taken: list[str], name: str
) -> None:
    """Short, plain, and not taken."""
    me = Me.model_validate({"organizations": organizations})
    assert derived_name(me, taken) == name


@pytest.mark.parametrize(
    ("domain", "region"),
    [
        ("mixpanel.com", "us"),
        ("eu.mixpanel.com", "eu"),
        ("in.mixpanel.com", "in"),
        ("https://EU.mixpanel.com/project/1", "eu"),
        ("data.mixpanel.com", "us"),
        ("data-eu.mixpanel.com", "eu"),
        ("http://data-in.mixpanel.com/", "in"),
        ("mixpanel.com.evil.test", None),
        ("evil.test/eu.mixpanel.com", None),
        ("uk.mixpanel.com", None),
        ("", None),
    ],
)
def test_a_domain_tells_the_region(domain: str, region: str | None) -> None:
    """Scheme, path and a data- before it do not matter; an unknown one tells nothing."""
    assert region_of_domain(domain) == region
