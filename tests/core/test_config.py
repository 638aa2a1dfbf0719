"""The config file: what it may say, and what changes leave of it."""

import contextlib
import os
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from documented import CONFIG
from own_home import ME, TEAM, home_in, lay, mode

from mixpanel_mcp_core.auth import book
from mixpanel_mcp_core.auth.config_file import changing
from mixpanel_mcp_core.auth.home import Home
from mixpanel_mcp_core.auth.presence import credentials_anywhere
from mixpanel_mcp_core.auth.resolve import Asked
from mixpanel_mcp_core.errors import AccountInUseError, ConfigError

NEW = {"name": "new", "type": "oauth_browser", "region": "eu"}
Change = Callable[[Home], object]
CHANGES: dict[str, Change] = {
    "add": lambda home: book.add(home, NEW),
    "update": lambda home: book.update(home, "team", {"region": "in"}),
    "remove": lambda home: book.remove(home, "team", force=True),
    "use": lambda home: book.use_account(home, "team"),
    "use a project": lambda home: book.use(home, Asked(account="team", project="9")),
    "use a workspace": lambda home: book.use(home, Asked(workspace=9)),
    "use a target": lambda home: book.use_target(home, "plain"),
    "add a target": lambda home: book.add_target(
        home, {"name": "t", "account": "team", "project": "1"}
    ),
    "remove a target": lambda home: book.remove_target(home, "plain"),
}
any_change = pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))


def text_of(home: Home) -> str:
    """The config file."""
    return home.places.config.read_bytes().decode()


def said(home: Home) -> dict[str, object]:
    """What the config file says to any reader of TOML."""
    return tomllib.loads(text_of(home))


def test_a_missing_file_is_an_empty_one(tmp_path: Path) -> None:
    """Nothing is made by reading."""
    config = home_in(tmp_path).config()
    assert (config.account_names, config.target_names, config.header) == ([], [], ())
    assert config.active.model_dump() == {"account": None, "workspace": None}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"[active", "is not valid TOML: "),
        (b"[a]\n[a]\n", "is not valid TOML: "),
        (b"a = \xff", "is not valid TOML: it is not UTF-8."),
        ("[active]\n".encode("utf-16"), "is not valid TOML: it is not UTF-8."),
        (b"a = " + b"[" * 100_000, "is not valid TOML: "),
        (b"a = " + b"1" * 5000, "is not valid TOML: "),
        (b"#" * (1024 * 1024 + 1), "is larger than 1,048,576 bytes."),
    ],
    ids=["cut", "twice", "byte", "utf-16", "deep", "number", "large"],
)
@any_change
def test_a_file_that_does_not_read_is_told_and_stays(
    tmp_path: Path, content: bytes, complaint: str, change: Change
) -> None:
    """Reading and every change raise ConfigError; the start of a server calls it credentials."""
    home = home_in(tmp_path)
    path = lay(home.places.config, content)
    for act in (Home.config, change):
        with pytest.raises(ConfigError) as caught:
            act(home)
        assert caught.value.message.startswith(f"config.toml {complaint}")
    assert path.read_bytes() == content
    assert credentials_anywhere(home.environ)


@any_change
def test_an_empty_path_is_the_current_directory_and_fails(tmp_path: Path, change: Change) -> None:
    """Before the folder above it is closed to others."""
    home = home_in(tmp_path, MP_CONFIG_PATH="")
    home.places.cwd.mkdir()
    tmp_path.chmod(0o755)
    for act in (Home.config, change):
        with pytest.raises(ConfigError, match="cwd is no regular file"):
            act(home)
    assert mode(tmp_path) == 0o755


