"""Walks back through time in steps that hold neither too few nor too many of what is looked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TypeVar

from monitor.reports.fact import Stretch
from monitor.reports.period import Period

Row = TypeVar("Row")

FIRST = timedelta(hours=1)
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=8)

FEW, MANY = 200, 1000
"""A step is to see as many. One that saw fewer or more is followed by a longer or a shorter one."""

FASTEST = 8
"""So many times as long may the next step be."""

JUST_AFTER = timedelta(microseconds=1)


def walk_back(
    period: Period,
    after: tuple[datetime, int] | None,
    latest: Callable[[datetime], datetime | None],
    look: Callable[[Stretch], tuple[int, Iterable[Row]]],
    first: timedelta = FIRST,
) -> Iterator[Row]:
    """Yield what `look` finds in one stretch of a period after the other, the latest first.

    It tells how many it saw, and those that are meant. `latest` gives the time of the last that is
    to be seen before a time, so that nobody looks where there is nothing. `after` is the place of
    the last one that was shown: nothing later is looked at. The `first` step is so long.
    """
    end = min(period.end, after[0] + JUST_AFTER) if after else period.end
    step = first
    while (last := latest(end)) is not None and last >= period.begin:
        end = last + JUST_AFTER
        begin = max(period.begin, end - step)
        seen, found = look(Stretch(begin, end, period.zone))
        yield from found
        end = begin
        if seen < FEW:
            step = min(step * min(FEW / max(seen, 1), FASTEST), LONGEST)
        elif seen > MANY:
            step = max(step * MANY / seen, SHORTEST)
