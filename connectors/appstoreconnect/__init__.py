"""App Store Connect: reads all reviews of your own app and answers them."""

from __future__ import annotations

from datetime import timedelta

from connectors.appstoreconnect.settings import AppStoreConnectSettings
from connectors.appstoreconnect.source import MAX_LENGTH, AppStoreConnectConnector
from connectors.base import Capabilities, Connector, ConnectorKind, Context, MentionRef
from connectors.budgets import Budget
from connectors.checklist import checked

__all__ = ["KIND", "AppStoreConnectConnector", "AppStoreConnectSettings"]


def _build(settings: AppStoreConnectSettings, context: Context) -> Connector:
    return AppStoreConnectConnector(settings, context)


def _budgets(settings: AppStoreConnectSettings) -> tuple[Budget, ...]:
    """A burst counts on top of the even flow, so the amount is split between the two."""
    calls = settings.calls_per_hour
    return (Budget("calls", calls * 0.9, timedelta(hours=1), burst=max(calls * 0.1, 1)),)


def _answer_page(settings: AppStoreConnectSettings, _ref: MentionRef) -> str:
    return f"https://appstoreconnect.apple.com/apps/{settings.app_id}"


KIND = ConnectorKind(
    name="appstoreconnect",
    title="App Store Connect",
    category="reviews",
    summary="Reads all written reviews of your own app in every country, and answers them",
    settings=AppStoreConnectSettings,
    capabilities=Capabilities(
        can_reply=True,
        can_find_reply=True,
        reply_mode="replace",
        can_withdraw=True,
        max_length=MAX_LENGTH,
    ),
    build=_build,
    docs_url="https://developer.apple.com/documentation/appstoreconnectapi/customer-reviews",
    budgets_of=_budgets,
    answer_page=_answer_page,
    default_every=timedelta(minutes=15),
    advice={
        "AuthFailed": "Check key_id, issuer_id and the .p8 file under Users and Access, "
        "Integrations; the key needs the role Customer Support, App Manager or Admin. "
        "A clock that is minutes off makes every token worthless as well.",
        "Gone": "The review or the app is not there; check app_id.",
        "LayoutChanged": "Check that base_url is Apple's API and not a web page.",
        "RateLimited": "Nothing to do; it goes on when the hour is over.",
        "Rejected": "Read Apple's reason; most often the reply is too long.",
        "Unavailable": "Nothing to do; it is asked again later.",
    },
    setup=(
        "In App Store Connect open Users and Access, Integrations, App Store Connect API.",
        "Make a team key with the role Customer Support and download its .p8 file; that can be "
        "done once only.",
        "Put the file where Rapport may read it and name it under `private_key` as file:….",
        "Copy the key's id to `key_id` and the issuer id above the list to `issuer_id`.",
        "The app's number, under App Information, is `app_id`.",
    ),
    cost="Nothing beyond the membership in Apple's developer programme.",
    limits="3,500 calls an hour; 200 reviews a call; an answer of 5,970 characters (unverified) "
    "appears within a day.",
    terms="Your own app only; Apple asks for answers that are concise and personal.",
    tested="The OpenAPI description's shapes and our own peer, which checks each signature.",
    checklist=checked(
        recordings="no recorded review of this API is public; one recorded list of apps has its "
        "envelope"
    ),
)