@pytest.mark.parametrize(
    ("laid", "complaint"),
    [
        (lambda path: lay(path, TEAM, 0o640), "can be read by others"),
        (lambda path: path.symlink_to(lay(path.with_name("real"), TEAM)), "is a symbolic link"),
        (lambda path: path.symlink_to(path.with_name("none")), "is a symbolic link"),
        (lambda path: os.mkfifo(path, 0o600), "is no regular file"),
    ],
    ids=["open", "link", "dangling", "pipe"],
)
def test_an_unsafe_file_is_neither_read_nor_written(
    tmp_path: Path, laid: Callable[[Path], object], complaint: str
) -> None:
    """Nor does it hold anything up; the path is told."""
    home = home_in(tmp_path)
    path = home.places.config
    path.parent.mkdir(0o700)
    laid(path)
    before = path.lstat()
    for act in (Home.config, CHANGES["add"]):
        with pytest.raises(ConfigError, match=f"config.toml {complaint}") as caught:
            act(home)
        assert caught.value.details == {"path": str(path)}
    assert path.lstat() == before
    assert credentials_anywhere(home.environ)


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        (
            '[accounts.x]\ntype = "oauth_browser"\nregion = "us"\nuser = "sekret"',
            "account x: user:",
        ),
        ('[accounts.x]\ntype = "oauth_browser"\nregion = "us"\nname = "y"', None),
        ('[accounts."a b"]\ntype = "oauth_browser"\nregion = "us"', "account a b: name: "),
        ('[accounts.x]\ntype = "oauth_browser"\nregion = "us"\n[accounts.x.y]', "account x: y: "),
        ("[accounts]\nx = 1", "accounts: x must be a table."),
        ("accounts = []", "config.toml: accounts must be a table."),
        ("[[accounts]]\nx = 1", "config.toml: accounts must be a table."),
    ],
)
def test_a_broken_account_block_is_told(tmp_path: Path, config: str, complaint: str | None) -> None:
    """By its name and field, never by its values; a `name` of its own counts for nothing."""
    home = home_in(tmp_path, config)
    if complaint is None:
        assert [account.name for account in home.config().accounts()] == ["x"]
        return
    with pytest.raises(ConfigError) as caught:
        home.config().accounts()
    assert caught.value.message.startswith(complaint)
    assert "sekret" not in str(caught.value)


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        ('account = "a"\nproject = "1"\ncolour = "red"', "target t: colour: "),
        ('account = "a"', "target t: project: Field required"),
        ('project = "1"', "target t: account: Field required"),
        ('account = "a"\nproject = 1', "target t: project: "),
        ('account = "a"\nproject = "x"', "target t: project: "),
        ('account = "a"\nproject = "1"\nworkspace = 0', "target t: workspace: "),
        ('account = "a"\nproject = "1"\nworkspace = "4"', "target t: workspace: "),
        ('account = "a"\nproject = "1"\nworkspace = true', "target t: workspace: "),
    ],
)
def test_a_broken_target_is_told_when_it_is_read(
    tmp_path: Path, block: str, complaint: str
) -> None:
    """It blocks neither its neighbours nor changes elsewhere in the file."""
    good = '[targets.good]\naccount = "team"\nproject = "1"\n'
    home = home_in(tmp_path, f"{TEAM}{good}[targets.t]\n{block}\n")
    for act in (lambda: home.config().target("t"), home.config().targets):
        with pytest.raises(ConfigError) as caught:
            act()
        assert caught.value.message.startswith(complaint)
    book.use_target(home, "good")
    book.remove_target(home, "t")
    assert home.config().target_names == ["good"]


@pytest.mark.parametrize(
    "settings",
    [
        '[settings]\ncustom_header = "X-A: 1"',
        "[settings]\ncustom_header = []",
        '[settings]\ncustom_header = { name = "X-A" }',
        '[settings]\ncustom_header = { name = "X-A", value = 1 }',
        '[settings]\ncustom_header = { Name = "X-A", Value = "1" }',
        "[[settings]]",
        "settings = 1",
    ],
)
def test_a_header_of_another_shape_is_refused(tmp_path: Path, settings: str) -> None:
    """Where it would be used; the form that is right is shown."""
    config = home_in(tmp_path, f"{settings}\n").config()
    with pytest.raises(ConfigError, match=r"^config.toml: \[?settings"):
        _ = config.header


def test_unknown_settings_are_ignored(tmp_path: Path) -> None:
    """Of a newer client, say."""
    config = '[settings]\ncolour = "red"\ncustom_header = { name = "X-A", value = "1", why = "" }\n'
    assert home_in(tmp_path, config).config().header == (("X-A", "1"),)


@any_change
def test_one_broken_account_blocks_every_change(tmp_path: Path, change: Change) -> None:
    """The file stays as it is, byte for byte, whichever account is meant."""
    before = f'{CONFIG}\n[accounts.broken]  # \ntype = "robot"\nsecret = "sekret"\n'
    home = home_in(tmp_path, before)
    with pytest.raises(ConfigError, match=r"^account broken: ") as caught:
        change(home)
    assert text_of(home) == before
    assert "sekret" not in str(caught.value)


@any_change
def test_a_change_closes_file_and_folder(tmp_path: Path, change: Change) -> None:
    """The folder also when it was there before; nothing is left beside the file."""
    home = home_in(tmp_path, CONFIG)
    folder = home.places.config.parent
    folder.chmod(0o755)
    change(home)
    assert (mode(folder), mode(home.places.config)) == (0o700, 0o600)
    assert [each.name for each in folder.iterdir()] == ["config.toml"]


