"""Decides what becomes of incidents when bursts were found: which open, grow, and end. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.assess.causes import shares
from monitor.assess.voices import COPIES, REVIEW_BOMBING, SAME_CAUSE, Burst, Heard

QUIET = {
    SAME_CAUSE: timedelta(hours=12),
    REVIEW_BOMBING: timedelta(hours=24),
    COPIES: timedelta(days=7),
}
"""How long nothing more was said until an incident has ended."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An incident that is open, as it stands in the store."""

    id: int
    kind: str
    topic: str
    words: tuple[str, ...]
    last_at: datetime
    mentions: frozenset[int]


@dataclass(slots=True)
class Growth:
    """What an open incident gains. `burst` is set where it was found anew with all of it."""

    mentions: set[int] = field(default_factory=set)
    last_at: datetime | None = None
    burst: Burst | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be written: new incidents, and what the open ones gain by their ids."""

    opened: tuple[Burst, ...]
    grown: Mapping[int, Growth]


def decide(
    heard: Sequence[Heard],
    copy_of: Mapping[int, int],
    bursts: Sequence[Burst],
    standing: Sequence[Standing],
    now: datetime,
) -> Changes:
    """Return what the bursts that were found change about the incidents that stand.

    A burst with mentions of an open incident of its kind is that incident. What comes later
    and is like an open one belongs to it, also when it comes too slowly to be a burst.
    """
    grown: dict[int, Growth] = {}
    opened: list[Burst] = []
    for burst in bursts:
        same = _same(burst, standing)
        if same is None:
            opened.append(burst)
        else:
            growth = grown.setdefault(same.id, Growth())
            growth.burst = burst
            _grow(growth, same, burst.mentions, burst.last_at)
    for incident in standing:
        first_texts = {copy_of.get(each, each) for each in incident.mentions}
        for each in heard:
            if each.mention not in incident.mentions and _joins(
                each, incident, copy_of, first_texts, now
            ):
                growth = grown.setdefault(incident.id, Growth())
                _grow(growth, incident, [each.mention], each.said_at)
    return Changes(tuple(opened), {key: each for key, each in grown.items() if each.mentions})


def has_ended(kind: str, last_at: datetime, now: datetime) -> bool:
    """Tell whether so long nothing more was said that an incident is over."""
    return now - last_at > QUIET.get(kind, max(QUIET.values()))


def _same(burst: Burst, standing: Sequence[Standing]) -> Standing | None:
    """Return the open incident that a burst is: the one with most of its mentions."""
    ours = [
        (len(each.mentions.intersection(burst.mentions)), -each.id, each)
        for each in standing
        if each.kind == burst.kind
    ]
    shared, _, best = max(ours, key=lambda each: each[:2], default=(0, 0, None))
    return best if shared else None


def _grow(
    growth: Growth, incident: Standing, mentions: Collection[int], last_at: datetime | None
) -> None:
    growth.mentions.update(set(mentions) - incident.mentions)
    if last_at is not None and (growth.last_at is None or last_at > growth.last_at):
        growth.last_at = last_at


def _joins(
    each: Heard,
    incident: Standing,
    copy_of: Mapping[int, int],
    first_texts: set[int],
    now: datetime,
) -> bool:
    """Tell whether a mention belongs to an open incident by what it is."""
    first = copy_of.get(each.mention, each.mention)
    if incident.kind == COPIES:
        return each.complaint and first in first_texts
    if each.said_at is None or each.said_at > now:
        return False
    if abs(each.said_at - incident.last_at) > QUIET[incident.kind]:
        return False
    if incident.kind == REVIEW_BOMBING:
        return each.is_lowest and not each.known and (each.is_thin or first in first_texts)
    return bool(incident.words) and shares(incident.topic, incident.words, each)
