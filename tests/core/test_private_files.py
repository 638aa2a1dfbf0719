"""Files that hold credentials: what is not read, and how they are replaced."""

import contextlib
import os
import resource
import signal
import stat
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from own_home import lay, mode

from mixpanel_mcp_core.auth.private_files import (
    LARGEST,
    Unsafe,
    is_there,
    new_folder,
    private_folder,
    read_json,
    read_private,
    write_json,
    write_private,
)

LONG = "x" * 300


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that is not in the home."""
    return tmp_path_factory.mktemp("elsewhere")


def linked(path: Path, to: Path) -> Path:
    """A symbolic link; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(to)
    return path


def test_a_file_of_the_owner_alone_is_read(tmp_path: Path) -> None:
    """Byte for byte."""
    assert read_private(lay(tmp_path / "f", b"\x00\xff\r\n"), tmp_path) == b"\x00\xff\r\n"


def test_a_missing_file_is_told_as_missing(tmp_path: Path) -> None:
    """It is for the caller to say what that means."""
    with pytest.raises(FileNotFoundError):
        read_private(tmp_path / "none" / "f", tmp_path)


@pytest.mark.parametrize("at", ["file", "dangling", "loop"])
@pytest.mark.parametrize("inside", [True, False], ids=["in the home", "outside"])
def test_a_link_is_not_followed(tmp_path: Path, elsewhere: Path, at: str, inside: bool) -> None:
    """Also one that leads nowhere or to itself, wherever it lies."""
    path = (tmp_path if inside else elsewhere) / "f"
    leads = {"file": lay(elsewhere / "real", "{}"), "dangling": elsewhere / "none", "loop": path}
    with pytest.raises(Unsafe, match=r"^f is a symbolic link, which is not followed$"):
        read_private(linked(path, leads[at]), tmp_path)


@pytest.mark.parametrize("depth", ["a", "a/b", "a/b/c"])
def test_inside_the_home_no_folder_on_the_way_is_a_link(
    tmp_path: Path, elsewhere: Path, depth: str
) -> None:
    """Somebody else's folder may lie behind it."""
    lay(elsewhere / "a/b/c/f", "{}")
    link = linked(tmp_path / depth, elsewhere / depth)
    with pytest.raises(Unsafe, match=f"^{link.name} is a symbolic link"):
        read_private(tmp_path / "a/b/c/f", tmp_path)


def test_outside_the_home_folders_may_be_links(tmp_path: Path, elsewhere: Path) -> None:
    """Systems lay folders elsewhere, e.g. /tmp; a home itself may be one of those too."""
    lay(elsewhere / "real/f", "{}")
    linked(elsewhere / "way", elsewhere / "real")
    home = linked(tmp_path / "home", elsewhere / "real")
    assert read_private(elsewhere / "way/f", tmp_path) == b"{}"
    assert read_private(home / "f", home) == b"{}"


@pytest.mark.parametrize("bit", [0o040, 0o020, 0o010, 0o004, 0o002, 0o001], ids=oct)
def test_any_right_of_others_is_too_much(tmp_path: Path, bit: int) -> None:
    """The error has the command that closes the file."""
    path = lay(tmp_path / "f", "sekret", 0o600 | bit)
    with pytest.raises(Unsafe) as caught:
        read_private(path, tmp_path)
    assert str(caught.value) == (
        f"f can be read by others (mode {0o600 | bit:o}); run: chmod 600 {path}"
    )


@pytest.mark.parametrize("bits", [0o400, 0o600, 0o700], ids=oct)
def test_the_owner_may_have_any_right(tmp_path: Path, bits: int) -> None:
    """Only others count."""
    assert read_private(lay(tmp_path / "f", "x", bits), tmp_path) == b"x"


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda path: os.mkfifo(path, 0o600), "is no regular file"),
        (lambda path: path.mkdir(0o700), "is no regular file"),
        (lambda path: os.mknod(path, 0o600 | stat.S_IFSOCK), "cannot be read"),
    ],
    ids=["pipe", "folder", "socket"],
)
def test_only_a_regular_file_is_read(
    tmp_path: Path, make: Callable[[Path], object], complaint: str
) -> None:
    """A pipe without a writer does not keep the reader waiting."""
    make(tmp_path / "f")
    with pytest.raises(Unsafe, match=f"^f {complaint}"):
        read_private(tmp_path / "f", tmp_path)


