"""Changes that may lose data wait for a person, in both eras of the protocol."""

import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from job_client import refused, told
from mcp import Client
from mcp.types import CallToolResult, ElicitResult, InputRequiredResult
from processes import Mode, away, http_server, over_stdio

from mixpanel_mcp.app import build
from mixpanel_mcp.confirming import Confirming
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_core.errors import InvalidInputError

pytestmark = pytest.mark.anyio

MODES: tuple[Mode, ...] = ("legacy", "auto")
# Few, since every listed tool takes time to describe.
TOOLSETS = ("annotations", "cohorts", "accounts")
NOTE = {"date": "2026-01-01 00:00:00", "description": "Release"}


class Person:
    """Answers questions always alike, and remembers them."""

    def __init__(self, action: Any) -> None:
        self.action = action
        self.asked: list[str] = []

    async def __call__(self, context: Any, params: Any) -> ElicitResult:
        self.asked.append(params.message)
        return ElicitResult(action=self.action)


@asynccontextmanager
async def connected(
    mode: Mode = "auto", person: Person | None = None, **settings: Any
) -> AsyncGenerator[Client]:
    """A client of a server on an empty sandbox; one without a person cannot ask."""
    chosen = Settings(sandbox="empty", toolsets=TOOLSETS, result_format="json", **settings)
    async with Client(build(chosen, away()), mode=mode, elicitation_callback=person) as client:
        yield client


def text(result: CallToolResult) -> str:
    """The text of an answer."""
    return getattr(result.content[0], "text", "")


async def descriptions(client: Client) -> list[str]:
    """What the annotations of the project say."""
    return [each["description"] for each in await told(client, "list_annotations")]


@pytest.mark.parametrize("mode", MODES)
async def test_client_that_cannot_ask_gets_a_preview_and_a_token(mode: Mode) -> None:
    """The first call tells what would be lost and loses nothing; the second one, with the token."""
    async with connected(mode) as client:
        note = await told(client, "create_annotation", **NOTE)
        preview = await client.call_tool("delete_annotation", {"annotation_id": note["id"]})
        assert preview.structured_content is not None
        token = preview.structured_content["confirm"]
        said = json.loads(text(preview))
        assert " call delete_annotation again within 10 minutes " in said["hints"][1]
        assert (preview.is_error, said["result"], token in said["hints"][1]) == (
            False,
            {
                "operation": "delete_annotation",
                "does": "Delete an annotation for good.",
                "things": [{"kind": "annotation", "id": note["id"], "name": "Release"}],
                "changes": [],
                "request": {
                    "method": "DELETE",
                    "url": f"https://mixpanel.com/api/app/projects/1/annotations/{note['id']}/",
                },
                "before": [note],
                "notes": [],
            },
            True,
        )
        assert await descriptions(client) == ["Release"]
        await told(client, "delete_annotation", annotation_id=note["id"], confirm=token)
        assert await descriptions(client) == []


@pytest.mark.parametrize("mode", MODES)
async def test_client_that_can_ask_asks_instead(mode: Mode) -> None:
    """The person is told place, operation and thing in a sentence; one who agrees has it done."""
    person = Person("accept")
    async with connected(mode, person) as client:
        note = await told(client, "create_annotation", **NOTE)
        await told(client, "delete_annotation", annotation_id=note["id"])
        assert (await descriptions(client), person.asked) == (
            [],
            [
                "Account sandbox, project 1, the sandbox: delete_annotation: annotation "
                f'{note["id"]} "Release". Delete an annotation for good. Go ahead?'
            ],
        )


@pytest.mark.parametrize("mode", MODES)
async def test_person_who_does_not_agree_keeps_everything(mode: Mode) -> None:
    """Declined or closed: an error says so, and nothing was changed."""
    person = Person("decline")
    async with connected(mode, person) as client:
        note = await told(client, "create_annotation", **NOTE)
        declined = await refused(client, "delete_annotation", annotation_id=note["id"])
        person.action = "cancel"
        closed = await refused(client, "delete_annotation", annotation_id=note["id"])
        assert {declined["code"], closed["code"]} == {"NOT_CONFIRMED"}
        assert declined["message"].startswith("The person declined.")
        assert closed["message"].startswith("The person closed the question")
        assert (len(person.asked), await descriptions(client)) == (2, ["Release"])


