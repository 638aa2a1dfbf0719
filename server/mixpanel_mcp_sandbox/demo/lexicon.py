"""What the demo's Lexicon says about its events and properties."""

from dataclasses import dataclass
from typing import Literal

Tag = Literal["Commerce", "Growth", "Quality"]
Resource = Literal["event", "user"]


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """An event as the tracking plan describes it; description None: nobody knows it."""

    name: str
    description: str | None
    tags: tuple[Tag, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class PropertyDefinition:
    """A property of events or of user profiles.

    Attributes:
        example: A value as the data has it.
        sensitive: Personal data that must not be shown to everybody.
    """

    name: str
    resource: Resource
    description: str
    example: str | float | bool | list[str] | dict[str, str | int]
    sensitive: bool = False


EVENTS = (
    EventDefinition(
        "Session Opened", "App or site opened after at least 30 minutes of rest", ("Growth",)
    ),
    EventDefinition("Account Created", "Registration finished", ("Growth",)),
    EventDefinition("Search", "A search was submitted"),
    EventDefinition("Product Viewed", "A product page was shown", ("Commerce",)),
    EventDefinition("Wishlist Updated", "Item added to or removed from the wishlist", ("Growth",)),
    EventDefinition("Add to Cart", "Product put into the cart", ("Commerce",)),
    EventDefinition("Checkout Started", "First checkout screen", ("Commerce",)),
    EventDefinition("Payment Added", "Payment method entered", ("Commerce",)),
    EventDefinition("Payment Failed", "Payment refused or timed out", ("Commerce", "Quality")),
    EventDefinition("Order Completed", "Paid order (server)", ("Commerce",)),
    EventDefinition("Order Refunded", "Money given back (server)", ("Commerce",)),
    EventDefinition("$experiment_started", "Exposure to an experiment", ("Growth",)),
    EventDefinition("order_completed", None),
    EventDefinition("Debug Ping", "Left over from a test build", ("Quality",), hidden=True),
    EventDefinition("heartbeat", "A server is alive", ("Quality",), hidden=True),
    EventDefinition("$mp_session_record", "A session is being recorded", hidden=True),
)


def _event(name: str, description: str, example: str | float) -> PropertyDefinition:
    return PropertyDefinition(name, "event", description, example)


PROPERTIES = (
    _event("platform", "Client: web, iOS or Android", "web"),
    _event("country", "Country of the customer, ISO 3166", "DE"),
    _event("plan", "Membership at the time: free or plus", "plus"),
    _event("company_id", "Company that the customer buys for", "company-07"),
    _event("$browser", "Browser, web only", "Chrome"),
    _event("app_version", "Version of the app, mobile only", "4.2.1"),
    _event("$device_id", "Device or browser profile", "0e2b2b3c-6d0f-9d0a-6c52-d0a0cbd0f0a1"),
    _event("$user_id", "Customer, from the sign-up on", "customer-00042"),
    _event("utm_source", "Campaign source, first session only", "google"),
    _event("utm_medium", "Campaign medium, first session only", "cpc"),
    _event("utm_campaign", "Campaign name, first session only", "spring_sale"),
    _event("referrer", "Where the visit came from", "www.google.com"),
    _event("source", "Channel that brought the customer", "organic"),
    _event("method", "Way of signing up, or of paying", "card"),
    _event("query", "Words searched for", "rain jacket"),
    _event("results", "Number of hits", 24),
    _event("sku", "Article number", "NT-TE-001"),
    _event("category", "Product category", "Tents"),
    _event("price", "Price of one piece in USD", 189.9),
    _event("position", "Place of the product view within the session, from 1", 3),
    _event("quantity", "Pieces put into the cart", 2),
    _event("cart_value", "Value of the cart in USD, before discounts", 379.8),
    _event("items", "Pieces in the cart or order", 2),
    _event("order_id", "Order number", "NT0123456789"),
    _event("revenue", "Amount paid or given back in USD", 341.82),
    _event("currency", "Currency of revenue, ISO 4217", "USD"),
    _event("coupon", "Coupon redeemed, absent without one", "SPRING15"),
    _event("error_code", "Reason given by the payment provider", "CARD_DECLINED"),
    _event("reason", "Reason for the refund", "wrong size"),
    _event("action", "What happened to the wishlist: added or removed", "added"),
    _event("Experiment name", "Experiment that the customer takes part in", "one_page_checkout"),
    _event("Variant name", "Variant shown to the customer", "one page"),
    _event("build", "Build that left the ping behind", "checkout-v2"),
    _event("service", "Service that is alive", "orders"),
    _event("$mp_replay_id", "Recording of the session, web only", "replay-2f0e6b1d8c4a9e37"),
    _event("$mp_replay_retention_period", "Days that the recording is kept", 30),
    PropertyDefinition("$name", "user", "First and last name", "Ada Rossi", sensitive=True),
    PropertyDefinition(
        "$email", "user", "E-mail address", "ada.rossi.7@example.com", sensitive=True
    ),
    PropertyDefinition("$created", "user", "Time of the sign-up, UTC", "2026-01-12T18:20:11"),
    PropertyDefinition("country", "user", "Country of the customer, ISO 3166", "DE"),
    PropertyDefinition("plan", "user", "Membership: free or plus", "plus"),
    PropertyDefinition("source", "user", "Channel that brought the customer", "organic"),
    PropertyDefinition("platform", "user", "Client: web, iOS or Android", "web"),
    PropertyDefinition("company_id", "user", "Company that the customer buys for", "company-07"),
    PropertyDefinition("wishlists", "user", "Has the wishlists feature", True),
    PropertyDefinition("lifetime_orders", "user", "Orders so far", 3),
    PropertyDefinition("lifetime_value", "user", "Revenue so far in USD", 512.4),
    PropertyDefinition(
        "favourite_categories", "user", "The two categories viewed most", ["Tents", "Boots"]
    ),
    PropertyDefinition("sizes", "user", "Sizes of jacket and boots", {"jacket": "M", "boot": 42}),
)
