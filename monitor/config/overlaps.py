"""Finds policies that may both want a case, neither of them being the narrower one.

Which of them holds is decided by their order alone; whoever wrote them may not have thought of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from monitor.config.sla import SlaPolicy, When


class Places(NamedTuple):
    """Which brands a case may be of that has a location, or a source; unknown names: any."""

    brands: frozenset[str]
    of_location: Mapping[str, frozenset[str]]
    of_source: Mapping[str, frozenset[str]]


class Overlap(NamedTuple):
    """Two policies by their place in the list, and a case that both want, in words."""

    first: int
    second: int
    example: str


def overlaps(policies: Sequence[tuple[int, SlaPolicy]], places: Places) -> Iterator[Overlap]:
    """Yield each pair of policies that may both match a case where neither covers the other.

    What an earlier policy takes anyway is left out, and so is what is never used.
    """
    used = [
        (at, policy.when)
        for order, (at, policy) in enumerate(policies)
        if not any(
            earlier.when.covers(with_brands(policy.when, places)) for _, earlier in policies[:order]
        )
    ]
    for order, (at, when) in enumerate(used):
        for before, (first, earlier) in enumerate(used[:order]):
            if when.covers(with_brands(earlier, places)):
                continue
            both = meet(earlier, when, places)
            if both is None or any(taken.covers(both) for _, taken in used[:before]):
                continue
            yield Overlap(first, at, say_example(both, earlier, when))


def meet(one: When, two: When, places: Places) -> When | None:
    """Return the conditions of a case that meets both; None where there can be none."""
    most = _bound(min, one.rating_at_most, two.rating_at_most)
    least = _bound(max, one.rating_at_least, two.rating_at_least)
    if most is not None and least is not None and least > most:
        return None
    found: dict[str, tuple[str, ...]] = {}
    for name in ("urgency", "source", "brand", "location", "tier"):
        mine, theirs = getattr(one, name), getattr(two, name)
        found[name] = tuple(each for each in mine if each in theirs or not theirs) or theirs
        if mine and theirs and not {*mine} & {*theirs}:
            return None
    languages = _languages(one.language, two.language)
    if languages is None or not _brands(found, places):
        return None
    # A case may be about several topics: two lists of them can always both be met.
    topics = tuple(each for each in one.topic if each in two.topic) or one.topic or two.topic
    reach = _bound(max, one.reach_at_least, two.reach_at_least)
    return When.model_validate(
        {
            "rating_at_most": most,
            "rating_at_least": least,
            "reach_at_least": None if reach is None else int(reach),
            "language": languages,
            "topic": topics,
            **found,
        }
    )


def say_example(both: When, one: When, two: When) -> str:
    """Describe one case that meets both: ``urgency high, location quay, rating 1``."""
    said = [
        f"{name} {getattr(both, name)[0]}"
        for name in ("source", "brand", "location", "urgency", "language", "tier")
        if getattr(both, name)
    ]
    topics = list(dict.fromkeys([*both.topic[:1], *one.topic[:1], *two.topic[:1]]))
    if {*one.topic} & {*two.topic} or not (one.topic and two.topic):
        topics = topics[:1]
    if topics:
        said.append(f"topic {' and '.join(topics)}")
    rating = both.rating_at_most if both.rating_at_most is not None else both.rating_at_least
    if rating is not None:
        said.append(f"rating {rating:g}")
    if both.reach_at_least is not None:
        said.append(f"{both.reach_at_least} followers")
    return ", ".join(said)


def _bound(choose, one: float | None, two: float | None) -> float | None:  # type: ignore[no-untyped-def]  # min or max
    given = [each for each in (one, two) if each is not None]
    return choose(given) if given else None


def _languages(one: Sequence[str], two: Sequence[str]) -> tuple[str, ...] | None:
    """Return the languages that meet both lists; None where none does."""
    if not one or not two:
        return tuple(one or two)
    found = [
        max(mine, theirs, key=len)
        for mine in one
        for theirs in two
        if mine == theirs or theirs == mine.partition("-")[0] or mine == theirs.partition("-")[0]
    ]
    return tuple(dict.fromkeys(found)) or None


def with_brands(when: When, places: Places) -> When:
    """Return conditions that also name the brands which their locations and sources are of."""
    named = {name: getattr(when, name) for name in ("brand", "location", "source")}
    brands = _brands(named, places)
    if not (when.location or when.source) or not brands:
        return when
    return when.model_copy(update={"brand": tuple(sorted(brands))})


def _brands(found: Mapping[str, tuple[str, ...]], places: Places) -> frozenset[str]:
    """Return the brands that a case of such a brand, location and source can be of."""
    possible = places.brands
    if found["brand"]:
        possible &= frozenset(found["brand"])
    for name, brands_of in (("location", places.of_location), ("source", places.of_source)):
        if found[name]:
            possible &= frozenset().union(
                *(brands_of.get(each, places.brands) for each in found[name])
            )
    return possible
