"""Files that operations use: inside one folder; what is written, whole or not at all."""

import asyncio
from pathlib import Path

import pytest

from mixpanel_mcp_core.errors import ConfigError, InvalidInputError, NotPermittedError
from mixpanel_mcp_core.files import allowed, content, written_whole


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder that may be written to, with another one beside it."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


def names(folder: Path) -> list[str]:
    """Everything in a folder, hidden or not."""
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("events.jsonl", "events.jsonl"),
        ("2026/may.jsonl", "2026/may.jsonl"),
        ("./a/../b.jsonl", "b.jsonl"),
        (".hidden", ".hidden"),
        ("..dots", "..dots"),
        ("~", "~"),
    ],
)
def test_names_inside_the_folder_are_allowed(folder: Path, name: str, path: str) -> None:
    """A plain name, a folder below, and detours that end inside."""
    assert allowed(folder, name) == folder.resolve() / path


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../outside/x",
        "a/../../x",
        "/etc/passwd",
        "../files-of-others",
        "link/x",
        "link",
        "dangling",
        "chain",
        "sub",
        "sub/",
        "nul\0byte",
        "half \ud800",
    ],
)
def test_names_that_lead_out_are_refused(folder: Path, name: str) -> None:
    """Upwards, absolute, over symbolic links, or no file at all."""
    outside = folder.parent / "outside"
    (folder / "sub").mkdir()
    (folder / "link").symlink_to(outside)
    (folder / "dangling").symlink_to(outside / "not there yet")
    (folder / "chain").symlink_to("dangling")
    with pytest.raises(NotPermittedError) as caught:
        allowed(folder, name)
    assert caught.value.details == {"field": "output_file"}


def test_a_link_to_itself_is_written_over(folder: Path) -> None:
    """It leads nowhere, so not out either."""
    (folder / "loop").symlink_to("loop")
    path = allowed(folder, "loop")
    with written_whole(path) as file:
        file.write(b"{}")
    assert (path, path.is_symlink()) == (folder.resolve() / "loop", False)


def test_an_absolute_name_inside_the_folder_is_allowed(folder: Path) -> None:
    """What an earlier answer told as the file's path may be given back."""
    path = folder.resolve() / "events.jsonl"
    assert allowed(folder, str(path)) == path


def test_a_folder_that_is_a_link_is_followed(folder: Path) -> None:
    """Who starts the server may name the folder as they like."""
    link = folder.parent / "by-another-name"
    link.symlink_to(folder)
    assert allowed(link, "x") == folder.resolve() / "x"


def test_without_a_folder_nothing_is_written() -> None:
    """The error says how to allow it."""
    with pytest.raises(NotPermittedError, match="--files FOLDER"):
        allowed(None, "events.jsonl")


def test_a_file_appears_when_it_is_whole(folder: Path) -> None:
    """While it is written there is nothing under its name."""
    path = folder / "2026" / "events.jsonl"
    with written_whole(path) as file:
        file.write(b"{}\n")
        assert not path.exists()
    assert path.read_bytes() == b"{}\n"
    assert names(path.parent) == ["events.jsonl"]


def test_a_file_of_that_name_stays_until_it_is_replaced(folder: Path) -> None:
    """Whoever reads meanwhile reads the old one."""
    path = folder / "events.jsonl"
    path.write_bytes(b"old")
    with written_whole(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def write_half(path: Path) -> None:
    """Fail after some bytes were written."""
    with written_whole(path) as file:
        file.write(b"new")
        raise ValueError("half")


def test_a_failure_leaves_nothing_behind(folder: Path) -> None:
    """The error goes on, and the old file stays."""
    path = folder / "events.jsonl"
    path.write_bytes(b"old")
    with pytest.raises(ValueError, match="half"):
        write_half(path)
    assert (names(folder), path.read_bytes()) == (["events.jsonl"], b"old")


@pytest.mark.anyio
async def test_a_cancelled_writer_leaves_nothing_behind(folder: Path) -> None:
    """A call that is given up while it writes removes what it wrote."""
    begun = asyncio.Event()

    async def write() -> None:
        with written_whole(folder / "events.jsonl") as file:
            file.write(b"half")
            begun.set()
            await asyncio.Event().wait()

    writing = asyncio.create_task(write())
    await begun.wait()
    assert len(names(folder)) == 1
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert names(folder) == []


def test_two_writers_of_one_name_do_not_mix(folder: Path) -> None:
    """Each writes a file of its own; the one that ends last wins."""
    path = folder / "events.jsonl"
    with written_whole(path) as first:
        first.write(b"first")
        with written_whole(path) as second:
            second.write(b"second")
        assert path.read_bytes() == b"second"
    assert (names(folder), path.read_bytes()) == (["events.jsonl"], b"first")


def test_a_file_where_a_folder_should_be_is_told(folder: Path) -> None:
    """What the disk refuses is an error with the file's name, not a traceback."""
    (folder / "a").write_bytes(b"")
    with pytest.raises(ConfigError) as caught, written_whole(folder / "a" / "events.jsonl"):
        pass
    assert caught.value.details == {"file": "events.jsonl"}


def test_a_name_that_the_disk_refuses_is_told_before_anything_is_written(folder: Path) -> None:
    """Longer names than any file system takes do not cost a whole export first."""
    written: list[str] = []
    with (
        pytest.raises(ConfigError, match="could not be written"),
        written_whole(allowed(folder, "x" * 300)),
    ):
        written.append("all of it")
    assert (names(folder), written) == ([], [])


def test_a_file_to_read_lies_in_the_same_folder(folder: Path) -> None:
    """The refusals speak of reading, and of the argument that named the file."""
    with pytest.raises(NotPermittedError, match="may not read files"):
        allowed(None, "rows.csv", field="file_path", act="read")
    with pytest.raises(NotPermittedError, match="may read from") as caught:
        allowed(folder, "../rows.csv", field="file_path", act="read")
    assert caught.value.details == {"field": "file_path"}


def test_a_file_is_read_as_a_whole(folder: Path) -> None:
    """One that is not there, or larger than allowed, is the fault of its argument."""
    path = folder / "rows.csv"
    path.write_bytes(b"id\n1\n")
    assert content(path, field="file_path", most_bytes=5) == b"id\n1\n"
    for wrong, most, words in (
        (path, 4, r"file_path: rows\.csv has 5 bytes; at most 4 are taken"),
        (folder / "none.csv", 9, r"file_path: none\.csv cannot be read: No such file"),
    ):
        with pytest.raises(InvalidInputError, match=words) as caught:
            content(wrong, field="file_path", most_bytes=most)
        assert [each["field"] for each in caught.value.details["problems"]] == ["file_path"]


def test_a_private_file_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    """Also while it is written."""
    path = tmp_path / "secret.txt"
    with written_whole(path, private=True) as file:
        [part] = tmp_path.iterdir()
        assert part.stat().st_mode & 0o777 == 0o600
        file.write(b"secret")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"secret", 0o600)
