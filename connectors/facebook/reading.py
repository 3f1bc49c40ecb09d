"""Reads a Page's posts and comments: what to ask for, and what the items mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.base import FoundMention, Problem
from connectors.errors import Gone
from connectors.facebook.comments import (
    COMMENT_FIELDS,
    POST_FIELDS,
    by_visitor,
    comment_of,
    is_by,
    parent_id,
    post_of,
    said_in,
)
from connectors.facebook.settings import FacebookSettings
from connectors.meta import Graph, id_of, part_of
from connectors.meta_progress import moment
from connectors.meta_reading import Answers, Finds, PostReader, note_answer, put_answers

POSTS_A_PAGE, COMMENTS_A_PAGE = 25, 100


class PageReader(PostReader):
    """Reads the feed of a Page, what tags it, and the comments at every level."""

    first_edge = "feed"
    time_key = "created_time"

    def __init__(self, graph: Graph, settings: FacebookSettings) -> None:
        super().__init__(
            graph,
            settings.page_id,
            watch_days=settings.watch_days,
            most_posts=settings.most_posts,
        )
        self._own = settings.page_id
        self._settings = settings

    def posts_asked(self) -> Mapping[str, Any]:
        return {"fields": POST_FIELDS, "limit": POSTS_A_PAGE}

    def comments_asked(self) -> Mapping[str, Any]:
        return {
            "fields": COMMENT_FIELDS,
            "filter": "stream",
            "order": "reverse_chronological",
            "limit": COMMENTS_A_PAGE,
        }

    def edge_after(self, edge: str) -> str:
        return "tagged" if edge == "feed" and self._settings.tagged else ""

    def mark_of(self, post: Mapping[str, Any]) -> tuple[int | None, str]:
        """Return the number of comments at all levels, and the time of the last change."""
        total = part_of(part_of(post, "comments"), "summary").get("total_count")
        updated = post.get("updated_time")
        return (
            total if isinstance(total, int) and not isinstance(total, bool) else None,
            updated if isinstance(updated, str) else "",
        )

    def take_post(self, post: Mapping[str, Any], edge: str, changed: bool, finds: Finds) -> Any:
        """Note a visitor's post; return whether it is one, None for a post on another page."""
        tagged = edge == "tagged"
        visited = tagged or by_visitor(post, self._own)
        if visited and changed and (tagged or self._settings.visitor_posts):
            finds.mentions.append(post_of(post))
        return None if tagged else visited

    def take_comments(
        self, items: Iterable[Any], post: str, about: Any, ours: Answers, finds: Finds
    ) -> None:
        """Note the customers' comments.

        An answer of ours brings its comment along, which may stand on another page.
        """
        mentions: dict[str, FoundMention] = {}
        brought: list[FoundMention] = []
        for number, item in enumerate(items, start=1):
            try:
                if isinstance(item, dict) and is_by(item, self._own):
                    brought += self._answered(item, post, about is True, ours)
                else:
                    found = comment_of(item, post=post)
                    mentions[found.external_id] = found
            except ValueError as error:
                where = id_of(item) or f"item {number}"
                finds.problems.append(Problem(f"comments of {post}, {where}", str(error)))
        for one in brought:
            mentions.setdefault(one.external_id, one)
        put_answers(mentions.values(), ours)
        finds.mentions += mentions.values()

    def _answered(
        self, item: Mapping[str, Any], post: str, visited: bool, ours: Answers
    ) -> list[FoundMention]:
        """Note which comment (or visitor's post) `item` of ours answers, and return it."""
        parent = parent_id(item)
        answered = parent or (post if visited else "")
        if not answered:
            return []  # our own word under our own post
        note_answer(ours, answered, said_in(item), moment(item, "created_time"))
        told = item.get("parent")
        if parent and isinstance(told, dict) and "message" in told and not is_by(told, self._own):
            return [comment_of(told, post=post)]
        if parent or not self._settings.visitor_posts:
            return []
        try:
            return [post_of(self.graph.node(post, POST_FIELDS))]
        except Gone:
            return []
