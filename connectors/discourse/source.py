"""A Discourse forum as a source: reads new posts and hits, answers in their topics."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

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
from connectors.discourse import search_for_reply, streams
from connectors.discourse.answers import receipt_of
from connectors.discourse.forum import Forum, of, post_path
from connectors.discourse.listings import Hit, hits_of, latest_of, notices_of
from connectors.discourse.posts import (
    answers_to,
    answers_user,
    is_speech,
    mention_of,
    mention_of_topic,
    number_of,
    parents_in,
    print_of,
)
from connectors.discourse.settings import DiscourseSettings
from connectors.errors import (
    AuthFailed,
    Gone,
    LayoutChanged,
    NotSupported,
    Rejected,
    UnknownOutcome,
)
from connectors.outcomes import Answer
from connectors.waits import exhausted

_NO_KEY = "without a key nothing can be posted; answer in the forum itself"


class DiscourseConnector(BaseConnector):
    """Speaks to one forum, with or without an account.

    The cursor holds, for each stream, what `connectors.discourse.streams` says, and ``at``: the
    stream that is next in an unfinished round.
    """

    name = "discourse"

    def __init__(self, settings: DiscourseSettings, context: Context) -> None:
        self._settings = settings
        self._forum = Forum(settings, context)
        self._base = self._forum.base

    def fetch(self, cursor: Cursor) -> Page:
        names = ["posts"] if self._settings.posts else []
        names += [f"search:{words}" for words in self._settings.searches]
        names += ["notifications"] if self._settings.notifications else []
        kept = cursor.get("streams")
        state = {k: v for k, v in kept.items() if k in names} if isinstance(kept, dict) else {}
        start = cursor.get("at")
        first = names.index(start) if start in names else 0
        for position, name in enumerate(names[first:], first):
            before = state.get(name, {})
            if name == "posts":
                found, problems, state[name], more, answer = self._posts(before)
            else:
                found, problems, state[name], more, answer = self._hits(name, before)
            rest = exhausted(answer.headers, self._forum.http.now())
            following = name if more else names[position + 1] if position + 1 < len(names) else ""
            if rest is not None or not following or found or problems or more:
                moving: dict[str, Any] = {"streams": state}
                if following:
                    moving["at"] = following
                return Page(
                    tuple(found),
                    moving,
                    more=bool(following),
                    problems=tuple(problems),
                    unchanged=not found and not problems and moving == dict(cursor),
                    account_rests=rest,
                )
        return Page((), {"streams": state})

    def read(self, ref: MentionRef) -> FoundMention | None:
        """Read the post, and from its topic whether it still takes answers."""
        try:
            if ref.external_id.startswith("topic-"):
                ident = number_of(ref.external_id.removeprefix("topic-"))
                return mention_of_topic(self._forum.topic(ident), self._base)
            post = self._forum.get(post_path(ref.external_id)).json()
        except Gone:
            return None
        except ValueError as error:
            raise LayoutChanged(f"topic {ref.external_id}: {error}") from None
        raw = ref.raw
        topic: Mapping[str, Any] = {"title": raw.get("topic_title"), "slug": raw.get("topic_slug")}
        if isinstance(post, dict) and number_of(post.get("topic_id")):
            # A topic that we may not see says nothing of the post that we may.
            with contextlib.suppress(Gone, AuthFailed):
                topic = self._forum.topic(number_of(post["topic_id"]))
        try:
            return mention_of(post, self._base, topic)
        except ValueError as error:
            raise LayoutChanged(f"post {ref.external_id}: {error}") from None

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        """Post `text` into the topic, as an answer to the mention.

        The forum itself refuses the same text within some minutes, and otherwise takes it twice.
        """
        if not self._settings.has_key:
            raise NotSupported(_NO_KEY)
        if self.measure(text) > self._settings.longest_reply:
            raise Rejected(
                f"the reply has {self.measure(text):,} characters, "
                f"{self._settings.longest_reply:,} fit"
            )
        topic_id, number = number_of(ref.raw.get("topic_id")), number_of(ref.raw.get("post_number"))
        if not topic_id:
            parent = self._forum.get(post_path(ref.external_id)).json()
            parent = parent if isinstance(parent, dict) else {}
            topic_id = number_of(parent.get("topic_id"))
            number = number_of(parent.get("post_number"))
            if not topic_id:
                raise LayoutChanged(f"{self._base} answered a post without its topic")
        body: dict[str, Any] = {"topic_id": topic_id, "raw": text}
        if number:
            body["reply_to_post_number"] = number
        try:
            answer = self._forum.post("/posts.json", body)
        except Rejected:
            # Discourse says the same of a topic that is gone and of one that is closed, and says
            # it in its own language; only looking tells.
            if not ref.external_id.startswith("topic-"):
                self._forum.get(post_path(ref.external_id))
            raise
        try:
            return receipt_of(answer.json(), self._base)
        except (LayoutChanged, ValueError) as error:
            raise UnknownOutcome("the forum took the reply and answered nonsense") from error

    def find_reply(self, ref: MentionRef, text: str, key: str) -> Receipt | None:
        """Look below the post, among what waits for a moderator, and among what was refused."""
        if not self._settings.has_key:
            raise NotSupported(_NO_KEY)
        return search_for_reply.find(self._forum, ref, text)

    def withdraw(self, ref: MentionRef, receipt_external_id: str) -> None:
        """Delete our post; the forum shows staff that there was one."""
        if not self._settings.has_key:
            raise NotSupported(_NO_KEY)
        if receipt_external_id.startswith("pending-"):
            raise NotSupported("it waits for a moderator of the forum, who can refuse it")
        self._forum.delete(post_path(receipt_external_id))

    def measure(self, text: str) -> int:
        return len(text)

    def objections(self, text: str) -> tuple[str, ...]:
        shortest = self._settings.shortest_reply
        if len(text.strip()) < shortest:
            return (f"it has fewer than {shortest} characters",)
        return ()

    def verify(self) -> Health:
        """Prove that the forum is read; with a key also that the key acts as somebody."""
        host = urlsplit(self._base).hostname
        latest_of(self._forum.get("/posts.json").json(), self._base)
        if not self._settings.has_key:
            return Health(True, f"reads {host} as a guest; answers are given there by hand")
        try:
            user = self._forum.account()
        except (AuthFailed, Gone):
            return Health(
                True,
                f"reads {host}; the key does not show which account it is",
                "Give the key all scopes, or session and posts:create with the read scopes",
            )
        limits = f"{self._settings.longest_reply:,} characters"
        return Health(True, f"reads and may answer on {host} as @{user}, {limits}")

    def close(self) -> None:
        self._forum.http.close()

    def _posts(
        self, before: Mapping[str, Any]
    ) -> tuple[list[FoundMention], list[Problem], dict[str, Any], bool, Answer]:
        walk = before.get("walk")
        asked = {"before": walk["before"]} if isinstance(walk, dict) else None
        answer = self._forum.get("/posts.json", asked)
        posts = latest_of(answer.json(), self._base)
        ids = [number for post in posts if (number := number_of(of(post, "id")))]
        state, more = streams.walked(before, ids, self._settings.history_posts)
        if asked is None:
            print_ = print_of(posts)
            if print_ == before.get("print") and not more:
                return [], [], dict(before), False, answer
            state["print"] = print_
        chosen = self._settings.categories
        posts = [p for p in posts if not chosen or of(p, "category_id") in chosen]
        found, problems = self._mentions([Hit(post) for post in posts])
        return found, problems, state, more, answer

    def _hits(
        self, name: str, before: Mapping[str, Any]
    ) -> tuple[list[FoundMention], list[Problem], dict[str, Any], bool, Answer]:
        """Take the next hits of a search, or notifications, and read each in full."""
        page = number_of(before.get("page")) or 1
        if name == "notifications":
            answer = self._forum.get(
                "/notifications.json", {"limit": 60, "offset": 60 * (page - 1)}
            )
            hits, more_pages = notices_of(answer.json(), self._base)
        else:
            words = name.removeprefix("search:")
            order = "" if "order:" in words else " order:latest"
            answer = self._forum.get("/search.json", {"q": words + order, "page": page})
            hits, more_pages = hits_of(answer.json(), self._base)
        problems = [Problem(name, hit.problem) for hit in hits if hit.problem]
        hits = [hit for hit in hits if not hit.problem]
        new = set(streams.unseen(before, [hit.key for hit in hits])[: streams.BATCH])
        batch = {hit.key: hit for hit in hits if hit.key in new}
        state, more = streams.taken(
            before,
            [hit.key for hit in hits],
            list(batch),
            more_pages=more_pages,
            last_page=self._settings.history_posts // streams.PAGE + 1,
        )
        if not batch and not more and set(state) <= {"seen"} and before.get("seen"):
            problems = []  # they were told when they were new
        found, others = self._mentions([self._in_full(hit) for hit in batch.values()])
        return found, problems + others, state, more, answer

    def _in_full(self, hit: Hit) -> Hit:
        """Return `hit` with its whole post; what the search shows is but an excerpt."""
        try:
            if hit.post_id:
                post = self._forum.get(f"/posts/{hit.post_id}.json").json()
            else:
                topic = self._forum.topic(hit.topic_id)
                return Hit(_first_post(topic), topic, addressed=hit.addressed)
        except (Gone, AuthFailed, ValueError):
            return hit  # an index may be older than a deletion; a direct read will tell
        return Hit(post, hit.topic, addressed=hit.addressed)

    def _mentions(self, hits: list[Hit]) -> tuple[list[FoundMention], list[Problem]]:
        own = self._settings.own_names
        places = parents_in(hit.post for hit in hits)
        found: list[FoundMention] = []
        problems: list[Problem] = []
        for hit in hits:
            if isinstance(hit.post, dict):
                if not is_speech(hit.post):
                    continue
                if str(hit.post.get("username") or "").casefold() in own:
                    continue
            try:
                mention = hit.mention(self._base)
            except ValueError as error:
                ident = number_of(of(hit.post, "id"))
                problems.append(Problem(f"post {ident or 'without id'}", str(error)))
                continue
            if isinstance(hit.post, dict):
                self._place(hit.post, mention, places, own)
            found.append(mention)
        return found, problems

    def _place(
        self,
        post: Mapping[str, Any],
        mention: FoundMention,
        places: dict[tuple[int, int], str],
        own: frozenset[str],
    ) -> None:
        """Say which post `mention` answers, and whether it is ours."""
        place = answers_to(post)
        if place is None:
            return
        if answers_user(post) in own:
            mention.addressed_to_us = True
            if place not in places:
                places[place] = self._forum.id_at(*place)
        mention.parent_external_id = places.get(place, "")


def _first_post(topic: Mapping[str, Any]) -> Any:
    posts = of(topic.get("post_stream"), "posts")
    if not isinstance(posts, list) or not posts:
        raise ValueError("the topic has no posts")
    return posts[0]
