"""The config file under any sequence of changes, in any layout, from any number of processes."""

import copy
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from documented import CONFIG
from hypothesis import given, settings
from hypothesis import strategies as st
from own_home import home_in
from processes import environment

from mixpanel_mcp_core.auth import book
from mixpanel_mcp_core.auth.home import Home
from mixpanel_mcp_core.auth.locks import locked
from mixpanel_mcp_core.auth.resolve import Asked
from mixpanel_mcp_core.errors import ConfigError

A, B, T, U, ACTIVE = (
    '[accounts.a]\ntype = "oauth_browser"\nregion = "us"\n',
    '[accounts.b] # b\n"type" = "service_account"\nregion = "eu"\nusername = "u"\nsecret = "s"\n',
    '[targets.t]\naccount = "a"\nproject = "1"\n',
    "[targets.'u u']\n\taccount = 'b'\n\tproject = '2'\n\tworkspace = 3\n",
    '[active]\naccount = "a"\n',
)
LAYOUTS = {
    "empty": "",
    "in order": ACTIVE + A + B + T + U,
    "active last": A + B + T + U + ACTIVE,
    "mixed": T + A + ACTIVE + U + "\n\n# why\n" + B,
    "no last line end": (A + T + ACTIVE).rstrip("\n"),
    "windows": (A + B + T + ACTIVE).replace("\n", "\r\n"),
    "empty tables": "[accounts]\n[targets]\n# none\n[active]\n" + A,
    "rooted": "[accounts]\n# all\n" + B + "[targets]\n" + T,
    "inline": 'active = {account = "a"}\naccounts = {a = {type = "oauth_browser", region = "us"}}\n'
    'targets = { t = { account = "a", project = "1" } }\n',
    "inline blocks": '[accounts]\na = { type = "oauth_browser", region = "us" }\n[targets]\n'
    'x = { account = "a", project = "1", workspace = 2 } # x\n',
    "dotted": 'accounts.a.type = "oauth_browser"\naccounts.a.region = "us"\n'
    'active.account = "a"\ntargets.t.account = "a"\ntargets.t.project = "1"\n',
    "dotted blocks": '[accounts]\na.type = "oauth_browser"\na.region = "us"\n'
    '[targets]\nt.account = "a"\nt.project = "1"\n' + ACTIVE,
    "others": "# first\nx = [1, 2]\n[zed.b]\ny = 1\n" + A + "[[more]]\nz = 1\n" + T + "[[more]]\n",
}
Said = dict[str, Any]
Change = tuple[str, *tuple[Any, ...]]


def put(said: Said, table: str, name: str, block: Said) -> None:
    """Set a block."""
    said.setdefault(table, {})[name] = block


def drop(said: Said, table: str, name: str) -> None:
    """Take a block or key out, and with the last one its table."""
    del said[table][name]
    if not said[table]:
        del said[table]


def activate(said: Said, account: str | None, workspace: int | None) -> None:
    """Make these the active ones, or take them out."""
    active = {"account": account, "workspace": workspace}
    said["active"] = {key: each for key, each in active.items() if each is not None}
    if not said["active"]:
        del said["active"]


def modelled(said: Said, change: Change) -> Said:
    """What a file says after a change: itself, where the change is refused."""
    said = copy.deepcopy(said)
    accounts, targets = said.get("accounts", {}), said.get("targets", {})
    match change:
        case ("add", name, block) if name not in accounts:
            put(said, "accounts", name, dict(block))
            if len(said["accounts"]) == 1:
                said.setdefault("active", {})["account"] = name
        case ("update", name, fields) if name in accounts:
            accounts[name] |= fields
        case ("remove", name) if name in accounts:
            drop(said, "accounts", name)
            if said.get("active", {}).get("account") == name:
                activate(said, None, None)
        case ("use", name) if name in accounts:
            activate(said, name, None)
        case ("pin", workspace):
            said.setdefault("active", {})["workspace"] = workspace
        case ("save", name, block) if name not in targets and block["account"] in accounts:
            put(said, "targets", name, dict(block))
        case ("go", name) if name in targets and targets[name]["account"] in accounts:
            target = targets[name]
            accounts[target["account"]]["default_project"] = target["project"]
            activate(said, target["account"], target.get("workspace"))
        case ("forget", name) if name in targets:
            drop(said, "targets", name)
        case _:
            pass
    return said


