"""Reads an account step by step: the list of its posts, then the comments of those with news.

The cursor is one JSON object:

``posts``   post id → ``[number of comments, what else shows a change, newest comment]``
``listing`` where the list of posts goes on, while it is being read
``todo``    posts with news, each with its new numbers; the first is the one being walked
``walk``    how far the first of them has been walked

The platform's places expire; where one that was kept is refused, that list is begun again, once.
If that does not help either, the rest is left out and told.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.base import Cursor, FoundMention, Page, Problem
from connectors.dates import parse_date
from connectors.errors import Gone, Rejected
from connectors.meta import Graph, Listing, id_of
from connectors.meta_progress import (
    Mark,
    digest,
    grown_by,
    has_news,
    is_known_ground,
    later,
    moment,
    runs_backwards,
)

REFUSED = "the platform refuses to go on with this list; what follows is left out"
OURS_KEPT = 100_000
"""How many characters of our own answers a walk remembers for the comments that follow."""

LIST_PAGES, WALK_PAGES = 500, 2000
"""A list that is longer goes round in circles, however it hides that."""

Answers = dict[str, list[str]]
"""Our answers seen in a walk: what they answer → ``[text, time]``."""


@dataclass(slots=True)
class Finds:
    """What one answer of the platform held."""

    mentions: list[FoundMention] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class PostReader(ABC):
    """Reads one answer at a time. A platform says what to ask for and what the items mean."""

    first_edge: ClassVar[str]
    time_key: ClassVar[str]

    def __init__(self, graph: Graph, account: str, *, watch_days: int, most_posts: int) -> None:
        self.graph = graph
        self._account = account
        self._watched = timedelta(days=watch_days)
        self._most = most_posts

    def page_after(self, cursor: Cursor) -> Page:
        """Return the page after `cursor`."""
        if cursor.get("todo") and not cursor.get("listing"):
            return self._walk(cursor)
        return self._list(cursor)

    @abstractmethod
    def posts_asked(self) -> Mapping[str, Any]:
        """Return the parameters of the list of posts."""

    @abstractmethod
    def comments_asked(self) -> Mapping[str, Any]:
        """Return the parameters of the list of one post's comments, newest first."""

    @abstractmethod
    def mark_of(self, post: Mapping[str, Any]) -> tuple[int | None, str]:
        """Return a post's number of comments, and what else shows that something changed."""

    @abstractmethod
    def take_post(self, post: Mapping[str, Any], edge: str, changed: bool, finds: Finds) -> Any:
        """Note what a listed post itself says; return what `take_comments` needs to know of it,
        or None where its comments are not to be read.
        """

    @abstractmethod
    def take_comments(
        self, items: Iterable[Any], post: str, about: Any, ours: Answers, finds: Finds
    ) -> None:
        """Note the customers' comments, each with our answer, and our answers in `ours`."""

    def times_of(self, items: Iterable[Any]) -> list[datetime | None]:
        """Return when each comment was written, those below others included."""
        return [moment(one, self.time_key) for one in items]

    def edge_after(self, edge: str) -> str:
        """Return the next list of posts to read, or nothing."""
        return ""

    def _list(self, cursor: Cursor) -> Page:
        """Read one page of a list of posts, and note which of them have news."""
        listing = dict(
            cursor.get("listing") or {"edge": self.first_edge, "first": "posts" not in cursor}
        )
        known: dict[str, Mark] = dict(cursor.get("posts") or {})
        todo: list[Any] = list(cursor.get("todo") or [])
        place = listing.get("place") or {}
        edge, seen, count = listing["edge"], list(listing.get("seen", [])), listing.get("count", 0)
        finds = Finds()
        try:
            listed = self.graph.listing(self._account, edge, {**self.posts_asked(), **place})
        except Rejected as error:
            if not place or not _is_stale(error):
                raise
            if not listing.get("again"):
                anew = {"edge": self.first_edge, "first": listing["first"], "again": True}
                return Page((), {"posts": known, "listing": anew}, True)
            finds.problems.append(Problem(edge, REFUSED))
            listed = Listing([], None, None)
        for number, post in enumerate(listed.items, start=1):
            ident = id_of(post)
            if not ident:
                finds.problems.append(Problem(f"{edge}, item {number}", "the post has no id"))
            elif ident not in seen and count < self._most:
                seen.append(ident)
                count += 1
                self._note(post, edge, known, todo, finds)
        state: dict[str, Any] = {"posts": known, "todo": todo}
        following = self.edge_after(edge)
        if self._goes_on(listed, listing, count):
            listing.update(seen=seen, count=count, place=listed.place, last=digest(listed.items))
            listing["pages"] = listing.get("pages", 0) + 1
            state["listing"] = listing
        elif following:
            state["listing"] = {"edge": following, "first": listing["first"], "seen": seen}
        else:
            state["posts"] = {ident: known[ident] for ident in seen if ident in known}
        return _page(state, cursor, finds, listed.rest)

    def _note(
        self,
        post: Mapping[str, Any],
        edge: str,
        known: dict[str, Mark],
        todo: list[Any],
        finds: Finds,
    ) -> None:
        ident, mark = id_of(post), self.mark_of(post)
        before = known.get(ident)
        changed = before is None or mark == (None, "") or before[:2] != list(mark)
        about = self.take_post(post, edge, changed, finds)
        if about is not None and has_news(mark, before):
            todo.append([ident, *mark, about])
        elif changed:
            known[ident] = [*mark, before[2] if before else ""]

    def _goes_on(self, listed: Listing, listing: Mapping[str, Any], count: int) -> bool:
        """Tell whether the list of posts is read further: to its end the first time, later only
        while it holds posts that are young enough to be watched.
        """
        if listed.place is None or count >= self._most or listing.get("pages", 0) >= LIST_PAGES:
            return False
        if listed.place == listing.get("place") and digest(listed.items) == listing.get("last"):
            return False
        if listing["first"]:
            return True
        start = self.graph.now() - self._watched
        written = [moment(post, self.time_key) for post in listed.items]
        if runs_backwards(written):
            written = written[-1:]
        return any(at is None or at >= start for at in written)

    def _walk(self, cursor: Cursor) -> Page:
        """Read one page of the comments of the first post that has news."""
        known: dict[str, Mark] = dict(cursor.get("posts") or {})
        todo: list[Any] = list(cursor["todo"])
        walk = dict(cursor.get("walk") or {})
        post, total, change, about = todo[0]
        before = known.get(post)
        place = walk.get("place") or {}
        state: dict[str, Any] = {"posts": known, "todo": todo}
        finds = Finds()
        try:
            listed = self.graph.listing(post, "comments", {**self.comments_asked(), **place})
        except Gone:
            todo.pop(0)
            known.pop(post, None)
            reason = "its comments cannot be read, or it was deleted"
            finds.problems.append(Problem(f"post {post}", reason))
            return _page(state, cursor, finds, None)
        except Rejected as error:
            if not place or not _is_stale(error):
                raise
            if not walk.get("again"):
                return Page((), {**state, "walk": {"again": True}}, True)
            finds.problems.append(Problem(f"comments of {post}", REFUSED))
            listed = Listing([], None, None)
        ours: Answers = dict(walk.get("ours", {}))
        self.take_comments(listed.items, post, about, ours, finds)
        newest = parse_date(before[2]) if before else None
        times = self.times_of(listed.items)
        found = walk.get("found", 0) + sum(
            at is not None and (newest is None or at > newest) for at in times
        )
        reached = walk.get("newest") or (before[2] if before else "")
        for at in times:
            reached = later(reached, at)
        circles = listed.place == place and digest(listed.items) == walk.get("last")
        told = [moment(one, self.time_key) for one in listed.items]
        growth = grown_by([total, change, ""], before)
        if (
            listed.place is not None
            and not circles
            and walk.get("pages", 0) < WALK_PAGES
            and not is_known_ground(told, newest, found, growth)
        ):
            state["walk"] = {
                "place": listed.place,
                "pages": walk.get("pages", 0) + 1,
                "found": found,
                "newest": reached,
                "last": digest(listed.items),
                "ours": _newest(ours),
                "again": walk.get("again", False),
            }
        else:
            known[post] = [total, change, reached]
            todo.pop(0)
        return _page(state, cursor, finds, listed.rest)


