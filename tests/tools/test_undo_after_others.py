"""Undoing looks whether the thing has changed since, and overwrites nobody's work unasked."""

from collections.abc import AsyncIterator

import pytest
from desk import Desk, desk_with
from job_client import refused

pytestmark = pytest.mark.anyio

NOTE = {"date": "2026-01-01 00:00:00", "description": "Release"}
TOOLSETS = ("changes", "annotations", "lexicon", "dashboards", "flags")


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """A desk of its own, beside which somebody else changes things."""
    async with desk_with(toolsets=TOOLSETS) as opened:
        yield opened


async def test_undo_does_not_overwrite_what_somebody_else_changed_since(desk: Desk) -> None:
    """The refusal names the field with three values, and the way on."""
    await desk.does("create_annotation", **NOTE)
    await desk.does("update_annotation", annotation_id=1, description="Launch")
    change = await desk.last()
    beside = await desk.session()
    await beside.app.raw("PATCH", "annotations/1/", {}, {"description": "Theirs"})
    error = await refused(desk.client, "undo_change", change_id=change)
    assert (error["code"], error["details"]) == (
        "CHANGED_SINCE",
        {
            "change_id": change,
            "fields": [
                {
                    "thing": 'annotation 1 "Theirs"',
                    "field": "description",
                    "before": "Release",
                    "ours": "Launch",
                    "now": "Theirs",
                }
            ],
        },
    )
    assert error["message"] == (
        f"{change} (update_annotation) was not undone, since it was changed again: description of "
        'annotation 1 "Theirs" is now Theirs (this change left Launch, before it Release). '
        "Somebody else changed it: ask the person, or undo with overwrite: true, by which what is "
        "now there is lost."
    )
    await desk.does("undo_change", change_id=change, overwrite=True)
    assert (await desk.does("get_annotation", annotation_id=1))["description"] == "Release"


async def test_undo_leaves_alone_what_the_change_did_not_set(desk: Desk) -> None:
    """Others may have changed other fields; also of a flag, which is only replaced as a whole."""
    flag = await desk.does("create_feature_flag", name="New", key="new")
    whole = {key: flag[key] for key in ("key", "ruleset")}
    await desk.does(
        "update_feature_flag", flag_id=flag["id"], name="New", status="enabled", **whole
    )
    change = await desk.last()
    path = f"workspaces/{flag['workspace_id']}/feature-flags/{flag['id']}/"
    theirs = {**whole, "name": "Theirs", "status": "enabled", "tags": [], "context": "distinct_id"}
    beside = await desk.session()
    await beside.app.at_project.raw("PUT", path, {}, {**theirs, "serving_method": "client"})
    await desk.does("undo_change", change_id=change)
    now = await desk.does("get_feature_flag", flag_id=flag["id"])
    assert (now["name"], now["status"]) == ("Theirs", "disabled")


async def test_undo_of_a_creation_keeps_what_somebody_added_to_it(desk: Desk) -> None:
    """A board that others put cards on is not deleted because we made it."""
    board = await desk.does("create_dashboard", title="Weekly")
    change = await desk.last()
    card = {"action": "create", "content_type": "text", "content_params": {"markdown": "Mine"}}
    beside = await desk.session()
    await beside.app.raw("PATCH", f"dashboards/{board['id']}", {}, {"content": card})
    error = await refused(desk.client, "undo_change", change_id=change)
    assert [each["field"] for each in error["details"]["fields"]] == ["rows"]
    await desk.does("undo_change", change_id=change, overwrite=True)
    assert await desk.does("list_dashboards") == []


async def test_later_change_of_ours_is_named_to_be_undone_first(desk: Desk) -> None:
    """Undone one after the other, from the last to the first, all is as it was."""
    await desk.does("create_annotation", **NOTE)
    await desk.does("update_annotation", annotation_id=1, description="Launch")
    first = await desk.last()
    await desk.does("update_annotation", annotation_id=1, description="Third")
    second = await desk.last()
    error = await refused(desk.client, "undo_change", change_id=first)
    assert f"Undo {second} (update_annotation) first" in error["message"]
    await desk.does("undo_change", change_id=second)
    await desk.does("undo_change", change_id=first)
    assert (await desk.does("get_annotation", annotation_id=1))["description"] == "Release"


