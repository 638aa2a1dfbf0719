"""What may stand in a session beside its account, and where a session goes from where it is."""

from collections.abc import Mapping
from typing import Any

import pytest
from documented import BRIDGE, CONFIG, PAIR, PLACE, sources

from mixpanel_mcp_core.auth.resolve import Asked, Resolution, resolve, switched
from mixpanel_mcp_core.errors import ConfigError

QUAD = {**PAIR, **PLACE}
HERE = {"account": "team", "project": "12345", "workspace": 77}
SETTINGS = '[settings]\ncustom_header = { name = "X-Cluster", value = "c1" }\n'


def told(found: Resolution) -> tuple[dict[str, Any], dict[str, str]]:
    """Where a session is, and which source each part is from."""
    scope = found.scope
    there = {
        "account": scope.account.name,
        "project": scope.project_id,
        "workspace": scope.workspace_id,
    }
    return there, dict(found.origins)


def origins(account: str, project: str, workspace: str) -> dict[str, str]:
    """The source of each part."""
    return {"account": account, "project": project, "workspace": workspace}


@pytest.mark.parametrize(
    ("environ", "asked", "bridged", "there", "source"),
    [
        (
            {},
            Asked(workspace=3),
            False,
            {**HERE, "workspace": 3},
            origins("[active]", "default of account team", "argument"),
        ),
        (
            {},
            Asked(project="9"),
            False,
            {**HERE, "project": "9", "workspace": None},
            origins("[active]", "argument", "none"),
        ),
        (
            {},
            Asked(project="9", workspace=3),
            False,
            {**HERE, "project": "9", "workspace": 3},
            origins("[active]", "argument", "argument"),
        ),
        (
            {},
            Asked(account="ci"),
            False,
            {"account": "ci", "project": "222", "workspace": None},
            origins("argument", "default of account ci", "none"),
        ),
        (
            QUAD,
            Asked(account="ci", project="9"),
            True,
            {"account": "ci", "project": "42", "workspace": None},
            origins("argument", "MP_PROJECT_ID", "none"),
        ),
        (
            {},
            Asked(account="ci", project="9", workspace=3),
            True,
            {"account": "ci", "project": "9", "workspace": 3},
            origins("argument", "argument", "argument"),
        ),
        (
            {"MP_WORKSPACE_ID": "6"},
            Asked(account="ci"),
            True,
            {"account": "ci", "project": "909", "workspace": 6},
            origins("argument", "bridge", "MP_WORKSPACE_ID"),
        ),
        (
            {"MP_WORKSPACE_ID": "6"},
            Asked(account="me", project="9", workspace=3),
            False,
            {"account": "me", "project": "9", "workspace": 3},
            origins("argument", "argument", "argument"),
        ),
        (
            {},
            Asked(target="ecom"),
            True,
            {"account": "ci", "project": "333", "workspace": 44},
            origins("target ecom", "target ecom", "target ecom"),
        ),
        (
            {},
            Asked(target="plain"),
            False,
            {"account": "team", "project": "555", "workspace": 77},
            origins("target plain", "target plain", "[active]"),
        ),
        (
            QUAD,
            Asked(target="ecom"),
            False,
            {"account": "env-service-account", "project": "42", "workspace": 44},
            origins("environment", "MP_PROJECT_ID", "target ecom"),
        ),
        (
            {},
            Asked(),
            False,
            {**HERE, "workspace": None},
            origins("[active]", "default of account team", "none"),
        ),
    ],
)
def test_a_session_switches_as_documented(
    environ: Mapping[str, str],
    asked: Asked,
    bridged: bool,
    there: dict[str, Any],
    source: dict[str, str],
) -> None:
    """Every row of the contract's table, and the source that each part is from then."""
    current = resolve(sources())
    given_ = sources(environ, BRIDGE if bridged else None)
    assert told(switched(current, given_, asked)) == (there, source)


@pytest.mark.parametrize("asked", [Asked(account="me"), Asked(account="me", workspace=3)], ids=str)
def test_an_account_without_a_project_is_not_switched_to(asked: Asked) -> None:
    """The project of before was another account's."""
    with pytest.raises(ConfigError, match="No project is chosen for account me"):
        switched(resolve(sources()), sources(), asked)


