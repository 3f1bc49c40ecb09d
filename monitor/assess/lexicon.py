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
from importlib import resources

from monitor.assess.patterns import Patterns
from monitor.assess.text import fold

LANGUAGES = ("en", "de", "es", "fr", "it", "nl", "pt")
_WORDS = ("negation", "stop")
_PATTERNS = ("topic", "urgent", "intent")


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
        common = self.stops | self.negations
        self._urgent, self._matters = Patterns(common), Patterns(common)
        for number, kind, name, pattern in patterns:
            try:
                (self._urgent if kind == "urgent" else self._matters).add(kind, name, pattern)
            except ValueError as error:
                raise ValueError(f"lexicon {self.language}, line {number}: {error}") from None

    def words(self) -> frozenset[str]:
        """The whole words that patterns are looked for by: a hint that a text is in it."""
        return self._urgent.whole_words() | self._matters.whole_words()

    def names(self) -> dict[str, set[str]]:
        """What there are patterns for: the topics, the rules of urgency and the intents."""
        names: dict[str, set[str]] = {kind: set() for kind in _PATTERNS}
        for kind, name in self._urgent.names() | self._matters.names():
            names[kind].add(name)
        return names

    def urgent(self, words: Sequence[str]) -> dict[str, str]:
        """The rules of urgency that fire, each with the words that set it off.

        ``words`` are those of `monitor.assess.text.words`. A negation just before keeps a rule
        from firing.
        """
        fired: dict[str, str] = {}
        for match in self._urgent.find(words):
            # "Not dangerous" is calm; "no apology, in hospital" is not.
            calm = match.start and words[match.start - 1] in self.negations
            if match.name not in fired and not calm:
                fired[match.name] = " ".join(words[match.start : match.end])
        return fired

    def about(self, words: Sequence[str]) -> tuple[list[str], set[str]]:
        """The topics, in the order of the text, and the intents it has cues of."""
        topics: dict[str, None] = {}
        intents = set()
        for match in self._matters.find(words):
            if match.kind == "topic":
                topics[match.name] = None
            else:
                intents.add(match.name)
        return list(topics), intents


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
    file = resources.files("monitor.assess").joinpath("lexicons", f"{language}.txt")
    return file.read_text(encoding="utf-8")


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
