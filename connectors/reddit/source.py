"""Reddit as a source: subreddits, searches and the inbox of our account."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
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
from connectors.errors import AuthFailed, Gone, LayoutChanged, NotSupported, Rejected
from connectors.naming import names
from connectors.outcomes import Answer
from connectors.reddit.answers import find, look, publish, withdraw
from connectors.reddit.api import Api
from connectors.reddit.refusals import is_closed
from connectors.reddit.settings import RedditSettings
from connectors.reddit.things import NAME, mention_of, name_of, written_at
from connectors.reddit.walk import PER_PAGE, Walk, step
from connectors.streams import StreamState
from connectors.waits import exhausted

LAG = timedelta(hours=1)
"""How far each poll reads again: moderators let some things through late."""


class RedditConnector(BaseConnector):
    """Reads each listing in turn, from its newest page back to what is known.

    The cursor holds the newest time of each listing (``newest``), a digest of its first page
    (``same``) and, between two pages, where we are (``walk``). A time counts as known only when
    its listing was read to the end.
    """

    name = "reddit"

    def __init__(self, settings: RedditSettings, context: Context) -> None:
        self._settings = settings
        self._api = Api(settings, context)

    def fetch(self, cursor: Cursor) -> Page:
        streams = self._streams()
        state = StreamState.load(cursor, streams)
        walk = Walk.load(cursor.get("walk"))
        if walk is None or walk.stream not in streams:
            walk = _begin(streams[0], state)
        while True:
            page, seen = self._page(walk, state, streams)
            if seen or page.problems or not page.more:
                return page
            walk = Walk.load(page.next_cursor["walk"]) or walk

    def read(self, ref: MentionRef) -> FoundMention | None:
        name = _checked(ref.external_id)
        if name.startswith("t4_"):
            path, asked = f"/message/messages/{name.removeprefix('t4_')}", {}
        else:
            path, asked = "/api/info", {"id": name}
        try:
            things, _ = self._api.things(self._api.get(path, asked))
        except Gone:
            return None
        found = next((thing for thing in things if name_of(thing) == name), None)
        if found is None:
            return None
        username = self._settings.username if self._settings.has_account else ""
        try:
            mention = mention_of(found, addressed=name.startswith("t4_"), username=username)
        except ValueError as error:
            raise LayoutChanged(f"{name}: {error}") from error
        if self._settings.has_account and not mention.deleted:
            self._look_for_answer(mention, ref)
        return mention

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        """Answer `ref` as our account. Reddit knows no key, so the core looks first."""
        if not self._settings.has_account:
            raise NotSupported("without an account answers are given by hand")
        return publish(self._api, replace(ref, external_id=_checked(ref.external_id)), text)

    def find_reply(self, ref: MentionRef, text: str, key: str) -> Receipt | None:
        if not self._settings.has_account:
            raise NotSupported("without an account it is not known which answer is ours")
        return find(self._api, replace(ref, external_id=_checked(ref.external_id)), text)

    def withdraw(self, ref: MentionRef, receipt_external_id: str) -> None:
        if not self._settings.has_account:
            raise NotSupported("without an account answers are given by hand")
        withdraw(self._api, receipt_external_id)

    def verify(self) -> Health:
        reads = [f"r/{name}" for name in self._settings.subreddits]
        reads += ["searches"] if self._settings.queries else []
        if not self._settings.has_account:
            path, asked = self._question(self._streams()[0])
            self._api.things(self._api.get(path, {**asked, "limit": 1}))
            return Health(
                True,
                f"reads {', '.join(reads)}; answers by hand",
                "Name a password or a refresh token to read the inbox and to answer",
            )
        me = self._api.get("/api/v1/me").json()
        if not isinstance(me, dict) or not isinstance(me.get("name"), str):
            raise LayoutChanged("Reddit answered no account")
        reads += ["the inbox"] if self._settings.inbox else []
        if me.get("is_suspended") is True:
            return Health(False, f"u/{me['name']} is suspended", "Log in at reddit.com and appeal")
        if me["name"].casefold() != self._settings.username.casefold():
            return Health(
                False,
                f"the token belongs to u/{me['name']}",
                f"Write {me['name']} under `username`, or take a token of the named account",
            )
        return Health(True, f"reads {', '.join(reads)} and may answer as u/{me['name']}")

    def close(self) -> None:
        self._api.http.close()

    def _streams(self) -> list[str]:
        """Return the listings: ``new:sub``, ``comments:sub``, ``search:words``, ``inbox:part``."""
        streams = [
            f"{kind}:{name}" for name in self._settings.subreddits for kind in ("new", "comments")
        ]
        streams += [f"search:{query}" for query in self._settings.queries]
        inbox = self._settings.inbox if self._settings.has_account else ()
        return streams + [f"inbox:{part}" for part in inbox]

    def _question(self, stream: str) -> tuple[str, dict[str, Any]]:
        kind, _, name = stream.partition(":")
        if kind == "search":
            return "/search", {"q": name, "sort": "new", "type": "link", "t": "year"}
        if kind == "inbox":
            return f"/message/{'inbox' if name == 'messages' else name}", {}
        return f"/r/{name}/{kind}", {}

    def _page(self, walk: Walk, state: StreamState, streams: list[str]) -> tuple[Page, bool]:
        """Read one page and return it, and whether there was anything to read on it."""
        mentions: list[FoundMention] = []
        problems: list[Problem] = []
        following, seen, rests = None, False, None
        try:
            answer = self._ask(walk)
        except (AuthFailed, Gone) as error:
            one_of_many = len(self._settings.subreddits) > 1
            one_of_many = one_of_many and walk.stream.startswith(("new:", "comments:"))
            if not one_of_many or (isinstance(error, AuthFailed) and not is_closed(error)):
                raise
            # One subreddit that closed must not keep the others from being read.
            problems.append(Problem(walk.stream, str(error)))
        else:
            rests = exhausted(answer.headers, self._api.now())
            if not walk.page:
                walk = replace(walk, first=blake2b(answer.body, digest_size=8).hexdigest())
            if walk.page or state.same.get(walk.stream) != walk.first:
                things, after = self._api.things(answer)
                mentions, problems = self._read(walk.stream, things)
                following = self._follow(walk, things, after, state, problems)
                seen = bool(things)
        place = streams.index(walk.stream) + 1
        if following is None and place < len(streams):
            following = _begin(streams[place], state)
        page = Page(
            tuple(mentions),
            state.cursor(following),
            more=following is not None,
            problems=tuple(problems),
            unchanged=not seen and not problems and following is None,
            account_rests=rests,
        )
        return page, seen

    def _ask(self, walk: Walk) -> Answer:
        path, asked = self._question(walk.stream)
        asked["limit"] = PER_PAGE
        if walk.after:
            asked["after"] = walk.after
        answer = self._api.get(path, asked)
        if "/subreddits/search" in answer.url:
            raise Gone(f"there is no {path.rpartition('/')[0].lstrip('/')}")
        return answer

    def _follow(
        self, walk: Walk, things: list[Any], after: str, state: StreamState, problems: list[Problem]
    ) -> Walk | None:
        times = [int(at.timestamp()) for at in map(written_at, things) if at is not None]
        taken = step(walk, [name_of(thing) or "?" for thing in things], times, after)
        if taken.short:
            reason = "the listing ended before what was read last time; some things are missing"
            problems.append(Problem(walk.stream, reason))
        if taken.following is None:
            top = min(taken.done.top, int(self._api.now().timestamp()))
            if top > state.newest.get(walk.stream, 0):
                state.newest[walk.stream] = top
            state.same[walk.stream] = taken.done.first
        return taken.following

    def _read(self, stream: str, things: list[Any]) -> tuple[list[FoundMention], list[Problem]]:
        mentions: list[FoundMention] = []
        problems: list[Problem] = []
        kind, _, part = stream.partition(":")
        username = self._settings.username
        for thing in reversed(things):  # listings are newest first
            if isinstance(thing, dict) and thing.get("kind") == "more":
                continue
            try:
                found = mention_of(thing, addressed=kind == "inbox", username=username)
            except ValueError as error:
                problems.append(Problem(f"{stream} {name_of(thing) or '?'}", str(error)))
                continue
            if found.author_id.casefold() == username.casefold():
                continue
            if part == "messages" and found.kind != "message":
                continue
            if kind in ("new", "comments") and not self._is_about_us(found):
                continue
            mentions.append(found)
        return mentions, problems

    def _is_about_us(self, found: FoundMention) -> bool:
        wanted = self._settings.names
        if not wanted or found.addressed_to_us:
            return True
        said = f"{found.title}\n{found.text}\n{(found.raw or {}).get('link', '')}"
        return any(names(said, name) for name in wanted)

    def _look_for_answer(self, mention: FoundMention, ref: MentionRef) -> None:
        try:
            ours, lock = look(self._api, replace(ref, raw=mention.raw or {}))
        except (Gone, Rejected, LayoutChanged):
            return  # the mention itself was read; its thread may be closed to us
        mention.locked = mention.locked or lock
        if ours is not None:
            mention.our_reply, mention.our_reply_at = ours.text, ours.at


def _begin(stream: str, state: StreamState) -> Walk:
    known = state.newest.get(stream)
    return Walk(stream, max(known - int(LAG.total_seconds()), 1) if known else 0)


def _checked(name: str) -> str:
    if not NAME.match(name):
        raise Rejected("this is no name of a thing on Reddit")
    return name