def _is_stale(error: Rejected) -> bool:
    """Tell whether a refusal may be one of a place; those are invalid parameters (code 100)."""
    return "code 100" in str(error)


def note_answer(ours: Answers, answered: str, text: str, at: datetime | None) -> None:
    """Keep our answer to `answered`, unless a later one is known."""
    kept = ours.get(answered)
    if kept is None or at is None or (parse_date(kept[1]) or at) <= at:
        ours[answered] = [text, at.isoformat() if at else ""]


def put_answers(mentions: Iterable[FoundMention], ours: Answers) -> None:
    """Write our answers to the mentions that they answer."""
    for mention in mentions:
        if mention.external_id in ours:
            mention.our_reply, at = ours[mention.external_id]
            mention.our_reply_at = parse_date(at)


def _newest(ours: Answers) -> Answers:
    """Return the answers that were noted last, as many as may be remembered."""
    kept: Answers = {}
    room = OURS_KEPT
    for ident, said in reversed(ours.items()):
        room -= len(said[0])
        if room < 0:
            break
        kept[ident] = said
    return dict(reversed(kept.items()))


def _page(state: dict[str, Any], cursor: Cursor, finds: Finds, rest: timedelta | None) -> Page:
    if not state.get("todo"):
        state.pop("todo", None)
    more = "todo" in state or "listing" in state
    nothing = not (more or finds.mentions or finds.problems)
    return Page(
        tuple(finds.mentions),
        state,
        more,
        tuple(finds.problems),
        unchanged=nothing and state == dict(cursor),
        account_rests=rest,
    )
