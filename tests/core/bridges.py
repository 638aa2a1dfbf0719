"""Bridge files as other programs lay them, and the tokens that come of them."""

DEFAULT, BESIDE = ".claude/mixpanel/auth.json", "cwd/mixpanel_auth.json"
SERVICE = {
    "type": "service_account",
    "name": "cowork",
    "region": "in",
    "username": "sa.cowork",
    "secret": "sekret",
}
BROWSER = {"type": "oauth_browser", "name": "me", "region": "us"}
TOKENS = {
    "access_token": "sekret-access",
    "refresh_token": "sekret-refresh",
    "expires_at": "2026-05-04T13:00:00Z",
    "scope": "projects",
    "token_type": "Bearer",
}
BRIDGE = {"version": 2, "account": SERVICE}
LOGIN = {"version": 2, "account": BROWSER, "tokens": TOKENS}
STORED = {
    "access_token": "sekret-access",
    "expires_at": "2026-05-04T13:00:00+00:00",
    "token_type": "Bearer",
    "scope": "projects",
    "refresh_token": "sekret-refresh",
}
