"""Reads mentions and a search page by page, and single posts, and books what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from connectors.base import Cursor, FoundMention, Page, Problem
from connectors.errors import Gone, LayoutChanged, Rejected
from connectors.outcomes import Answer, public_part
from connectors.waits import exhausted
from connectors.x.access import Access
from connectors.x.costs import Purse
from connectors.x.errors import is_hidden, is_not_there, problem_in
from connectors.x.ids import is_id, later
from connectors.x.posts import TWEET_FIELDS, USER_FIELDS, Listing, Reader, listing_of, mention_of
from connectors.x.settings import XSettings
from connectors.x.streams import SEARCH_WINDOW, Stream


class XReader:
    """Reads one answer at a time; `connectors.x.streams` describes the cursor."""

    def __init__(self, settings: XSettings, access: Access, purse: Purse) -> None:
        self._settings = settings
        self._access = access
        self._purse = purse
        self._now = access.http.now
        self.owner = Reader(settings.user_id, settings.own_name)

    def page_after(self, cursor: Cursor) -> Page:
        """Return the page after `cursor`."""
        names = self.streams()
        records = {name: Stream.of(cursor.get(name)) for name in names}
        turn = cursor.get("turn")
        start = names.index(turn) if turn in names else 0
        rest: timedelta | None = None
        for position, name in enumerate(names[start:], start=start):
            record = records[name]
            window = SEARCH_WINDOW if name == "search" else None
            since = record.since(self._now(), window, self._history())
            token = str(record.walk.get("token", ""))
            try:
                answer = self.ask(name, since, token)
                listing = self.listing(answer)
            except Rejected as error:
                if self._begin_anew(record, str(error)):
                    return Page((), _state(records, name), True)
                if not token:
                    raise
                record.finish("", self._now())
                left_out = Problem(name, "X refuses to go on with the list; the rest is left out")
                return Page((), _state(records, ""), problems=(left_out,))
            mentions, problems, top, reached = self._take(name, listing, since)
            rest = exhausted(answer.headers, self._now())
            self.book(name, listing, record.newest)
            reached = reached and bool(record.newest)
            if listing.next_token and listing.next_token != token and not reached:
                record.go_on(since, top, listing.next_token)
                return Page(mentions, _state(records, name), True, problems, account_rests=rest)
            record.finish(top, self._now())
            following = "".join(names[position + 1 : position + 2])
            if mentions or problems:
                state = _state(records, following)
                return Page(mentions, state, bool(following), problems, account_rests=rest)
        state = _state(records, "")
        return Page((), state, unchanged=state == dict(cursor), account_rests=rest)

    def _history(self) -> timedelta | None:
        days = self._settings.history_days
        return None if days is None else timedelta(days=days)

    def streams(self) -> list[str]:
        """Return the names of what is read, in order."""
        settings = self._settings
        names = ["mentions"] if settings.mentions and settings.user_id else []
        return [*names, "search"] if settings.query.strip() else names

    def ask(self, name: str, since: str = "", token: str = "", *, size: int = 0) -> Answer:
        """Ask for one page of a stream."""
        self._purse.ask()
        settings = self._settings
        asked: dict[str, Any] = {
            "max_results": size or settings.page_size,
            "tweet.fields": TWEET_FIELDS,
        }
        if settings.author_names:
            asked |= {"expansions": "author_id", "user.fields": USER_FIELDS}
        if since:
            asked["since_id"] = since
        if name == "search":
            asked["query"] = settings.query
            return self._access.get(
                "/tweets/search/recent", asked | ({"next_token": token} if token else {})
            )
        return self._access.get(
            f"/users/{settings.user_id}/mentions",
            asked | ({"pagination_token": token} if token else {}),
        )

    def _begin_anew(self, record: Stream, reason: str) -> bool:
        """Prepare another try where X refuses a place that was kept for too long."""
        if record.walk.get("token") and not record.walk.get("again"):
            record.begin_anew()
            return True
        if record.newest and "since_id" in reason:
            record.newest, record.walk = "", {}
            return True
        return False

    def listing(self, answer: Answer) -> Listing:
        """Return the posts that `answer` lists; raise what its errors mean where it lists none."""
        found = answer.json()
        listing = listing_of(found)
        if listing is not None:
            return listing
        where = public_part(answer.url)
        problem = problem_in(found, where) if isinstance(found, dict) else None
        raise problem or LayoutChanged(f"{where} answered no posts")

    def _take(
        self, name: str, listing: Listing, since: str
    ) -> tuple[tuple[FoundMention, ...], tuple[Problem, ...], str, bool]:
        """Return the mentions, what could not be read, the newest id, and whether the page went
        below `since`, which an answer that heeds it never does.
        """
        mentions: list[FoundMention] = []
        problems: list[Problem] = []
        top, reached = listing.newest, False
        for number, post in enumerate(listing.posts, start=1):
            try:
                found = mention_of(
                    post,
                    self.owner,
                    users=listing.users,
                    others=listing.others,
                    addressed=name == "mentions",
                )
            except ValueError as error:
                problems.append(Problem(f"{name}, item {number}", str(error)))
                continue
            top = later(top, str(post["id"]))
            reached = reached or bool(since and int(post["id"]) <= int(since))
            if not self.owner.wrote(post, listing.users):
                mentions.append(found)
        return tuple(mentions), tuple(problems), top, reached

    def book(self, name: str, listing: Listing, newest: str = "") -> None:
        """Book what a page cost; what was read in an earlier poll was paid for then."""
        settings = self._settings
        price = settings.price_owned if name == "mentions" else settings.price_post
        known = int(newest or 0)
        fresh = [ident for ident in ids_of(listing.posts) if int(ident) > known]
        self._purse.book("post", fresh, price)
        if fresh:
            self._purse.book("user", listing.users, settings.price_user)
            self._purse.book("post", listing.others, settings.price_post)

    def lookup(self, ident: str) -> tuple[Mapping[str, Any], Listing] | None:
        """Return one post with what came along, or None where X confirms that it is gone."""
        asked = {"tweet.fields": TWEET_FIELDS}
        if self._settings.author_names:
            asked |= {"expansions": "author_id", "user.fields": USER_FIELDS}
        path = f"/tweets/{checked_id(ident)}"
        self._purse.ask()
        try:
            answer = self._access.get(path, asked)
        except Gone:
            return None
        found = answer.json()
        if isinstance(found, dict) and "data" not in found:
            errors = found.get("errors")
            told = [e for e in errors if isinstance(e, dict)] if isinstance(errors, list) else []
            if told and all(is_not_there(one) or is_hidden(one) for one in told):
                return None
        listing = self.listing(answer)
        if len(listing.posts) != 1 or not isinstance(listing.posts[0], dict):
            raise LayoutChanged(f"{public_part(answer.url)} answered no post")
        self.book("search", listing)
        return listing.posts[0], listing


def checked_id(ident: str) -> str:
    """Return `ident` where it is the id of a post; else raise `Rejected`."""
    if not is_id(ident):
        raise Rejected("this is no id of a post")
    return ident


def ids_of(posts: list[Any]) -> list[str]:
    """Return the ids of those posts that have one."""
    return [post["id"] for post in posts if isinstance(post, dict) and is_id(post.get("id"))]


def _state(records: Mapping[str, Stream], turn: str) -> dict[str, Any]:
    state: dict[str, Any] = {name: record.record() for name, record in records.items()}
    return {**state, "turn": turn} if turn else state
