"""A login as a person sees it: the sandbox's page, the page that it ends at, the terminal."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from chromium import Visit, launch, visiting
from playwright.sync_api import Browser, Playwright
from served import Served
from terminal_login import Login, logging_in

pytestmark = pytest.mark.usefixtures("ports")

AUTHORIZE = "mixpanel.com/oauth/authorize/"
DAY_AND_NIGHT = ["rgb(245, 245, 247)", "rgb(20, 20, 24)"]
NOTE = "This is a local sandbox, not Mixpanel. No account and no data at Mixpanel are touched."
SANDBOX_FOOTER = "mixpanel-mcp sandbox, not an official Mixpanel product"
FOOTER = "mixpanel-mcp, not an official Mixpanel product"
LOGGED_IN = [
    "Logged in",
    "You can close this window. What comes next is shown where you started the login.",
    FOOTER,
]
DENIED = "The login was refused, access_denied: The user denied the access."
# The browser's own remark on the status that a refused login is answered with.
STATUS_400 = "Failed to load resource: the server responded with a status of 400 (Bad Request)"
ACCOUNT = {
    "name": "sandbox",
    "type": "oauth_browser",
    "region": "us",
    "status": "untested",
    "is_active": True,
    "referenced_by_targets": [],
    "user_email": "sandbox@example.com",
    "project_id": "1",
    "project_name": "Sandbox",
}


def decide(visit: Visit, login: Login, decision: str) -> None:
    """Open the page, press a button with the mouse, and wait for where it leads."""
    visit.page.goto(login.url)
    visit.page.get_by_role("button", name=decision, exact=True).click()
    visit.page.wait_for_url(f"{login.back}?*")


def ways(sandbox: Served, login: Login) -> list[tuple[str, str]]:
    """All that a browser may ask for in a login."""
    page = sandbox.at(AUTHORIZE)
    return [("GET", page), ("POST", page), ("GET", login.back)]


def test_the_consent_page_says_where_one_is_and_what_is_asked(
    browser: Browser, sandbox: Served, tmp_path: Path
) -> None:
    """It is the sandbox and not Mixpanel; who would act as whom, and where one goes from there."""
    with logging_in(sandbox, tmp_path) as login, visiting(browser) as visit:
        visit.page.goto(login.url)
        assert visit.page.title() == "Allow access to the sandbox?"
        assert visit.text() == [
            "Allow access to the sandbox?",
            NOTE,
            "An application asks to act as sandbox@example.com: to read and to change everything "
            "in the sandbox.",
            f"Your browser then goes back to {login.back.removesuffix('/callback')} on this "
            "computer.",
            "Allow",
            "Deny",
            SANDBOX_FOOTER,
        ]


def test_allowing_needs_no_mouse_and_ends_in_an_account(
    browser: Browser, sandbox: Served, tmp_path: Path
) -> None:
    """Tab goes to the buttons and shows where one is; Enter allows, and the command is done."""
    with logging_in(sandbox, tmp_path) as login, visiting(browser) as visit:
        visit.page.goto(login.url)
        seen: list[tuple[str, bool]] = []
        for key in ("Tab", "Tab", "Shift+Tab"):
            visit.page.keyboard.press(key)
            seen.append(visit.focused())
        assert seen == [("Allow", True), ("Deny", True), ("Allow", True)]
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_url(f"{login.back}?*")
        assert visit.page.title() == "Logged in · mixpanel-mcp"
        assert visit.text() == LOGGED_IN
        status, answer, told = login.ended()
        assert (status, json.loads(answer)["result"], told) == (0, ACCOUNT, "\n")
        assert visit.requests == ways(sandbox, login)
        assert visit.console == []


def test_denying_ends_the_login_and_says_why(
    browser: Browser, sandbox: Served, tmp_path: Path
) -> None:
    """The page and the command give the same reason; nothing is left behind but the client."""
    with logging_in(sandbox, tmp_path) as login, visiting(browser) as visit:
        decide(visit, login, "Deny")
        assert visit.page.title() == "The login failed · mixpanel-mcp"
        assert visit.text() == [
            "The login failed",
            f"{DENIED} You can close this window and log in again.",
            FOOTER,
        ]
        status, answer, told = login.ended()
        assert (status, answer, told.splitlines()[1]) == (1, "", f"OAUTH_TOKEN_ERROR: {DENIED}")
        assert visit.requests == ways(sandbox, login)
        assert visit.console == [STATUS_400]
    left = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert left == ["client_us.json"]


def test_a_hostile_reason_is_only_text(browser: Browser, sandbox: Served, tmp_path: Path) -> None:
    """What another page sends to the waiting login is shown as it is, and runs nothing."""
    hostile = "<img src=x onerror=\"document.title='owned'\"><b>Bold"
    with logging_in(sandbox, tmp_path) as login, visiting(browser) as visit:
        visit.page.goto(f"{login.back}?error={quote(hostile)}")
        assert visit.page.title() == "The login failed · mixpanel-mcp"
        assert hostile in visit.text()[1]
        assert visit.page.locator("main img, main b").count() == 0


def test_another_address_leaves_the_login_waiting(
    browser: Browser, sandbox: Served, tmp_path: Path
) -> None:
    """A page that was opened by mistake says so, and the login can go on."""
    with logging_in(sandbox, tmp_path) as login, visiting(browser) as visit:
        visit.page.goto(login.back.removesuffix("callback"))
        assert visit.text() == ["Nothing was done", "Nothing is here.", FOOTER]
        decide(visit, login, "Allow")
        assert visit.text() == LOGGED_IN


def test_a_browser_elsewhere_ends_at_an_address_to_paste(
    library: Playwright, sandbox: Served, tmp_path: Path
) -> None:
    """Where the way back leads nowhere, the address of the broken page logs in all the same."""
    nowhere = "--host-resolver-rules=MAP localhost 127.0.0.9"
    with (
        logging_in(sandbox, tmp_path) as login,
        launch(library, nowhere) as browser,
        visiting(browser) as visit,
    ):
        visit.page.goto(login.url)
        with visit.page.expect_event("requestfailed") as broken:
            visit.page.get_by_role("button", name="Allow", exact=True).click()
        status, answer, told = login.ended(f"{broken.value.url}\n")
    assert (status, json.loads(answer)["result"], told) == (0, ACCOUNT, "\n")


def test_the_terminal_says_what_to_do(sandbox: Served, tmp_path: Path) -> None:
    """The address stands alone on its line; then what to do if the browser is elsewhere."""
    with logging_in(sandbox, tmp_path) as login:
        assert login.told == (
            "To log in, open this address in a browser:\n\n"
            f"  {login.url}\n\n"
            "Waiting for up to 5 minutes. Is the browser on another computer? Its last\n"
            "page will not load then: paste the address of that page here and press Enter:\n"
        )


@pytest.mark.parametrize("decision", ["Allow", "Deny"])
def test_pages_are_legible_by_day_and_by_night(
    browser: Browser, sandbox: Served, tmp_path: Path, decision: str
) -> None:
    """Every text has a contrast of 4.5 at least to what is behind it, as WCAG AA wants."""
    with logging_in(sandbox, tmp_path) as login, visiting(browser) as visit:
        visit.page.goto(login.url)
        contrasts, backgrounds = visit.contrasts(), visit.backgrounds()
        decide(visit, login, decision)
        contrasts |= visit.contrasts()
        assert visit.backgrounds() == backgrounds == DAY_AND_NIGHT
    assert {text: found for text, found in contrasts.items() if found < 4.5} == {}
    assert {("dark", "Allow"), ("dark", FOOTER)} < set(contrasts)


def test_pages_fit_a_phone(browser: Browser, sandbox: Served, tmp_path: Path) -> None:
    """Nothing is wider than the screen, and a thumb can hit the buttons."""
    phone = {"width": 390, "height": 844}
    width = "document.documentElement.scrollWidth"
    with logging_in(sandbox, tmp_path) as login, visiting(browser, viewport=phone) as visit:
        visit.page.goto(login.url)
        boxes = [each.bounding_box() for each in visit.page.get_by_role("button").all()]
        assert [box is not None and box["height"] >= 44 for box in boxes] == [True, True]
        assert visit.page.evaluate(width) == 390
        decide(visit, login, "Deny")
        assert visit.page.evaluate(width) == 390


def test_a_login_of_an_unknown_application_ends_at_once(browser: Browser, sandbox: Served) -> None:
    """It gets a legible page that leads nowhere."""
    with visiting(browser) as visit:
        visit.page.goto(f"{sandbox.at(AUTHORIZE)}?client_id=unknown")
        assert visit.text() == [
            "This login cannot go on",
            NOTE,
            "No application is registered as “unknown”. The sandbox forgets applications when it "
            "stops: let the application register again.",
            SANDBOX_FOOTER,
        ]
        assert min(visit.contrasts().values()) >= 4.5
        assert visit.backgrounds() == DAY_AND_NIGHT
        assert visit.requests == [("GET", sandbox.at(AUTHORIZE))]