@pytest.mark.parametrize("name", [LONG, "a\0b"], ids=["too long", "with a null"])
def test_a_path_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    """Reading and writing say so, where the system or Python would fail in their own ways."""
    with pytest.raises(Unsafe, match="cannot be read: "):
        read_private(tmp_path / name, tmp_path)
    with pytest.raises(Unsafe, match="cannot be written: "):
        write_private(tmp_path / name, b"")


def test_a_refused_file_is_not_kept_open(tmp_path: Path) -> None:
    """A server that meets a bad file at every call would run out of files."""
    (tmp_path / "folder").mkdir()
    lay(tmp_path / "open", "", 0o644)
    before = os.listdir("/proc/self/fd")
    for name in ("folder", "open"):
        with pytest.raises(Unsafe):
            read_private(tmp_path / name, tmp_path)
    assert os.listdir("/proc/self/fd") == before


def test_a_file_may_have_one_mebibyte(tmp_path: Path) -> None:
    """Exactly that, and not a byte more."""
    path = lay(tmp_path / "f", b"x" * LARGEST)
    assert len(read_private(path, tmp_path)) == 1_048_576
    lay(path, b"x" * (LARGEST + 1))
    with pytest.raises(Unsafe, match=r"^f is larger than 1,048,576 bytes$"):
        read_private(path, tmp_path)


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{", "[" * 100_000, "\udcff", '{"a": ' + "1" * 5000 + "}"]
)
def test_what_is_no_json_object_is_a_value_error(tmp_path: Path, text: str) -> None:
    """Whether it is something else, broken, too deep or not text."""
    path = lay(tmp_path / "f", text.encode(errors="surrogateescape"))
    with pytest.raises(ValueError, match=r"."):
        read_json(path, tmp_path)


@contextlib.contextmanager
def umask(mask: int) -> Generator[None]:
    """The umask of this process, for a moment."""
    old = os.umask(mask)
    try:
        yield
    finally:
        os.umask(old)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077], ids=oct)
@pytest.mark.parametrize("before", [None, 0o666], ids=["new", "over an open one"])
def test_a_file_is_written_for_its_owner_only(
    tmp_path: Path, mask: int, before: int | None
) -> None:
    """Whatever the umask, and whatever was there; its new folders too."""
    path = tmp_path / "a/b/f"
    if before:
        lay(path, "old", before)
    with umask(mask):
        write_json(path, {"key": "é"})
    assert path.read_bytes() == '{"key": "é"}'.encode()
    assert (mode(path), mode(path.parent), mode(path.parent.parent)) == (0o600, 0o700, 0o700)
    assert os.listdir(path.parent) == ["f"]


def test_writing_replaces_a_link_and_not_what_it_leads_to(tmp_path: Path, elsewhere: Path) -> None:
    """A link that was laid there does not send secrets elsewhere."""
    other = lay(elsewhere / "other", "theirs")
    path = linked(tmp_path / "f", other)
    write_private(path, b"ours")
    assert (path.is_symlink(), path.read_bytes(), other.read_text()) == (False, b"ours", "theirs")


