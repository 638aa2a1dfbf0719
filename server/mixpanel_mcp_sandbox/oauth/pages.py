"""The two pages that a person sees; they load nothing and run nothing."""

from collections.abc import Mapping
from html import escape
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

from mixpanel_mcp_sandbox.project import USER_EMAIL

from .clients import Client
from .visits import NO_STORE

CARRIED = (
    "response_type",
    "client_id",
    "redirect_uri",
    "state",
    "code_challenge",
    "code_challenge_method",
)
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action {targets}"
)
HEADERS = {
    **NO_STORE,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
:root {{ --page: #f5f5f7; --card: #fff; --edge: #dcdce3; --text: #1c1c21; --soft: #5c5c67;
  --line: #72727c; --key: #4a32b8; --on-key: #fff; --note: #fff3cf; --on-note: #4a3200; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --page: #141418; --card: #202026; --edge: #35353e; --text: #eeeef2; --soft: #a7a7b3;
    --line: #8d8d99; --key: #c3b5ff; --on-key: #1a1140; --note: #3d3000; --on-note: #ffe9a8; }}
}}
body {{ margin: 0; padding: 1rem; background: var(--page); color: var(--text);
  font: 1.0625rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }}
main {{ box-sizing: border-box; max-width: 32rem; margin: 10vh auto 0;
  padding: clamp(1.5rem, 6vw, 2.5rem); background: var(--card); border: 1px solid var(--edge);
  border-radius: .875rem; }}
h1 {{ margin: 0 0 1.25rem; font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }}
p {{ margin: 1rem 0 0; }}
.note {{ padding: .75rem 1rem; border-radius: .5rem; background: var(--note);
  color: var(--on-note); }}
form {{ display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.75rem; }}
button {{ flex: 1 1 7rem; padding: .65rem 1.25rem; border: 1px solid var(--line);
  border-radius: .5rem; background: none; color: inherit; font: inherit; cursor: pointer; }}
button[value=allow] {{ border-color: var(--key); background: var(--key); color: var(--on-key); }}
button:focus-visible {{ outline: 3px solid var(--key); outline-offset: 3px; }}
footer {{ margin-top: 2rem; color: var(--soft); font-size: .875rem; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p class="note"><strong>This is a local sandbox, not Mixpanel.</strong> No account and no data at
Mixpanel are touched.</p>
{content}
<footer>mixpanel-mcp sandbox, not an official Mixpanel product</footer>
</main>
</body>
</html>
"""
CONSENT = """\
<p>{name} asks to act as <strong>{user}</strong>: to read and to change everything in the
sandbox.</p>
<p>Your browser then goes back to <strong>{origin}</strong> on this computer.</p>
<form method="post" action="{action}">
{fields}
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny">Deny</button>
</form>"""


def consent_page(action: str, client: Client, given: Mapping[str, str]) -> HTMLResponse:
    """Return the page that asks whether a client may act as the sandbox's user."""
    origin = f"http://{urlsplit(given['redirect_uri']).netloc}"
    name = f"“{client.name}”" if client.name else "An application"
    content = CONSENT.format(
        name=escape(name),
        user=escape(USER_EMAIL),
        origin=escape(origin),
        action=escape(action),
        fields="\n".join(_hidden(each, given[each]) for each in CARRIED),
    )
    # Chromium holds the redirect that answers the form to this list as well.
    return _page("Allow access to the sandbox?", content, 200, f"'self' {origin}")


def refusal_page(sentence: str) -> HTMLResponse:
    """Return the page for a login that leads nowhere."""
    return _page("This login cannot go on", f"<p>{escape(sentence)}</p>", 400, "'none'")


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def _page(title: str, content: str, status: int, targets: str) -> HTMLResponse:
    headers = {**HEADERS, "content-security-policy": POLICY.format(targets=targets)}
    return HTMLResponse(PAGE.format(title=title, content=content), status, headers)
