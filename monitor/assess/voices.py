"""What was heard lately of one brand, and how densely people spoke up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

SAME_CAUSE = "same_cause"
COPIES = "copies"
REVIEW_BOMBING = "review_bombing"
KINDS = (SAME_CAUSE, COPIES, REVIEW_BOMBING)

LOWEST = 0.13
"""Ratings up to this share of their scale are the lowest: one star, or half of one more."""

THIN_WORDS = 6
"""A text with fewer words tells of nothing that happened."""


class Heard(NamedTuple):
    """One mention as it reads now: a complaint, or a lowest rating.

    `said_at` is None where nobody knows when it was said. `rating` is a share of its scale, 0..1.
    `author` is a key that is the author's own, empty where the platform tells none, and `name` is
    what they go by; `known` says that the author was heard before. `location` is a place's name.
    """

    mention: int
    said_at: datetime | None
    words: Sequence[str]
    complaint: bool = True
    topics: tuple[str, ...] = ()
    rating: float | None = None
    author: str = ""
    name: str = ""
    known: bool = False
    source: int = 0
    location: str = ""

    @property
    def person(self) -> str:
        """Who said it; of nobody known, each is a person of their own."""
        return self.author or f"mention {self.mention}"

    @property
    def is_lowest(self) -> bool:
        """Whether the rating is the lowest there is."""
        return self.rating is not None and self.rating <= LOWEST

    @property
    def is_thin(self) -> bool:
        """Whether there is next to no text."""
        return len(self.words) < THIN_WORDS


class Burst(NamedTuple):
    """Mentions that belong together, and what they were recognised by.

    `words` are those that many of them share and that are rare otherwise. `signs` are for people.
    """

    kind: str
    mentions: tuple[int, ...]
    began_at: datetime | None
    last_at: datetime | None
    signs: tuple[str, ...]
    topic: str = ""
    words: tuple[str, ...] = ()
    location: str = ""


Timed = tuple[datetime, Heard]


def in_time(heard: Sequence[Heard]) -> list[Timed]:
    """Return those whose time is known, in the order in which they were said."""
    timed = [(each.said_at, each) for each in heard if each.said_at is not None]
    return sorted(timed, key=lambda each: (each[0], each[1].mention))


def first_voices(timed: Sequence[Timed], copy_of: Mapping[int, int]) -> list[Timed]:
    """Leave of each person, and of each text that was copied, the first."""
    people: set[str] = set()
    texts: set[int] = set()
    voices = []
    for each in timed:
        person, text = each[1].person, copy_of.get(each[1].mention, each[1].mention)
        if person not in people and text not in texts:
            voices.append(each)
        people.add(person)
        texts.add(text)
    return voices


def densest(timed: Sequence[Timed], span: timedelta) -> Sequence[Timed]:
    """Return the stretch of at most `span` in which the most were said, the latest of equals."""
    best, start, length = 0, 0, 0
    for end, (at, _) in enumerate(timed):
        while at - timed[start][0] > span:
            start += 1
        if end - start + 1 >= length:
            best, length = start, end - start + 1
    return timed[best : best + length]


def around(timed: Sequence[Timed], peak: Sequence[Timed], gap: timedelta) -> list[Timed]:
    """Return what was said at a peak, before and after it, without a silence longer than `gap`."""
    first, last = peak[0][0], peak[-1][0]
    for at, _ in reversed(timed):
        if at < first and first - at <= gap:
            first = at
    for at, _ in timed:
        if at > last and at - last <= gap:
            last = at
    return [each for each in timed if first <= each[0] <= last]


def burst_of(
    kind: str, members: Collection[Heard], signs: Sequence[str], *, topic: str = "",
    words: Sequence[str] = (), location: str = "",
) -> Burst:  # fmt: skip
    """Put a burst together from its members."""
    times = sorted(each.said_at for each in members if each.said_at is not None)
    return Burst(
        kind=kind,
        mentions=tuple(sorted(each.mention for each in members)),
        began_at=times[0] if times else None,
        last_at=times[-1] if times else None,
        signs=tuple(signs),
        topic=topic,
        words=tuple(words),
        location=location,
    )


def in_hours(span: timedelta) -> float:
    """Return a span of time in hours."""
    return span.total_seconds() / 3600
