"""Hand-written word lists of one language: what is urgent, what it is about, what it is for.

A list is a text file in ``lexicons/``: sections in square brackets, then patterns, with commas
between those of one line. The signs in a pattern are told in `monitor.assess.patterns`. A
semicolon begins a remark.

    [topic waiting]
    wait*, long queue
    [urgent safety]
    food poisoning
    [intent closing]
    thanks bye
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from monitor.assess.patterns import Match, Patterns
from monitor.assess.shipped import read_shipped
from monitor.assess.text import fold

LANGUAGES = ("en", "de", "es", "fr", "it", "nl", "pt")
_WORDS = ("negation", "stop")
_PATTERNS = ("topic", "urgent", "intent")


class Told(NamedTuple):
    """What the lists tell of a text.

    ``urgent`` has the rules of urgency that fire, each with the words that set it off; a negation
    just before them keeps a rule from firing. ``topics`` are in the order of the text; ``intents``
    are those it has cues of.
    """

    urgent: dict[str, str]
    topics: list[str]
    intents: set[str]


class Lexicon:
    """The word lists of one language.

    Raises ValueError with the language and line for a list that cannot be read.
    """

    def __init__(self, language: str, source: str) -> None:
        self.language = language
        self.negations: frozenset[str] = frozenset()
        self.stops: frozenset[str] = frozenset()
        self._read(source)

    def _read(self, source: str) -> None:
        kind = name = ""
        plain: dict[str, list[str]] = {each: [] for each in _WORDS}
        patterns: list[tuple[int, str, str, str]] = []
        for number, raw in enumerate(source.splitlines(), start=1):
            line = fold(raw.partition(";")[0].strip())
            if not line:
                continue
            if line.startswith("["):
                kind, _, name = line.strip("[]").partition(" ")
                if kind not in _WORDS and (kind not in _PATTERNS or not name):
                    raise ValueError(f"lexicon {self.language}, line {number}: unknown section")
            elif kind in plain:
                plain[kind].extend(line.split())
            elif kind not in _PATTERNS:
                raise ValueError(f"lexicon {self.language}, line {number}: no section before it")
            else:
                pieces = filter(None, map(str.strip, line.split(",")))
                patterns.extend((number, kind, name, each) for each in pieces)
        self.negations = frozenset(plain["negation"])
        self.stops = frozenset(plain["stop"])
        self._patterns = Patterns(self.stops | self.negations)
        for number, kind, name, pattern in patterns:
            try:
                self._patterns.add(kind, name, pattern)
            except ValueError as error:
                raise ValueError(f"lexicon {self.language}, line {number}: {error}") from None

    def words(self) -> frozenset[str]:
        """The whole words that patterns are looked for by: a hint that a text is in it."""
        return self._patterns.whole_words()

    def names(self) -> dict[str, set[str]]:
        """What there are patterns for: the topics, the rules of urgency and the intents."""
        names: dict[str, set[str]] = {kind: set() for kind in _PATTERNS}
        for kind, name in self._patterns.names():
            names[kind].add(name)
        return names

    def is_urgent(self, words: Sequence[str]) -> bool:
        """Whether a rule of urgency fires."""
        return bool(self._fired(self._patterns.find(words, only="urgent"), words))

    def read(self, words: Sequence[str]) -> Told:
        """What the lists tell of a text; ``words`` are those of `monitor.assess.text.words`."""
        found = self._patterns.find(words)
        topics = dict.fromkeys(match.name for match in found if match.kind == "topic")
        intents = {match.name for match in found if match.kind == "intent"}
        return Told(self._fired(found, words), list(topics), intents)

    def _fired(self, found: Sequence[Match], words: Sequence[str]) -> dict[str, str]:
        fired: dict[str, str] = {}
        for match in found:
            if match.kind != "urgent" or match.name in fired:
                continue
            # "Not dangerous" is calm; "no apology, in hospital" is not.
            if not match.start or words[match.start - 1] not in self.negations:
                fired[match.name] = " ".join(words[match.start : match.end])
        return fired


@cache
def everyday_words(language: str) -> frozenset[str]:
    """The everyday words of one of `LANGUAGES`, without reading its patterns."""
    found: list[str] = []
    wanted = False
    for raw in _source(language).splitlines():
        line = raw.partition(";")[0].strip()
        if line.startswith("["):
            wanted = line == "[stop]"
        elif wanted:
            found.extend(fold(line).split())
    return frozenset(found)


def _source(language: str) -> str:
    text = read_shipped("lexicons", f"{language}.txt")
    if text is None:
        raise ValueError(f"no lexicon is shipped for {language}")
    return text


@cache
def load_lexicon(language: str) -> Lexicon:
    """The shipped lexicon of one of `LANGUAGES`; read once."""
    return Lexicon(language, _source(language))


def topics_of(topics: Mapping[str, Sequence[str]]) -> Patterns:
    """A brand's own topics, each with its patterns. Raises ValueError for a bad pattern."""
    patterns = Patterns()
    for name, words in topics.items():
        for pattern in words:
            patterns.add("topic", name, pattern)
    return patterns
