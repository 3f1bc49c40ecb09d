"""The steps of one poll: list threads, list the replies of some, look at others again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from connectors.base import FoundMention, Problem
from connectors.errors import Gone, RateLimited, Rejected
from connectors.youtube.api import CommentsOff, Unprocessed, YouTubeApi
from connectors.youtube.comments import NO_REPLIES, Thread, answered, mention_of
from connectors.youtube.settings import YouTubeSettings
from connectors.youtube.state import AT_ONCE, State, Waiting

LAG = timedelta(days=1)
"""Comments held for review appear later, under the time they were written."""
THREADS_AT_ONCE = 20
"""Waiting threads that one step looks at, at most."""
Found = tuple[list[FoundMention], list[Problem]]


class Steps:
    """Takes one step of a poll at a time and moves the state with it.

    `own` tells which channels are ours. Each stream is ``channel`` or ``video:…``.
    """

    def __init__(
        self, api: YouTubeApi, settings: YouTubeSettings, own: Callable[[], frozenset[str]]
    ) -> None:
        self._api = api
        self._channel = settings.channel_id
        self._own = own

    def take(self, state: State) -> Found:
        """Take the next step; return what was said, and what could not be read."""
        if state.replies:
            return self._list_replies(state)
        if state.at < len(state.streams):
            return self._list_threads(state)
        return self._look_again(state) if state.again else ([], [])

    def place(self, stream: str) -> dict[str, str]:
        """Return how a question names `stream`."""
        kind, _, ident = stream.partition(":")
        if kind == "video":
            return {"videoId": ident}
        return {"allThreadsRelatedToChannelId": self._channel}

    def _list_threads(self, state: State) -> Found:
        stream = state.streams[state.at]
        before = state.rounds[stream]
        try:
            threads, problems, following = self._api.threads(self.place(stream), before.token)
        except (CommentsOff, Gone) as error:
            if isinstance(error, Gone) and len(state.streams) == 1:
                raise
            state.at += 1
            off = isinstance(error, CommentsOff)
            reason = "comments are switched off" if off else "it is not there any more"
            told = state.silent.get(stream) == reason
            state.silent[stream] = reason
            return [], [] if told else [Problem(stream, reason)]
        except (Rejected, Unprocessed):
            fresh = before.restarted()
            if fresh is None:
                raise
            state.rounds[stream] = fresh
            return [], []
        state.silent.pop(stream, None)
        known = self._channel if stream != "channel" else ""
        ids = [thread.ident for thread in threads]
        times = [thread.top.created_at if thread.top else None for thread in threads]
        # A video of the channel itself is read with the channel.
        heard = [one for one in threads if not known or one.channel != known]
        for thread in heard:
            written = thread.top.created_at if thread.top else None
            new = before.mark is None or written is None or written >= before.mark
            state.note(thread, fresh=new)
        step = before.turn(
            ids,
            times,
            following,
            enough=before.behind(times, LAG),
            now=self._api.now(),
        )
        if step.circling:
            problems.append(Problem(stream, "YouTube repeats a page; the rest was not shown"))
        state.rounds[stream] = step.round
        state.at += step.finished
        return self._heard(heard), problems

    def _list_replies(self, state: State) -> Found:
        """List replies of waiting threads until there is something new to tell.

        YouTube counts replies that it does not show, so many a thread has nothing to add.
        """
        found: list[FoundMention] = []
        problems: list[Problem] = []
        for number in range(THREADS_AT_ONCE):
            if found or not state.replies:
                break
            waiting = state.replies[0]
            try:
                more, odd, following = self._list_more(waiting)
            except (Gone, Rejected, Unprocessed):
                # It may have been deleted since it was listed, or its token forgotten.
                state.ask_anew(waiting.ident)
                more, following = [], ""
                odd = [Problem(f"thread {waiting.ident}", "its replies were not shown")]
            except RateLimited:
                if number == 0:
                    raise
                break
            problems += odd
            state.replies.pop(0)
            if following and following != waiting.token:
                state.replies.insert(0, replace(waiting, token=following))
            found += more
        return found, problems

    def _list_more(self, waiting: Waiting) -> tuple[list[FoundMention], list[Problem], str]:
        """Return what one page of a thread's replies adds to what was shown, and its next."""
        where = {"video": waiting.video, "locked": NO_REPLIES if waiting.locked else ""}
        comments, problems, following = self._api.replies(waiting.ident, waiting.token, **where)
        own = self._own()
        told = set(waiting.shown)
        if any(one.author_id in own and one.external_id not in told for one in comments):
            # The first comment is answered too, and a list of replies does not hold it.
            top = self._api.comment(waiting.ident)
            if top is not None:
                try:
                    comments = [mention_of(top, **where), *comments]
                except ValueError as error:
                    problems.append(Problem(f"thread {waiting.ident}", str(error)))
        added = [one for one in answered(comments, own) if one.external_id not in told]
        return added, problems, following if comments else ""

    def _look_again(self, state: State) -> Found:
        """Look at some of the latest threads again, for new replies and edits."""
        some = state.again[: state.size]
        try:
            threads, problems = self._api.threads_by_id(some)
        except (Gone, CommentsOff, Unprocessed):
            # One thread can spoil the answer for all, so it is searched for by halves.
            if len(some) == 1:
                state.forget(state.again.pop(0))
            state.size = max(1, len(some) // 2)
            return [], []
        state.again = state.again[len(some) :]
        state.size = min(AT_ONCE, state.size * 2)
        for thread in threads:
            if thread.ident in some:
                state.note(thread, fresh=False)
        return self._heard(threads), problems

    def _heard(self, threads: list[Thread]) -> list[FoundMention]:
        own = self._own()
        return [one for thread in threads for one in answered(thread.comments, own)]
