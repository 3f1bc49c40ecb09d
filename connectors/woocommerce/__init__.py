"""WooCommerce and WordPress: reads a shop's reviews and comments, answers below them."""

from __future__ import annotations

from datetime import timedelta

from connectors.base import Capabilities, Connector, ConnectorKind, Context, MentionRef
from connectors.budgets import Budget
from connectors.checklist import checked
from connectors.woocommerce.reviews import number_of
from connectors.woocommerce.settings import WooCommerceSettings
from connectors.woocommerce.source import LONGEST, WooCommerceConnector

__all__ = ["KIND", "WooCommerceConnector", "WooCommerceSettings"]


def _build(settings: WooCommerceSettings, context: Context) -> Connector:
    return WooCommerceConnector(settings, context)


def _capabilities(settings: WooCommerceSettings) -> Capabilities:
    if settings.application_password is None:
        return KIND.capabilities
    return Capabilities(
        can_reply=True,
        can_find_reply=True,
        reply_mode="append",
        max_length=LONGEST,
        length_unit="bytes",
    )


def _budgets(_settings: WooCommerceSettings) -> tuple[Budget, ...]:
    """No limit of the platform, but a shop's server has customers to serve."""
    return (Budget("calls", 60, timedelta(minutes=1), burst=30),)


def _answer_page(settings: WooCommerceSettings, ref: MentionRef) -> str:
    """The page of the shop's administration where the review is answered."""
    ident = number_of(ref.external_id)
    base = settings.base_url.rstrip("/")
    return f"{base}/wp-admin/comment.php?action=editcomment&c={ident}" if ident else ref.url


KIND = ConnectorKind(
    name="woocommerce",
    title="WooCommerce and WordPress",
    category="reviews",
    summary="Reads the reviews in your own shop, and comments, and answers below them",
    reply_needs="an application password",
    settings=WooCommerceSettings,
    capabilities=Capabilities(reply_mode="manual", max_length=LONGEST, length_unit="bytes"),
    build=_build,
    docs_url="https://woocommerce.github.io/woocommerce-rest-api-docs/",
    capabilities_of=_capabilities,
    budgets_of=_budgets,
    answer_page=_answer_page,
    default_every=timedelta(minutes=15),
    advice={
        "AuthFailed": "Make a new key under WooCommerce, Settings, Advanced, REST API. Where keys "
        "are right and still refused, the server drops the Authorization header: ask its host.",
        "Gone": "The review was deleted or lies in the trash; nothing can be answered there.",
        "NotSupported": "Answers need `wordpress_user` and `application_password`.",
        "LayoutChanged": "Check that base_url is the shop, that WooCommerce is 3.5 or newer, and "
        "that permalinks are not “Plain”.",
        "RateLimited": "Nothing to do; it is asked again later.",
        "Rejected": "Read the shop's reason; most often comments are closed for this product.",
        "Unavailable": "Nothing to do; it is asked again later.",
    },
    setup=(
        "In WordPress open WooCommerce, Settings, Advanced, REST API, Add key, permission Read.",
        "Put key and secret into environment variables and name them under `consumer_key` and "
        "`consumer_secret`.",
        "To answer, open Users, Profile of a user with the role Shop manager or Editor, make an "
        "application password, and give `wordpress_user` and `application_password`.",
    ),
    cost="Nothing.",
    limits="None of the platform's; replies of 65,525 bytes. At most 90 requests a minute.",
    terms="Your own shop: what you tell your customers about their data holds.",
    tested="The published source of both interfaces and our own peer; neither recordings nor a "
    "live shop.",
    checklist=checked(recordings="nobody has published any; the peer follows the source code"),
)
