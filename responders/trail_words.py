"""Puts the lines of a case's trail into words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WORDS = {
    "opened": "opened the case",
    "drafted": "drafted an answer (version {version})",
    "draft_edited": "edited the draft (version {from_version} → {version})",
    "approved": "approved version {version}",
    "rejected": "rejected version {version}: {words}",
    "reply_withdrawn": "took the approved reply back before it left: {reason}",
    "publishing": "sent the reply (try {attempt})",
    "published": "published the reply",
    "accepted": "handed the reply to the platform, which has not shown it yet",
    "publish_failed": "could not publish yet, and will try again: {error}",
    "publish_unknown": "sent the reply and got no answer; looking before sending again",
    "publish_refused": "the platform refused the reply: {error}",
    "handed_over": "handed the reply over to be posted by hand: {reason}",
    "posted_by_hand": "posted the reply by hand",
    "warned": "warned: {target} is due {due}",
    "breached": "missed the deadline: {target} was due {due}",
    "edited": "edited the text",
    "rating_raised": "raised the rating ({stars_before} → {stars_now})",
    "customer_wrote": "wrote again",
    "reopened": "reopened the case",
    "deleted": "deleted what was said",
    "word_deleted": "deleted a later word",
    "closed": "closed the case: {reason}",
}


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def summary(kind: str, detail: Mapping[str, Any]) -> str:
    """Return the words for one event, without the actor: ``approved version 2``.

    Only our own words are formatted; what people wrote stands in as it is.
    """
    return WORDS.get(kind, kind.replace("_", " ")).format_map(_Blank(detail))
