"""The page that a person sees in the browser when the login came back."""

from html import escape
from typing import NamedTuple


class Shown(NamedTuple):
    """What a page says, in plain text."""

    title: str
    text: str
    mark: str = ""


# The code that came back is not redeemed yet: more than this cannot be promised.
LOGGED_IN = Shown(
    "Logged in",
    "You can close this window. What comes next is shown where you started the login.",
    "good",
)


def failed(why: str) -> Shown:
    """A login that has ended for this reason."""
    return Shown("The login failed", f"{why} You can close this window and log in again.", "bad")


def undecided(why: str) -> Shown:
    """A request that leaves a login as it was, so that nobody takes the login for failed."""
    return Shown("Nothing was done", why)


def page(shown: Shown) -> str:
    """The whole page."""
    return _PAGE.format(
        title=escape(shown.title), text=escape(shown.text), mark=_MARKS.get(shown.mark, "")
    )


# Drawn in the page: its policy lets nothing be loaded.
_MARKS = {
    "good": (
        '<svg class="good" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="22"/>'
        '<path d="M15 25l6.5 6.5L34 18"/></svg>'
    ),
    "bad": (
        '<svg class="bad" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="22"/>'
        '<path d="M17 17l14 14M31 17L17 31"/></svg>'
    ),
}
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · mixpanel-mcp</title>
<style>
:root {{ --page: #f5f5f7; --card: #fff; --edge: #dcdce3; --text: #1c1c21; --soft: #5c5c67;
  --good: #12704a; --bad: #b3261e; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --page: #141418; --card: #202026; --edge: #35353e; --text: #eeeef2; --soft: #a7a7b3;
    --good: #63d6a0; --bad: #ff9c94; }}
}}
body {{ margin: 0; padding: 1rem; background: var(--page); color: var(--text);
  font: 1.0625rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }}
main {{ box-sizing: border-box; max-width: 32rem; margin: 10vh auto 0;
  padding: clamp(1.5rem, 6vw, 2.5rem); background: var(--card); border: 1px solid var(--edge);
  border-radius: .875rem; }}
svg {{ display: block; width: 3rem; margin-bottom: 1.25rem; fill: none; stroke: currentColor;
  stroke-width: 3; stroke-linecap: round; stroke-linejoin: round; }}
.good {{ color: var(--good); }}
.bad {{ color: var(--bad); }}
h1 {{ margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }}
p {{ margin: 0; }}
footer {{ margin-top: 2rem; color: var(--soft); font-size: .875rem; }}
</style>
</head>
<body>
<main>
{mark}
<h1>{title}</h1>
<p>{text}</p>
<footer>mixpanel-mcp, not an official Mixpanel product</footer>
</main>
</body>
</html>
"""
