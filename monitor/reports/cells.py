"""The figures of one group: counts, and every time in order, so that percentiles stay exact.

Pure. Many groups are added up without sorting their times again: the smallest time that enough
others do not exceed is found by halving, which looks at a few of each group's times only.
"""

from __future__ import annotations

import math
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from monitor.reports.measures import Verdict

LARGEST = 2**31 - 1
"""A time in seconds that is longer, 68 years, counts as this."""

FEW = 100
"""So many times for each group are sorted faster than halved."""

Times = Sequence[int]


@dataclass(slots=True)
class Cell:
    """What was counted. `times` and `walls` are in any order until `packed`."""

    counted: int = 0
    met: int = 0
    missed: int = 0
    voided: int = 0
    times: list[int] = field(default_factory=list)
    walls: list[int] = field(default_factory=list)

    def add(self, verdict: Verdict, time: int | None = None, wall: int | None = None) -> None:
        """Count one. What is voided is counted apart from all the others."""
        if verdict == "voided":
            self.voided += 1
            return
        self.counted += 1
        self.met += verdict == "met"
        self.missed += verdict == "missed"
        if time is not None:
            self.times.append(time)
        if wall is not None:
            self.walls.append(wall)


@dataclass(frozen=True, slots=True)
class Sum:
    """Several groups added up. `times` holds the sorted times of each."""

    counted: int
    met: int
    missed: int
    voided: int
    times: tuple[Times, ...]
    walls: tuple[Times, ...]

    @property
    def decided(self) -> int:
        """How many are no longer open."""
        return self.met + self.missed


@dataclass(frozen=True, slots=True)
class Row:
    """One stored group, as it is read."""

    span: int
    value: str
    counted: int
    met: int
    missed: int
    voided: int
    times: bytes
    walls: bytes


def add_up(rows: Iterable[Row]) -> Sum:
    """Add groups up."""
    known = list(rows)
    return Sum(
        counted=sum(row.counted for row in known),
        met=sum(row.met for row in known),
        missed=sum(row.missed for row in known),
        voided=sum(row.voided for row in known),
        times=tuple(unpack(row.times) for row in known if row.times),
        walls=tuple(unpack(row.walls) for row in known if row.walls),
    )


def pack(times: Iterable[int]) -> bytes:
    """Return times in order as little-endian 32-bit integers."""
    packed = array("i", [_within(time) for time in sorted(times)])
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def unpack(packed: bytes) -> array[int]:
    """Return what `pack` packed."""
    times = array("i")
    times.frombytes(packed)
    if sys.byteorder == "big":
        times.byteswap()
    return times


def rank(share: float, count: int) -> int:
    """Return the place, from 0, of the smallest of `count` that `share` of them do not exceed."""
    # Rounding first: 0.07 * 100 is rank 7, though floats make it 7.000000000000001.
    return max(1, math.ceil(round(share * count, 9))) - 1


def percentile(groups: Sequence[Times], share: float) -> int | None:
    """Return the nearest-rank percentile over all sorted groups; None when they are empty.

    The same as `monitor.sla.nearest_rank` of all their times.
    """
    return percentiles(groups, share)[0]


def percentiles(groups: Sequence[Times], *shares: float) -> list[int | None]:
    """Return several percentiles over all sorted groups, as `percentile` does."""
    count = sum(map(len, groups))
    if not count:
        return [None for _ in shares]
    if count > FEW * len(groups) > FEW:
        return [_halved(groups, rank(share, count)) for share in shares]
    if len(groups) == 1:
        return [groups[0][rank(share, count)] for share in shares]
    # Runs that are in order already are only merged.
    ordered = sorted(chain.from_iterable(groups))
    return [ordered[rank(share, count)] for share in shares]


def _halved(groups: Sequence[Times], place: int) -> int:
    """Return the time at a place of all, by halving the distance between the least and the most."""
    low, high = min(group[0] for group in groups), max(group[-1] for group in groups)
    while low < high:
        middle = (low + high) // 2
        if sum([bisect_right(group, middle) for group in groups]) > place:
            high = middle
        else:
            low = middle + 1
    return low


def _within(time: int) -> int:
    return time if -LARGEST <= time <= LARGEST else LARGEST if time > 0 else -LARGEST
