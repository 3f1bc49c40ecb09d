"""Decides which of the mentions heard lately of one brand belong together, and by what.

Pure: the mentions, the usual rates and the words of earlier texts go in, bursts come out. Three
kinds are told apart: one cause behind many complaints, one text in several places, and a wave of
lowest ratings out of nothing. A text in several places may also have a cause; a wave takes its
copies with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from monitor.assess.alike import Copies, print_of
from monitor.assess.causes import find_causes, is_rising
from monitor.assess.rates import Usual
from monitor.assess.voices import COPIES, Burst, Heard, burst_of
from monitor.assess.waves import find_wave

FEW_WORDS = 12
FEWEST_COPIES = {False: 2, True: 3}
"""How many texts that are one make copies: of `FEW_WORDS` words or more two, of fewer three,
for two people now and then say the same in few words."""

Background = Callable[[], Sequence[Heard]]


def copies_among(heard: Sequence[Heard]) -> dict[int, int]:
    """Return for each mention the first one whose text it repeats: itself where it is new."""
    copies = Copies()
    return {
        each.mention: copies.add(each.mention, print_of(list(each.words)))
        for each in sorted(heard, key=lambda each: each.mention)
    }


def find_bursts(
    timely: Sequence[Heard],
    copy_of: Mapping[int, int],
    usual: Usual,
    background: Background,
) -> list[Burst]:
    """Return the causes and the waves among what was heard of one brand in the last hours.

    `usual` tells of the same sources. `copy_of` is what `copies_among` returns, of these mentions
    or of more. `background` returns some of what was said before; it is called only when a rate
    is above the usual.
    """
    causes: list[Burst] = []
    if is_rising(timely, copy_of, usual):
        causes = find_causes(timely, copy_of, usual, background())
    explained = {mention for cause in causes for mention in cause.mentions}
    wave = find_wave(timely, copy_of, usual, explained)
    return causes if wave is None else [*causes, wave]


def find_copies(
    heard: Sequence[Heard], copy_of: Mapping[int, int], told: Collection[int] = ()
) -> list[Burst]:
    """Return the complaints whose text stands in several places or under several names.

    Where most of them are `told` of as a wave, that they are copies is no news.
    """
    groups: dict[int, list[Heard]] = {}
    for each in heard:
        if each.complaint:
            groups.setdefault(copy_of.get(each.mention, each.mention), []).append(each)
    found = []
    for group in groups.values():
        few = min(len(each.words) for each in group) < FEW_WORDS
        news = sum(each.mention not in told for each in group)
        if len(group) < FEWEST_COPIES[few] or 2 * news < len(group):
            continue
        found.append(burst_of(COPIES, group, _signs(group)))
    return found


def _signs(group: Sequence[Heard]) -> list[str]:
    sources = len({each.source for each in group})
    names = len({each.name.casefold() for each in group} - {""})
    signs = [f"one text {len(group)} times, word for word or nearly so"]
    if sources > 1:
        signs.append(f"at {sources} sources")
    if names > 1:
        signs.append(f"under {names} names")
    return signs
