"""Account, project and workspace out of all sources: the truth table, its order, its errors."""

from collections.abc import Mapping
from typing import Any

import pytest
from documented import BRIDGE, CONFIG, PAIR, PLACE, TOKEN, sources
from hypothesis import given, settings
from hypothesis import strategies as st

from mixpanel_mcp_core.auth.resolve import Asked, Resolution, no_project, resolve
from mixpanel_mcp_core.errors import ConfigError, ParamValidationError

QUAD = {**PAIR, **PLACE}
TRIPLE = {**TOKEN, **PLACE}
NOTHING = Asked()


def where(found: Resolution) -> tuple[str, str | None, int | None]:
    """Account with its region, project and workspace."""
    scope = found.scope
    return f"{scope.account.name} ({scope.account.region})", scope.project_id, scope.workspace_id


TABLE: list[tuple[Mapping[str, str], Asked, bool, tuple[str, str | None, int | None]]] = [
    ({}, NOTHING, False, ("team (us)", "12345", 77)),
    ({}, NOTHING, True, ("cowork (in)", "909", 808)),
    ({}, Asked(account="ci"), True, ("ci (eu)", "909", 808)),
    ({}, Asked(target="ecom"), True, ("ci (eu)", "333", 44)),
    ({}, Asked(target="plain"), True, ("team (us)", "555", 808)),
    ({}, Asked(target="plain"), False, ("team (us)", "555", 77)),
    (QUAD, NOTHING, False, ("env-service-account (us)", "42", 77)),
    (QUAD, Asked(target="ecom"), True, ("env-service-account (us)", "42", 44)),
    ({**QUAD, **TOKEN}, NOTHING, False, ("env-service-account (us)", "42", 77)),
    (
        {**TRIPLE, "MP_REGION": "in"},
        Asked(account="team"),
        False,
        ("env-oauth-token (in)", "42", 77),
    ),
    ({"MP_USERNAME": "x", **TRIPLE}, NOTHING, False, ("env-oauth-token (us)", "42", 77)),
    ({**PAIR, "MP_PROJECT_ID": "42"}, NOTHING, False, ("team (us)", "42", 77)),
    ({**PAIR, "MP_REGION": "us"}, NOTHING, False, ("team (us)", "12345", 77)),
    ({"MP_PROJECT_ID": "42"}, Asked(project="1"), False, ("team (us)", "42", 77)),
    ({"MP_WORKSPACE_ID": "9"}, Asked(workspace=3), False, ("team (us)", "12345", 9)),
    ({"MP_REGION": "eu"}, NOTHING, False, ("team (us)", "12345", 77)),
    ({}, Asked(account="me"), False, ("me (us)", None, 77)),
    ({}, Asked(project="1", workspace=3), True, ("cowork (in)", "1", 3)),
    (dict.fromkeys(QUAD, ""), NOTHING, False, ("team (us)", "12345", 77)),
    ({**QUAD, "MP_SECRET": ""}, NOTHING, False, ("team (us)", "42", 77)),
    ({**QUAD, "MP_OAUTH_TOKEN": ""}, NOTHING, False, ("env-service-account (us)", "42", 77)),
    ({**QUAD, "MP_PROJECT_ID": "0042"}, NOTHING, False, ("env-service-account (us)", "0042", 77)),
    ({"MP_WORKSPACE_ID": " 9 "}, NOTHING, False, ("team (us)", "12345", 9)),
]


@pytest.mark.parametrize(("environ", "asked", "bridged", "expected"), TABLE)
def test_the_sources_make_a_scope(
    environ: Mapping[str, str], asked: Asked, bridged: bool, expected: tuple[Any, ...]
) -> None:
    """Every row of the documented truth table, and what empty values and spaces mean."""
    assert where(resolve(sources(environ, BRIDGE if bridged else None), asked)) == expected