async def test_history_is_followed_over_a_thing_that_was_made_anew(desk: Desk) -> None:
    """Changed, deleted, brought back under a new id: the earlier change is undone there."""
    await desk.does("create_annotation", **NOTE)
    creation = await desk.last()
    await desk.does("update_annotation", annotation_id=1, description="Launch")
    update = await desk.last()
    await desk.does("delete_annotation", annotation_id=1)
    deletion = await desk.last()
    error = await refused(desk.client, "undo_change", change_id=update)
    assert error["message"].endswith(
        f"annotation 1 is not there any more; undo {deletion} (delete_annotation) first."
    )
    [new_id] = (await desk.does("undo_change", change_id=deletion))["new_ids"]
    await desk.does("undo_change", change_id=update)
    assert (await desk.does("get_annotation", annotation_id=new_id))["description"] == "Release"
    await desk.does("undo_change", change_id=creation)
    assert await desk.does("list_annotations") == []


async def test_change_is_undone_redone_and_undone_again(desk: Desk) -> None:
    """What undid is undone like any change, and then the first one can be undone once more."""
    await desk.does("create_annotation", **NOTE)
    creation = await desk.last()
    await desk.does("undo_change", change_id=creation)
    undoing = await desk.last()
    [again] = (await desk.does("undo_change", change_id=undoing))["new_ids"]
    assert (await desk.does("get_annotation", annotation_id=again))["description"] == "Release"
    await desk.does("undo_change", change_id=creation)
    assert await desk.does("list_annotations") == []
    error = await refused(desk.client, "undo_change", change_id=creation)
    assert error["code"] == "NOT_UNDOABLE"


async def test_nothing_is_sent_where_all_is_as_before_already(desk: Desk) -> None:
    """Somebody has set it back by hand, or deleted what was made."""
    await desk.does("create_annotation", **NOTE)
    await desk.does("update_annotation", annotation_id=1, description="Launch")
    update = await desk.last()
    beside = await desk.session()
    await beside.app.raw("PATCH", "annotations/1/", {}, {"description": "Release"})
    error = await refused(desk.client, "undo_change", change_id=update)
    assert error["details"]["reason"] == (
        "the annotation is as it was before: there is nothing to put back"
    )
    assert await desk.last() == update


async def test_mark_that_was_there_before_stays_when_setting_it_is_undone(desk: Desk) -> None:
    """To favour a favourite changes nothing, so undoing it must not take the favourite away."""
    board = await desk.does("create_dashboard", title="Weekly")
    await desk.does("favorite_dashboard", dashboard_id=board["id"])
    first = await desk.last()
    await desk.does("favorite_dashboard", dashboard_id=board["id"])
    error = await refused(desk.client, "undo_change", change_id=await desk.last())
    assert error["details"]["reason"] == "the dashboard was so before: it changed nothing"
    await desk.does("undo_change", change_id=first)
    [now] = await desk.does("list_dashboards")
    assert now["is_favorited"] is False


async def test_list_tells_each_field_before_and_after(desk: Desk) -> None:
    """A person reads what was changed without asking Mixpanel."""
    await desk.does("create_annotation", **NOTE)
    await desk.does("update_annotation", annotation_id=1, description="Launch")
    change, creation = (await desk.does("list_changes"))["changes"]
    assert (change["about"], change["changed"], change["undo"]) == (
        'annotation 1 "Release"',
        "description: Release -> Launch",
        "yes",
    )
    assert (creation["about"], creation["changed"]) == ('annotation 1 "Release"', "")


async def test_change_is_undone_in_the_workspace_where_it_was_made(desk: Desk) -> None:
    """Wherever one is when undoing it; the journal tells where that undoing was."""
    await desk.does("create_annotation", **NOTE, target="sandbox/1/1")
    await desk.does("undo_change", change_id=await desk.last())
    session = await desk.session()
    assert session.journal is not None
    begun = [line for line in session.journal.lines() if "tool" in line]
    assert [(line["tool"], line["workspace"]) for line in begun] == [
        ("create_annotation", 1),
        ("delete_annotation", 1),
    ]
