"""What a YouTube source remembers between two pages, and between two polls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.base import Cursor
from connectors.rounds import Round
from connectors.youtube.comments import Thread

AT_ONCE = 50
"""Threads that are asked for by their ids in one call."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A thread whose replies are still to be listed, from the page `token` on.

    `shown` are the replies that were handed out already; `video` and `locked` are what a reply
    does not tell of itself.
    """

    ident: str
    token: str = ""
    video: str = ""
    locked: bool = False
    shown: tuple[str, ...] = ()

    @classmethod
    def resume(cls, said: Sequence[Any]) -> Waiting:
        """Read what `said` wrote."""
        ident, token, video, locked, *shown = said
        return cls(str(ident), str(token), str(video), bool(locked), tuple(map(str, shown)))

    def said(self) -> list[Any]:
        """Return this for a cursor."""
        return [self.ident, self.token, self.video, self.locked, *self.shown]


@dataclass(slots=True)
class State:
    """The cursor, opened.

    `rounds` holds one round per stream, `threads` the latest conversations as (replies, latest
    time), `silent` why a stream shows nothing. Of a poll that is under way: `at` is the stream
    being read, `replies` are the threads that wait for their replies to be listed, and `again`
    those to look at again, `size` at a time.
    """

    streams: Sequence[str]
    watch: int
    rounds: dict[str, Round]
    threads: dict[str, tuple[int, int]]
    silent: dict[str, str]
    at: int = 0
    replies: list[Waiting] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    size: int = AT_ONCE

    @classmethod
    def resume(cls, cursor: Cursor, streams: Sequence[str], watch: int) -> State:
        """Open `cursor`; a poll begins where none is under way."""
        kept, silent = cursor.get("streams", {}), cursor.get("silent", {})
        threads = {str(one[0]): (int(one[1]), int(one[2])) for one in cursor.get("threads", [])}
        going = cursor.get("going")
        state = cls(
            streams,
            watch,
            {name: Round.resume(kept.get(name, {})) for name in streams},
            threads,
            {name: str(reason) for name, reason in silent.items() if name in streams},
        )
        if going is None:
            state.again = list(threads)
        else:
            state.at = int(going.get("at", 0))
            state.replies = [Waiting.resume(one) for one in going.get("replies", [])]
            state.again = [str(one) for one in going.get("again", [])]
            state.size = int(going.get("size", AT_ONCE))
        return state

    @property
    def under_way(self) -> bool:
        """Whether there is something left to ask in this poll."""
        return bool(self.replies) or self.at < len(self.streams) or bool(self.again)

    def cursor(self) -> dict[str, Any]:
        """Close the state: JSON that is equal where nothing happened."""
        latest = sorted(self.threads.items(), key=lambda one: (-one[1][1], one[0]))[: self.watch]
        rounds = {name: one.state() for name, one in self.rounds.items()}
        state: dict[str, Any] = {
            "streams": {name: said for name, said in rounds.items() if said},
            "threads": [[ident, count, last] for ident, (count, last) in latest],
            "silent": self.silent,
        }
        state = {name: value for name, value in state.items() if value}
        if self.under_way:
            going = {
                "at": self.at,
                "replies": [one.said() for one in self.replies],
                "again": self.again,
                "size": self.size,
            }
            state["going"] = {name: value for name, value in going.items() if value}
        return state

    def note(self, thread: Thread, *, fresh: bool) -> None:
        """Remember `thread`, and have its replies listed where more came than are shown.

        `fresh` says that a thread which is not remembered is new, rather than long forgotten.
        """
        now = (thread.count, thread.last)
        before = self.threads.get(thread.ident)
        more = thread.count > len(thread.replies)
        if more and (before != now if before is not None else fresh):
            top = thread.top
            video = str((top.raw or {}).get("video", "")) if top else ""
            shown = tuple(one.external_id for one in thread.replies)
            self.replies.append(Waiting(thread.ident, "", video, bool(top and top.locked), shown))
        self.threads[thread.ident] = now
        if thread.ident in self.again:
            self.again.remove(thread.ident)

    def ask_anew(self, ident: str) -> None:
        """Have the replies of a thread listed again in the next poll."""
        if ident in self.threads:
            self.threads[ident] = (-1, self.threads[ident][1])

    def forget(self, ident: str) -> None:
        """Look at a thread no more: it is gone."""
        self.threads.pop(ident, None)
