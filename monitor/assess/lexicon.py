"""Hand-written word lists of one language, and finding them in a text.

A list is a text file in ``lexicons/``: sections in square brackets, then one pattern a line,
with a weight in front where the section wants one. Positive weights speak for a complaint,
negative ones for praise. A comma parts several patterns of one line. In a pattern ``word*`` stands
for any word that starts so, ``a|b`` for either word, ``#`` for a number, and ``..`` for up to three
words of any kind. A semicolon begins a remark.

    [complaint]
    2.5 never .. again
    [topic waiting]
    wait*
    [urgent safety]
    food poisoning
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from monitor.assess.text import fold

LANGUAGES = ("en", "de", "es", "fr", "it", "nl", "pt")
GAP = 3
_REACH = 3  # a negation turns what follows within so many words
_REMEMBERED = 50_000
_LONGEST_REMEMBERED = 40  # hostile "words" of thousands of letters are not worth the memory
_URGENT_WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class _Step:
    exact: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    number: bool = False
    gap: bool = False

    def only(self) -> frozenset[str] | None:
        """The words that fit, where they can be counted."""
        return None if self.gap or self.number or self.prefixes else self.exact

    def fits(self, word: str) -> bool:
        return (
            word in self.exact
            or (bool(self.prefixes) and word.startswith(self.prefixes))
            or (self.number and word[0].isdigit())
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One pattern without its first word. ``kind`` is complaint, topic or urgent."""

    kind: str
    name: str
    weight: float
    rest: tuple[_Step, ...]
    # A praising pattern with a gap must not swallow a "not" that it does not itself name.
    guarded: bool = False
    # Words of which one must be in a text, and right behind the first, for the rest to fit; None
    # where that cannot be said. They spare most attempts.
    needs: frozenset[str] | None = None
    follows: frozenset[str] | None = None


@dataclass(slots=True)
class Findings:
    """What of a lexicon was found in a text.

    ``against`` and ``praise`` are the summed weights of complaint and of praise (0 or more),
    ``phrases`` and ``kind_phrases`` the words they come from, each with its weight. ``urgent``
    maps the name of a rule to the words that set it off.
    """

    against: float = 0.0
    praise: float = 0.0
    phrases: list[tuple[float, str]] = field(default_factory=list)
    kind_phrases: list[tuple[float, str]] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    urgent: dict[str, str] = field(default_factory=dict)