async def test_person_is_told_what_is_not_there() -> None:
    """Of several things that are to go, those that there are not."""
    person = Person("decline")
    async with connected("legacy", person) as client:
        definition = {"criterion": "did_event", "event": "Buy", "at_least": 1, "within_days": 7}
        made = await told(client, "create_cohort", name="Buyers", definition=definition)
        await refused(client, "bulk_delete_cohorts", ids=[made["id"], 99])
    assert f'cohort {made["id"]} "Buyers", cohort 99. ' in person.asked[0]
    assert person.asked[0].endswith(" Not found: 99. Go ahead?")


async def test_client_that_fails_to_ask_changes_nothing() -> None:
    """Where the question ends in an error, that is no consent."""

    async def broken(context: Any, params: Any) -> ElicitResult:
        raise RuntimeError("no window")

    async with connected("legacy", broken) as client:  # pyright: ignore[reportArgumentType]
        note = await told(client, "create_annotation", **NOTE)
        error = await refused(client, "delete_annotation", annotation_id=note["id"])
        assert error["code"] == "NOT_CONFIRMED"
        assert await descriptions(client) == ["Release"]


async def test_answer_to_a_question_that_was_never_asked_is_no_consent() -> None:
    """A client that sends its consent at once is asked all the same."""
    person = Person("accept")
    async with connected("auto", person) as client:
        note = await told(client, "create_annotation", **NOTE)
        answer = await client.session.call_tool(
            "delete_annotation",
            {"annotation_id": note["id"]},
            input_responses={"confirm": ElicitResult(action="accept")},
            allow_input_required=True,
        )
        assert isinstance(answer, InputRequiredResult)
        assert await descriptions(client) == ["Release"]


async def test_consent_is_good_for_one_call() -> None:
    """An answer that is sent again, with the state of its question, changes nothing more."""
    async with connected("auto", Person("accept")) as client:
        note = await told(client, "create_annotation", **NOTE)
        arguments = {"annotation_id": note["id"]}
        call: dict[str, Any] = {"allow_input_required": True}
        question = await client.session.call_tool("delete_annotation", arguments, **call)
        assert isinstance(question, InputRequiredResult)
        answer: dict[str, Any] = {
            "input_responses": {"confirm": ElicitResult(action="accept")},
            "request_state": question.request_state,
        }
        done = await client.session.call_tool("delete_annotation", arguments, **answer, **call)
        again = await client.session.call_tool("delete_annotation", arguments, **answer, **call)
        assert isinstance(done, CallToolResult)
        assert isinstance(again, CallToolResult)
        assert (done.is_error, again.is_error) == (False, True)
        assert "was used already" in text(again)


async def test_token_holds_for_the_call_that_was_previewed_only() -> None:
    """With other arguments, or for another operation, it is refused by name; nothing is lost."""
    async with connected() as client:
        for day in ("2026-01-01 00:00:00", "2026-01-02 00:00:00"):
            await told(client, "create_annotation", date=day, description=day)
        preview = await client.call_tool("delete_annotation", {"annotation_id": 1})
        assert preview.structured_content is not None
        token = preview.structured_content["confirm"]
        for error in (
            await refused(client, "delete_annotation", annotation_id=2, confirm=token),
            await refused(client, "delete_cohort", cohort_id=1, confirm=token),
        ):
            assert error["details"]["problems"][0]["field"] == "confirm"
            assert "is not the token of this call" in error["message"]
        assert len(await descriptions(client)) == 2


def test_token_is_good_once_for_ten_minutes_and_cannot_be_made_up() -> None:
    """Used, late, altered, foreign or invented ones are refused, each with its reason."""
    now = 1000.0
    confirming = Confirming("destructive", clock=lambda: now)

    def problem(token: str, bound: str = "call") -> str | None:
        try:
            confirming.check(token, bound)
        except InvalidInputError as error:
            return error.message.split(";")[0].split(":")[1].strip().split(",")[0]
        return None

    token = confirming.token("call")
    late = confirming.token("call")
    longer = re.sub(r"^[0-9a-f]+", "ffffffff", late)
    assert [problem(token), problem(token), problem(late, "other"), problem("x"), problem("")] == [
        None,
        "was used already",
        "is not the token of this call",
        "is no token of a preview. Nothing was changed",
        "is no token of a preview. Nothing was changed",
    ]
    assert problem(Confirming("destructive").token("call")) == "is not the token of this call"
    now = 1601.0
    assert (problem(late), problem(longer)) == ("has expired", "is not the token of this call")


