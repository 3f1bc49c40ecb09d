"""Reads an account's media and the comments below: what to ask for, and what the items mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from connectors.addresses import web_link
from connectors.base import FoundMention, Problem
from connectors.errors import Gone
from connectors.instagram.comments import (
    COMMENT_FIELDS,
    MEDIA_FIELDS,
    REPLY_FIELDS,
    Owner,
    answers_in,
    comment_of,
    replies_in,
)
from connectors.instagram.settings import InstagramSettings
from connectors.meta import Graph, id_of, next_place, part_of
from connectors.meta_progress import moment
from connectors.meta_reading import Answers, Finds, PostReader, put_answers

POSTS_A_PAGE, COMMENTS_A_PAGE = 25, 50
REPLY_PAGES = 40
"""How many further pages of replies to one comment are read."""


class MediaReader(PostReader):
    """Reads an account's own media, and comments with their replies."""

    first_edge = "media"
    time_key = "timestamp"

    def __init__(
        self, graph: Graph, settings: InstagramSettings, owner: Callable[[], Owner]
    ) -> None:
        super().__init__(
            graph,
            settings.user_id,
            watch_days=settings.watch_days,
            most_posts=settings.most_posts,
        )
        self._owner = owner

    def posts_asked(self) -> Mapping[str, Any]:
        return {"fields": MEDIA_FIELDS, "limit": POSTS_A_PAGE}

    def comments_asked(self) -> Mapping[str, Any]:
        return {"fields": COMMENT_FIELDS, "limit": COMMENTS_A_PAGE}

    def mark_of(self, post: Mapping[str, Any]) -> tuple[int | None, str]:
        """Return the number of comments with their replies, and the id of the newest comment.

        The second tells of a new comment where another one was deleted.
        """
        total = post.get("comments_count")
        listed = part_of(post, "comments").get("data")
        return (
            total if isinstance(total, int) and not isinstance(total, bool) else None,
            id_of(listed[0]) if isinstance(listed, list) and listed else "",
        )

    def take_post(self, post: Mapping[str, Any], edge: str, changed: bool, finds: Finds) -> Any:
        """Return the address of the post, which its comments need."""
        return web_link(post.get("permalink"))

    def take_comments(
        self, items: Iterable[Any], post: str, about: Any, ours: Answers, finds: Finds
    ) -> None:
        """Note the customers' comments and replies with our answers."""
        owner = self._owner()
        mentions: list[FoundMention] = []
        for number, item in enumerate(items, start=1):
            where = f"comments of {post}, {id_of(item) or f'item {number}'}"
            if not isinstance(item, dict):
                finds.problems.append(Problem(where, "the comment is missing"))
                continue
            replies = self._replies(item, where, finds)
            for one in [item, *replies]:
                if isinstance(one, dict) and owner.wrote(one):
                    continue
                top = None if one is item else item
                try:
                    mentions.append(comment_of(one, media=post, permalink=about, top=top))
                except ValueError as error:
                    finds.problems.append(Problem(where, str(error)))
            for ident, (text, at) in answers_in(item, replies, owner).items():
                ours[ident] = [text, at.isoformat() if at else ""]
        put_answers(mentions, ours)
        ours.clear()  # a thread comes whole, so nothing is owed to a later page
        finds.mentions += mentions

    def times_of(self, items: Iterable[Any]) -> list[datetime | None]:
        return [
            moment(one, self.time_key)
            for item in items
            if isinstance(item, dict)
            for one in [item, *replies_in(item)]
        ]

    def _replies(self, item: dict[str, Any], where: str, finds: Finds) -> list[Any]:
        """Return all replies to a comment; those beyond the first page are asked for."""
        replies = list(replies_in(item))
        place = next_place(part_of(item, "replies"))
        for _ in range(REPLY_PAGES):
            if place is None or not id_of(item):
                return replies
            asked = {"fields": REPLY_FIELDS, "limit": COMMENTS_A_PAGE, **place}
            try:
                listed = self.graph.listing(id_of(item), "replies", asked)
            except Gone:
                return replies
            known = {id_of(one) for one in replies}
            fresh = [one for one in listed.items if id_of(one) not in known]
            if not fresh:
                return replies
            replies += fresh
            place = listed.place
        finds.problems.append(Problem(where, "it has more replies than are read"))
        return replies
