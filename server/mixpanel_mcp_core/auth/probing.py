"""Which region credentials belong to, found by asking each in turn."""

import asyncio
from collections.abc import Mapping

from mixpanel_mcp_core.errors import MixpanelError, RegionProbeError, RegionProbeNetworkError
from mixpanel_mcp_core.http import Http, Request
from mixpanel_mcp_core.regions import REGIONS, Region, base_url
from mixpanel_mcp_core.retries import NEVER

_SECONDS = 5
_LONGEST_BODY = 4096


async def probed_region(http: Http, authorization: str, environ: Mapping[str, str]) -> Region:
    """The first region whose `/me` answers 200.

    Behind a gateway for all APIs there is only one place to ask. Raises RegionProbeError with
    every refusal, or RegionProbeNetworkError when no region could be reached.
    """
    attempts: list[tuple[str, int, str]] = []
    for region in _candidates(environ):
        url = base_url(region, "app", environ) + "/me"
        try:
            async with asyncio.timeout(_SECONDS):
                answer = await http.send(Request("GET", url), authorization, NEVER)
        except (MixpanelError, TimeoutError) as error:
            cause = error.__cause__
            told = f"{type(cause or error).__name__}: {cause or error}"
            attempts.append((region, 0, told[:_LONGEST_BODY]))
            continue
        if answer.status == 200:
            return region
        body = answer.body.decode(errors="replace")[:_LONGEST_BODY]
        attempts.append((region, answer.status, body))
    raise _refused(attempts)


def _candidates(environ: Mapping[str, str]) -> tuple[Region, ...]:
    moved = environ.get("MP_API_BASE_URL")
    if not moved or "{host}" in moved:
        return REGIONS
    return tuple(region for region in REGIONS if region == environ.get("MP_REGION")) or REGIONS[:1]


def _refused(attempts: list[tuple[str, int, str]]) -> RegionProbeError:
    told = ", ".join(f"{region}: {status or 'unreachable'}" for region, status, _ in attempts)
    if all(status == 0 for _, status, _ in attempts):
        return RegionProbeNetworkError(f"Mixpanel cannot be reached ({told}).", attempts)
    return RegionProbeError(f"No region of Mixpanel takes these credentials ({told}).", attempts)
