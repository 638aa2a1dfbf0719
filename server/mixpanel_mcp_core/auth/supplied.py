"""Secrets on their way in: from an environment variable or the person, never as an argument."""

from mixpanel_mcp_core.auth.home import Home
from mixpanel_mcp_core.errors import ConfigError


async def supplied(home: Home, field: str, variable: str | None, command: str) -> str:
    """A secret or token to store.

    Raises ConfigError when the variable is not set, or when nobody can be asked; the error then
    has the command that asks.
    """
    if variable is not None:
        value = home.environ.get(variable)
        if not value:
            raise ConfigError(
                f"The environment variable {variable} of this server holds no {field}.",
                details={"field": "secret_env", "env_var": variable},
            )
    else:
        value = await home.person.ask(field.capitalize(), secret=True)
        if not value:
            raise ConfigError(
                f"The {field} is needed, and secrets are never arguments. Run in a terminal: "
                f"mixpanel-mcp {command} (it asks for it), or name an environment variable of this "
                "server in secret_env.",
                details={"field": "secret_env", "command": f"mixpanel-mcp {command}"},
            )
    home.learn(value)
    return value
