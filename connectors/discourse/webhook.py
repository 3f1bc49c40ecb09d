"""What a Discourse forum sends by itself, signed with the secret of its webhook."""

from __future__ import annotations

import json
from datetime import datetime

from connectors.base import FoundMention, Page, Problem
from connectors.discourse.posts import is_speech, mention_of
from connectors.discourse.settings import DiscourseSettings
from connectors.errors import LayoutChanged, NotAdmitted
from connectors.hooks import Delivery, Hook, check_hmac

EVENTS = frozenset({"post_created", "post_edited", "post_destroyed", "post_recovered"})


def admit(settings: DiscourseSettings, delivery: Delivery, _now: datetime) -> None:
    """Admit what is signed with the webhook's secret; raise `NotAdmitted` for all else."""
    if settings.webhook_secret is None:
        raise NotAdmitted("no webhook_secret is set, so nothing can be checked")
    signature = delivery.headers.get("x-discourse-event-signature", "")
    check_hmac(settings.webhook_secret.reveal(), delivery.body, signature)


def open_delivery(settings: DiscourseSettings, delivery: Delivery) -> Page:
    """Return the post that a delivery tells of; other events (and pings) tell nothing.

    A destroyed post is told as deleted, which the core confirms by reading it.
    """
    event = delivery.headers.get("x-discourse-event", "")
    try:
        found = json.loads(delivery.body)
    except (ValueError, RecursionError):
        raise LayoutChanged("the forum sent something else than JSON") from None
    if not isinstance(found, dict):
        raise LayoutChanged("the forum sent no object")
    post = found.get("post")
    if event not in EVENTS and not (event == "" and isinstance(post, dict)):
        return Page((), {})
    if not isinstance(post, dict):
        raise LayoutChanged("the forum told of a post and sent none")
    if not is_speech(post) or str(post.get("username") or "").casefold() in settings.own_names:
        return Page((), {})
    if settings.categories and post.get("category_id") not in settings.categories:
        return Page((), {})
    try:
        mention: FoundMention = mention_of(post, settings.base_url)
    except ValueError as error:
        return Page((), {}, problems=(Problem(f"delivery {event}", str(error)),))
    mention.deleted = mention.deleted or event == "post_destroyed"
    return Page((mention,), {})


HOOK = Hook(
    admit=admit,
    open=open_delivery,
    delivery_id=lambda delivery: delivery.headers.get("x-discourse-event-id", ""),
)
