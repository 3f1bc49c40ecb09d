"""The comments of a YouTube channel, or of single videos, as a source."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.base import (
    BaseConnector,
    Context,
    Cursor,
    FoundMention,
    Health,
    MentionRef,
    Page,
    Receipt,
)
from connectors.errors import (
    Gone,
    LayoutChanged,
    NotSupported,
    Rejected,
    UnknownOutcome,
)
from connectors.googlefaults import said
from connectors.text import clip, one_line, same_text
from connectors.youtube.api import CommentsOff, YouTubeApi
from connectors.youtube.comments import ID, Thread, answered, mention_of, receipt_of
from connectors.youtube.settings import YouTubeSettings
from connectors.youtube.state import State
from connectors.youtube.steps import Steps

LONGEST = 10_000
"""Characters in a comment."""


class YouTubeConnector(BaseConnector):
    """Speaks to the YouTube Data API with an API key, or with a person's refresh token.

    A poll goes through the streams (``channel``, ``video:…``), newest threads first; lists the
    replies of threads that show only some; and looks at the latest threads again, because a
    new reply does not move its thread. What our own channels said becomes `our_reply`.
    """

    name = "youtube"

    def __init__(self, settings: YouTubeSettings, context: Context) -> None:
        self._settings = settings
        self._api = YouTubeApi(settings, context)
        self._steps = Steps(self._api, settings, self._own)
        self._mine: Mapping[str, str] | None = None

    def fetch(self, cursor: Cursor) -> Page:
        """Return one page of threads, of one thread's replies, or of threads looked at again.

        A video whose comments are switched off, or that is gone, is told once and stays silent;
        the other streams go on.
        """
        state = State.resume(cursor, self._streams(), self._settings.watch_threads)
        found, problems = self._steps.take(state)
        return Page(tuple(found), state.cursor(), state.under_way, tuple(problems))

    def read(self, ref: MentionRef) -> FoundMention | None:
        ident = _checked(ref.external_id)
        try:
            comment = self._api.comment(ident)
        except Gone:
            return None
        if comment is None:
            return None
        try:
            found = mention_of(comment)
            thread = self._whole_thread(_thread_id(ref))
            if thread is None or thread.top is None:
                return found
            found = mention_of(comment, locked=thread.top.locked, **_place(thread.top))
        except ValueError as error:
            raise LayoutChanged(f"comment {ident}: {error}") from error
        others = [one for one in thread.comments if one.external_id != found.external_id]
        answered([found, *others], self._own())
        return found

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        """Answer in the thread of `ref`: YouTube hangs every reply below the first comment."""
        self._may_reply()
        length = self.measure(text)
        if length > LONGEST:
            raise Rejected(f"the reply has {length} characters, {LONGEST} fit")
        if self.objections(text):
            raise Rejected("the reply is empty")
        _checked(ref.external_id)
        made = self._api.post(_thread_id(ref), text)
        try:
            return receipt_of(mention_of(made, video=str(ref.raw.get("video", ""))))
        except ValueError as error:
            raise UnknownOutcome("YouTube took the reply and answered nonsense") from error

    def find_reply(self, ref: MentionRef, text: str, key: str) -> Receipt | None:
        """Look among the replies of the thread for one of ours with this text.

        Raises `Gone` when the thread itself is gone, because then nobody can tell.
        """
        self._may_reply()
        _checked(ref.external_id)
        own = self._own()
        where = {"video": str(ref.raw.get("video", ""))}
        for reply in self._api.all_replies(_thread_id(ref), **where):
            if reply.author_id in own and same_text(reply.text, text):
                return receipt_of(reply)
        return None

    def withdraw(self, ref: MentionRef, receipt_external_id: str) -> None:
        self._may_reply()
        self._api.delete(_checked(receipt_external_id))

    def measure(self, text: str) -> int:
        return len(text)

    def objections(self, text: str) -> tuple[str, ...]:
        return () if text.strip() else ("an empty reply",)

    def verify(self) -> Health:
        """Prove that the first stream can be read, and tell as whom we may answer."""
        streams = self._streams()
        reads = f"reads the comments of {len(streams)} stream{'s' * (len(streams) != 1)}"
        try:
            self._api.threads(self._steps.place(streams[0]), size=1)
        except CommentsOff:
            reads += "; those of the first are switched off"
        if not self._settings.may_reply:
            return Health(True, f"{reads}; answering needs OAuth, so replies are pasted by hand")
        mine = self._me()
        if not mine:
            return Health(
                False,
                f"{reads}; the account that signed in has no channel",
                "Sign in with the account of the channel, and choose the channel",
            )
        ident, title = next(iter(mine.items()))
        known = self._settings.own()
        other = "That is none of the channels that are named; check who signed in"
        return Health(
            True,
            f"{reads}; answers as {title} ({ident}) with up to {LONGEST:,} characters",
            other if known and not known & set(mine) else "",
        )

    def close(self) -> None:
        self._api.close()

    def _streams(self) -> list[str]:
        streams = ["channel"] if self._settings.channel_id else []
        return streams + [f"video:{ident}" for ident in dict.fromkeys(self._settings.video_ids)]

    def _whole_thread(self, ident: str) -> Thread | None:
        """Return a thread with all its replies; None where YouTube does not show it."""
        try:
            threads, _ = self._api.threads_by_id([ident])
            thread = threads[0] if threads else None
            if thread is not None and thread.count > len(thread.replies):
                thread.replies = list(self._api.all_replies(ident)) or thread.replies
        except (Gone, CommentsOff, LayoutChanged):
            return None
        return thread

    def _own(self) -> frozenset[str]:
        """Return the channels that are ours: those in the settings, and the one we write as."""
        known = self._settings.own()
        if not self._settings.may_reply:
            return known
        try:
            return known | set(self._me())
        except (Gone, LayoutChanged):
            if not known:
                raise
            return known

    def _me(self) -> Mapping[str, str]:
        """Return the channel of the account that signed in, by its id; asked once."""
        if self._mine is None:
            mine: dict[str, str] = {}
            for one in self._api.my_channels():
                snippet = one.get("snippet")
                title = said(snippet, "title") if isinstance(snippet, dict) else ""
                mine[said(one, "id")] = clip(one_line(title), 100) or "a channel"
            self._mine = mine
        return self._mine

    def _may_reply(self) -> None:
        if not self._settings.may_reply:
            raise NotSupported("answering on YouTube needs OAuth; an API key only reads")


def _place(found: FoundMention) -> dict[str, str]:
    raw = found.raw or {}
    return {key: str(raw.get(key, "")) for key in ("video", "channel")}


def _thread_id(ref: MentionRef) -> str:
    return _checked(ref.parent_external_id or ref.external_id.partition(".")[0])


def _checked(ident: str) -> str:
    if not ID.match(ident) or ".." in ident:
        raise Rejected("this is no id of a comment")
    return ident