DO: dict[str, Callable[..., object]] = {
    "add": lambda home, name, block: book.add(home, {"name": name, **block}),
    "update": book.update,
    "remove": lambda home, name: book.remove(home, name, force=True),
    "use": book.use_account,
    "pin": lambda home, workspace: book.use(home, Asked(workspace=workspace)),
    "save": lambda home, name, block: book.add_target(home, {"name": name, **block}),
    "go": book.use_target,
    "forget": book.remove_target,
}


def done(home: Home, change: Change) -> None:
    """Make a change; one that is refused leaves the file as it was."""
    before = home.places.config.read_bytes()
    try:
        DO[change[0]](home, *change[1:])
    except ConfigError:
        assert home.places.config.read_bytes() == before


names = st.sampled_from(["a", "b", "-", "1", "C_d"])
digits = st.sampled_from(["1", "0042", "9" * 20])
numbers = st.sampled_from([1, 77, 10**17])
text = st.text(st.characters(codec="utf-8"), min_size=1, max_size=5)
saved = st.sampled_from(["t", "u u"]) | text.filter(lambda name: name.strip() and "/" not in name)
own = {"region": st.sampled_from(["us", "eu", "in"])}
blocks = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("service_account"), **own, "username": text, "secret": text},
        optional={"default_project": digits},
    ),
    st.fixed_dictionaries({"type": st.just("oauth_browser"), **own}),
    st.fixed_dictionaries({"type": st.just("oauth_token"), **own, "token_env": text}),
)
changes = st.one_of(
    st.tuples(st.just("add"), names, blocks),
    st.tuples(st.just("update"), names, st.fixed_dictionaries(own)),
    st.tuples(st.just("update"), names, st.fixed_dictionaries({"default_project": digits})),
    st.tuples(st.sampled_from(["remove", "use"]), names),
    st.tuples(st.just("pin"), numbers),
    st.tuples(
        st.just("save"),
        saved,
        st.fixed_dictionaries(
            {"account": names, "project": digits}, optional={"workspace": numbers}
        ),
    ),
    st.tuples(st.sampled_from(["go", "forget"]), saved),
)


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(deadline=None, max_examples=25)
@given(sequence=st.lists(changes, min_size=1, max_size=8))
def test_a_file_says_what_all_changes_made_of_it(layout: str, sequence: list[Change]) -> None:
    """Whatever its layout and their order, it reads as TOML and every account is a valid one."""
    with tempfile.TemporaryDirectory() as folder:
        home = home_in(Path(folder), LAYOUTS[layout])
        said = tomllib.loads(LAYOUTS[layout])
        for change in sequence:
            done(home, change)
            said = modelled(said, change)
            assert tomllib.loads(home.places.config.read_bytes().decode()) == said
        home.config().accounts()


PROGRAM = """
import os, sys
from pathlib import Path
from own_home import home_in
from mixpanel_mcp_core.auth import book

def change(number):
    home = home_in(Path(sys.argv[1]))
    os.read(ready, 1)
    for each in range(5):
        name = f"p{number}-{each}"
        book.add(home, {"name": name, "type": "oauth_browser", "region": "us"})
        book.add_target(home, {"name": name, "account": name, "project": str(number)})
    book.remove_target(home, f"p{number}-0")

ready, go = os.pipe()
forks = []
for number in range(8):
    forks.append(os.fork())
    if not forks[-1]:
        os.close(go)
        change(number)
        os._exit(0)
# Now all of them go ahead.
os.close(go)
sys.exit(any([os.waitpid(each, 0)[1] for each in forks]))
"""


def test_changes_of_several_processes_lose_nothing(tmp_path: Path) -> None:
    """Each of eight adds accounts and targets at the same time, and takes one out again."""
    program = [sys.executable, "-c", PROGRAM, tmp_path]
    done = subprocess.run(program, env=environment({"HOME": str(tmp_path)}), timeout=60)
    config = home_in(tmp_path).config()
    every = sorted(f"p{number}-{each}" for number in range(8) for each in range(5))
    assert done.returncode == 0
    assert config.account_names == every
    assert config.target_names == [name for name in every if not name.endswith("-0")]
    assert config.active.account in every


HOLDER = """
import fcntl, os, sys
fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def test_a_folder_that_another_process_holds_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for ever: the error says why nothing was written. A dead process holds nothing."""
    home = home_in(tmp_path, CONFIG)
    folder = home.places.config.parent
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with (
            pytest.raises(ConfigError, match=r"Another process has been writing to \.mp for too"),
            locked(folder, longest=0.05),
        ):
            pass
        holder.kill()
    book.use_account(home, "ci")
    assert home.config().active.account == "ci"