@contextlib.contextmanager
def full_disk(size: int) -> Generator[None]:
    """Files grow to this size and no further."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_failing_write_leaves_the_old_file(tmp_path: Path) -> None:
    """Whole, and with nothing beside it."""
    path = lay(tmp_path / "f", "old")
    with full_disk(4096), pytest.raises(Unsafe, match=r"^f cannot be written: File too large$"):
        write_private(path, b"x" * 100_000)
    assert (path.read_text(), os.listdir(tmp_path)) == ("old", ["f"])


def test_a_folder_in_the_files_place_stays(tmp_path: Path) -> None:
    """The write is refused, and nothing is left beside it."""
    (tmp_path / "f").mkdir()
    with pytest.raises(Unsafe, match=r"^f cannot be written: Is a directory$"):
        write_private(tmp_path / "f", b"x")
    assert [each.name for each in tmp_path.rglob("*")] == ["f"]


def test_the_write_itself_makes_no_folder(tmp_path: Path) -> None:
    """That is for those who know how it should be."""
    with pytest.raises(Unsafe, match="cannot be written: No such file or directory"):
        write_private(tmp_path / "none" / "f", b"x")


def test_writers_at_once_leave_the_content_of_one(tmp_path: Path) -> None:
    """A reader meets a whole file at any moment."""
    path = lay(tmp_path / "f", b"0" * 50_000)
    contents = [str(number).encode() * 50_000 for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        writes = [pool.submit(write_private, path, content) for content in contents for _ in "12"]
        read: set[bytes] = set()
        while not all(write.done() for write in writes):
            read.add(read_private(path, tmp_path))
        for write in writes:
            write.result()
    assert {*read, path.read_bytes()} <= set(contents)
    assert os.listdir(tmp_path) == ["f"]


def test_a_folder_that_is_there_is_closed_to_others(tmp_path: Path) -> None:
    """But not the one above it."""
    folder = tmp_path / "a/b"
    folder.mkdir(parents=True)
    tmp_path.joinpath("a").chmod(0o755)
    private_folder(folder)
    assert (mode(folder), mode(folder.parent)) == (0o700, 0o755)


def test_a_folder_that_all_write_to_is_not_closed(tmp_path: Path) -> None:
    """/tmp is root's own, and closing it would stop everybody else."""
    tmp_path.chmod(0o1777)
    private_folder(tmp_path)
    assert tmp_path.stat().st_mode & 0o7777 == 0o1777


def test_a_folder_of_somebody_else_is_not_closed(tmp_path: Path) -> None:
    """Root could close it, to those that its owner lets in; all others would fail at it."""
    folder = Path("/usr")
    if os.geteuid() == 0:
        folder = tmp_path / "theirs"
        folder.mkdir()
        folder.chmod(0o755)
        os.chown(folder, 12345, 12345)
    private_folder(folder)
    assert mode(folder) == 0o755


def test_a_new_folder_leaves_an_old_one_as_it_is(tmp_path: Path) -> None:
    """What is missing is made for the owner only."""
    tmp_path.chmod(0o755)
    new_folder(tmp_path / "a/b")
    new_folder(tmp_path)
    modes = [mode(each) for each in (tmp_path, tmp_path / "a", tmp_path / "a/b")]
    assert modes == [0o755, 0o700, 0o700]


@pytest.mark.parametrize("name", ["file/folder", LONG, "dangling"])
def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, name: str) -> None:
    """Below a file, under an impossible name, or behind a link that leads nowhere."""
    lay(tmp_path / "file", "")
    linked(tmp_path / "dangling", tmp_path / "none")
    with pytest.raises(Unsafe, match="cannot be made: "):
        private_folder(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "there"),
    [("f", True), ("folder", True), ("dangling", True), ("none", False), ("f/g", False)],
)
def test_what_is_there_is_seen(tmp_path: Path, name: str, there: bool) -> None:
    """A link that leads nowhere is something too, and below a file there is nothing."""
    lay(tmp_path / "f", "")
    (tmp_path / "folder").mkdir()
    linked(tmp_path / "dangling", tmp_path / "none")
    assert is_there(tmp_path / name) is there


def test_what_cannot_be_looked_at_counts_as_there(tmp_path: Path) -> None:
    """Reading it then tells why it cannot be read."""
    assert is_there(tmp_path / LONG)
