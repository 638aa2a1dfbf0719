"""The journal of changes: what is in it stays, and no secret gets into it."""

import os
import stat
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixpanel_mcp_core.errors import ConfigError
from mixpanel_mcp_core.journal import Journal
from mixpanel_mcp_core.secret_fields import is_masked, secrets_in, without_secrets

SECRET = "hunter2-secret"
SECRETS = st.sampled_from(
    [
        "password",
        "client_secret",
        "Authorization",
        "x-api-key",
        "private_key",
        "accessToken",
        "oauth_token",
        "token",
        "username",
        "aws_access_key",
        "credentials",
    ]
)
OTHERS = st.sampled_from(["name", "url", "headers", "options", "databricks_params", "entries"])
PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.sampled_from(["Alarm", "", "x y"])
)
# Objects and lists in each other, somewhere in which there is a secret under some secret's name.
HIDING = st.recursive(
    st.dictionaries(SECRETS, st.just(SECRET), min_size=1)
    | st.sampled_from(
        [
            f"https://bot:{SECRET}@example.com/hook",
            f"Authorization: Bearer {SECRET}",
            f"https://store.example/a?X-Signature={SECRET}",
        ]
    ),
    lambda inner: st.lists(inner | PLAIN, max_size=3) | st.dictionaries(OTHERS, inner | PLAIN),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(HIDING)
def test_no_secret_is_kept_however_deep_it_lies(value: Any) -> None:
    """In objects, lists, headers, addresses and texts: what is kept says that something was."""
    kept = without_secrets(value)
    assert SECRET not in orjson.dumps(kept).decode()
    assert is_masked(kept) == (SECRET in orjson.dumps(value).decode())


def test_what_only_sounds_like_a_secret_is_kept() -> None:
    """A property that a schema describes may be called password, and is no password."""
    schema = {"properties": {"password": {"type": "string"}}, "max_tokens": 5, "name": "token"}
    assert without_secrets(schema) == schema


def test_empty_secret_is_none_that_could_be_found_in_a_text() -> None:
    """It would be found between any two characters of what is told of a failure."""
    assert list(secrets_in({"password": "", "auth": [{"token": SECRET}]})) == [SECRET]


def test_journal_is_the_owners_alone_and_survives_a_torn_line(tmp_path: Path) -> None:
    """A crash in the middle of a line costs that line, and no other."""
    journal = Journal(tmp_path / "changes" / "team-us-1.jsonl")
    assert journal.lines() == []
    journal.append({"id": "c1"})
    with journal.path.open("ab") as file:
        file.write(b'{"id": "c2", "before": [{"na')
    journal.append({"id": "c3"})
    assert journal.lines() == [{"id": "c1"}, {"id": "c3"}]
    assert stat.S_IMODE(os.stat(journal.path).st_mode) == 0o600


def test_full_journal_is_laid_aside_and_read_all_the_same(tmp_path: Path) -> None:
    """The latest files are kept, each the owner's alone, and the oldest changes go."""
    journal = Journal(tmp_path / "changes" / "team-us-1.jsonl", full=100)
    for number in range(40):
        journal.append({"id": f"c{number}", "tool": "x" * 40})
        journal.append({"id": f"c{number}", "outcome": "done"})
    ids = [line["id"] for line in journal.lines()]
    files = sorted(journal.path.parent.iterdir())
    assert len(files) == 6
    assert {stat.S_IMODE(os.stat(each).st_mode) for each in files} == {0o600}
    assert (ids[-1], ids == sorted(ids, key=lambda each: int(each[1:]))) == ("c39", True)
    assert "c0" not in ids


def test_change_under_way_is_not_lost_when_files_are_laid_aside(tmp_path: Path) -> None:
    """However many changes come meanwhile: what was there before it is known when it ends."""
    journal = Journal(tmp_path / "changes" / "team-us-1.jsonl", full=400)
    begun = {"id": "slow", "tool": "update_cohort", "before": [{"name": "Buyers"}]}
    journal.append(begun)
    for number in range(40):
        journal.append({"id": f"c{number}", "tool": "x" * 40})
        journal.append({"id": f"c{number}", "outcome": "done"})
    journal.append({"id": "slow", "outcome": "done"})
    lines = [each for each in journal.lines() if each["id"] == "slow"]
    assert (lines[0], lines[-1]) == (begun, {"id": "slow", "outcome": "done"})


def test_large_change_that_was_broken_off_drives_no_others_out(tmp_path: Path) -> None:
    """It ages like all others, instead of filling each new file at once."""
    journal = Journal(tmp_path / "changes" / "team-us-1.jsonl", full=2000)
    journal.append({"id": "broken", "before": "x" * 2000})
    for number in range(12):
        journal.append({"id": f"c{number}", "outcome": "done"})
    assert [line["id"] for line in journal.lines()] == ["broken", *(f"c{n}" for n in range(12))]


def test_journal_that_cannot_be_written_refuses_the_change(tmp_path: Path) -> None:
    """Nothing is sent that could not be told afterwards."""
    (tmp_path / "changes").write_text("no folder", "utf-8")
    with pytest.raises(ConfigError, match="so nothing was sent"):
        Journal(tmp_path / "changes" / "team-us-1.jsonl").append({"id": "c1"})
