"""Reads a delivery by the declared pointers."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from connectors.addresses import web_link
from connectors.base import FoundMention, Page, Problem
from connectors.dates import parse_date
from connectors.errors import LayoutChanged
from connectors.followers import read_followers
from connectors.hooks import Delivery
from connectors.ratings import likely_top, parse_rating
from connectors.text import clip, html_to_text, one_line, tidy
from connectors.webhook.pointers import MISSING, find
from connectors.webhook.settings import WebhookSettings

ITEMS_MOST = 10_000


def open_delivery(settings: WebhookSettings, delivery: Delivery) -> Page:
    """Return what one delivery tells.

    Items whose action is none of the known words are passed over, as senders add new ones. Items
    that cannot be mapped are problems. Raises `LayoutChanged` for a body that is no JSON, or has
    no items where they should be.
    """
    try:
        document: Any = json.loads(delivery.body)
    except (ValueError, RecursionError):
        raise LayoutChanged("the delivery is no JSON") from None
    items = find(document, settings.items)
    if isinstance(items, dict):
        items = [items]
    if not isinstance(items, list):
        if _action(settings, MISSING, document) == "other":
            return Page((), {})
        raise LayoutChanged(f"the delivery holds no items at {settings.items or 'its root'}")
    mentions: list[FoundMention] = []
    problems: list[Problem] = []
    for number, item in enumerate(items[:ITEMS_MOST], start=1):
        action = _action(settings, item, document)
        if action == "other":
            continue
        try:
            mentions.append(_mention(settings, item, action))
        except ValueError as error:
            problems.append(Problem(f"delivery, item {number}", str(error)))
    if len(items) > ITEMS_MOST:
        left = len(items) - ITEMS_MOST
        problems.append(Problem("delivery", f"{left:,} items beyond {ITEMS_MOST:,} were not read"))
    return Page(tuple(mentions), {}, problems=tuple(problems))


def _action(settings: WebhookSettings, item: Any, document: Any) -> str:
    """Return ``created``, ``edited``, ``deleted`` or ``other``; empty where nothing is said."""
    if settings.action is None:
        return ""
    said = find(item, settings.action) if item is not MISSING else MISSING
    if said is MISSING or said is None:
        said = find(document, settings.action)
    if said is MISSING or said is None:
        return ""
    if not isinstance(said, str):
        return "other"
    word = said.strip().casefold()
    for name, words in (
        ("created", settings.created_words),
        ("edited", settings.edited_words),
        ("deleted", settings.deleted_words),
    ):
        if any(word == one.casefold() for one in words):
            return name
    return "other"


def _mention(settings: WebhookSettings, item: Any, action: str) -> FoundMention:
    """Return the mention in one item; raise `ValueError` where it lacks what makes it one."""
    if not isinstance(item, dict | list):
        raise ValueError("the item is no object")
    ident = _word(find(item, settings.id))
    if not ident:
        raise ValueError(f"the item has no id at {settings.id or 'its root'}")
    if action == "deleted":
        return FoundMention(ident, "", kind=settings.kind, deleted=True)
    text = _text(settings, item)
    title = one_line(_said(item, settings.title))
    rating, top = _rating(settings, item)
    if not text and not title and rating is None:
        raise ValueError(f"the item has no text at {settings.text or 'its root'}")
    created, updated = _moment(item, settings.created_at), _moment(item, settings.updated_at)
    if updated is not None and (updated == created or (action == "created" and created)):
        updated = None
    return FoundMention(
        external_id=ident,
        text=text,
        kind=settings.kind,
        title=clip(title, 300),
        author_name=clip(one_line(_said(item, settings.author)), 200),
        author_id=clip(one_line(_said(item, settings.author_id)), 200),
        author_reach=_followers(item, settings.author_reach),
        rating=rating,
        rating_min=0.0 if top > 10 or (rating is not None and rating < 1) else 1.0,
        rating_max=top,
        language=clip(one_line(_said(item, settings.language)), 20),
        url=web_link(_said(item, settings.url)),
        created_at=created,
        edited_at=updated,
        parent_external_id=one_line(_said(item, settings.parent)),
        location=one_line(_said(item, settings.location)),
        addressed_to_us=settings.addressed_to_us,
        raw={"location": clip(one_line(_said(item, settings.location)), 200)},
    )


def _followers(item: Any, pointer: str | None) -> int | None:
    return None if pointer is None else read_followers(find(item, pointer))


def _text(settings: WebhookSettings, item: Any) -> str:
    found = find(item, settings.text)
    if found is MISSING or found is None:
        return ""
    if not isinstance(found, str):
        raise ValueError(f"what stands at {settings.text or 'the root'} is no text")
    return html_to_text(found) if settings.text_is_html else tidy(found)


def _rating(settings: WebhookSettings, item: Any) -> tuple[float | None, float]:
    """Return the rating and the top of its scale; one off the scale counts as not given."""
    if settings.rating is None:
        return None, 5.0
    rating, top = parse_rating(find(item, settings.rating))
    if top is None and isinstance(settings.rating_max, str):
        top, _ = parse_rating(find(item, settings.rating_max))
        if top is None and rating is not None:
            top = likely_top(rating)
    elif top is None:
        top = float(settings.rating_max)
    if rating is None or top is None or not 0 <= rating <= top or top <= 1:
        return None, 5.0
    return rating, top


def _moment(item: Any, pointer: str | None) -> datetime | None:
    return None if pointer is None else parse_date(_plain(find(item, pointer)))


def _said(item: Any, pointer: str | None) -> str:
    return "" if pointer is None else _word(find(item, pointer))


def _word(found: Any) -> str:
    """Return a text or a number as text; nothing for anything else."""
    if isinstance(found, str):
        return found.strip()
    if isinstance(found, int) and not isinstance(found, bool) and found.bit_length() <= 512:
        return str(found)
    return ""


def _plain(found: Any) -> Any:
    return found if isinstance(found, str | int | float) else None
