"""Yelp: reads the excerpts it shows, notices new reviews, and answers where a partner may."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from connectors.base import Capabilities, Connector, ConnectorKind, Context, MentionRef
from connectors.budgets import Budget
from connectors.checklist import checked
from connectors.yelp.partner import MAX_LENGTH
from connectors.yelp.settings import YelpSettings
from connectors.yelp.source import YelpConnector

__all__ = ["KIND", "YelpConnector", "YelpSettings"]

_BY_HAND = Capabilities(reply_mode="manual", max_length=MAX_LENGTH, retention=timedelta(hours=24))


def _build(settings: YelpSettings, context: Context) -> Connector:
    return YelpConnector(settings, context)


def _capabilities(settings: YelpSettings) -> Capabilities:
    """A partner may answer; Yelp offers no way to look whether an answer stands."""
    if not settings.may_answer:
        return _BY_HAND
    return replace(_BY_HAND, can_reply=True, reply_mode="append", can_find_reply=False)


def _budgets(settings: YelpSettings) -> tuple[Budget, ...]:
    """A burst counts on top of the even flow, so each amount is split between the two."""
    day, calls = timedelta(days=1), settings.calls_per_day
    return (
        Budget("calls", calls * 0.8, day, burst=max(calls * 0.2, 2)),
        Budget("replies", 10, day, unit="replies", burst=10),
    )


def _answer_page(_settings: YelpSettings, _ref: MentionRef) -> str:
    return "https://biz.yelp.com/"


KIND = ConnectorKind(
    name="yelp",
    title="Yelp",
    category="reviews",
    summary="Reads the excerpts that Yelp shows of a business and notices that there are more",
    reply_needs="a partner contract",
    settings=YelpSettings,
    capabilities=_BY_HAND,
    build=_build,
    docs_url="https://docs.developer.yelp.com/reference/v3_business_reviews",
    capabilities_of=_capabilities,
    budgets_of=_budgets,
    answer_page=_answer_page,
    default_every=timedelta(minutes=30),
    advice={
        "AuthFailed": "Check the API key under Manage App at Yelp, and that the plan is Enhanced "
        "or Premium; partners also check their refresh token and its scopes.",
        "Gone": "Look the business up again; its id or alias is in its address on Yelp.",
        "NotSupported": "Only Yelp's partners may answer by program; they name "
        "`partner_client_id`, `partner_client_secret` and "
        "`partner_refresh_token`.",
        "LayoutChanged": "Check that base_url is Yelp's API and not its web page.",
        "Problem": "Yelp shows three or seven reviews only; open the link to see the new one.",
        "RateLimited": "Nothing to do; the day's calls come back at midnight UTC.",
        "Rejected": "Read Yelp's reason; a partner's business user needs an accepted photo and "
        "name, and the business must be claimed.",
        "Unavailable": "Nothing to do; it is asked again later.",
    },
    setup=(
        "Make an app under Manage App at Yelp's developer site and choose a Places plan that "
        "shows reviews (Enhanced or Premium).",
        "Put its API key into an environment variable and name that variable under `api_key`.",
        "`business_id` is the id, or the last part of the business's address on Yelp.",
        "To answer from here you must be Yelp's partner with Respond to Reviews enabled; then "
        "name partner_client_id, partner_client_secret and partner_refresh_token.",
    ),
    cost="A Places plan that shows reviews; no free one does. Answering needs a partner contract.",
    limits="3 excerpts of 160 characters (7 on Premium), 300 calls a day on trial; a partner "
    "answers 20 reviews a day per location, 5,000 characters each, without emoji.",
    terms="What is read may be kept for 24 hours, and is shown with Yelp's name and a link.",
    tested="Recorded answers of 2015 to 2023; our own peer for the partner's side.",
    checklist=checked(
        deletions="Yelp cannot be asked for one review",
        looks_first="Yelp has no call that shows an answer; a person looks instead",
        moderation="Yelp does not tell what becomes of an answer",
    ),
)
