"""Trustpilot: reads a company's service reviews, takes its webhook, and answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from connectors.base import Capabilities, Connector, ConnectorKind, Context, MentionRef
from connectors.budgets import Budget
from connectors.checklist import checked
from connectors.trustpilot.settings import TrustpilotSettings
from connectors.trustpilot.source import TrustpilotConnector
from connectors.trustpilot.webhook import HOOK

__all__ = ["KIND", "TrustpilotConnector", "TrustpilotSettings"]

_READING = Capabilities(reply_mode="manual", max_length=10_000)


def _build(settings: TrustpilotSettings, context: Context) -> Connector:
    return TrustpilotConnector(settings, context)


def _capabilities(settings: TrustpilotSettings) -> Capabilities:
    able = replace(_READING, max_length=settings.max_reply_length)
    if not settings.may_answer:
        return able
    return replace(
        able, can_reply=True, can_find_reply=True, reply_mode="replace", can_withdraw=True
    )


def _budgets(settings: TrustpilotSettings) -> tuple[Budget, ...]:
    """Return the guidance of 833 calls in five minutes and 10,000 an hour, and the plan's year.

    A burst counts on top of the even flow, so each amount is split between the two.
    """
    budgets = (
        Budget("calls", 733, timedelta(minutes=5), burst=100),
        Budget("calls an hour", 9_000, timedelta(hours=1), burst=1_000),
    )
    year = settings.calls_per_year
    if not year:
        return budgets
    return (*budgets, Budget("calls a year", year * 0.9, timedelta(days=365), burst=year * 0.1))


def _answer_page(_settings: TrustpilotSettings, _ref: MentionRef) -> str:
    return "https://businessapp.b2b.trustpilot.com/"


KIND = ConnectorKind(
    name="trustpilot",
    title="Trustpilot",
    category="reviews",
    summary="Reads the service reviews of a company, by poll and webhook, and answers them",
    reply_needs="the API secret",
    settings=TrustpilotSettings,
    capabilities=_READING,
    build=_build,
    docs_url="https://developers.trustpilot.com/",
    capabilities_of=_capabilities,
    budgets_of=_budgets,
    hook=HOOK,
    answer_page=_answer_page,
    default_every=timedelta(minutes=30),
    advice={
        "AuthFailed": "Check the API key and secret under Integrations, Developers, APIs in "
        "Trustpilot Business, and that the plan includes the API module.",
        "Gone": "The review or the business unit is not there; look it up by its domain.",
        "NotSupported": "Answers need `api_secret` and `author_business_user_id`.",
        "LayoutChanged": "Check that base_url is Trustpilot's API and not its web page.",
        "RateLimited": "Nothing to do; when it is the year's amount, poll less often.",
        "Rejected": "Read the reason; most often the author of the answer is no business user.",
        "Unavailable": "Nothing to do; it is asked again later.",
    },
    setup=(
        "Have Trustpilot for Business with the API module, a paid add-on.",
        "Under Integrations, Developers, APIs make an application; its key goes into an "
        "environment variable named under `api_key`.",
        "Ask /v1/business-units/find?name=your-domain for `business_unit_id`.",
        "For answering, name its secret under `api_secret` as well, and under "
        "`author_business_user_id` the business user who answers.",
        "For the webhook, choose a long secret, name it under `webhook_secret`, and register our "
        "address with ?secret=… under Integrations, Webhooks, for service reviews.",
    ),
    cost="A paid plan with the API add-on: 200,000 calls a year in tier 1, 1,000,000 in tier 2.",
    limits="833 calls in five minutes and 10,000 an hour are advised; 100 reviews a call.",
    terms="Reviews may be shown with Trustpilot's name; consumers' addresses are not kept here.",
    tested="The documentation's samples, one recorded webhook, our own peer; no live account.",
    checklist=checked(moderation="a reply stands at once; Trustpilot hides it only afterwards"),
)
