"""The `target` of one call: what its text asks for, and whether that may be."""

from mixpanel_mcp_core.auth.config import Config
from mixpanel_mcp_core.auth.resolve import Asked, Sources, pinned
from mixpanel_mcp_core.errors import ConfigError


def asked_by(target: str, config: Config) -> Asked:
    """What the text of a `target` argument asks for."""
    if "/" not in target:
        if target in config.account_names and target not in config.target_names:
            return Asked(target)
        if target not in config.target_names and target.isdecimal():
            raise ConfigError(
                f"target: there is no saved target {target!r}. For a project write '/{target}'.",
                details={"field": "target", "allowed": config.target_names},
            )
        return Asked(target=target)
    parts = [part.strip() for part in target.split("/")]
    if len(parts) > 3:
        raise ConfigError(
            f"target: {target!r} has too many parts; write account/project/workspace.",
            details={"field": "target", "value": target},
        )
    account, project, workspace = [*parts, ""][:3]
    if workspace and not (workspace.isascii() and workspace.isdigit()):
        raise ConfigError(
            f"target: {workspace!r} is no workspace id, which is a positive whole number.",
            details={"field": "target", "value": target},
        )
    return Asked(account or None, project or None, int(workspace) if workspace else None)


def refuse_pinned(asked: Asked, sources: Sources) -> None:
    """Refuse what the environment would send elsewhere, which nobody would notice.

    Raises ConfigError naming the variable; whoever started the server pinned it there.
    """
    target = sources.config.target(asked.target) if asked.target else None
    wanted = {
        "account": target.account if target else asked.account,
        "project": target.project if target else asked.project,
        "workspace": target.workspace if target else asked.workspace,
    }
    for axis, (kept, variable) in pinned(sources.environ).items():
        if wanted[axis] not in (None, kept):
            raise ConfigError(
                f"target: it asks for {axis} {wanted[axis]}, but {variable} in the environment "
                f"keeps this server at {axis} {kept}; nothing was sent.",
                details={
                    "field": "target",
                    "asked": wanted[axis],
                    "kept": kept,
                    "env_var": variable,
                },
            )