class Lexicon:
    """The word lists of one language.

    Raises ValueError with the file and line for a list that cannot be read.
    """

    def __init__(self, language: str, source: str) -> None:
        self.language = language
        self.negations: frozenset[str] = frozenset()
        self.stops: frozenset[str] = frozenset()
        self._intensity: dict[str, float] = {}
        self._exact: dict[str, list[Entry]] = {}
        self._prefix: dict[str, list[Entry]] = {}
        self._number: list[Entry] = []
        self._longest_prefix = 0
        self._known: dict[str, tuple[Entry, ...]] = {}
        self._read(source)

    def _read(self, source: str) -> None:
        kind = name = ""
        plain: dict[str, set[str]] = {"negation": set(), "stop": set()}
        for number, raw in enumerate(source.splitlines(), start=1):
            line = fold(raw.partition(";")[0].strip())
            if not line:
                continue
            if line.startswith("["):
                kind, _, name = line.strip("[]").partition(" ")
                continue
            if kind in plain:
                plain[kind].update(line.split())
                self.negations = frozenset(plain["negation"])
                continue
            weight = _URGENT_WEIGHT if kind == "urgent" else 0.0
            if kind in {"complaint", "intensity"}:
                first, _, line = line.partition(" ")
                try:
                    weight = float(first)
                except ValueError:
                    raise ValueError(
                        f"lexicon {self.language}, line {number}: expected a weight"
                    ) from None
            if kind == "intensity":
                self._intensity.update(dict.fromkeys(line.split(), weight))
            elif kind in {"complaint", "topic", "urgent"} and line:
                for pattern in line.split(","):
                    self._add(kind, name, weight, pattern)
            else:
                raise ValueError(f"lexicon {self.language}, line {number}: not understood")
        self.stops = frozenset(plain["stop"])

    def _add(self, kind: str, name: str, weight: float, pattern: str) -> None:
        first, *rest = (_step(piece) for piece in pattern.split())
        guarded = (
            weight < 0
            and any(step.gap for step in rest)
            and not any(step.exact & self.negations for step in (first, *rest))
        )
        entry = Entry(
            kind=kind,
            name=name,
            weight=weight,
            rest=tuple(rest),
            guarded=guarded,
            needs=rest[-1].only() if rest else None,
            follows=rest[0].only() if rest else None,
        )
        for word in first.exact:
            self._exact.setdefault(word, []).append(entry)
        for prefix in first.prefixes:
            self._prefix.setdefault(prefix, []).append(entry)
            self._longest_prefix = max(self._longest_prefix, len(prefix))
        if first.number:
            self._number.append(entry)

    def entries(self) -> list[Entry]:
        """Every pattern, for those who check the lists."""
        listed = [*self._exact.values(), *self._prefix.values(), self._number]
        return [entry for entries in listed for entry in entries]

    def words(self) -> frozenset[str]:
        """The whole words that can begin a pattern: a hint that a text is in this language."""
        return frozenset(self._exact)

    def _entries(self, word: str) -> tuple[Entry, ...]:
        found = list(self._exact.get(word, ()))
        for end in range(2, min(len(word), self._longest_prefix) + 1):
            found.extend(self._prefix.get(word[:end], ()))
        if self._number and word[0].isdigit():
            found.extend(self._number)
        # Longer patterns first: the longest one that fits wins.
        found.sort(key=lambda entry: -len(entry.rest))
        entries = tuple(found)
        if len(word) <= _LONGEST_REMEMBERED and len(self._known) < _REMEMBERED:
            self._known[word] = entries
        return entries

    def find(self, tokens: Sequence[str]) -> Findings:
        """Look the words up. ``tokens`` are those of `monitor.assess.text.words`."""
        findings = Findings()
        known = self._known.get
        negations = self.negations
        present = frozenset(tokens)
        negated_at = -9
        taken_to = 0  # words up to here are part of a complaint pattern already
        last = len(tokens) - 1
        for i, word in enumerate(tokens):
            entries = known(word)
            if entries is None:
                entries = self._entries(word)
            for entry in entries:
                end = i + 1
                if entry.rest:
                    if entry.follows is not None:
                        if i == last or tokens[end] not in entry.follows:
                            continue
                    elif entry.needs is not None and entry.needs.isdisjoint(present):
                        continue
                    end = _match(entry.rest, tokens, end)
                    if not end:
                        continue
                if entry.kind == "complaint":
                    if i < taken_to or (
                        entry.guarded and not negations.isdisjoint(tokens[i + 1 : end])
                    ):
                        continue
                    taken_to = end
                    if self._weigh(findings, entry.weight, tokens, i, end, negated_at):
                        negated_at = -9  # spent: "not bad, great place" praises the place
                elif entry.kind == "topic":
                    if entry.name not in findings.topics:
                        findings.topics.append(entry.name)
                elif i - negated_at > _REACH and entry.name not in findings.urgent:
                    findings.urgent[entry.name] = " ".join(tokens[i:end])
                    findings.against += entry.weight
            # "Never again" has said its no; it does not turn the words after it round.
            if word in negations and i >= taken_to:
                negated_at = i
        return findings

    def _weigh(
        self,
        findings: Findings,
        weight: float,
        tokens: Sequence[str],
        start: int,
        end: int,
        negated_at: int,
    ) -> bool:
        """Count a match; true when a negation before it turned it round."""
        first = start
        turned = start - negated_at <= _REACH
        if start:
            factor = self._intensity.get(tokens[start - 1])
            if factor is not None:
                weight *= factor
                first = start - 1
        if turned:
            # "Not good" complains almost as much as "bad"; "not bad" praises only a little.
            weight *= -0.9 if weight < 0 else -0.4
            first = negated_at
        if weight > 0:
            findings.against += weight
            findings.phrases.append((weight, " ".join(tokens[first:end])))
        elif weight < 0:
            findings.praise -= weight
            findings.kind_phrases.append((-weight, " ".join(tokens[first:end])))
        return turned


def _step(piece: str) -> _Step:
    if piece == "..":
        return _Step(gap=True)
    exact = set()
    prefixes = []
    number = False
    for choice in piece.split("|"):
        if choice == "#":
            number = True
        elif choice.endswith("*"):
            prefixes.append(choice[:-1])
        else:
            exact.add(choice)
    return _Step(frozenset(exact), tuple(prefixes), number)


def _match(steps: Sequence[_Step], tokens: Sequence[str], at: int) -> int:
    """The index after the match of all steps from ``at`` on, or 0."""
    for n, step in enumerate(steps):
        if step.gap:
            rest = steps[n + 1 :]
            for begin in range(at, min(at + GAP, len(tokens)) + 1):
                end = _match(rest, tokens, begin)
                if end:
                    return end
            return 0
        if at >= len(tokens) or not step.fits(tokens[at]):
            return 0
        at += 1
    return at


@cache
def load_lexicon(language: str) -> Lexicon:
    """The shipped lexicon of one of `LANGUAGES`; read once."""
    file = resources.files("monitor.assess").joinpath("lexicons", f"{language}.txt")
    return Lexicon(language, file.read_text(encoding="utf-8"))
