"""Hacker News: finds stories and comments that name you; answers are written by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from connectors.base import Capabilities, Connector, ConnectorKind, Context, MentionRef
from connectors.budgets import Budget
from connectors.checklist import checked
from connectors.hackernews.items import answer_address
from connectors.hackernews.settings import HackerNewsSettings
from connectors.hackernews.source import HackerNewsConnector

__all__ = ["KIND", "HackerNewsConnector", "HackerNewsSettings"]

CALLS_AN_HOUR = 10_000
"""What Algolia is said to allow one address; not in its documentation, so nobody relies on it."""


def _build(settings: HackerNewsSettings, context: Context) -> Connector:
    return HackerNewsConnector(settings, context)


def _capabilities(settings: HackerNewsSettings) -> Capabilities:
    return replace(KIND.capabilities, can_find_reply=bool(settings.username))


def _budgets(_settings: HackerNewsSettings) -> tuple[Budget, ...]:
    burst = CALLS_AN_HOUR / 10
    return (Budget("calls", CALLS_AN_HOUR - burst, timedelta(hours=1), burst=burst),)


def _answer_page(_settings: HackerNewsSettings, ref: MentionRef) -> str:
    return answer_address(ref.external_id)


def _suggest(name: str, given: Mapping[str, Any], _context: Context) -> Iterable[Mapping[str, Any]]:
    return [{"queries": [name], **given}]


KIND = ConnectorKind(
    name="hackernews",
    title="Hacker News",
    category="social",
    summary="Finds stories and comments that name you; a person answers by hand",
    settings=HackerNewsSettings,
    capabilities=Capabilities(reply_mode="manual"),
    capabilities_of=_capabilities,
    budgets_of=_budgets,
    answer_page=_answer_page,
    build=_build,
    suggest=_suggest,
    docs_url="https://hn.algolia.com/api",
    default_every=timedelta(minutes=5),
    advice={
        "AuthFailed": "No account is needed there, so the search has shut out this machine's "
        "address; poll less often, and ask hn@ycombinator.com.",
        "Gone": "Check base_url; the search is not where it was.",
        "LayoutChanged": "Check that base_url is the search of Hacker News; look at what it "
        "answers, and report it to us.",
        "RateLimited": "Nothing to do; poll less often where it comes back.",
    },
    setup=(
        "Write the names to look for under `queries`; no account and no key is needed.",
        "Name your own Hacker News user under `username`, so that your answers are recognised.",
    ),
    cost="Nothing.",
    limits="About 10,000 requests an hour from one address; 1,000 hits a window, so the window "
    "moves. A text can be edited for two hours.",
    terms="There is no API for answers; write as a person, and say whom you work for.",
    tested="Recorded items of Hacker News; our own peer of the search.",
    checklist=checked(
        length="answers are pasted by a person, and no limit is documented",
        moderation="nothing of ours is sent there",
    ),
)
