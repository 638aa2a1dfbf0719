"""Webhooks: addresses that Mixpanel calls, and what it answers about them."""

from typing import Annotated, Any, ClassVar, Literal, Required, cast

from pydantic import Field, model_validator
from typing_extensions import TypedDict

from mixpanel_mcp_core.fields import PathId
from mixpanel_mcp_core.models.wire import Answered

WebhookId = Annotated[PathId, Field(description="Webhook id, from list_webhooks.")]
AuthType = Literal["basic"]


class _Webhook(Answered):
    """What Mixpanel tells of a webhook, never its password."""

    @model_validator(mode="before")
    @classmethod
    def _without_password(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        told = cast("dict[str, Any]", value)
        return {key: each for key, each in told.items() if key != "password"}


class ProjectWebhook(_Webhook):
    """A webhook of the project."""

    listed: ClassVar[tuple[str, ...]] = (
        "id",
        "name",
        "url",
        "is_enabled",
        "auth_type",
        "creator_name",
        "created",
        "modified",
    )

    id: str
    name: str
    url: str
    is_enabled: bool
    auth_type: AuthType | None = None
    created: str | None = None
    modified: str | None = None
    creator_id: int | None = None
    creator_name: str | None = None


class WebhookMutationResult(_Webhook):
    """The webhook that was created or changed."""

    id: str
    name: str


class WebhookTestResult(_Webhook):
    """What the called address answered."""

    success: bool
    status_code: int
    message: str


class WebhookAuthorization(TypedDict, total=False):
    """How Mixpanel proves to an address who is calling."""

    auth_type: Annotated[AuthType, Field(description="basic, with username and password.")]
    username: Annotated[str, Field(description="User name of the basic authorization.")]
    password: Annotated[
        str, Field(description="Its password; sent to Mixpanel, and shown nowhere.")
    ]


class NewWebhook(WebhookAuthorization, total=False):
    """A webhook to create."""

    name: Required[Annotated[str, Field(description="Name, e.g. 'Pipeline'.")]]
    url: Required[Annotated[str, Field(description="Address to call, https://...")]]


class WebhookChanges(WebhookAuthorization, total=False):
    """Changes to a webhook; what is not given stays."""

    name: Annotated[str, Field(description="New name.")]
    url: Annotated[str, Field(description="New address.")]
    is_enabled: Annotated[bool, Field(description="False: kept, but not called.")]


class TriedWebhook(WebhookAuthorization, total=False):
    """A webhook to try, saved or not."""

    url: Required[Annotated[str, Field(description="Address to call, https://...")]]
    name: Annotated[str, Field(description="Name that the call tells.")]
