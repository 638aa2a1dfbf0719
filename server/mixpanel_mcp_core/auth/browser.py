"""Opens a page in the person's browser."""

import asyncio
import sys

# In a process of its own: browsers print, and in a server standard output is the protocol's.
# Isolated, so that no module of the working directory takes the place of the library's.
_PROGRAM = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"
_SECONDS = 20


async def open_page(url: str) -> bool:
    """Open the page; False when there is no browser, e.g. on a server."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-c",
        _PROGRAM,
        url,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        return await asyncio.wait_for(process.wait(), _SECONDS) == 0
    except TimeoutError:
        # A browser that stays in the foreground is open all the same.
        return True
