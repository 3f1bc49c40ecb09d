"""What is kept of blocks in memory: as it is now or not at all, and never too much."""

from __future__ import annotations

from array import array

from monitor.reports.blocks import Block, BlockCache, Wanted
from monitor.reports.cells import Sum
from monitor.reports.scope import ALL, Scope

WEEK = Block("day", 738_000, 738_006, version=3)
WANTED = Wanted(1, "first_response", ALL, "value")


def groups(times: int = 2, value: str = "") -> dict[str, Sum]:
    return {value: Sum(times, times, 0, 0, 0, (array("i", range(times)),), ())}


def test_what_was_read_is_kept() -> None:
    cache, told = BlockCache(), groups()
    assert cache.get(WANTED, WEEK) is None
    cache.put(WANTED, WEEK, told)
    assert cache.get(WANTED, WEEK) is told


def test_a_block_without_anything_is_known_to_have_nothing() -> None:
    cache = BlockCache()
    cache.put(WANTED, WEEK, {})
    assert cache.get(WANTED, WEEK) == {}


def test_another_version_edition_scope_or_measure_is_not_the_same() -> None:
    cache = BlockCache()
    cache.put(WANTED, WEEK, groups())
    for wanted, block in (
        (WANTED, WEEK._replace(version=4)),
        (WANTED, WEEK._replace(grain="month")),
        (WANTED, WEEK._replace(last=738_005)),
        (WANTED._replace(edition=2), WEEK),
        (WANTED._replace(measure="heard"), WEEK),
        (WANTED._replace(scope=Scope("source", ("board",))), WEEK),
        (WANTED._replace(scope=Scope(values=("",), others=True)), WEEK),
        (WANTED._replace(by="week"), WEEK),
    ):
        assert cache.get(wanted, block) is None, (wanted, block)


def test_a_newer_version_takes_the_place_of_the_older() -> None:
    cache, newer = BlockCache(), groups(3)
    cache.put(WANTED, WEEK, groups())
    cache.put(WANTED, WEEK._replace(version=4), newer)
    assert cache.get(WANTED, WEEK) is None
    assert cache.get(WANTED, WEEK._replace(version=4)) is newer


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    cache = BlockCache(most_bytes=100_000)
    blocks = [WEEK._replace(first=WEEK.first + n, last=WEEK.last + n) for n in range(3)]
    for block in blocks[:2]:
        cache.put(WANTED, block, groups(10_000))  # 40 kB
    assert cache.get(WANTED, blocks[0]) is not None
    cache.put(WANTED, blocks[2], groups(10_000))
    assert [cache.get(WANTED, block) is not None for block in blocks] == [True, False, True]


def test_what_is_too_large_is_not_kept_and_nothing_else_goes_for_it() -> None:
    cache = BlockCache(most_bytes=100_000)
    cache.put(WANTED, WEEK, groups())
    large = WEEK._replace(first=1, last=7)
    cache.put(WANTED, large, groups(50_000))
    assert cache.get(WANTED, large) is None
    assert cache.get(WANTED, WEEK) is not None
