"""The page on which the user decides, and the way back to the application."""

import pytest
from oauth_login import CALLBACK, CHALLENGE, Application, Page, registered, sent_back
from sandbox_client import Client

HOSTILE = "\"><script>alert('1')</script>&amp;"
ISSUER = "http://sandbox"
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action "
)


@pytest.fixture
def application(client: Client) -> Application:
    """A registered application."""
    return registered(client)


@pytest.mark.parametrize("host", ["", "/mixpanel.com", "/eu.mixpanel.com"])
def test_the_user_is_asked(client: Client, host: str) -> None:
    """The page says where one is, who asks and for whom, and carries the request in its form."""
    application = registered(client, host, client_name="Tool")
    answer = application.ask()
    page = Page(answer.text)
    assert answer.status_code == 200
    assert "This is a local sandbox, not Mixpanel." in page.text
    assert "“Tool” asks to act as sandbox@example.com" in page.text
    assert "goes back to http://localhost:19284 on this computer" in page.text
    assert page.form == {"method": "post", "action": f"{host}/oauth/authorize/"}
    assert page.fields == application.asked()
    assert page.buttons == ["allow", "deny"]


def test_a_page_is_accessible(application: Application) -> None:
    """It has a language, a title, one main part with a heading, and buttons that show focus."""
    text = application.ask().text
    assert Page(text).tags >= {"title", "main", "h1", "button"}
    assert '<html lang="en">' in text
    assert "button:focus-visible" in text
    assert "prefers-color-scheme: dark" in text


@pytest.mark.parametrize(
    ("changes", "status", "targets"),
    [
        ({}, 200, "'self' http://localhost:19284"),
        ({"client_id": "unknown"}, 400, "'none'"),
    ],
)
def test_pages_run_and_load_nothing(
    application: Application, changes: dict[str, str], status: int, targets: str
) -> None:
    """The form may lead here and, by the redirect that answers it, to the application."""
    answer = application.ask(**changes)
    sent = {name: value for name, value in answer.headers.items() if name != "content-length"}
    assert answer.status_code == status
    assert sent == {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": POLICY + targets,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
    assert not Page(answer.text).tags & {"script", "link", "img", "iframe"}


def test_allowing_sends_a_code_to_the_application(application: Application) -> None:
    """With the code come the state as it was, and who issued it."""
    answer = application.decide("allow", state=HOSTILE)
    back = sent_back(answer)
    assert back == {"code": back["code"], "state": HOSTILE, "iss": ISSUER}
    assert len(back["code"]) == 43
    assert answer.headers["cache-control"] == "no-store"


def test_the_issuer_is_the_one_that_was_called(client: Client) -> None:
    """An application can tell the regions apart."""
    back = sent_back(registered(client, "/in.mixpanel.com").decide("allow"))
    assert back["iss"] == "http://sandbox/in.mixpanel.com"


def test_denying_is_told_to_the_application(application: Application) -> None:
    """No code comes of it."""
    assert sent_back(application.decide("deny")) == {
        "error": "access_denied",
        "error_description": "The user denied the access.",
        "state": "some state",
        "iss": ISSUER,
    }


def test_an_address_with_a_query_keeps_it(client: Client) -> None:
    """The answer is added to what the application registered."""
    address = f"{CALLBACK}?tab=1"
    application = registered(client, redirect_uris=[address])
    answer = application.decide("deny", redirect_uri=address)
    assert answer.headers["location"].startswith(f"{address}&error=access_denied&")


@pytest.mark.parametrize("decision", ["", "maybe"])
def test_a_decision_is_yes_or_no(application: Application, decision: str) -> None:
    """Nothing is allowed by accident."""
    back = sent_back(application.decide(decision))
    assert back["error"] == "invalid_request"
    assert back["error_description"] == "decision must be allow or deny."


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        (
            {"response_type": "token"},
            "unsupported_response_type",
            "response_type must be code.",
        ),
        ({"response_type": None}, "invalid_request", "response_type must be given, once."),
        ({"code_challenge": None}, "invalid_request", "code_challenge must be given, once."),
        (
            {"code_challenge": f"{CHALLENGE}="},
            "invalid_request",
            "code_challenge must be 43 characters of base64url.",
        ),
        (
            {"code_challenge_method": "plain"},
            "invalid_request",
            "code_challenge_method must be S256.",
        ),
        (
            {"code_challenge_method": None},
            "invalid_request",
            "code_challenge_method must be S256.",
        ),
    ],
)
def test_a_mistake_is_told_to_the_application(
    application: Application, changes: dict[str, str | None], error: str, sentence: str
) -> None:
    """Asking and answering are checked alike."""
    told = {"error": error, "error_description": sentence, "state": "some state", "iss": ISSUER}
    assert sent_back(application.ask(**changes)) == told
    assert sent_back(application.decide("allow", **changes)) == told


@pytest.mark.parametrize("state", [None, ""])
def test_a_request_has_a_state(application: Application, state: str | None) -> None:
    """Without one the application could not tell its own login from a foreign one."""
    assert sent_back(application.ask(state=state)) == {
        "error": "invalid_request",
        "error_description": "state must be given, once.",
        "iss": ISSUER,
    }


@pytest.mark.parametrize(
    ("name", "status"), [("state", 302), ("client_id", 400), ("redirect_uri", 400)]
)
def test_no_parameter_stands_twice(application: Application, name: str, status: int) -> None:
    """Of two values nobody can say which is meant."""
    twice = [*application.asked().items(), (name, application.asked()[name])]
    answer = application.client.request("GET", "/oauth/authorize/", auth=None, params=twice)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"client_id": "unknown"}, "No application is registered as “unknown”."),
        ({"client_id": None}, "No application is registered as “”."),
        ({"redirect_uri": None}, "The application did not register “”"),
        (
            {"redirect_uri": "http://app.example/callback"},
            "The application did not register “http://app.example/callback”",
        ),
        (
            {"redirect_uri": "http://localhost:19285/callback"},
            "The application did not register “http://localhost:19285/callback”",
        ),
        (
            {"redirect_uri": f"{CALLBACK}/../other"},
            "The application did not register “http://localhost:19284/callback/../other”",
        ),
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(
    application: Application, changes: dict[str, str | None], sentence: str
) -> None:
    """Who asks from nowhere known gets a page, and no redirect."""
    for answer in (application.ask(**changes), application.decide("allow", **changes)):
        assert answer.status_code == 400
        assert "location" not in answer.headers
        assert sentence in Page(answer.text).text


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_a_hostile_parameter_is_only_text_on_the_refusal(
    application: Application, name: str
) -> None:
    """What a stranger sends is shown, and does nothing."""
    page = Page(application.ask(**{name: HOSTILE}).text)
    assert HOSTILE in page.text
    assert "script" not in page.tags


def test_hostile_words_are_only_text_on_the_page(client: Client) -> None:
    """Neither a state nor an application's name gets out of its place."""
    page = Page(registered(client, client_name=HOSTILE).ask(state=HOSTILE).text)
    assert page.fields["state"] == HOSTILE
    assert f"“{HOSTILE}” asks" in page.text
    assert "script" not in page.tags


def test_a_decision_is_a_form(application: Application) -> None:
    """JSON is refused in OAuth's shape."""
    answer = application.client.request(
        "POST", "/oauth/authorize/", auth=None, json=application.asked()
    )
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "invalid_request",
        "error_description": "The body must be application/x-www-form-urlencoded.",
    }
