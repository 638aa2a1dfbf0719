"""Which parts a session is made of, and which source each came from."""

from collections.abc import Iterator

from mixpanel_mcp_core.auth.bridge import find_bridge
from mixpanel_mcp_core.auth.home import Home
from mixpanel_mcp_core.auth.resolve import ENVIRONMENT, Resolution, Sources
from mixpanel_mcp_core.models.accounts import Explained

_VARIABLES = (
    "MP_USERNAME",
    "MP_SECRET",
    "MP_OAUTH_TOKEN",
    "MP_PROJECT_ID",
    "MP_REGION",
    "MP_WORKSPACE_ID",
    "MP_CONFIG_PATH",
    "MP_AUTH_FILE",
    "MP_STORAGE_DIR",
    "MP_OAUTH_STORAGE_DIR",
    "MP_CUSTOM_HEADER_NAME",
    "MP_API_BASE_URL",
    "MP_APP_BASE_URL",
)
_NONE = "none"


def explained(home: Home, place: str | None = None) -> list[Explained]:
    """One line for each part; raises what resolving raises."""
    sources = home.sources()
    if place is None and home.current.resolution is None and not sources.configured:
        parts = [Explained(part="account", value="sandbox", source="no credentials anywhere")]
    else:
        found = home.here(sources) if place is None else home.toward(place, sources)
        parts = list(_parts(found))
        if place is None and home.current.resolution is not None:
            parts.append(Explained(part="switched", value="yes", source="session_switch"))
    return [*parts, *_files(home, sources), _variables(home)]


def _parts(found: Resolution) -> Iterator[Explained]:
    scope, origins = found.scope, found.origins
    account = scope.account
    by = {ENVIRONMENT: "MP_USERNAME and MP_SECRET, or MP_OAUTH_TOKEN"}
    source = by.get(origins["account"], origins["account"])
    yield Explained(part="account", value=f"{account.name} ({account.type})", source=source)
    yield Explained(part="region", value=account.region, source="with the account")
    yield Explained(part="project", value=scope.project_id or _NONE, source=origins["project"])
    workspace = _NONE if scope.workspace_id is None else str(scope.workspace_id)
    yield Explained(part="workspace", value=workspace, source=origins["workspace"])
    names = ", ".join(name for name, _ in scope.headers)
    yield Explained(part="headers", value=names or _NONE, source="[settings] and bridge")


def _files(home: Home, sources: Sources) -> Iterator[Explained]:
    places = home.places
    there = "read" if places.config.exists() else "not there"
    yield Explained(part="config file", value=str(places.config), source=there)
    bridge = sources.bridge_path or find_bridge(places)
    looked = ", ".join(map(str, places.bridges))
    yield Explained(
        part="bridge file",
        value=str(bridge) if bridge else _NONE,
        source="read" if bridge else f"looked for {looked}",
    )
    yield Explained(part="storage", value=str(places.root), source="tokens, clients and caches")


def _variables(home: Home) -> Explained:
    names = [name for name in _VARIABLES if home.environ.get(name)]
    return Explained(part="variables", value=", ".join(names) or _NONE, source="environment")
