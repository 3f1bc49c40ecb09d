"""Making a draft fit: from the whole text to the shortest, and within a length the newest wording.

No sentence is ever cut. What was wished shorter takes less room than the text it is measured by,
or says that nothing shorter can be had.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from responders.composition import LEVELS, Level, Material
from responders.similarity import TOO_SIMILAR, closest

if TYPE_CHECKING:
    from responders.drafts import DraftFacts

ATTEMPTS = 8
ATTEMPTS_TO_FIT = 4
SHORTER_FROM = 2
"""The first of `LEVELS` that a draft wished shorter may have."""


@dataclass(frozen=True, slots=True)
class _Room:
    """What a text must keep to: the platform's limit, a shorter one's, and the brand's rules."""

    limit: int | None
    below: int | None
    measure: Callable[[str], int]
    is_forbidden: Callable[[str], bool]

    def has(self, text: str) -> bool:
        size = self.measure(text)
        short = (self.limit is None or size <= self.limit) and (
            self.below is None or size < self.below
        )
        return short and not self.is_forbidden(text)


def write(material: Material, facts: DraftFacts) -> tuple[str, list[str]]:
    """Return the text for `material` and what staff should know of its length and likeness."""
    room = _Room(facts.max_length, None, facts.measure, facts.is_forbidden)
    text, reasons = _fill(material, facts, room, 0)
    if not facts.wish.shorter:
        return text, reasons
    sizes = [facts.measure(each) for each in (facts.refused, text) if each]
    room = replace(room, below=min(sizes))
    text, reasons = _fill(material, facts, room, SHORTER_FROM)
    if room.has(text):
        return text, ["shorter, as asked", *reasons]
    return text, ["asked for shorter: there is no shorter wording", *reasons]


def _fill(material: Material, facts: DraftFacts, room: _Room, start: int) -> tuple[str, list[str]]:
    """Go from the longest level allowed to the shortest until one fits; within a level, vary."""
    tried: set[frozenset[str]] = set()
    for level in LEVELS[start:]:
        roles = level.roles & set(material.kind.slots)
        if roles in tried and not level.compact:
            continue
        tried.add(roles)
        found = _least_similar(material, facts, room, level)
        if found is not None:
            text, alike = found
            return text, [*_say_length(level.name, text, facts), *_say_alike(alike, facts)]
    return _write_short(material, facts, room)


def _least_similar(
    material: Material, facts: DraftFacts, room: _Room, level: Level
) -> tuple[str, float] | None:
    """Return the first wording at `level` that fits and is new, else the newest that fits."""
    best: tuple[str, float] | None = None
    for attempt in range(ATTEMPTS):
        if best is None and attempt >= ATTEMPTS_TO_FIT:
            return None
        text = material.compose(level, attempt)
        if not room.has(text):
            continue
        alike = closest(text, facts.previous_replies)
        if best is None or alike < best[1]:
            best = (text, alike)
        if alike < TOO_SIMILAR:
            break
    return best


def _write_short(material: Material, facts: DraftFacts, room: _Room) -> tuple[str, list[str]]:
    tiers = material.shorts()
    fitting = [[text for text in tier if room.has(text)] for tier in tiers]
    choices = next(filter(None, fitting), [])
    if not choices:
        text = min((text for tier in tiers for text in tier), key=facts.measure)
        fits = facts.max_length is None or facts.measure(text) <= facts.max_length
        if fits and facts.is_forbidden(text):
            return text, [
                "a rule of the brand forbids every wording tried: it must be written by hand"
            ]
        if fits:
            return text, []  # it was wished shorter, and this is not
        return text, [
            f"even the shortest wording takes {facts.measure(text)} of {facts.max_length}: "
            "it must be shortened by hand"
        ]
    newest = facts.previous_replies[:1]
    text = min(choices, key=lambda t: (closest(t, newest), closest(t, facts.previous_replies)))
    if text in newest:  # one wording fits this tier, and it was just used: take any other
        others = [t for tier in fitting for t in tier if t not in newest]
        text = others[0] if others else text
    alike = closest(text, facts.previous_replies)
    return text, [*_say_length("one short message", text, facts), *_say_alike(alike, facts)]


def _say_length(how: str, text: str, facts: DraftFacts) -> list[str]:
    if facts.max_length is None or how == LEVELS[0].name:
        return []
    return [f"made to fit: {how}, {facts.measure(text)} of {facts.max_length}"]


def _say_alike(alike: float, facts: DraftFacts) -> list[str]:
    if not facts.previous_replies:
        return []
    if alike >= TOO_SIMILAR:
        return [
            f"the least similar wording found is still {alike:.0%} like a recent reply; "
            "please change it by hand"
        ]
    return [f"at most {alike:.0%} alike with any of {len(facts.previous_replies)} recent replies"]