async def test_bad_input_is_refused_before_anybody_is_asked() -> None:
    """What would fail anyway is told at once, also that there is no such thing."""
    person = Person("accept")
    async with connected("legacy", person) as client:
        wrong = await refused(client, "delete_annotation", annotation_id="first")
        missing = await refused(client, "delete_annotation", annotation_id=7)
        assert (wrong["code"], missing["message"], person.asked) == (
            "INVALID_INPUT",
            "annotation_id: there is no annotation 7.",
            [],
        )


@pytest.mark.parametrize(
    ("policy", "create", "delete"),
    [("always", True, True), ("destructive", False, True), ("never", False, False)],
)
async def test_policy_says_which_changes_wait(policy: str, create: bool, delete: bool) -> None:
    """All changes, those that may lose data, or none; what only reads never waits."""
    async with connected(confirm=policy) as client:

        async def waits(tool: str, **arguments: Any) -> bool:
            result = await client.call_tool(tool, arguments)
            token = (result.structured_content or {}).get("confirm")
            if token:
                await told(client, tool, **arguments, confirm=token)
            return bool(token)

        assert [
            await waits("create_annotation", **NOTE),
            await waits("list_annotations"),
            await waits("delete_annotation", annotation_id=1),
        ] == [create, False, delete]
        assert await descriptions(client) == []


async def test_update_is_previewed_field_by_field() -> None:
    """What a field is now stands beside what it will be; what stays is left out."""
    async with connected(confirm="always") as client:
        tool, note = "create_annotation", {**NOTE}
        token = (await client.call_tool(tool, note)).structured_content
        assert token is not None
        await told(client, tool, **note, confirm=token["confirm"])
        change = {"annotation_id": 1, "description": "Launch", "tags": []}
        preview = json.loads(text(await client.call_tool("update_annotation", change)))
        assert preview["result"]["changes"] == [
            {
                "thing": 'annotation 1 "Release"',
                "field": "description",
                "before": "Release",
                "after": "Launch",
            }
        ]


async def test_accounts_of_this_machine_wait_too() -> None:
    """Removing an account asks as well, though Mixpanel has no part in it."""
    person = Person("decline")
    async with connected("legacy", person) as client:
        error = await refused(client, "accounts_remove", name="sandbox")
        assert (error["code"], person.asked[0].split(".")[0]) == (
            "NOT_CONFIRMED",
            "On this machine: accounts_remove: name sandbox",
        )


async def test_server_process_confirms_alike_in_both_eras() -> None:
    """Those that can ask are asked and those that cannot get a token, all of one HTTP server.

    Through run_write_operation the token goes among the operation's arguments.
    """

    async def write(client: Client, operation: str, **arguments: Any) -> CallToolResult:
        call = {"operation": operation, "arguments": arguments}
        return await client.call_tool("run_write_operation", call)

    async with http_server(["--sandbox", "empty"]) as url:
        for number, mode in enumerate(MODES):
            person = Person("accept")
            async with Client(url, mode=mode, elicitation_callback=person) as client:
                await write(client, "create_annotation", **NOTE)
                asked = await write(client, "delete_annotation", annotation_id=2 * number + 1)
            async with Client(url, mode=mode) as client:
                await write(client, "create_annotation", **NOTE)
                thing = {"annotation_id": 2 * number + 2}
                preview = await write(client, "delete_annotation", **thing)
                assert preview.structured_content is not None
                confirmed = {**thing, "confirm": preview.structured_content["confirm"]}
                done = await write(client, "delete_annotation", **confirmed)
            assert [text(asked).rsplit(" · ", 1)[1], len(person.asked)] == ["done", 1]
            assert [text(preview).split("\n")[1], text(done).rsplit(" · ", 1)[1]] == [
                "PREVIEW: nothing was changed yet. Delete an annotation for good.",
                "done",
            ]
            again = text(preview).split("\n")[2].partition(" agree, ")[2]
            assert again.startswith(
                "call run_write_operation again within 10 minutes with operation "
                'delete_annotation, the same arguments and, among these, confirm: "'
            )


async def test_person_is_asked_over_stdio() -> None:
    """The question of the handshake's era crosses the transport both ways."""
    person = Person("accept")
    options = ["--sandbox", "empty", "--toolsets", "annotations"]
    async with over_stdio(options, mode="legacy", elicitation_callback=person) as client:
        await client.call_tool("create_annotation", NOTE)
        done = await client.call_tool("delete_annotation", {"annotation_id": 1})
        assert (text(done).rsplit(" · ", 1)[1], len(person.asked)) == ("done", 1)