@st.composite
def mixtures(draw: st.DrawFn) -> dict[str, Any]:
    """Any of the sources that there may be, each with values of its own."""
    pick = st.booleans()
    return {
        "environ": {
            **(PAIR if draw(pick) else {}),
            **(TOKEN if draw(pick) else {}),
            **({"MP_PROJECT_ID": "1"} if draw(pick) else {}),
            **({"MP_REGION": "us"} if draw(pick) else {}),
            **({"MP_WORKSPACE_ID": "1"} if draw(pick) else {}),
        },
        "asked": Asked(target="t")
        if draw(pick)
        else Asked(
            account="explicit" if draw(pick) else None,
            project="2" if draw(pick) else None,
            workspace=2 if draw(pick) else None,
        ),
        "target": {"workspace": 3} if draw(pick) else {},
        "bridge": draw(
            st.none()
            | st.fixed_dictionaries(
                {"account": st.just({**BRIDGE["account"], "name": "bridged"})},
                optional={"project": st.just("4"), "workspace": st.just(4)},
            )
        ),
        "active": {
            **({"account": "active"} if draw(pick) else {}),
            **({"workspace": 5} if draw(pick) else {}),
        },
        "default": draw(pick),
    }


def config_of(mixture: Mapping[str, Any]) -> str:
    """The config file of a mixture."""
    default = 'default_project = "5"\n' if mixture["default"] else ""
    kind = f'type = "oauth_browser"\nregion = "us"\n{default}'
    blocks = [f"[accounts.{name}]\n{kind}" for name in ("explicit", "targeted", "active")]
    saved = {"account": '"targeted"', "project": '"3"', **mixture["target"]}
    active = {**mixture["active"]}
    if "account" in active:
        active["account"] = '"active"'
    tables = {"targets.t": saved, "active": active}
    for name, table in tables.items():
        blocks.append(f"[{name}]\n" + "".join(f"{key} = {each}\n" for key, each in table.items()))
    return "".join(blocks)


def in_order(mixture: Mapping[str, Any]) -> dict[str, tuple[Any, str] | None]:
    """The first source of each axis in the documented order, with what it says."""
    env, asked, bridge = mixture["environ"], mixture["asked"], mixture["bridge"] or {}
    active, saved = mixture["active"], mixture["target"] if asked.target else {}
    place = "MP_PROJECT_ID" in env and "MP_REGION" in env
    accounts = [
        (place and "MP_SECRET" in env and "env-service-account", "environment"),
        (place and "MP_OAUTH_TOKEN" in env and "env-oauth-token", "environment"),
        (asked.account, "argument"),
        (asked.target and "targeted", "target t"),
        (bridge and "bridged", "bridge"),
        (active.get("account"), "[active]"),
    ]
    account = next((each for each in accounts if each[0]), None)
    own = account and account[0] in ("explicit", "targeted", "active") and mixture["default"]
    projects = [
        (env.get("MP_PROJECT_ID"), "MP_PROJECT_ID"),
        (asked.project, "argument"),
        (asked.target and "3", "target t"),
        (bridge.get("project"), "bridge"),
        (own and "5", f"default of account {account and account[0]}"),
    ]
    workspaces = [
        (int(env.get("MP_WORKSPACE_ID", 0)), "MP_WORKSPACE_ID"),
        (asked.workspace, "argument"),
        (saved.get("workspace"), "target t"),
        (bridge.get("workspace"), "bridge"),
        (active.get("workspace"), "[active]"),
    ]
    axes = {"account": accounts, "project": projects, "workspace": workspaces}
    return {axis: next((each for each in said if each[0]), None) for axis, said in axes.items()}


@settings(deadline=None)
@given(mixtures())
def test_the_first_source_of_each_axis_wins(mixture: dict[str, Any]) -> None:
    """Whatever else there is; the source that is told is the one that won."""
    expected = in_order(mixture)
    given_ = sources(mixture["environ"], mixture["bridge"], config_of(mixture))
    if expected["account"] is None:
        with pytest.raises(ConfigError):
            resolve(given_, mixture["asked"])
        return
    found = resolve(given_, mixture["asked"])
    scope, origins = found.scope, found.origins
    values = {
        "account": scope.account.name,
        "project": scope.project_id,
        "workspace": scope.workspace_id,
    }
    assert {axis: (values[axis], origins[axis]) for axis in values} == {
        axis: each or (None, "none") for axis, each in expected.items()
    }