@pytest.mark.parametrize("account", ["nope", "cowork", "env-service-account"])
def test_only_accounts_of_the_config_file_are_switched_to(account: str) -> None:
    """One of the bridge or of the environment has no name there."""
    with pytest.raises(ConfigError, match=f"There is no account '{account}'"):
        switched(resolve(sources()), sources(QUAD, BRIDGE), Asked(account=account))


@pytest.mark.parametrize(
    ("settings", "carried", "headers"),
    [
        ("", {}, ()),
        (SETTINGS, {}, (("X-Cluster", "c1"),)),
        ("", {"X-A": "1", "x-b": "2"}, (("X-A", "1"), ("x-b", "2"))),
        (SETTINGS, {"X-Other": "2"}, (("X-Cluster", "c1"), ("X-Other", "2"))),
        (SETTINGS, {"x-CLUSTER": "c2"}, (("x-CLUSTER", "c2"),)),
        (SETTINGS.replace("X-Cluster", "authorization"), {"AUTHORIZATION": "sekret"}, ()),
    ],
)
def test_headers_of_the_bridge_lie_over_those_of_the_settings(
    settings: str, carried: dict[str, str], headers: tuple[tuple[str, str], ...]
) -> None:
    """Names count in any case, and neither replaces the authorization."""
    given_ = sources(bridge={**BRIDGE, "headers": carried}, config=CONFIG + settings)
    assert resolve(given_).scope.headers == headers


@pytest.mark.parametrize("value", ["", " sekret", "sekret\r\nX: 1", "sekrét", "sekret\x00"])
@pytest.mark.parametrize("source", ["settings", "bridge"])
def test_a_header_that_cannot_be_sent_is_refused_unseen(value: str, source: str) -> None:
    """Where it stands is told, not what it is."""
    escaped = "".join(f"\\u{ord(character):04x}" for character in value)
    settings = SETTINGS.replace("c1", escaped) if source == "settings" else ""
    carried = {"X-Cluster": value} if source == "bridge" else {}
    with pytest.raises(ConfigError) as caught:
        resolve(sources(bridge={**BRIDGE, "headers": carried}, config=CONFIG + settings))
    place = {"settings": "[settings].custom_header", "bridge": "the bridge's headers"}[source]
    assert caught.value.message == f"{place}: value is not the value of a header."


@pytest.mark.parametrize("name", ["", "X Cluster", "X:", "Ä", "X\n"])
def test_a_header_name_is_one_that_can_be_sent(name: str) -> None:
    """It would be part of every request."""
    with pytest.raises(ConfigError, match=r"name is not the name of a header\."):
        resolve(sources(bridge={**BRIDGE, "headers": {name: "1"}}))


@pytest.mark.parametrize("text", ['"77"', '" 77 "', "77"])
def test_an_active_workspace_may_be_a_text(text: str) -> None:
    """Other clients have written it so."""
    config = CONFIG.replace("workspace = 77", f"workspace = {text}")
    assert resolve(sources(config=config)).scope.workspace_id == 77


@pytest.mark.parametrize("text", ["0", "-5", '"0"'])
def test_an_active_workspace_is_positive_where_it_is_used(text: str) -> None:
    """Not before: another source may say which one."""
    given_ = sources(config=CONFIG.replace("workspace = 77", f"workspace = {text}"))
    assert resolve(given_, Asked(workspace=3)).scope.workspace_id == 3
    with pytest.raises(ConfigError, match=r"\[active\]: workspace: .* is no workspace id"):
        resolve(given_)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('project = "1"', "project"),
        ('acount = "team"', "acount"),
        ("account = 3", "account"),
        ("workspace = true", "workspace"),
        ("workspace = 7.0", "workspace"),
        ('workspace = "seven"', "workspace"),
        (f'workspace = "{"9" * 5000}"', "workspace"),
    ],
)
def test_what_does_not_belong_into_active_is_an_error(line: str, field: str) -> None:
    """A project there least of all: it would be taken for the one in use."""
    config = f"[active]\n{line}\n[accounts" + CONFIG.partition("[accounts")[2]
    with pytest.raises(ConfigError) as caught:
        resolve(sources(config=config))
    assert caught.value.message.startswith(f"[active]: {field}: ")
    assert caught.value.details == {"block": "[active]"}


def test_keys_of_older_layouts_do_no_harm() -> None:
    """Whatever stands at the root beside the tables of today."""
    older = 'config_version = 1\ndefault = "prod"\n[credentials.prod]\nusername = 3\n[projects]\n'
    assert resolve(sources(config=older + CONFIG)) == resolve(sources())
