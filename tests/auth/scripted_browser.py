"""A browser without a screen: opens the login page, presses a button, goes where it is sent.

As a program: `scripted_browser.py allow|deny URL`, or `visit URL` where nobody has to press.
"""

import sys
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPRedirectHandler, ProxyHandler, build_opener, urlopen


class _Form(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given["action"]
        if tag == "input":
            self.fields[given["name"]] = given["value"]


class _Staying(HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **options: Any) -> None:
        return None

    def http_error_302(self, req: Any, fp: Any, code: int, msg: str, headers: Any) -> Any:
        return fp


def sent_back(url: str, decision: str) -> str:
    """The address that the browser is sent to once the button was pressed."""
    with urlopen(url, timeout=10) as page:
        form = _Form(page.read().decode())
    pressed = urlencode({**form.fields, "decision": decision}).encode()
    opener = build_opener(ProxyHandler({}), _Staying())
    with opener.open(urljoin(url, form.action), pressed, timeout=10) as answer:
        return answer.headers["location"]


def browse(url: str, decision: str) -> None:
    """Log in, or not, and come back to whoever asked."""
    address = url if decision == "visit" else sent_back(url, decision)
    with urlopen(address, timeout=10) as page:
        page.read()


if __name__ == "__main__":
    browse(sys.argv[2], sys.argv[1])
