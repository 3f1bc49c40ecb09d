"""Reads a Page step by step: the list of its posts, then the comments of those with news."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from connectors.base import Cursor, FoundMention, Page, Problem
from connectors.dates import parse_date
from connectors.errors import Gone, Rejected
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
from connectors.facebook.progress import (
    OURS_KEPT,
    Mark,
    digest,
    grown_by,
    has_news,
    is_known_ground,
    later,
    mark_of,
    moment,
    runs_backwards,
)
from connectors.facebook.settings import FacebookSettings
from connectors.meta import Graph, Listing, id_of
from connectors.text import clip

POSTS_A_PAGE, COMMENTS_A_PAGE = 25, 100


class PageReader:
    """Reads one page of an answer at a time; `connectors.facebook.progress` tells the cursor."""

    def __init__(self, graph: Graph, settings: FacebookSettings) -> None:
        self._graph = graph
        self._settings = settings
        self._own = settings.page_id

    def page_after(self, cursor: Cursor) -> Page:
        """Return the page after `cursor`."""
        if cursor.get("todo") and not cursor.get("listing"):
            return self._walk(cursor)
        return self._list(cursor)

    def _list(self, cursor: Cursor) -> Page:
        """Read one page of the list of posts, and note which of them have news."""
        listing = dict(cursor.get("listing") or {"edge": "feed", "first": "posts" not in cursor})
        known: dict[str, Mark] = dict(cursor.get("posts") or {})
        todo: list[Any] = list(cursor.get("todo") or [])
        place = listing.get("place") or {}
        edge, seen, count = listing["edge"], list(listing.get("seen", [])), listing.get("count", 0)
        asked = {"fields": POST_FIELDS, "limit": POSTS_A_PAGE, **place}
        try:
            listed = self._graph.listing(self._own, edge, asked)
        except Rejected:
            if not place or listing.get("again"):
                raise
            # A place that was kept for too long is refused; the list is begun again.
            anew = {"edge": "feed", "first": listing["first"], "again": True}
            return Page((), {"posts": known, "listing": anew}, True)
        mentions: list[FoundMention] = []
        problems: list[Problem] = []
        for number, post in enumerate(listed.items, start=1):
            ident = id_of(post)
            if not ident:
                problems.append(Problem(f"{edge}, item {number}", "the post has no id"))
            elif ident not in seen and count < self._settings.most_posts:
                seen.append(ident)
                count += 1
                self._note(post, edge, known, todo, mentions)
        state: dict[str, Any] = {"posts": known, "todo": todo}
        on = self._goes_on(listed, listing, count)
        if on:
            listing.update(seen=seen, count=count, place=listed.place, last=digest(listed.items))
            state["listing"] = listing
        elif edge == "feed" and self._settings.tagged:
            state["listing"] = {"edge": "tagged", "first": listing["first"], "seen": seen}
        else:
            state["posts"] = {ident: known[ident] for ident in seen if ident in known}
        return _page(state, cursor, mentions, problems, listed.rest)

    def _note(
        self,
        post: Mapping[str, Any],
        edge: str,
        known: dict[str, Mark],
        todo: list[Any],
        mentions: list[FoundMention],
    ) -> None:
        ident, mark = id_of(post), mark_of(post)
        before = known.get(ident)
        tagged = edge == "tagged"
        visited = tagged or by_visitor(post, self._own)
        changed = before is None or mark == (None, "") or before[:2] != list(mark)
        if visited and changed and (tagged or self._settings.visitor_posts):
            mentions.append(post_of(post))
        if not tagged and has_news(mark, before):
            todo.append([ident, *mark, visited])
        elif changed:
            known[ident] = [*mark, before[2] if before else ""]

    def _goes_on(self, listed: Listing, listing: Mapping[str, Any], count: int) -> bool:
        """Tell whether the list of posts is read further: to its end the first time, later only
        while it holds posts that are young enough to be watched.
        """
        if listed.place is None or count >= self._settings.most_posts:
            return False
        if listed.place == listing.get("place") and digest(listed.items) == listing.get("last"):
            return False
        start = self._graph.now() - timedelta(days=self._settings.watch_days)
        written = [moment(post, "created_time") for post in listed.items]
        if listing["first"]:
            return True
        if runs_backwards(written):
            written = written[-1:]
        return any(at is None or at >= start for at in written)

    def _walk(self, cursor: Cursor) -> Page:
        """Read one page of the comments of the first post that has news."""
        known: dict[str, Mark] = dict(cursor.get("posts") or {})
        todo: list[Any] = list(cursor["todo"])
        walk = dict(cursor.get("walk") or {})
        post, total, updated, visited = todo[0]
        before = known.get(post)
        place = walk.get("place") or {}
        asked = {
            "fields": COMMENT_FIELDS,
            "filter": "stream",
            "order": "reverse_chronological",
            "limit": COMMENTS_A_PAGE,
            **place,
        }
        state: dict[str, Any] = {"posts": known, "todo": todo}
        try:
            listed = self._graph.listing(post, "comments", asked)
        except Gone:
            todo.pop(0)
            known.pop(post, None)
            gone = Problem(f"post {post}", "its comments cannot be read, or it was deleted")
            return _page(state, cursor, [], [gone], None)
        except Rejected:
            if not place or walk.get("again"):
                raise
            return Page((), {**state, "walk": {"again": True}}, True)
        ours: dict[str, list[str]] = dict(walk.get("ours", {}))
        mentions, problems = self._read(listed.items, post, visited, ours)
        newest = parse_date(before[2]) if before else None
        times = [moment(one, "created_time") for one in listed.items]
        found = walk.get("found", 0) + sum(
            at is not None and (newest is None or at > newest) for at in times
        )
        reached = walk.get("newest") or (before[2] if before else "")
        for at in times:
            reached = later(reached, at)
        circles = listed.place == place and digest(listed.items) == walk.get("last")
        growth = grown_by([total, updated, ""], before)
        if (
            listed.place is not None
            and not circles
            and not is_known_ground(times, newest, found, growth)
        ):
            state["walk"] = {
                "place": listed.place,
                "pages": walk.get("pages", 0) + 1,
                "found": found,
                "newest": reached,
                "last": digest(listed.items),
                "ours": dict(list(ours.items())[-OURS_KEPT:]),
            }
        else:
            known[post] = [total, updated, reached]
            todo.pop(0)
        return _page(state, cursor, mentions, problems, listed.rest)

    def _read(
        self, items: Iterable[Any], post: str, visited: bool, ours: dict[str, list[str]]
    ) -> tuple[list[FoundMention], list[Problem]]:
        """Return the customers' comments, each with our answer where one was seen.

        An answer of ours brings its comment along, which may stand on another page.
        """
        mentions: dict[str, FoundMention] = {}
        brought: list[FoundMention] = []
        problems: list[Problem] = []
        for number, item in enumerate(items, start=1):
            try:
                if isinstance(item, dict) and is_by(item, self._own):
                    brought += self._answered(item, post, visited, ours)
                else:
                    found = comment_of(item, post=post)
                    mentions[found.external_id] = found
            except ValueError as error:
                where = id_of(item) or f"item {number}"
                problems.append(Problem(f"comments of {post}, {where}", str(error)))
        for one in brought:
            mentions.setdefault(one.external_id, one)
        for ident, (text, at) in ours.items():
            if ident in mentions:
                mentions[ident].our_reply = text
                mentions[ident].our_reply_at = parse_date(at)
        return list(mentions.values()), problems

    def _answered(
        self, item: Mapping[str, Any], post: str, visited: bool, ours: dict[str, list[str]]
    ) -> list[FoundMention]:
        """Note which comment (or visitor's post) `item` of ours answers, and return it."""
        parent = parent_id(item)
        answered = parent or (post if visited else "")
        if not answered:
            return []  # our own word under our own post
        at = moment(item, "created_time")
        kept = ours.get(answered)
        if kept is None or at is None or (parse_date(kept[1]) or at) <= at:
            ours[answered] = [clip(said_in(item), 2000), at.isoformat() if at else ""]
        told = item.get("parent")
        if parent and isinstance(told, dict) and "message" in told and not is_by(told, self._own):
            return [comment_of(told, post=post)]
        if not parent:
            try:
                return [post_of(self._graph.node(post, POST_FIELDS))]
            except Gone:
                return []
        return []


def _page(
    state: dict[str, Any],
    cursor: Cursor,
    mentions: list[FoundMention],
    problems: list[Problem],
    rest: timedelta | None,
) -> Page:
    if not state.get("todo"):
        state.pop("todo", None)
    more = "todo" in state or "listing" in state
    return Page(
        tuple(mentions),
        state,
        more,
        tuple(problems),
        unchanged=not more and not mentions and not problems and state == dict(cursor),
        account_rests=rest,
    )
