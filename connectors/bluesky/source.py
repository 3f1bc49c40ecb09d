"""Bluesky as a source: what addresses our account, what names us, and our answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from connectors.base import (
    BaseConnector,
    Context,
    Cursor,
    FoundMention,
    Health,
    MentionRef,
    Page,
    Problem,
    Receipt,
)
from connectors.bluesky.answers import find, objections_to, ours_below, publish, withdraw
from connectors.bluesky.api import Api, items_in
from connectors.bluesky.posts import listed_at, mention_of, parts_of
from connectors.bluesky.settings import BlueskySettings
from connectors.bluesky.walk import PER_PAGE, Step, Walk, step
from connectors.errors import LayoutChanged, NotSupported, Rejected
from connectors.lengths import graphemes
from connectors.outcomes import Answer
from connectors.streams import StreamState
from connectors.text import clip, one_line
from connectors.waits import exhausted

SEARCH_LAG = timedelta(hours=1)
NOTIFICATION_LAG = timedelta(minutes=15)
"""How far each poll reads again: both lists show some things late."""
REASONS = ("mention", "reply", "quote")
NOTIFICATIONS = "notifications"


class BlueskyConnector(BaseConnector):
    """Reads notifications and searches in turn, each from its newest page to what is known.

    The cursor holds the newest moment of each list (``newest``), a digest of its first page
    (``same``) and, between two pages, where we are (``walk``). A moment counts as known only when
    its list was read to the end.
    """

    name = "bluesky"

    def __init__(self, settings: BlueskySettings, context: Context) -> None:
        self._settings = settings
        self._context = context
        self._api = Api(settings, context)

    def fetch(self, cursor: Cursor) -> Page:
        streams = self._streams()
        state = StreamState.load(cursor, streams)
        walk = Walk.load(cursor.get("walk"))
        if walk is None or walk.stream not in streams:
            walk = self._begin(streams[0], state)
        while True:
            page, seen = self._page(walk, state, streams)
            if seen or not page.more:
                return page
            walk = Walk.load(page.next_cursor["walk"]) or walk

    def read(self, ref: MentionRef) -> FoundMention | None:
        uri = _checked(ref.external_id)
        view = self._api.view(uri)
        if view is None:
            return None
        found = self._api.mention(uri, view)
        answers = view.get("replyCount")
        if self._settings.has_account and answers.__class__ is int and answers > 0:
            ours = ours_below(self._api, uri)
            if ours is not None:
                found.our_reply, found.our_reply_at = ours.text, ours.at
        return found

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        """Answer `ref` under a record key that follows from `key`, so a repeat is harmless."""
        if not self._settings.has_account:
            raise NotSupported("without an account answers are given by hand")
        return publish(self._api, _checked(ref.external_id), ref, text, key)

    def find_reply(self, ref: MentionRef, text: str, key: str) -> Receipt | None:
        if not self._settings.has_account:
            raise NotSupported("without an account it is not known which answer is ours")
        return find(self._api, _checked(ref.external_id), text, key)

    def withdraw(self, ref: MentionRef, receipt_external_id: str) -> None:
        if not self._settings.has_account:
            raise NotSupported("without an account answers are given by hand")
        withdraw(self._api, receipt_external_id)

    def measure(self, text: str) -> int:
        return graphemes(text)

    def objections(self, text: str) -> tuple[str, ...]:
        return objections_to(text)

    def verify(self) -> Health:
        count = len(self._settings.queries)
        searches = "one search" if count == 1 else f"{count} searches"
        if not self._settings.has_account:
            params = {"q": self._settings.queries[0], "limit": 1, "sort": "latest"}
            items_in(self._api.get("app.bsky.feed.searchPosts", params), "posts")
            return Health(
                True,
                f"reads {searches} in public; answers by hand",
                "Name an account under `identifier` to read mentions and to answer",
            )
        found = self._api.get("com.atproto.server.getSession").json()
        if not isinstance(found, dict) or not isinstance(found.get("handle"), str):
            raise LayoutChanged("the server answered no session")
        if found.get("active") is False:
            return Health(
                False,
                f"@{found['handle']} is {found.get('status') or 'not active'}",
                "Log in at bsky.app and follow what it says of the account",
            )
        reads = ["mentions"] if self._settings.notifications else []
        reads += [searches] if count else []
        return Health(True, f"reads {' and '.join(reads)} and may answer as @{found['handle']}")

    def close(self) -> None:
        self._api.http.close()

    def _streams(self) -> list[str]:
        first = [NOTIFICATIONS] if self._settings.has_account else []
        streams = first if self._settings.notifications else []
        return streams + [f"search:{query}" for query in self._settings.queries]

    def _begin(self, stream: str, state: StreamState) -> Walk:
        known = state.newest.get(stream)
        if stream == NOTIFICATIONS:
            return Walk(stream, max(known - _ms(NOTIFICATION_LAG), 1) if known else 0)
        if known:
            return Walk(stream, max(known - _ms(SEARCH_LAG), 1))
        first = self._context.first_moment(self._api.now(), self._settings.history_days)
        return Walk(stream, int(first.timestamp() * 1000))

    def _page(self, walk: Walk, state: StreamState, streams: list[str]) -> tuple[Page, bool]:
        """Read one page and return it, and whether there was anything to read on it."""
        answer = self._ask(walk)
        begins = not walk.page and not walk.until
        if begins:
            walk = replace(walk, first=blake2b(answer.body, digest_size=8).hexdigest())
        mentions: list[FoundMention] = []
        problems: list[Problem] = []
        following, seen = None, False
        if not begins or state.same.get(walk.stream) != walk.first:
            items = items_in(answer, "notifications" if walk.stream == NOTIFICATIONS else "posts")
            mentions, problems = self._read(walk.stream, items)
            taken = self._step(walk, items, answer, state)
            if taken.crowded:
                reason = "one moment holds more posts than a page; the rest is out of reach"
                problems.append(Problem(walk.stream, reason))
            following, seen = taken.following, bool(items)
            if following is None:
                self._finish(taken.done, state)
        place = streams.index(walk.stream) + 1
        if following is None and place < len(streams):
            following = self._begin(streams[place], state)
        page = Page(
            tuple(mentions),
            state.cursor(following),
            more=following is not None,
            problems=tuple(problems),
            unchanged=not seen and following is None,
            account_rests=exhausted(answer.headers, self._api.now()),
        )
        return page, seen

    def _step(self, walk: Walk, items: list[Any], answer: Answer, state: StreamState) -> Step:
        searching = walk.stream != NOTIFICATIONS
        return step(
            walk,
            [str(item.get("uri")) if isinstance(item, dict) else "?" for item in items],
            [int(at.timestamp() * 1000) for at in map(listed_at, items) if at is not None],
            _cursor_in(answer),
            windows=searching,
            # Bluesky's public search refuses its own cursor; others take it.
            scrolls=self._settings.has_account or not self._settings.is_usual(),
            bounded=not searching or walk.stream in state.newest,
        )

    def _finish(self, done: Walk, state: StreamState) -> None:
        """Remember how far a list was read, and its first page, so as not to read it twice."""
        top = min(done.top, int(self._api.now().timestamp() * 1000))
        if top > state.newest.get(done.stream, 0):
            state.newest[done.stream] = top
        state.same[done.stream] = done.first

    def _ask(self, walk: Walk) -> Answer:
        params: dict[str, Any] = {"limit": PER_PAGE}
        if walk.cursor:
            params["cursor"] = walk.cursor
        if walk.stream == NOTIFICATIONS:
            params["reasons"] = list(REASONS)
            return self._api.get("app.bsky.notification.listNotifications", params)
        params |= {"q": walk.stream.removeprefix("search:"), "sort": "latest"}
        params["since"] = _written(walk.since)
        if walk.until:
            params["until"] = _written(walk.until)
        return self._api.get("app.bsky.feed.searchPosts", params)

    def _read(self, stream: str, items: list[Any]) -> tuple[list[FoundMention], list[Problem]]:
        mentions: list[FoundMention] = []
        problems: list[Problem] = []
        own = self._api.did() if items else ""
        for item in reversed(items):  # both lists are newest first
            told = item if isinstance(item, dict) else {}
            if stream == NOTIFICATIONS and told and told.get("reason") not in REASONS:
                continue
            try:
                found = mention_of(item, addressed=stream == NOTIFICATIONS, own_did=own)
            except ValueError as error:
                where = clip(one_line(f"{stream} {told.get('uri') or '?'}"), 300)
                problems.append(Problem(where, str(error)))
                continue
            if not own or found.author_id != own:
                mentions.append(found)
        return mentions, problems


def _checked(uri: str) -> str:
    if not parts_of(uri)[0]:
        raise Rejected("this is no uri of a post")
    return uri


def _cursor_in(answer: Answer) -> str:
    said = answer.json().get("cursor")
    return said if isinstance(said, str) and len(said) <= 2000 and said.isprintable() else ""


def _ms(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)


def _written(moment: int) -> str:
    at = datetime.fromtimestamp(moment / 1000, tz=UTC)
    return at.isoformat(timespec="milliseconds")[:-6] + "Z"