def test_a_change_that_fails_halfway_writes_nothing(tmp_path: Path) -> None:
    """Not what was changed before the failure, either."""
    home = home_in(tmp_path, CONFIG)
    with contextlib.suppress(KeyboardInterrupt), changing(home.places) as draft:
        draft.set_active(account="ci")
        raise KeyboardInterrupt
    assert text_of(home) == CONFIG


def test_a_new_file_has_the_documented_keys_in_order(tmp_path: Path) -> None:
    """As other clients write it; the first account becomes active."""
    home = home_in(tmp_path)
    record = {"type": "service_account", "region": "us", "username": "sa.user", "secret": "s"}
    book.add(home, {"name": "team", **record})
    book.add_target(home, {"name": "ecom", "account": "team", "project": "3", "workspace": 4})
    book.use_target(home, "ecom")
    assert text_of(home) == (
        "[accounts.team]\n"
        'type = "service_account"\n'
        'region = "us"\n'
        'default_project = "3"\n'
        'username = "sa.user"\n'
        'secret = "s"\n'
        "\n[active]\n"
        'account = "team"\n'
        "workspace = 4\n"
        "\n[targets.ecom]\n"
        'account = "team"\n'
        'project = "3"\n'
        "workspace = 4\n"
    )


COMMENTED = """\
# mine
config_version = 1   # old

[accounts.team] # the team's
# about the kind
type = "service_account"   # kind
region = "us" # where
username = "sa.user" # who
secret = "s" # never show
# end of team

[accounts.spare]
type = "oauth_browser"
region = "us"

[targets.plain] # saved
account = "team" # whose
project = "555"

[targets.spare]
account = "team"
project = "1"

[projects] # of an old layout
list = [ 1,
  2 ]
[[hooks]]
at = 2020-01-01 # a date
"""


@any_change
def test_comments_and_unknown_tables_survive(tmp_path: Path, change: Change) -> None:
    """All but those of a block that is taken out."""
    home = home_in(tmp_path, COMMENTED)
    change(home)
    gone = {
        "remove": ["team's", "about the kind", "kind", "where", "who", "never show", "end of team"],
        "remove a target": ["saved", "whose"],
    }
    name = next(name for name, each in CHANGES.items() if each is change)
    comments = {line.partition("#")[2].strip() for line in COMMENTED.splitlines() if "#" in line}
    lost = {each for each in comments if each not in text_of(home)}
    assert {each for each in lost if not any(part in each for part in gone.get(name, []))} == set()
    unknown = {key: value for key, value in said(home).items() if key not in home_keys}
    assert unknown == {key: tomllib.loads(COMMENTED)[key] for key in unknown}
    assert set(unknown) == {"config_version", "projects", "hooks"}


home_keys = {"active", "accounts", "targets", "settings"}


def test_a_table_that_becomes_empty_goes(tmp_path: Path) -> None:
    """With the last account, target or active key."""
    home = home_in(
        tmp_path, f'[active]\naccount = "me"\n{ME}[targets.t]\naccount = "me"\nproject = "1"'
    )
    book.remove_target(home, "t")
    assert set(said(home)) == {"active", "accounts"}
    assert book.remove(home, "me", force=False) == []
    assert text_of(home).strip() == ""


def test_an_account_in_use_is_removed_only_by_force(tmp_path: Path) -> None:
    """Its targets stay, and both active keys go with it."""
    home = home_in(tmp_path, CONFIG)
    with pytest.raises(AccountInUseError) as caught:
        book.remove(home, "team", force=False)
    assert caught.value.details == {"account_name": "team", "referenced_by": ["plain"]}
    assert text_of(home) == CONFIG
    assert book.remove(home, "team", force=True) == ["plain"]
    assert set(said(home)) == {"accounts", "targets"}


@pytest.mark.parametrize(
    ("change", "active"),
    [
        ("use", {"account": "team"}),
        ("use a project", {"account": "team", "workspace": 77}),
        ("use a workspace", {"account": "team", "workspace": 9}),
        ("use a target", {"account": "team"}),
        ("remove a target", {"account": "team", "workspace": 77}),
    ],
)
def test_what_a_change_makes_active(tmp_path: Path, change: str, active: dict[str, object]) -> None:
    """Another account or target brings its own workspace or none; the rest leaves it alone."""
    home = home_in(tmp_path, CONFIG)
    CHANGES[change](home)
    assert said(home)["active"] == active


@pytest.mark.parametrize("active", ["3", '"team"', "[1]", "2020-01-01"])
@any_change
def test_an_active_that_is_no_table_stays(tmp_path: Path, active: str, change: Change) -> None:
    """It is told where it matters, and never lost."""
    home = home_in(tmp_path, f"active = {active}\n{CONFIG.partition('77')[2]}")
    before = said(home)["active"]
    with contextlib.suppress(ConfigError):
        change(home)
    assert said(home)["active"] == before
