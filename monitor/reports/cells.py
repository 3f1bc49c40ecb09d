"""The figures of one group: counts, and every time in order, so that percentiles stay exact.

Pure. Up to some ten thousand times are sorted together. More are not sorted again: the smallest
time that enough others do not exceed is found by halving, which looks at a few of each group's
times only.
"""

from __future__ import annotations

import math
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

WIDTH = 4
"""So many bytes hold one time."""

LARGEST = 2**31 - 1
"""A time in seconds that is longer, 68 years, counts as this."""

FEW, MANY = 100, 30_000
"""Groups of fewer times are put together, and so are all groups while they are not many times."""

PAYS = 5_000
"""From so many times on, numpy is so much quicker that it pays to load it."""

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


@dataclass(frozen=True, slots=True)
class Sum:
    """Several groups added up. `times` are in one or more runs, each of them sorted; `total` is
    the sum of them all."""

    counted: int
    met: int
    missed: int
    voided: int
    total: int
    times: tuple[Times, ...]
    walls: tuple[Times, ...]

    @property
    def decided(self) -> int:
        """How many are no longer open."""
        return self.met + self.missed


class Row(NamedTuple):
    """One stored group, as it is read."""

    span: int
    value: str
    counted: int
    met: int
    missed: int
    voided: int
    total: int
    times: bytes
    walls: bytes


def add_up(rows: Iterable[Row]) -> Sum:
    """Add groups up."""
    columns = list(zip(*rows, strict=True))
    if not columns:
        return Sum(0, 0, 0, 0, 0, (), ())
    _, _, counted, met, missed, voided, total, times, walls = columns
    return Sum(
        counted=sum(counted),
        met=sum(met),
        missed=sum(missed),
        voided=sum(voided),
        total=sum(total),
        times=_runs(times),
        walls=_runs(walls),
    )


def merge(sums: Iterable[Sum]) -> Sum:
    """Add sums up."""
    several = list(sums)
    if len(several) == 1:
        return several[0]
    return Sum(
        counted=sum(each.counted for each in several),
        met=sum(each.met for each in several),
        missed=sum(each.missed for each in several),
        voided=sum(each.voided for each in several),
        total=sum(each.total for each in several),
        times=tuple(chain.from_iterable(each.times for each in several)),
        walls=tuple(chain.from_iterable(each.walls for each in several)),
    )


def _runs(packed: Sequence[bytes]) -> tuple[Times, ...]:
    """Unpack groups, those of few times into one."""
    if len(packed) == 1:
        return (unpack(packed[0]),) if packed[0] else ()
    few = (FEW if sum(map(len, packed)) > MANY * WIDTH else MANY) * WIDTH
    runs = [unpack(each) for each in packed if len(each) > few]
    small = b"".join([each for each in packed if len(each) <= few])
    if small:
        runs.append(_in_order(small))
    return tuple(runs)


def _in_order(packed: bytes) -> array[int]:
    """Unpack times that are in any order, and put them in order."""
    if len(packed) < PAYS * WIDTH:
        return array("i", sorted(unpack(packed)))
    # Imported here: small stores never need it, and it takes a fifth of a second to load.
    import numpy as np

    # A stable sort puts runs together that are in order themselves, and so takes half the time.
    return unpack(np.sort(np.frombuffer(packed, "<i4"), kind="stable").tobytes())


def pack(times: Iterable[int]) -> bytes:
    """Return times in order as little-endian 32-bit integers."""
    ordered = sorted(times)
    if ordered and (ordered[0] < -LARGEST or ordered[-1] > LARGEST):
        ordered = [_within(time) for time in ordered]
    packed = array("i", ordered)
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
    if len(groups) == 1:
        return [groups[0][rank(share, count)] for share in shares]
    if count > FEW * len(groups):
        return [_halved(groups, share, rank(share, count)) for share in shares]
    ordered = sorted(chain.from_iterable(groups))
    return [ordered[rank(share, count)] for share in shares]


def _halved(groups: Sequence[Times], share: float, place: int) -> int:
    """Return the time at a place of all, by halving the distance between two bounds.

    The percentile of all is no less than the least of the groups' own, and no more than the most.
    """
    own = [group[rank(share, len(group))] for group in groups if group]
    low, high = min(own), max(own)
    while low < high:
        middle = (low + high) // 2
        if sum([bisect_right(group, middle) for group in groups]) > place:
            high = middle
        else:
            low = middle + 1
    return low


def _within(time: int) -> int:
    return time if -LARGEST <= time <= LARGEST else LARGEST if time > 0 else -LARGEST
