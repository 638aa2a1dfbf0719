"""Profiles page by page: one page after the other, or several at once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from mixpanel_mcp_core.errors import APIError, MixpanelError
from mixpanel_mcp_core.queries.users import Paging, UserPage, profiles_body, read_page
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_core.together import all_of

log = logging.getLogger(__name__)

# Mixpanel allows 60 queries an hour.
_MANY_PAGES = 48

Ask = Callable[[int, str | None], Awaitable[UserPage]]


class Profiles(NamedTuple):
    """Raw profiles, how they were read, and of how many they are (0: not told)."""

    profiles: list[dict[str, Any]]
    meta: dict[str, Any]
    population: int


async def read_pages(session: Session, params: Mapping[str, Any], paging: Paging) -> Profiles:
    """The profiles that `params` ask for, as many as `paging` wants, pages in order.

    Read one after the other, the first page that fails ends the call with its error. Read at
    once, a page that Mixpanel refuses does; one that is lost on the way, or cannot be read, is
    told in `meta.failed_pages`.
    """

    async def ask(page: int, session_id: str | None) -> UserPage:
        limit = None if paging.at_once else paging.limit
        body = profiles_body(params, session.project_id, page, session_id, limit)
        return read_page(await session.query.post("engage/", body, in_query=True), params)

    first = await ask(0, None)
    if paging.at_once and _is_countable(first, paging):
        return await _at_once(session, ask, paging, first)
    return await _one_by_one(session, ask, paging.limit, first)


def _is_countable(first: UserPage, paging: Paging) -> bool:
    """Whether it can be told how many pages to ask for; without a population, the limit tells."""
    if first.total or not first.profiles:
        return True
    return paging.limit is not None and paging.pages(0, first.size) <= _MANY_PAGES


async def _one_by_one(session: Session, ask: Ask, limit: int | None, first: UserPage) -> Profiles:
    page, profiles = first, list(first.profiles)
    known = set(map(_identity, profiles))
    number = 1
    while page.profiles and page.session_id is not None and not _enough(profiles, limit):
        await session.report(len(profiles), _goal(first, limit), f"{len(profiles):,} profiles")
        page = await ask(number, first.session_id)
        fresh = set(map(_identity, page.profiles)) - known
        if not fresh:
            # Empty, or the same again from a server that never comes to an end.
            break
        known |= fresh
        profiles += page.profiles
        number += 1
    meta = {"session_id": first.session_id, "pages_fetched": number, "parallel": False}
    return Profiles(profiles[:limit], meta, first.total)


def _enough(profiles: Sequence[Any], limit: int | None) -> bool:
    return limit is not None and len(profiles) >= limit


def _goal(first: UserPage, limit: int | None) -> int | None:
    goals = [each for each in (first.total or None, limit) if each is not None]
    return min(goals, default=None)


def _identity(profile: Mapping[str, Any]) -> str:
    return str(profile.get("$distinct_id") or profile)


async def _at_once(session: Session, ask: Ask, paging: Paging, first: UserPage) -> Profiles:
    more = first.session_id is not None and bool(first.profiles or first.total)
    count = paging.pages(first.total, first.size) if more else 1
    if count > _MANY_PAGES:
        log.warning("%d pages are near Mixpanel's limit of 60 queries an hour", count)
    rest = await _rest(session, ask, first.session_id, range(1, count), paging.workers)
    pages = [first, *(page for page in rest if page is not None)]
    failed = [number for number, page in enumerate(rest, start=1) if page is None]
    meta = {
        "session_id": first.session_id,
        "pages_fetched": len(pages),
        "failed_pages": failed,
        "parallel": True,
        "workers": paging.workers,
    }
    profiles = [profile for page in pages for profile in page.profiles]
    return Profiles(profiles[: paging.limit], meta, first.total)


async def _rest(
    session: Session, ask: Ask, session_id: str | None, numbers: range, workers: int
) -> list[UserPage | None]:
    """The pages after the first, None for one that failed; the first refusal stops them all."""
    gate, done = asyncio.Semaphore(workers), 1

    async def fetch(number: int) -> UserPage | None:
        nonlocal done
        async with gate:
            page = await _page_or_none(ask, number, session_id)
        done += 1
        await session.report(done, numbers.stop, f"{done} of {numbers.stop} pages")
        return page

    return await all_of(fetch(number) for number in numbers)


async def _page_or_none(ask: Ask, number: int, session_id: str | None) -> UserPage | None:
    try:
        return await ask(number, session_id)
    except APIError:
        raise
    except MixpanelError as error:
        log.warning("page %d failed: %s", number, error.message)
        return None
