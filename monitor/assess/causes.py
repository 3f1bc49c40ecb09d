"""Finds one cause behind many complaints: an outage with two hundred posts.

Three things must come together: more people than usual complain about one topic within hours;
many of them share words that are rare otherwise; and those who do are far more than usual. A
copied text counts as one person's, so that a campaign makes no outage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from math import ceil, log

from monitor.assess.rates import PRIOR, UNUSUAL, Part, Usual, tail, usual_words
from monitor.assess.voices import (
    SAME_CAUSE,
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

SPAN = timedelta(hours=6)
FEWEST_PEOPLE = 5
ANY_TOPIC = ""
"""Complaints of whatever topic; they must share more to be taken for one thing."""

SHARED_BY = {False: 0.15, True: 0.3}
SHARED_WORDS = {False: 1, True: 2}
"""By what part of the complaints a word is shared, and how many shared words each must have:
about one topic, and about any."""

BY_CHANCE = 1e-3
"""How probable it may be that so many have a word, by how many had it before."""

WORDS_KEPT = 12
PLACE_SHARE = 0.8
CAUSES_A_TOPIC = 3


def is_rising(heard: Sequence[Heard], copy_of: Mapping[int, int], usual: Usual) -> bool:
    """Tell whether about any topic more people complain than usual, whatever they say."""
    return any(
        _is_unusual(topic, densest(first_voices(timed, copy_of), SPAN), usual)
        for topic, timed in _by_topic(heard).items()
    )


def find_causes(
    heard: Sequence[Heard],
    copy_of: Mapping[int, int],
    usual: Usual,
    background: Sequence[Heard],
) -> list[Burst]:
    """Return the bursts with one cause, each mention in at most one of them.

    `background` is what was said before, whatever it was about.
    """
    found: list[Burst] = []
    told: set[int] = set()
    for topic, timed in _by_topic(heard).items():
        for _ in range(CAUSES_A_TOPIC):
            left = [each for each in timed if each[1].mention not in told]
            burst = _find(topic, left, copy_of, usual, background)
            if burst is None:
                break
            found.append(burst)
            told.update(burst.mentions)
    return found


def shares(topic: str, words: Sequence[str], heard: Heard) -> bool:
    """Tell whether a complaint is about this topic and has the shared words of a burst."""
    enough = SHARED_WORDS[topic == ANY_TOPIC]
    return _is_about(topic, heard) and len(set(words).intersection(heard.words)) >= enough


def _by_topic(heard: Sequence[Heard]) -> dict[str, list[Timed]]:
    """Return the complaints of each topic, the most frequent first, and all of them at last."""
    complaints = in_time([each for each in heard if each.complaint])
    topics = Counter(topic for _, each in complaints for topic in set(each.topics))
    of_each = {
        topic: [each for each in complaints if topic in each[1].topics]
        for topic, _ in sorted(topics.items(), key=lambda pair: (-pair[1], pair[0]))
    }
    return {**of_each, ANY_TOPIC: complaints}


def _find(
    topic: str,
    timed: Sequence[Timed],
    copy_of: Mapping[int, int],
    usual: Usual,
    background: Sequence[Heard],
) -> Burst | None:
    peak = densest(first_voices(timed, copy_of), SPAN)
    if not _is_unusual(topic, peak, usual):
        return None
    texts = [frozenset(each.words) for each in background]
    words = shared_words([each.words for _, each in peak], texts, topic == ANY_TOPIC)
    near = [each for each in around(timed, peak, SPAN) if shares(topic, words, each[1])]
    core = densest(first_voices(near, copy_of), SPAN)
    part = Part(
        seen=sum(shares(topic, words, each) for each in background),
        of=sum(_is_about(topic, each) for each in background),
    )
    hours = in_hours(SPAN)
    if len(core) < FEWEST_PEOPLE or not usual.is_exceeded(topic, len(core), hours, part):
        return None
    members = [each for _, each in near]
    signs = [
        f"{len(core)} people within {hours:g} hours, where "
        f"{usual_words(usual.expected(topic, hours) * part.share)}",
        f"words in common: {', '.join(words)}",
    ]
    place, there = _place(members)
    if place:
        signs.append(f"{there} of {len(members)} are about {place}")
    return burst_of(SAME_CAUSE, members, signs, topic=topic, words=words, location=place)


def _is_unusual(topic: str, voices: Sequence[Timed], usual: Usual) -> bool:
    return (
        len(voices) >= FEWEST_PEOPLE and usual.chance(topic, len(voices), in_hours(SPAN)) < UNUSUAL
    )


def _is_about(topic: str, heard: Heard) -> bool:
    return heard.complaint and (topic == ANY_TOPIC or topic in heard.topics)


def shared_words(
    texts: Sequence[Sequence[str]], background: Sequence[frozenset[str]], any_topic: bool = False
) -> list[str]:
    """Return the words that many of these texts share and that are rare otherwise, best first."""
    counts = Counter(
        word for text in texts for word in set(text) if len(word) > 2 and not word.isdigit()
    )
    fewest = max(3, ceil(SHARED_BY[any_topic] * len(texts)))
    frequent = {word: count for word, count in counts.items() if count >= fewest}
    before = Counter(word for text in background for word in frequent.keys() & text)
    worth: dict[str, float] = {}
    for word, count in frequent.items():
        usual = len(texts) * (before[word] + PRIOR) / (len(background) + 2 * PRIOR)
        if tail(count, before[word] + PRIOR, usual) < BY_CHANCE:
            worth[word] = count * log(count / usual)
    return sorted(worth, key=lambda word: (-worth[word], word))[:WORDS_KEPT]


def _place(members: Sequence[Heard]) -> tuple[str, int]:
    """Return the place that most of them are about, where there is one, and how many are."""
    places = Counter(each.location for each in members)
    place, there = max(places.items(), key=lambda pair: (pair[1], pair[0]))
    return (place, there) if there >= PLACE_SHARE * len(members) else ("", 0)
