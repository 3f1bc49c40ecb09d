"""Google Play: reads the reviews of your app of the last week, and answers them."""

from __future__ import annotations

from datetime import timedelta

from connectors.base import Capabilities, Connector, ConnectorKind, Context, MentionRef
from connectors.budgets import Budget
from connectors.checklist import checked
from connectors.googleplay.settings import GooglePlaySettings
from connectors.googleplay.source import LONGEST, WINDOW, GooglePlayConnector

__all__ = ["KIND", "GooglePlayConnector", "GooglePlaySettings"]


def _build(settings: GooglePlaySettings, context: Context) -> Connector:
    return GooglePlayConnector(settings, context)


def _budgets(settings: GooglePlaySettings) -> tuple[Budget, ...]:
    # What may be used at once counts too, so that no single hour or day goes over the grant.
    return (
        _within("reads", settings.reads_per_hour, timedelta(hours=1)),
        _within("replies", settings.replies_per_day, timedelta(days=1)),
    )


def _within(name: str, granted: float, per: timedelta) -> Budget:
    at_once = max(1.0, granted / 4)
    return Budget(name, max(1.0, granted - at_once), per, name, at_once)


def _answer_page(_settings: GooglePlaySettings, _ref: MentionRef) -> str:
    return "https://play.google.com/console/"


KIND = ConnectorKind(
    name="googleplay",
    title="Google Play",
    category="reviews",
    summary="Reads the reviews of your app of the last week, and answers them",
    settings=GooglePlaySettings,
    capabilities=Capabilities(
        can_reply=True,
        can_find_reply=True,
        reply_mode="replace",
        max_length=LONGEST,
        listing_window=WINDOW,
    ),
    build=_build,
    docs_url="https://developers.google.com/android-publisher/reply-to-reviews",
    budgets_of=_budgets,
    answer_page=_answer_page,
    default_every=timedelta(minutes=15),
    advice={
        "AuthFailed": "Switch on the Google Play Android Developer API in the Cloud console, and "
        "invite the service account in the Play Console under Users and permissions with "
        '"View app information" and "Reply to reviews"; it may take a day to count.',
        "Gone": "Check the package name; the review may have been deleted.",
        "LayoutChanged": "Check that base_url is Google's API, or a server that plays it.",
        "RateLimited": "Nothing to do; reads are counted by the hour, replies by the day.",
        "Rejected": "Read Google's reason; replies are plain text of 350 characters.",
        "Unavailable": "Nothing to do; it is asked again later.",
    },
    setup=(
        "Switch on the Google Play Android Developer API for a project in the Cloud console.",
        "Make a service account in that project, and a JSON key for it.",
        "In the Play Console invite the account under Users and permissions with the permission "
        '"Reply to reviews" for the app.',
        "Keep the JSON key in a file that only Rapport reads, and name it under "
        "`service_account` as file:/path/to/key.json.",
        "For older reviews download the monthly CSV files in the Play Console, and run "
        "`rapport import --source` with the key of this source.",
    ),
    cost="Nothing.",
    limits="Only reviews with a text that were written or changed in the last seven days; 200 "
    "reads an hour and 2,000 replies a day per app; replies of 350 characters.",
    terms="The reviews of your own app may be kept.",
    tested="Our own peer, answers written after Google's reference and the shapes that client "
    "libraries publish; no recorded exchange was at hand.",
    checklist=checked(
        moderation="a reply can be seen at once",
        recordings="no recorded exchange of this API was at hand",
    ),
)
