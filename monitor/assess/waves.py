"""Finds review bombing: a wave of lowest ratings out of nothing.

A real outage brings low ratings of strangers too, but they tell what happened. Here most of the
authors were never heard before and most texts are next to nothing, or copies of each other; and
no cause was found that explains them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from monitor.assess.rates import Usual, usual_words
from monitor.assess.voices import (
    REVIEW_BOMBING,
    Burst,
    Heard,
    Timed,
    around,
    burst_of,
    densest,
    first_voices,
    in_hours,
    in_time,
)

SPAN = timedelta(hours=24)
LOWEST_KEY = "lowest rating"
"""The key under which `Usual` counts lowest ratings."""

FEWEST_PEOPLE = 10
STRANGERS = 0.7
HOLLOW = 0.6
EXPLAINED = 0.5
"""A wave of which so many have a common cause is no bombing."""


def find_wave(
    heard: Sequence[Heard],
    copy_of: Mapping[int, int],
    usual: Usual,
    explained: Collection[int] = (),
) -> Burst | None:
    """Return the wave of lowest ratings among what was heard, if there is one.

    `explained` are mentions with a known common cause.
    """
    timed = in_time([each for each in heard if each.is_lowest])
    peak = densest(first_voices(timed, {}), SPAN)
    if not _is_high(peak, usual):
        return None
    near = [each for _, each in around(timed, peak, SPAN)]
    if sum(each.mention in explained for each in near) >= EXPLAINED * len(near):
        return None
    hollow = hollow_of(near, copy_of)
    strangers = {each.mention for each in near if not each.known}
    if len(strangers) < STRANGERS * len(near) or len(hollow) < HOLLOW * len(near):
        return None
    # A customer who is known and tells what happened was only there at the same time.
    members = [each for each in near if each.mention in strangers or each.mention in hollow]
    thin = sum(each.is_thin for each in near)
    expected = usual.expected(LOWEST_KEY, in_hours(SPAN))
    signs = [
        f"{len(peak)} people gave the lowest rating within {in_hours(SPAN):g} hours, where "
        f"{usual_words(expected)}",
        f"{len(strangers)} of {len(near)} were never heard before",
        f"{thin} of {len(near)} say next to nothing",
    ]
    if len(hollow) > thin:
        signs.append(f"{len(hollow) - thin} of {len(near)} repeat the text of another")
    return burst_of(REVIEW_BOMBING, members, signs)


def hollow_of(heard: Sequence[Heard], copy_of: Mapping[int, int]) -> set[int]:
    """Return the mentions that say next to nothing, or what another one of these says."""
    firsts = Counter(copy_of.get(each.mention, each.mention) for each in heard)
    return {
        each.mention
        for each in heard
        if each.is_thin or firsts[copy_of.get(each.mention, each.mention)] > 1
    }


def _is_high(peak: Sequence[Timed], usual: Usual) -> bool:
    return len(peak) >= FEWEST_PEOPLE and usual.is_exceeded(LOWEST_KEY, len(peak), in_hours(SPAN))
