"""The picture that goes with an alert which fired: its name, what was seen, what was waited for."""

import re
from html import escape

from .alert_checks import HISTORY, alerts
from .calls import Call, Json, ok
from .entities import Entities
from .errors import missing
from .storage import signed_url

KEY = re.compile(r"alert-[0-9]+-(?P<entry>[0-9]+)\.svg")
PICTURE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="480" height="120" font-family="sans-serif">
<rect width="480" height="120" fill="white" stroke="silver"/>
<text x="20" y="40" font-size="20">{name}</text>
<text x="20" y="70">{value} at {time}</text>
<text x="20" y="95" fill="gray">{condition}</text>
</svg>
"""


def screenshot(call: Call) -> object:
    """Return where the picture of a key lies, for a while; 404 for a key of no history."""
    key = call.required("gcs_key")
    match = KEY.fullmatch(key)
    entry = match and Entities(call.database, HISTORY, "Entry").find(int(match["entry"]))
    if not entry or entry["gcs_key"] != key:
        raise missing(f"Screenshot {key} not found")
    call.store.files.keep(key, _drawn(entry, alerts(call).get(entry["alert_id"])).encode())
    return ok({"signed_url": signed_url(call, "GET", key)})


def _drawn(entry: Json, alert: Json) -> str:
    condition = entry["condition"]
    return PICTURE.format(
        name=escape(alert["name"]),
        value=entry["value"],
        time=entry["time"],
        condition=escape(f"{condition['type']} {condition['op']} {condition['value']}"),
    )
