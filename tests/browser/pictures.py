"""Make the README's pictures anew: the page of charts in a real browser, by day and by night.

    uv run python -m tests.browser.pictures

The demo's clock stands still for them, so that they change with what is drawn alone.
"""

import sys
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))

from asked_charts import HOST, ask, shown
from chromium import SCHEMES, Visit, launch, visiting
from playwright.sync_api import FrameLocator, sync_playwright

PICTURES = Path(__file__).parent / "pictures"
SHOWN = ("trend", "funnel", "retention", "flow")
_WIDTH = 640
_MOMENT = datetime(2026, 11, 26, 18, tzinfo=UTC)


def main() -> None:
    """Write a picture for each chart and theme."""
    asked = ask(lambda: _MOMENT)
    with sync_playwright() as library, launch(library) as browser:
        size = {"width": _WIDTH, "height": 700}
        for name in SHOWN:
            for scheme in SCHEMES:
                with visiting(browser, viewport=size, device_scale_factor=1.5) as visit:
                    visit.page.set_content(HOST)
                    frame = shown(visit, asked.page, asked.answers[name], scheme)
                    # What opens the table is of no use in a picture.
                    frame.locator("#numbers").evaluate("numbers => numbers.hidden = true")
                    file = PICTURES / f"{name}-{scheme}.webp"
                    file.write_bytes(_picture(visit, frame))


def _picture(visit: Visit, frame: FrameLocator) -> bytes:
    """What is seen, in a format that is small and that the library does not offer by itself."""
    box = frame.locator("main").bounding_box()
    session = visit.page.context.new_cdp_session(visit.page)
    told = {"format": "webp", "quality": 90, "clip": {**(box or {}), "scale": 1}}
    return b64decode(session.send("Page.captureScreenshot", told)["data"])


if __name__ == "__main__":
    main()
