"""What a session knows of its account: in memory, else kept from the last day, else asked."""

from mixpanel_mcp_core.auth.me import cached_me, keep_me, who_is
from mixpanel_mcp_core.models.session import Me
from mixpanel_mcp_core.session import Session

_KEY = "me"


def known_me(session: Session) -> Me | None:
    """The answer of `/me` as far as it is there already; never asks."""
    if _KEY not in session.remembered and session.places:
        kept = cached_me(session.places, session.scope.account.name)
        if kept is not None:
            session.remembered[_KEY] = kept
    return session.remembered.get(_KEY)


async def me_of(session: Session, *, refresh: bool = False) -> Me:
    """The answer of `/me`, asked where it is not known or where `refresh` wants it anew."""
    known = None if refresh else known_me(session)
    if known is not None:
        return known
    account = session.scope.account.name
    asked = await who_is(session.app, account)
    session.remembered[_KEY] = asked
    if session.places:
        keep_me(session.places, account, asked)
    return asked