@pytest.mark.parametrize("environ", [{}, PAIR, TRIPLE, QUAD], ids=["alone", "pair", "3", "4"])
@pytest.mark.parametrize("asked", [NOTHING, Asked(account="ci"), Asked(target="ecom")], ids=str)
@pytest.mark.parametrize("bridge", [None, BRIDGE], ids=["no bridge", "bridge"])
@pytest.mark.parametrize(
    ("region", "near"),
    [("EU", "eu"), ("uk", "us"), ("usa", "us"), ("India", "in"), (" us", "us"), ("xyz", None)],
)
def test_a_wrong_region_is_refused_with_the_nearest(
    environ: Mapping[str, str], asked: Asked, bridge: Any, region: str, near: str | None
) -> None:
    """Case matters, and it is told whichever source would win."""
    with pytest.raises(ConfigError) as caught:
        resolve(sources({**environ, "MP_REGION": region}, bridge), asked)
    assert caught.value.to_dict() == {
        "type": "ConfigError",
        "code": "CONFIG_ERROR",
        "message": f"MP_REGION is {region!r}; it must be one of us, eu, in."
        + (f" Did you mean {near!r}?" if near else ""),
        "details": {"env_var": "MP_REGION", "value": region, "allowed": ["us", "eu", "in"]},
    }


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({"MP_USERNAME": "sa.user"}, ["MP_SECRET", "MP_PROJECT_ID", "MP_REGION"]),
        ({"MP_SECRET": "sekret-pair", **PLACE}, ["MP_USERNAME"]),
        (PAIR, ["MP_PROJECT_ID", "MP_REGION"]),
        ({**QUAD, "MP_REGION": ""}, ["MP_REGION"]),
        (TOKEN, ["MP_PROJECT_ID", "MP_REGION"]),
        ({**TOKEN, "MP_PROJECT_ID": "42", "MP_USERNAME": "sa.user"}, ["MP_REGION"]),
    ],
)
def test_incomplete_credentials_name_everything_missing(
    environ: Mapping[str, str], missing: list[str]
) -> None:
    """Where no other source has an account; no secret is shown."""
    with pytest.raises(ConfigError) as caught:
        resolve(sources(environ, config=""))
    order = ["MP_USERNAME", "MP_SECRET", "MP_OAUTH_TOKEN", "MP_PROJECT_ID", "MP_REGION"]
    found = [name for name in order if environ.get(name)]
    assert caught.value.details == {"found": found, "missing": missing}
    assert all(name in caught.value.message for name in [*found, *missing])
    assert "sekret" not in repr(caught.value.to_dict())
    assert where(resolve(sources(environ, BRIDGE, "")))[0] == "cowork (in)"


@pytest.mark.parametrize("environ", [{}, PLACE, {"MP_WORKSPACE_ID": "9"}], ids=str)
def test_without_an_account_every_way_to_one_is_told(environ: Mapping[str, str]) -> None:
    """A place alone is no account; nor is one that is stored but not chosen."""
    with pytest.raises(ConfigError) as caught:
        resolve(sources(environ, config=""))
    ways = ["mixpanel-mcp login", *QUAD, *TOKEN, "MP_AUTH_FILE"]
    assert [way for way in ways if way not in caught.value.message] == []
    with pytest.raises(ConfigError, match="choose one of ci, me, team with `accounts_use`"):
        resolve(sources(environ, config=CONFIG.partition("[accounts")[2].join(["[accounts", ""])))


def test_without_a_project_every_way_to_one_is_told() -> None:
    """Tools and variables of ours, and the account it is about."""
    error = no_project("me")
    ways = ["`projects`", "`session_use`", "'me/PROJECT'", "MP_PROJECT_ID", "target", "bridge"]
    assert [way for way in ways if way not in error.message] == []
    assert error.details == {"account_name": "me"}


