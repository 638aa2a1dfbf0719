"""Custom properties: values computed from other properties at query time."""

from typing import Any, Unpack, cast

from mixpanel_mcp_core.errors import QueryError
from mixpanel_mcp_core.models.governance.custom_properties import (
    CustomProperty,
    CustomPropertyChanges,
    CustomPropertyId,
    NewCustomProperty,
)
from mixpanel_mcp_core.models.wire import in_camel_case
from mixpanel_mcp_core.problems import unfit
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools.governance.toolset import governance

_PATH = "custom_properties/"
_FORMULA = "display_formula"
_COMPOSED = "composed_properties"
_BEHAVIOR = "behavior"


@governance.reads
async def list_custom_properties(session: Session) -> list[CustomProperty]:
    """List the custom properties with formula, type and what has them.

    Fails as a whole where a stored formula is broken; get_custom_property still reads the others.
    App API: GET custom_properties/.
    """
    try:
        return await session.app.get(_PATH, list[CustomProperty])
    except QueryError as error:
        if _is_about_a_formula(error):
            error.message = (
                "A stored custom property has a broken formula, so that none can be listed; "
                f"get_custom_property reads one by id. Mixpanel said: {error.message}"
            )
        raise


@governance.writes
async def create_custom_property(
    session: Session, **definition: Unpack[NewCustomProperty]
) -> CustomProperty:
    """Create a property that is computed from others, usable in every query at once.

    Give display_formula with composed_properties, or a behavior. validate_custom_property checks it
    first. Returns it with its id; 400 for a wrong formula. App API: POST custom_properties/.
    """
    return await session.app.post(_PATH, CustomProperty, _checked(definition))


@governance.reads
async def get_custom_property(session: Session, property_id: CustomPropertyId) -> CustomProperty:
    """Fetch one custom property with its formula and the properties in it.

    404 when there is none. App API: GET custom_properties/{id}/.
    """
    return await session.app.get(f"{_PATH}{property_id}/", CustomProperty)


@governance.destroys(idempotent=True)
async def update_custom_property(
    session: Session, property_id: CustomPropertyId, **changes: Unpack[CustomPropertyChanges]
) -> CustomProperty:
    """Change a custom property's name, text or formula; reports over it change too.

    What is not given stays; what has the property cannot be changed. Returns it. App API: PUT
    custom_properties/{id}/.
    """
    body = in_camel_case(changes)
    return await session.app.put(f"{_PATH}{property_id}/", CustomProperty, body)


@governance.destroys(idempotent=True)
async def delete_custom_property(session: Session, property_id: CustomPropertyId) -> None:
    """Delete a custom property for good; reports that use it break.

    App API: DELETE custom_properties/{id}/.
    """
    await session.app.delete(f"{_PATH}{property_id}/")


@governance.reads
async def validate_custom_property(
    session: Session, **definition: Unpack[NewCustomProperty]
) -> dict[str, Any]:
    """Check a custom property without creating it.

    Takes what create_custom_property takes. Returns Mixpanel's verdict, e.g. {"valid": true}; 400
    for a wrong formula. App API: POST custom_properties/validate/.
    """
    path = f"{_PATH}validate/"
    return await session.app.post(path, dict[str, Any], _checked(definition), changes=False)


def _is_about_a_formula(error: QueryError) -> bool:
    body = error.details.get("response_body")
    field = cast("dict[str, Any]", body).get("field") if isinstance(body, dict) else None
    return error.status_code == 400 and field == "displayFormula"


def _checked(definition: NewCustomProperty) -> dict[str, Any]:
    """The definition under Mixpanel's names; InvalidInputError where its parts exclude each other.

    An empty formula, behavior or set of properties is given all the same.
    """
    given = set(definition)
    if {_FORMULA, _BEHAVIOR} <= given:
        raise unfit(_BEHAVIOR, "cannot stand beside display_formula: give one of the two")
    if {_BEHAVIOR, _COMPOSED} <= given:
        raise unfit(_COMPOSED, "belongs to display_formula and cannot stand beside behavior")
    if _FORMULA in given and _COMPOSED not in given:
        raise unfit(
            _COMPOSED,
            "required beside display_formula, one entry for each letter in it; {} for none",
        )
    if not {_FORMULA, _BEHAVIOR} & given:
        raise unfit(_FORMULA, "required, unless behavior is given")
    return in_camel_case(definition)
