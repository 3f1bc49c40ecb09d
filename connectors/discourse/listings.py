"""Reads the lists that a forum answers with: latest posts, hits of a search, notifications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.base import FoundMention
from connectors.discourse.posts import mention_of, mention_of_topic, number_of
from connectors.errors import LayoutChanged

MENTIONED, REPLIED, QUOTED, POSTED, GROUP_MENTIONED = 1, 2, 3, 9, 15
WANTED = frozenset({MENTIONED, REPLIED, QUOTED, POSTED, GROUP_MENTIONED})
"""Types of notifications that name a post; likes, badges and messages do not concern us."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One post of a list, or a topic without its posts, and what else is known of its topic."""

    post: Any
    topic: Mapping[str, Any] = field(default_factory=dict)
    addressed: bool = False
    problem: str = ""
    key: int = 0
    """What recognises it in its list; topics count below zero."""

    @property
    def post_id(self) -> int:
        """The number of its post; 0 where only the topic is known."""
        return 0 if self.post is None else number_of(self.post.get("id"))

    @property
    def topic_id(self) -> int:
        """The number of its topic."""
        return number_of(self.topic.get("id"))

    def mention(self, base_url: str) -> FoundMention:
        """Return what it says; raise `ValueError` when it says nothing that can be read."""
        if self.post is None:
            return mention_of_topic(self.topic, base_url)
        return mention_of(self.post, base_url, self.topic, addressed=self.addressed)


def latest_of(found: Any, where: str) -> list[Any]:
    """Return the posts of ``/posts.json``; raise `LayoutChanged` when it is something else."""
    posts = found.get("latest_posts") if isinstance(found, dict) else None
    if isinstance(posts, dict):
        posts = [posts]
    if not isinstance(posts, list):
        raise LayoutChanged(f"{where} answered no list of posts")
    return posts


def hits_of(found: Any, where: str) -> tuple[list[Hit], bool]:
    """Return the hits of ``/search.json`` and whether there are more pages.

    Old forums answer a list of groups, ``[{"type": "topic", "results": [...]}]``, or topics
    without posts; a forum without hits leaves ``posts`` out.
    """
    if isinstance(found, list):
        groups = [one for one in found if isinstance(one, dict) and "results" in one]
        if len(groups) != len(found):
            raise LayoutChanged(f"{where} answered no hits")
        hits: list[Hit] = []
        for group in groups:
            results = group["results"] if isinstance(group["results"], list) else []
            if group.get("type") == "topic":
                hits += [_topic_hit(one) for one in results]
            elif group.get("type") == "post":
                hits += [_post_hit(one) for one in results]
        return hits, False
    if not isinstance(found, dict):
        raise LayoutChanged(f"{where} answered no hits")
    known = {"posts", "topics", "grouped_search_result", "users", "categories"}
    if not known & set(found):
        raise LayoutChanged(f"{where} answered no hits")
    listed = found.get("topics")
    topics = {
        number_of(one.get("id")): one
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, dict)
    }
    grouped = found.get("grouped_search_result")
    more = isinstance(grouped, dict) and grouped.get("more_full_page_results") is True
    posts = found.get("posts")
    if isinstance(posts, list) and posts:
        return [_post_hit(one, topics) for one in posts], more
    return [_topic_hit(one) for one in listed] if isinstance(listed, list) else [], more


def notices_of(found: Any, where: str) -> tuple[list[Hit], bool]:
    """Return the posts that ``/notifications.json`` names and whether there are more pages.

    Old forums answer a bare list.
    """
    listed = found.get("notifications") if isinstance(found, dict) else found
    if not isinstance(listed, list):
        raise LayoutChanged(f"{where} answered no notifications")
    hits = []
    for one in listed:
        kind = one.get("notification_type") if isinstance(one, dict) else None
        if kind is None:
            hits.append(Hit(None, problem="the notification has no type"))
            continue
        if kind not in WANTED:
            continue
        data = one.get("data") if isinstance(one.get("data"), dict) else {}
        post = number_of(data.get("original_post_id"))
        title = data.get("topic_title") or one.get("fancy_title")
        topic = {"id": one.get("topic_id"), "slug": one.get("slug"), "title": title}
        if not post:
            hits.append(Hit(None, problem="the notification names no post"))
            continue
        name = data.get("original_username")
        stub = {
            "id": post,
            "topic_id": one.get("topic_id"),
            "post_number": one.get("post_number"),
            "username": name if isinstance(name, str) else "",
            "created_at": one.get("created_at"),
            "excerpt": data.get("excerpt") or title or "",
        }
        key = number_of(one.get("id")) or post
        hits.append(Hit(stub, topic, addressed=kind != POSTED, key=key))
    more = isinstance(found, dict) and bool(found.get("load_more_notifications"))
    return hits, more and bool(listed)


def _post_hit(post: Any, topics: Mapping[int, Mapping[str, Any]] | None = None) -> Hit:
    if not isinstance(post, dict) or not number_of(post.get("id")):
        return Hit(None, problem="a hit has no id")
    topic = (topics or {}).get(number_of(post.get("topic_id")), {})
    return Hit(post, topic, key=number_of(post["id"]))


def _topic_hit(topic: Any) -> Hit:
    if not isinstance(topic, dict) or not number_of(topic.get("id")):
        return Hit(None, problem="a hit has no id")
    return Hit(None, topic, key=-number_of(topic["id"]))