@pytest.mark.parametrize(
    ("asked", "kind", "name", "near"),
    [
        (Asked(account="nope"), "account", "nope", None),
        (Asked(account="tema"), "account", "tema", "team"),
        (Asked(target="ecmo"), "target", "ecmo", "ecom"),
    ],
)
def test_an_unknown_name_is_refused_with_those_there_are(
    asked: Asked, kind: str, name: str, near: str | None
) -> None:
    """A plain ConfigError, as other clients raise; the nearest name is offered."""
    with pytest.raises(ConfigError) as caught:
        resolve(sources(), asked)
    known = {"account": ["ci", "me", "team"], "target": ["ecom", "plain"]}[kind]
    details = {kind: name, "allowed": known, **({"nearest": near} if near else {})}
    assert (type(caught.value), caught.value.code) == (ConfigError, "CONFIG_ERROR")
    assert caught.value.details == details


def test_a_target_whose_account_is_gone_is_refused_only_when_it_is_used() -> None:
    """Removing an account may leave one behind."""
    given_ = sources(config=CONFIG.replace("[accounts.ci]", "[accounts.other]"))
    assert where(resolve(given_)) == ("team (us)", "12345", 77)
    with pytest.raises(ConfigError, match="There is no account 'ci'"):
        resolve(given_, Asked(target="ecom"))


@pytest.mark.parametrize("axes", [{"account": "ci"}, {"project": "1"}, {"workspace": 3}], ids=str)
def test_a_target_excludes_the_axes_that_it_says(axes: dict[str, Any]) -> None:
    """Each of them, under the documented code."""
    with pytest.raises(ParamValidationError) as caught:
        Asked(target="ecom", **axes)
    assert caught.value.code == "WS1_TARGET_MUTUALLY_EXCLUSIVE"


@pytest.mark.parametrize("project", ["abc", "-1", "4 2", " 42", "4.2", "٤٢", "²", "0x1F"])
def test_a_project_id_has_digits_only(project: str) -> None:
    """Digits of other scripts are no digits here, in the environment or asked for."""
    with pytest.raises(ConfigError, match="a project id has digits only") as caught:
        resolve(sources({**QUAD, "MP_PROJECT_ID": project}))
    assert caught.value.details == {"env_var": "MP_PROJECT_ID", "value": project}
    with pytest.raises(ConfigError, match="no project id, which has digits only") as caught:
        Asked(project=project)
    assert caught.value.details == {"field": "project", "value": project}


@pytest.mark.parametrize("workspace", ["0", "-9", "+9", "9.0", "nine", "٩", " ", "1_0", "9" * 5000])
def test_a_workspace_id_is_a_positive_whole_number(workspace: str) -> None:
    """White space around it is forgiven, nothing else, even where another source would win."""
    for environ in ({}, QUAD):
        with pytest.raises(ConfigError, match="a positive whole number") as caught:
            resolve(sources({**environ, "MP_WORKSPACE_ID": workspace}), Asked(workspace=3))
        assert caught.value.details == {"env_var": "MP_WORKSPACE_ID", "value": workspace}


@pytest.mark.parametrize("workspace", [0, -1])
def test_a_workspace_that_is_asked_for_is_positive(workspace: int) -> None:
    """Zero is no workspace."""
    with pytest.raises(ConfigError) as caught:
        Asked(workspace=workspace)
    assert caught.value.details == {"field": "workspace", "value": workspace}


@pytest.mark.parametrize("environ", [QUAD, TRIPLE, {}], ids=["quad", "triple", "config"])
@pytest.mark.parametrize("bridge", [None, BRIDGE], ids=["no bridge", "bridge"])
def test_secrets_never_show(environ: Mapping[str, str], bridge: Any) -> None:
    """Not in a repr, a text or a dump of what was resolved, nor of the bridge."""
    given_ = sources(environ, bridge)
    found = resolve(given_)
    account = found.scope.account
    shown = [found, str(found.scope), account.model_dump(), account.model_dump_json()]
    carried = [given_.bridge, given_.bridge and given_.bridge.model_dump_json()]
    assert "sekret" not in repr([*shown, *carried])
    assert "**********" in account.model_dump_json()
