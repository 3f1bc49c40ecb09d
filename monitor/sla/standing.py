"""Finds pauses in which the clock stood still although the customer was waiting for us."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from monitor.sla.deadline import Segment, as_utc, merged


@dataclass(frozen=True, slots=True)
class Waited:
    """A pause, and the stretches of it in which the customer had the last word, in order.

    `seconds` is their length together: how long the customer waited while the clock stood still.
    """

    pause: Segment
    spans: tuple[tuple[datetime, datetime], ...]

    @property
    def seconds(self) -> float:
        """How long the customer waited inside the pause."""
        return sum((end - start).total_seconds() for start, end in self.spans)


def waits(
    words: Iterable[datetime], answers: Iterable[datetime], until: datetime
) -> list[tuple[datetime, datetime]]:
    """Return when the customer waited for us: from their first word unanswered to our answer.

    Words are the times at which the customer said something that needs an answer, answers those
    at which ours were submitted. A wait that has not ended runs to `until`. An answer at the very
    time of a word answers it.
    """
    end = as_utc(until)
    # Of a word and an answer at one time, the word comes first: the answer may be to it.
    told = sorted([(as_utc(at), 0) for at in words] + [(as_utc(at), 1) for at in answers])
    found: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    for at, kind in told:
        if at >= end:
            break
        if kind == 0:
            since = since or at
        elif since is not None:
            found.append((since, at))
            since = None
    if since is not None:
        found.append((since, end))
    return [(start, stop) for start, stop in found if start < stop]


def waited_in_pauses(
    pauses: Iterable[Segment],
    words: Iterable[datetime],
    answers: Iterable[datetime],
    until: datetime,
) -> list[Waited]:
    """Return the pauses in which the customer waited for us, in order.

    An open pause runs to `until`.
    """
    known = list(pauses)
    if not known:
        return []
    spans = waits(words, answers, until)
    first = min(pause.start for pause in known)
    result = []
    for pause in merged(known, first):
        end = min(pause.end or as_utc(until), as_utc(until))
        inside = [
            (max(start, pause.start), min(stop, end))
            for start, stop in spans
            if max(start, pause.start) < min(stop, end)
        ]
        if inside:
            result.append(Waited(pause, tuple(inside)))
    return result
