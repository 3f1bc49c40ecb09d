"""From chosen facts to one text: which sentences, in which order, and what goes when room is short.

A composition is decided by its seed and its attempt number alone, so the same facts give the same
draft. Sentences that stand in the newest replies are passed over; what is left is picked by hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from responders.phrases import POOLS, Language, Sentence

ROLES = ("open", "main", "next", "contact", "close")
NEWEST_PASSED_OVER = 3
FEWEST_IN_TONE = 2
"""With two, the newest reply's sentence can always be passed over."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A situation: the pool that plays each role, and the pool of whole short messages."""

    name: str
    slots: Mapping[str, str]
    short: str


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "complaint",
            {
                "open": "open_complaint",
                "main": "sorry",
                "next": "next",
                "contact": "contact",
                "close": "close_complaint",
            },
            "short_complaint",
        ),
        Kind(
            "careful",
            {
                "open": "open_complaint",
                "main": "careful",
                "next": "careful_next",
                "contact": "contact",
                "close": "close_careful",
            },
            "short_careful",
        ),
        Kind(
            "doubtful",
            {"open": "open_neutral", "main": "neutral", "contact": "contact"},
            "short_neutral",
        ),
        Kind(
            "praise",
            {"open": "open_praise", "main": "praise", "close": "close_praise"},
            "short_praise",
        ),
        Kind("neutral", {"open": "open_neutral", "main": "neutral"}, "short_neutral"),
        Kind(
            "question",
            {"open": "open_neutral", "main": "question", "contact": "contact"},
            "short_neutral",
        ),
        Kind(
            "follow-up",
            {
                "open": "open_follow_up",
                "main": "follow_up_sorry",
                "next": "follow_up_next",
                "contact": "contact",
            },
            "short_complaint",
        ),
        Kind(
            "follow-up, calm",
            {"open": "open_follow_up", "main": "follow_up_calm", "contact": "contact"},
            "short_neutral",
        ),
        Kind(
            "follow-up, question",
            {"open": "open_follow_up", "main": "question", "contact": "contact"},
            "short_neutral",
        ),
        Kind(
            "follow-up, careful",
            {
                "open": "open_follow_up",
                "main": "careful",
                "next": "careful_next",
                "contact": "contact",
            },
            "short_careful",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Level:
    """How much is said. `compact` takes the shorter sentences and sets no blank lines."""

    name: str
    roles: frozenset[str]
    most_topics: int
    compact: bool = False


LEVELS: Sequence[Level] = (
    Level("whole", frozenset(ROLES), 3),
    Level("without the closing sentence", frozenset({"open", "main", "next", "contact"}), 3),
    Level("shorter sentences, no closing", frozenset({"open", "main", "next", "contact"}), 2, True),
    Level("no opening, no closing", frozenset({"main", "next", "contact"}), 2, True),
    Level("the main sentence and the way to go on", frozenset({"main", "contact"}), 1, True),
)


Choices = list[tuple[Sentence, list[int]]]
"""Sentences with the places of the previous replies that used them, the newest being 0."""


@dataclass(slots=True)
class Material:
    """What one draft is made of. Values are plain text; an empty one is not used.

    Where `tone` is set, sentences of that tone come first and those of another never. A sentence
    that `is_forbidden` is used only where all of its group are.
    """

    language: Language
    kind: Kind
    seed: str
    values: Mapping[str, str]
    phrases: Mapping[str, Sequence[Sequence[str]]]
    signature: str
    private: bool = False
    urgent: bool = False
    previous: Sequence[str] = ()
    tone: str = ""
    is_forbidden: Callable[[str], bool] | None = None
    _choices: dict[tuple[str, bool], Choices] = field(default_factory=dict)

    def compose(self, level: Level, attempt: int) -> str:
        """Return the whole text at one level; another attempt is another wording."""
        dice = self._dice(f"{level.compact}{attempt}")
        values = dict(self.values)
        for name, choices in self.phrases.items():
            if choices:
                chosen = [self._phrase(c, next(dice)) for c in choices[: level.most_topics]]
                values[name] = self.language.join(chosen)
        said: dict[str, str] = {}
        shared = [0] * len(self.previous)
        for role in ROLES:
            throw = next(dice)
            pool = self.kind.slots.get(role)
            if pool is None or role not in level.roles:
                continue
            sentence = _pick(self._sentences(pool, compact=level.compact), throw, shared)
            said[role] = sentence.fill(values, elides=self.language.elides)
        return self._lay_out(said, compact=level.compact)

    def shorts(self) -> list[list[str]]:
        """Return every whole short message, in tiers: the tier that helps the author most first."""
        groups = self.language.pools[self.kind.short]
        order = self._dice("short")
        tiers: list[list[str]] = []
        for group in POOLS[self.kind.short]:
            if group != "plain" and not self.values.get(group):
                continue
            texts = [
                sentence.fill(self.values, elides=self.language.elides)
                for sentence in groups[group].sentences
            ]
            texts.sort(key=lambda _: next(order))
            # A way to go on is worth more than a signature.
            tiers += [[f"{text}\n{self.signature}" for text in texts]] if self.signature else []
            tiers += [texts]
        return tiers

    def _lay_out(self, said: Mapping[str, str], *, compact: bool) -> str:
        first = [said[role] for role in ("open", "main") if role in said]
        second = [said[role] for role in ("next", "contact", "close") if role in said]
        if compact or ("next" not in said and "contact" not in said):
            paragraphs = [" ".join([*first, *second])]
        else:
            paragraphs = [" ".join(first), " ".join(second)]
        if self.signature:
            paragraphs.append(self.signature)
        return ("\n" if compact else "\n\n").join(paragraphs)

    def _sentences(self, pool: str, *, compact: bool) -> Choices:
        """Return the sentences that may be used, without those of the newest replies."""
        known = self._choices.get((pool, compact))
        if known is not None:
            return known
        group = self.language.pools[pool][self._group(pool)]
        every: Choices = [(sentence, []) for sentence in group.sentences]
        for at, text in enumerate(self.previous):
            for number in group.used_in(text):
                every[number][1].append(at)
        every = choices = self._allowed(_in_tone(every, self.tone))
        for newest in (NEWEST_PASSED_OVER, 1):
            fresh = [choice for choice in every if not choice[1] or choice[1][0] >= newest]
            # Two are wanted after a look further back: with one, the wordings would go in a ring.
            if len(fresh) >= (2 if newest > 1 else 1):
                choices = fresh
                break
        if compact:
            choices = sorted(choices, key=lambda choice: len(choice[0].source))[:2]
        self._choices[pool, compact] = choices
        return choices

    def _allowed(self, every: Choices) -> Choices:
        if self.is_forbidden is None:
            return every
        values = dict(self.values)
        for name, choices in self.phrases.items():
            values[name] = self.language.join([phrases[0] for phrases in choices])
        elides = self.language.elides
        allowed = [
            choice
            for choice in every
            if not self.is_forbidden(choice[0].fill(values, elides=elides))
        ]
        return allowed or every

    def _group(self, pool: str) -> str:
        """Return the most personal group of the pool that the facts can fill."""
        for group in POOLS[pool]:
            if group == "private":
                fits = self.private
            elif group == "urgent":
                fits = self.urgent
            elif group in self.phrases:
                fits = bool(self.phrases[group])
            else:
                fits = group == "plain" or bool(self.values.get(group))
            if fits:
                return group
        return "plain"

    def _phrase(self, choices: Sequence[str], throw: int) -> str:
        newest = self.previous[0] if self.previous else ""
        fresh = [phrase for phrase in choices if phrase not in newest] or choices
        return fresh[throw % len(fresh)]

    def _dice(self, salt: str) -> Iterator[int]:
        """Yield numbers that depend on the seed and `salt` only; the first 64 need one hash."""
        block = 0
        while True:
            word = f"{self.seed}|{salt}|{block}".encode("utf-8", "surrogatepass")
            yield from hashlib.blake2b(word, digest_size=64).digest()
            block += 1


def _in_tone(every: Choices, tone: str) -> Choices:
    """Return the sentences of the tone; with fewer than two of them, what fits every tone too.

    A group without a sentence of the tone, as those on grave matters are, speaks as it always does.
    """
    if not tone:
        return every
    own = [choice for choice in every if choice[0].tone == tone]
    if len(own) >= FEWEST_IN_TONE:
        return own
    return [choice for choice in every if choice[0].tone in (tone, "")] or every


def _pick(choices: Choices, throw: int, shared: list[int]) -> Sentence:
    """Pick the sentence that brings the text least near to any earlier reply; the throw decides.

    `shared` counts the signs in common with each earlier reply and is brought up to date.
    """
    start = throw % len(choices)

    def nearness(choice: tuple[Sentence, list[int]]) -> int:
        return max([shared[at] for at in choice[1]], default=-1)

    sentence, used = min((*choices[start:], *choices[:start]), key=nearness)
    for at in used:
        shared[at] += len(sentence.source)
    return sentence
