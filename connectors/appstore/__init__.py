"""The App Store's public feed of customer reviews: no key, no answers, one country a request."""

from __future__ import annotations

from datetime import timedelta

from connectors.appstore.search import suggest
from connectors.appstore.settings import AppStoreSettings
from connectors.appstore.source import AppStoreConnector
from connectors.base import Capabilities, Connector, ConnectorKind, Context, MentionRef
from connectors.budgets import Budget
from connectors.checklist import checked

__all__ = ["KIND", "AppStoreConnector", "AppStoreSettings"]

REPLY_LENGTH = 5_970
"""What App Store Connect is said to take; its documentation does not give the number."""


def _build(settings: AppStoreSettings, context: Context) -> Connector:
    return AppStoreConnector(settings, context)


def _budgets(settings: AppStoreSettings) -> tuple[Budget, ...]:
    return (Budget("calls", settings.calls_per_minute, timedelta(minutes=1)),)


def _answer_page(settings: AppStoreSettings, _ref: MentionRef) -> str:
    return f"https://appstoreconnect.apple.com/apps/{settings.app_id}"


KIND = ConnectorKind(
    name="appstore",
    title="App Store, public feed",
    category="reviews",
    summary="Reads the newest 500 reviews of an app in each country, without a key",
    settings=AppStoreSettings,
    capabilities=Capabilities(reply_mode="manual", max_length=REPLY_LENGTH),
    build=_build,
    suggest=suggest,
    docs_url="https://itunes.apple.com/us/rss/customerreviews/page=1/id=1/sortby=mostrecent/json",
    budgets_of=_budgets,
    answer_page=_answer_page,
    default_every=timedelta(hours=1),
    advice={
        "AuthFailed": "Nothing was asked for here: Apple turns this address away. Poll less often.",
        "Gone": "Check the country codes; Apple has no such store.",
        "LayoutChanged": "Apple changed its feed, or a proxy answers in its place.",
        "RateLimited": "Nothing to do; it is asked again when there is room.",
        "Rejected": "Check the number of the app and the country codes.",
        "Unavailable": "Nothing to do; this feed fails for hours at times and comes back.",
    },
    setup=(
        "Open the app's page in the App Store; the number after `id` in its address is `app_id`.",
        "Name under `countries` each store where the app is sold and reviews matter.",
    ),
    cost="Nothing.",
    limits="The 500 newest reviews a country, 50 a request; Apple states no rate.",
    terms="Apple does not document this feed; an hourly poll is modest use.",
    tested="Recorded answers of 2021; our own peer, which also speaks the XML form.",
    checklist=checked(
        deletions="the feed cannot be asked for one review",
        length="the feed takes no replies; App Store Connect does",
        looks_first="the feed takes no replies",
        moderation="the feed takes no replies",
    ),
)
