"""Patterns of words, and finding them in a text.

In a pattern ``word*`` stands for any word that starts so, ``a|b`` for either word, ``#`` for a
number, and ``..`` for up to three words of any kind (``.. ..`` for up to six):
``charged .. twice|double``. Patterns are folded, as the words they are looked for in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import NamedTuple

from monitor.assess.text import fold

GAP = 3
GAP_SIGN = ".."
NUMBER_SIGN = "#"
_SHORT = 2  # letters of a word that is common in some language or other
_REMEMBERED = 20_000
_LONGEST_REMEMBERED = 40  # hostile "words" of thousands of letters are not worth the memory


class _Step(NamedTuple):
    exact: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    number: bool = False
    gap: int = 0  # the most words of any kind

    def only(self) -> frozenset[str] | None:
        """The words that fit, where they can be counted."""
        return None if self.gap or self.number or self.prefixes else self.exact

    def fits(self, word: str) -> bool:
        return (
            word in self.exact
            or (bool(self.prefixes) and word.startswith(self.prefixes))
            or (self.number and word[0].isdigit())
        )


class Pattern(NamedTuple):
    """What stands before and behind the words that a pattern is looked for by.

    ``before`` is read leftwards. ``last`` and ``next`` are the words of which one must stand right
    before and right behind, ``needs`` those of which one must be in the text at all; None where
    that cannot be said. They spare most attempts.
    """

    kind: str
    name: str
    before: tuple[_Step, ...]
    after: tuple[_Step, ...]
    last: frozenset[str] | None
    next: frozenset[str] | None
    needs: frozenset[str] | None


class Match(NamedTuple):
    """A pattern that was found, from word ``start`` to before word ``end``."""

    kind: str
    name: str
    start: int
    end: int


class _Written(NamedTuple):
    """A pattern as it was added, and the place of the piece it is looked for by.

    There are thousands, and a text calls for a few: each is made ready when it is first called.
    """

    kind: str
    name: str
    pieces: Sequence[str]
    anchor: int


class Patterns:
    """Many patterns, found in one walk. Safe to share between threads.

    Each is looked for by the piece that is rarest in texts: not one of the ``common`` words, and
    whole words rather than beginnings.
    """

    def __init__(self, common: Collection[str] = ()) -> None:
        self._exact: dict[str, list[_Written]] = {}
        self._prefix: dict[str, list[_Written]] = {}
        self._number: list[_Written] = []
        self._longest_prefix = 0
        self._commonness = _Commonness(common)
        self._known = _Known(self._looked_for_by)

    def add(self, kind: str, name: str, pattern: str) -> None:
        """Add one pattern. Raises ValueError where it has no word, or a gap at an end."""
        pieces = fold(pattern).split()
        if not pieces or GAP_SIGN in (pieces[0], pieces[-1]):
            raise ValueError(f"a pattern begins and ends with a word: {pattern!r}")
        ranks = list(map(self._commonness.__getitem__, pieces))
        anchor = ranks.index(min(ranks))
        written = _Written(kind, name, pieces, anchor)
        for choice in dict.fromkeys(pieces[anchor].split("|")):
            if choice == NUMBER_SIGN:
                self._number.append(written)
            elif choice.endswith("*"):
                self._prefix.setdefault(choice[:-1], []).append(written)
                self._longest_prefix = max(self._longest_prefix, len(choice) - 1)
            elif choice:
                self._exact.setdefault(choice, []).append(written)
        self._known.clear()

    def whole_words(self) -> frozenset[str]:
        """The whole words that patterns are looked for by."""
        return frozenset(self._exact)

    def names(self) -> set[tuple[str, str]]:
        """Every kind and name that patterns were added for."""
        listed = (*self._exact.values(), *self._prefix.values(), self._number)
        return {(each.kind, each.name) for patterns in listed for each in patterns}

    def find(self, words: Sequence[str], only: str = "") -> list[Match]:
        """Every match, in the order of the text; of one kind ``only``, where it is named."""
        looked_for = list(map(self._known.__getitem__, words))
        if not any(looked_for):
            return []
        found: list[Match] = []
        present = frozenset(words)
        neighbours = ["", *words, ""]
        for at, patterns in enumerate(looked_for):
            for kind, name, before, after, last, behind, needs in patterns:
                if behind is not None and neighbours[at + 2] not in behind:
                    continue
                if last is not None and neighbours[at] not in last:
                    continue
                if (only and kind != only) or (needs is not None and needs.isdisjoint(present)):
                    continue
                start, end = at, at + 1
                if after and not (end := _after(after, words, end)):
                    continue
                if before and (start := _before(before, words, at - 1)) < 0:
                    continue
                found.append(Match(kind, name, start, end))
        if len(found) > 1:
            found.sort(key=_by_start)
        return found

    def _looked_for_by(self, word: str) -> tuple[Pattern, ...]:
        found = list(self._exact.get(word, ()))
        for end in range(2, min(len(word), self._longest_prefix) + 1):
            found.extend(self._prefix.get(word[:end], ()))
        if self._number and word[0].isdigit():
            found.extend(self._number)
        return tuple(map(self._made_ready, found))

    def _made_ready(self, written: _Written) -> Pattern:
        steps, anchor = _steps(written.pieces, written.anchor)
        before, after = tuple(reversed(steps[:anchor])), tuple(steps[anchor + 1 :])
        others = [
            (self._commonness[piece], words)
            for at, piece in enumerate(written.pieces)
            if at != written.anchor and (words := _step(piece).only()) is not None
        ]
        return Pattern(
            kind=written.kind,
            name=written.name,
            before=before,
            after=after,
            last=before[0].only() if before else None,
            next=after[0].only() if after else None,
            needs=min(others, key=_by_commonness)[1] if others else None,
        )


class _Known(dict[str, tuple[Pattern, ...]]):
    """Which patterns each word calls for; words are looked up once and remembered."""

    def __init__(self, look_up: Callable[[str], tuple[Pattern, ...]]) -> None:
        super().__init__()
        self._look_up = look_up

    def __missing__(self, word: str) -> tuple[Pattern, ...]:
        patterns = self._look_up(word)
        if len(word) <= _LONGEST_REMEMBERED and len(self) < _REMEMBERED:
            self[word] = patterns
        return patterns


class _Commonness(dict[str, tuple[int, int]]):
    """How common the words of a piece are: rare and long ones first."""

    def __init__(self, common: Collection[str]) -> None:
        super().__init__()
        self._common = frozenset(common)

    def __missing__(self, piece: str) -> tuple[int, int]:
        if piece == GAP_SIGN:
            rank = (1_000, 0)
        else:
            choices = piece.split("|")
            shortest = min(map(len, choices))
            common = len(self._common.intersection(choices)) + (shortest <= _SHORT)
            rank = (10 * common + 5 * (NUMBER_SIGN in choices) + ("*" in piece), -shortest)
        self[piece] = rank
        return rank


def _by_start(match: Match) -> int:
    return match.start


def _by_commonness(ranked: tuple[tuple[int, int], frozenset[str]]) -> tuple[int, int]:
    return ranked[0]


def _steps(pieces: Sequence[str], anchor: int) -> tuple[list[_Step], int]:
    """The steps of a pattern, neighbouring gaps joined, and the place of the anchor among them."""
    steps: list[_Step] = []
    place = anchor
    for at, piece in enumerate(pieces):
        if piece == GAP_SIGN and steps[-1].gap:
            steps[-1] = _Step(gap=steps[-1].gap + GAP)
            place -= at < anchor
        else:
            steps.append(_step(piece))
    return steps, place


@cache  # the same pieces stand in many patterns
def _step(piece: str) -> _Step:
    if piece == GAP_SIGN:
        return _Step(gap=GAP)
    exact = set()
    prefixes = []
    number = False
    for choice in piece.split("|"):
        if choice == NUMBER_SIGN:
            number = True
        elif choice.endswith("*"):
            prefixes.append(choice[:-1])
        elif choice:
            exact.add(choice)
    return _Step(frozenset(exact), tuple(prefixes), number)


def _after(steps: Sequence[_Step], words: Sequence[str], at: int) -> int:
    """The index after the match of all steps from ``at`` on, or 0."""
    for n, step in enumerate(steps):
        if step.gap:
            behind, rest = steps[n + 1], steps[n + 2 :]
            for place, word in enumerate(words[at : at + step.gap + 1], start=at + 1):
                if behind.fits(word) and (end := _after(rest, words, place)):
                    return end
            return 0
        if at >= len(words) or not step.fits(words[at]):
            return 0
        at += 1
    return at


def _before(steps: Sequence[_Step], words: Sequence[str], at: int) -> int:
    """The index of the first word of the match of all steps leftwards from ``at``, or -1."""
    for n, step in enumerate(steps):
        if step.gap:
            further, rest = steps[n + 1], steps[n + 2 :]
            for place in range(at, max(at - step.gap, 0) - 1, -1):
                if further.fits(words[place]):
                    start = _before(rest, words, place - 1)
                    if start >= 0:
                        return start
            return -1
        if at < 0 or not step.fits(words[at]):
            return -1
        at -= 1
    return at + 1
