"""Looks for a reply of ours: below the post, among what waits, among what was refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from connectors.base import MentionRef, Receipt
from connectors.discourse.answers import receipt_of, standing
from connectors.discourse.forum import Forum, of, post_path
from connectors.discourse.posts import number_of, said
from connectors.errors import AuthFailed, Gone, LayoutChanged, NotSupported, Rejected
from connectors.text import same_text

PAGE, MOST_PAGES = 20, 25


def find(forum: Forum, ref: MentionRef, text: str) -> Receipt | None:
    """Return what became of our reply with `text` to `ref`; None: it certainly never arrived.

    Raises `Gone` when the post itself is gone, and `NotSupported` when the reply is not below it
    and the forum does not show us what waits for a moderator.
    """
    return _below(forum, ref, text) or _waiting(forum, ref, text) or _refused(forum, ref, text)


def _below(forum: Forum, ref: MentionRef, text: str) -> Receipt | None:
    own = forum.own_name().casefold()
    ident = ref.external_id
    if ident.startswith("topic-"):
        ident = forum.id_at(number_of(ident.removeprefix("topic-")), 1)
    after = 1
    for _ in range(MOST_PAGES):
        params = {"after": after} if after > 1 else None
        posts = forum.get(post_path(ident, "/replies"), params).json()
        if not isinstance(posts, list):
            raise LayoutChanged(f"{forum.base} answered no replies")
        for post in posts:
            if _is_ours(post, own) and _says(forum, post, text):
                return standing(post, forum.base)
        numbers = [number_of(of(post, "post_number")) for post in posts]
        if len(posts) < PAGE or max(numbers, default=0) <= after:
            return None
        after = max(numbers)
    return None


def _says(forum: Forum, post: Mapping[str, Any], text: str) -> bool:
    """Tell whether a post of ours holds `text`, as it is shown or as it was written.

    Links, boxes and pictures make the shown text another one, and lists leave the written out.
    """
    if same_text(said(post), text):
        return True
    raw = post.get("raw")
    if not isinstance(raw, str):
        raw = of(forum.get(post_path(str(post.get("id")))).json(), "raw")
    return same_text(str(raw or ""), text)


def _waiting(forum: Forum, ref: MentionRef, text: str) -> Receipt | None:
    try:
        found = forum.get(f"/posts/{quote(forum.own_name(), safe='')}/pending.json").json()
    except (Gone, AuthFailed):
        raise NotSupported("the forum does not show what waits for a moderator") from None
    pending = of(found, "pending_posts")
    if not isinstance(pending, list):
        raise LayoutChanged(f"{forum.base} answered no list of what waits")
    for one in pending:
        raw = of(one, "raw_text") or of(one, "raw")
        if _same_topic(ref, one) and same_text(str(raw or ""), text):
            return receipt_of({"action": "enqueued", "pending_post": one}, forum.base)
    return None


def _refused(forum: Forum, ref: MentionRef, text: str) -> Receipt | None:
    """Look among what moderators refused; only accounts of the staff are shown it."""
    asked = {"type": "ReviewableQueuedPost", "status": "rejected", "username": forum.own_name()}
    try:
        found = forum.get("/review.json", asked).json()
    except (Gone, AuthFailed, Rejected):
        return None
    listed = of(found, "reviewables")
    for one in listed if isinstance(listed, list) else ():
        raw = of(of(one, "payload"), "raw")
        if _same_topic(ref, one) and same_text(str(raw or ""), text):
            return Receipt("rejected", reason="a moderator of the forum refused it")
    return None


def _same_topic(ref: MentionRef, one: Any) -> bool:
    mine, other = number_of(ref.raw.get("topic_id")), number_of(of(one, "topic_id"))
    return not mine or not other or mine == other


def _is_ours(post: Any, own: str) -> bool:
    return isinstance(post, dict) and str(post.get("username") or "").casefold() == own
