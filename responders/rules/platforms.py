"""What platforms ask of replies beyond their length, as data with the source of each."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlatformRules:
    """The rules of one platform; the defaults are for one we know nothing of."""

    name: str = ""
    refuses_emoji: bool = False
    refuses_similar: bool = False
    refuses_change_requests: bool = False
    refuses_review_requests: bool = False
    strips_html: bool = False
    source: str = ""


KNOWN = (
    PlatformRules(
        "yelp",
        refuses_emoji=True,
        refuses_similar=True,
        refuses_review_requests=True,
        source="Yelp, create-review-response: no emoji, not similar to an earlier comment",
    ),
    PlatformRules(
        "trustpilot",
        refuses_change_requests=True,
        source="Trustpilot guidelines for businesses v7: do not ask to change or remove a review",
    ),
    PlatformRules(
        "tripadvisor",
        refuses_change_requests=True,
        source="Tripadvisor management responses: do not ask to remove or change a review",
    ),
    PlatformRules(
        "googleplay", strips_html=True, source="Google Play, reply to reviews: plain text only"
    ),
    PlatformRules(
        "appstore", strips_html=True, source="App Store Connect, respond to reviews: plain text"
    ),
)


def platform_rules(platform: str) -> PlatformRules:
    """Return the rules for a connector or platform name such as ``google_play``."""
    key = re.sub(r"[\W_]+", "", platform.casefold())
    for rules in KNOWN:
        if key and rules.name in key:
            return rules
    return PlatformRules()
