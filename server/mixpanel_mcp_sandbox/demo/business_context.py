"""What the demo's shop and its owner are about, for whoever looks at the numbers."""

from mixpanel_mcp_sandbox.business_context import ORGANIZATION, PROJECT

from .document import Document

SHOP = """\
# Northwind Trail

An outdoor shop with clients for web, iOS and Android. Times are UTC, money is in USD.

## Words
- **Order**: `Order Completed`, sent by the server when it is paid. `order_completed` is a stray
  of an old release: never count it.
- **Revenue**: `revenue` of `Order Completed`; refunds are not taken off.
- **Active**: `Session Opened`. Debug Ping, heartbeat and $mp_session_record are noise.
- **Plus**: paying members, `plan` = plus. They pay 10 % less per order.

## Goals of this quarter
1. 80 % of the people who add a payment complete the order, on every client.
2. Half of the new customers come back in their second week.

## Know before you judge
- Android 4.2.0 broke card payments; break checkout down by `app_version`.
- The spring sale brought many who did not stay.
- Since the eighth week 30 % of the customers have wishlists.
"""
OWNER = """\
Northwind sells what people need outdoors. Weeks begin on Monday. Numbers for the board come from
the dashboard "Weekly overview" only.
"""


def business_context() -> list[Document]:
    """Give the text about the project and the one about its organization."""
    texts = {PROJECT: SHOP, ORGANIZATION: OWNER}
    return [
        Document("business_context", level, None, {"id": level, "content": text})
        for level, text in texts.items()
    ]
