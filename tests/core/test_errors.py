"""The tree of errors is the one that its module draws."""

import re
from collections.abc import Iterator

import mixpanel_mcp_core.errors as errors
from mixpanel_mcp_core.errors import EventNotFoundError, MixpanelError


def subclasses(kind: type[MixpanelError]) -> Iterator[type[MixpanelError]]:
    """All errors below one, those of other modules left out."""
    for each in kind.__subclasses__():
        if each.__module__ == errors.__name__:
            yield each
            yield from subclasses(each)


def test_the_drawn_tree_names_every_error_with_its_code() -> None:
    """Who reads the docstring knows them all."""
    drawn = dict(re.findall(r"[├└]─ (\w+) +([A-Z_]+)", errors.__doc__ or ""))
    assert drawn == {each.__name__: each.code for each in subclasses(MixpanelError)}


def test_every_error_tells_itself_in_the_same_form() -> None:
    """Type, code, message and details, ready for JSON."""
    failure = EventNotFoundError("Sing Up", ["Sign Up", "Sign In"])
    assert str(failure) == failure.message
    assert failure.to_dict() == {
        "type": "EventNotFoundError",
        "code": "EVENT_NOT_FOUND",
        "message": "There is no event 'Sing Up'. Did you mean 'Sign Up', 'Sign In'?",
        "details": {"event_name": "Sing Up", "similar_events": ["Sign Up", "Sign In"]},
    }


def test_an_unknown_event_without_neighbours_is_told_plainly() -> None:
    """No guess is better than a wild one."""
    assert str(EventNotFoundError("Refund", [])) == "There is no event 'Refund'."


def test_an_unknown_event_is_told_with_names_spelt_alike() -> None:
    """They stand in the sentence; the details have what Mixpanel's own client calls similar."""
    failure = EventNotFoundError("Purchse", [], ["Purchase"])
    assert str(failure) == "There is no event 'Purchse'. Did you mean 'Purchase'?"
    assert failure.details == {"event_name": "Purchse", "similar_events": []}


def test_details_are_a_copy() -> None:
    """What happens to the mapping afterwards does not change the error."""
    details = {"status_code": 404}
    failure = MixpanelError("Gone.", details=details)
    details.clear()
    assert failure.details == {"status_code": 404}
