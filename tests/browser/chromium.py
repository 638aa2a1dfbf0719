"""The real browser that pages are looked at with, and what is noted of a visit."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, Scheme] = ("light", "dark")

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MISSING = (
    "There is no Chromium or Chrome on the PATH: install one, e.g. "
    "`apt-get install --no-install-recommends chromium`, to see what people see."
)
# As WCAG 2.2 computes it; refuses what is translucent, whose contrast it cannot tell.
CONTRASTS = (Path(__file__).parent / "contrasts.js").read_text("utf-8")


def found() -> str:
    """The browser's program; without one the test fails, and says how to get it."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.fail(_MISSING)
    return program


def launch(library: Playwright, *switches: str) -> Browser:
    """The browser without a window; as root it cannot have a sandbox of its own."""
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return library.chromium.launch(executable_path=found(), args=[*as_root, *switches])


@dataclass
class Visit:
    """A page in a browser that knows nothing yet: what it asked for, what its console says."""

    page: Page
    requests: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    console: list[str] = field(default_factory=list[str])

    def text(self) -> list[str]:
        """The lines that are seen."""
        return [line for line in self.page.locator("main").inner_text().split("\n") if line]

    def contrasts(self) -> dict[tuple[str, str], float]:
        """The contrast of each text against what is behind it, by day and by night."""
        return {
            (scheme, text): contrast
            for scheme in SCHEMES
            for text, contrast in self._in(scheme, CONTRASTS).items()
        }

    def backgrounds(self) -> list[str]:
        """The colours of the page by day and by night."""
        colour = "getComputedStyle(document.body).backgroundColor"
        return [self._in(scheme, colour) for scheme in SCHEMES]

    def _in(self, scheme: Scheme, script: str) -> Any:
        self.page.emulate_media(color_scheme=scheme)
        return self.page.evaluate(script)

    def focused(self) -> tuple[str, bool]:
        """What the next key goes to, and whether one sees that."""
        return tuple(
            self.page.evaluate(
                "() => { const at = document.activeElement, style = getComputedStyle(at);"
                " return [at.innerText, style.outlineStyle === 'solid'"
                " && parseFloat(style.outlineWidth) >= 2]; }"
            )
        )


@contextmanager
def visiting(browser: Browser, **options: Any) -> Generator[Visit]:
    """A fresh page whose requests and messages are noted."""
    with browser.new_context(**options) as context:
        visit = Visit(context.new_page())

        def asked(request: Request) -> None:
            visit.requests.append((request.method, request.url.partition("?")[0]))

        def said(message: ConsoleMessage) -> None:
            visit.console.append(message.text)

        visit.page.on("request", asked)
        visit.page.on("console", said)
        visit.page.on("pageerror", lambda error: visit.console.append(str(error)))
        yield visit
