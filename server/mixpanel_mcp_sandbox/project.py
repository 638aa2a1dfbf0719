"""The one project of a sandbox, as its users see it."""

from dataclasses import dataclass
from typing import Any

from .identity import Model

USER_ID = 1
FIRST_NAME, LAST_NAME = "Sandbox", "User"
USER_NAME = f"{FIRST_NAME} {LAST_NAME}"
USER_EMAIL = "sandbox@example.com"
# Mixpanel tells in one of two shapes who did something.
USER: dict[str, Any] = {"id": USER_ID, "name": USER_NAME, "email": USER_EMAIL}
PERSON: dict[str, Any] = {"id": USER_ID, "first_name": FIRST_NAME, "last_name": LAST_NAME}
ORGANIZATION_ID = 1


@dataclass(frozen=True)
class Project:
    """Names and numbers of the project; `token` is what ingestion expects.

    `identity` is the rule by which ids are one person's, `session_minutes` the rest that ends a
    session."""

    name: str
    timezone: str = "UTC"
    identity: Model = "simplified"
    session_minutes: int = 30
    id: int = 1
    workspace_id: int = 1
    workspace_name: str = "All Project Data"
    token: str = "sandbox"
