"""The page that a person sees in the browser when the login came back."""

_GOOD = ("Logged in", "You can close this window and go back to where you came from.")


def page(failure: str | None) -> str:
    """The whole page; `failure` is escaped text, None means that all went well."""
    title, text = _GOOD if failure is None else ("The login failed", failure)
    tone = "good" if failure is None else "bad"
    return _PAGE.format(title=title, text=text, tone=tone)


_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · mixpanel-mcp</title>
<style>
:root {{ color-scheme: light dark; --good: #12704a; --bad: #b3261e; --text: #1c1b22;
  --back: #f6f5fa; --card: #fff; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --good: #63d6a0; --bad: #ff9c94; --text: #eceaf4; --back: #15141a; --card: #211f29; }}
}}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center;
  font: 17px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); }}
main {{ max-width: 30rem; margin: 1rem; padding: 2.5rem; border-radius: 14px;
  background: var(--card); border-top: 5px solid var(--{tone});
  box-shadow: 0 6px 24px rgb(0 0 0 / .12); }}
h1 {{ margin: 0 0 .5rem; font-size: 1.5rem; color: var(--{tone}); }}
p {{ margin: 0; overflow-wrap: anywhere; }}
footer {{ margin-top: 1.5rem; font-size: .85rem; opacity: .75; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{text}</p>
<footer>mixpanel-mcp, which is not an official Mixpanel product</footer>
</main>
</body>
</html>
"""
