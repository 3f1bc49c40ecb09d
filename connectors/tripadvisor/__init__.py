"""Tripadvisor: shows the newest reviews of a place live, and keeps nothing but id and link."""

from __future__ import annotations

from datetime import timedelta

from connectors.base import Capabilities, Connector, ConnectorKind, Context, MentionRef
from connectors.budgets import Budget
from connectors.checklist import checked
from connectors.tripadvisor.settings import TripadvisorSettings
from connectors.tripadvisor.source import TripadvisorConnector

__all__ = ["KIND", "TripadvisorConnector", "TripadvisorSettings"]


def _build(settings: TripadvisorSettings, context: Context) -> Connector:
    return TripadvisorConnector(settings, context)


def _budgets(settings: TripadvisorSettings) -> tuple[Budget, ...]:
    """A burst counts on top of the even flow, so the amount is split between the two."""
    calls = settings.calls_per_month
    return (Budget("calls", calls * 0.9, timedelta(days=31), burst=max(calls * 0.1, 10)),)


def _answer_page(_settings: TripadvisorSettings, _ref: MentionRef) -> str:
    return "https://www.tripadvisor.com/Owners"


KIND = ConnectorKind(
    name="tripadvisor",
    title="Tripadvisor",
    category="reviews",
    summary="Notices the five newest reviews of a place; their words are shown live, never kept",
    settings=TripadvisorSettings,
    capabilities=Capabilities(reply_mode="manual", may_store=False),
    build=_build,
    docs_url="https://tripadvisor-content-api.readme.io/reference/getlocationreviews",
    budgets_of=_budgets,
    answer_page=_answer_page,
    default_every=timedelta(hours=1),
    advice={
        "AuthFailed": "Check the key in Tripadvisor's developer portal. A key bound to a domain "
        "needs that domain under `referer`; one bound to addresses needs ours among them.",
        "Gone": "Check location_id; the number follows -d in the place's address on Tripadvisor.",
        "LayoutChanged": "Check that base_url is the Content API and not a web page.",
        "RateLimited": "The day's budget is used up; it begins anew at midnight UTC. Raise the "
        "daily limit in the developer portal, or poll less often.",
        "Rejected": "Read the reason; most often a language that Tripadvisor does not know.",
        "Unavailable": "Nothing to do; it is asked again later.",
    },
    setup=(
        "Sign up for the Content API in Tripadvisor's developer portal; a card is needed, and a "
        "daily budget can be set there.",
        "Put the key into an environment variable and name that variable under `api_key`.",
        "If the key is bound to a domain, name an address of that domain under `referer`.",
        "`location_id` is the number after -d in the place's address on Tripadvisor.",
    ),
    cost="5,000 calls a month are free; more are paid for, up to the daily budget you set.",
    limits="The five newest reviews of each language; 50 calls a second.",
    terms="Nothing may be stored but the location's id: words are shown live and never kept.",
    tested="The documentation's samples and our own peer; no live account.",
    checklist=checked(
        edits="a review there cannot be edited; its author deletes it and writes another",
        length="Tripadvisor takes answers on its own pages only",
        looks_first="Tripadvisor takes answers on its own pages only",
        moderation="Tripadvisor takes answers on its own pages only",
        recordings="no recorded answer of this API is public",
    ),
)
