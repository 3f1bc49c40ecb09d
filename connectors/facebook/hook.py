"""What Facebook sends by itself about a Page: the webhook fields ``feed`` and ``mention``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.addresses import web_link
from connectors.base import FoundMention, Page, Problem
from connectors.dates import parse_date
from connectors.facebook.settings import FacebookSettings
from connectors.hooks import Delivery, Hook
from connectors.meta import (
    admit_signed,
    answer_challenge,
    changes_in,
    id_of,
    part_of,
    text_of,
)
from connectors.text import clip, one_line, tidy

_POSTS = frozenset({"post", "status", "photo", "video", "share", "album", "link"})
_SAID = frozenset({"add", "edit", "edited", "unhide"})


def admit(settings: FacebookSettings, delivery: Delivery, now: datetime) -> None:  # noqa: ARG001  the contract
    """Check the signature over the raw body."""
    admit_signed(settings.app_secret, delivery)


def challenge(settings: FacebookSettings, query: Mapping[str, str]) -> str | None:
    """Answer the question that Facebook asks at subscription."""
    return answer_challenge(settings.verify_token, query)


def open_delivery(settings: FacebookSettings, delivery: Delivery) -> Page:
    """Return the comments and visitors' posts that a delivery tells of.

    What was removed is told as deleted, for the core to confirm. What the Page itself wrote is
    left out: the next poll shows it as the answer to its parent.
    """
    mentions: list[FoundMention] = []
    problems: list[Problem] = []
    for entry, field, value in changes_in(delivery, "page", settings.page_id):
        if field not in ("feed", "mention"):
            continue
        try:
            found = _mention(settings, value, entry, elsewhere=field == "mention")
        except ValueError as error:
            problems.append(Problem(f"webhook {field}", str(error)))
            continue
        if found is not None:
            mentions.append(found)
    return Page(tuple(mentions), {}, problems=tuple(problems))


def _mention(
    settings: FacebookSettings, value: Any, entry: Mapping[str, Any], *, elsewhere: bool
) -> FoundMention | None:
    """Return what a change tells of; `elsewhere` somebody named the Page, perhaps unsaid who."""
    if not isinstance(value, dict):
        raise ValueError("the change has no value")
    item, verb = value.get("item"), value.get("verb")
    is_comment = item == "comment"
    # Who subscribes to mentions wants them, whether or not they are polled.
    if not is_comment and (item not in _POSTS or not (elsewhere or settings.visitor_posts)):
        return None
    author = _author(value)
    if id_of(author) == settings.page_id:
        return None
    ident = id_of({"id": value.get("comment_id" if is_comment else "post_id")})
    if not ident:
        if not is_comment and "message" not in value:
            return None  # what becomes of a picture or a film that nobody said anything with
        raise ValueError(f"the {item} has no id")
    if verb in ("remove", "delete"):
        return FoundMention(ident, "", kind="comment" if is_comment else "post", deleted=True)
    if verb not in _SAID or not (is_comment or elsewhere or author):
        return None
    if verb != "add" and "message" not in value:
        return None  # what it says now is not told; the next poll shows it
    post, parent = id_of({"id": value.get("post_id")}), id_of({"id": value.get("parent_id")})
    edited = verb in ("edit", "edited")
    return FoundMention(
        external_id=ident,
        text=tidy(text_of(value, "message")),
        kind="comment" if is_comment else "post",
        author_name=clip(one_line(text_of(author, "name")), 200),
        author_id=id_of(author),
        url=web_link(value.get("permalink_url") or part_of(value, "post").get("permalink_url")),
        created_at=parse_date(value.get("created_time")),
        edited_at=parse_date(entry.get("time")) if edited else None,
        parent_external_id=parent if is_comment and parent != post else "",
        addressed_to_us=True,
        raw={"post": post, "answer_at": ident, "hidden": False}
        | ({"elsewhere": True} if elsewhere else {}),
    )


def _author(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return who said it; older versions of the API name a sender in place of an author."""
    if isinstance(value.get("from"), dict):
        return part_of(value, "from")
    sender = {"id": value.get("sender_id"), "name": value.get("sender_name")}
    return {key: said for key, said in sender.items() if said is not None}


HOOK = Hook(admit=admit, open=open_delivery, challenge=challenge)
