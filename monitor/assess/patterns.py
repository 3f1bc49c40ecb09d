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
_SHORT = 2  # letters of a word that is common in some language or other
_RAREST = (0, 0)
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


class Patterns:
    """Many patterns, found in one walk. Safe to share between threads.

    Each is looked for by the step that is rarest in texts: not one of the ``common`` words, and
    whole words rather than beginnings.
    """

    def __init__(self, common: Collection[str] = ()) -> None:
        self._common = frozenset(common)
        self._exact: dict[str, list[Pattern]] = {}
        self._prefix: dict[str, list[Pattern]] = {}
        self._number: list[Pattern] = []
        self._longest_prefix = 0
        self._known = _Known(self._looked_for_by)

    def add(self, kind: str, name: str, pattern: str) -> None:
        """Add one pattern. Raises ValueError where it has no word, or a gap at an end."""
        steps: list[_Step] = []
        for piece in fold(pattern).split():
            if piece == GAP_SIGN and steps and steps[-1].gap:
                steps[-1] = _Step(gap=steps[-1].gap + GAP)
            else:
                steps.append(_step(piece))
        if not steps or steps[0].gap or steps[-1].gap:
            raise ValueError(f"a pattern begins and ends with a word: {pattern!r}")
        commonness = list(map(self._commonness, steps)) if len(steps) > 1 else [_RAREST]
        at = commonness.index(min(commonness))
        before, after = tuple(reversed(steps[:at])), tuple(steps[at + 1 :])
        made = Pattern(
            kind=kind,
            name=name,
            before=before,
            after=after,
            last=before[0].only() if before else None,
            next=after[0].only() if after else None,
            needs=_needed(steps, commonness, at),
        )
        anchor = steps[at]
        for word in anchor.exact:
            self._exact.setdefault(word, []).append(made)
        for prefix in anchor.prefixes:
            self._prefix.setdefault(prefix, []).append(made)
            self._longest_prefix = max(self._longest_prefix, len(prefix))
        if anchor.number:
            self._number.append(made)
        self._known.clear()

    def _commonness(self, step: _Step) -> tuple[int, int]:
        if step.gap:
            return 1_000, 0
        shortest = min(map(len, (*step.exact, *step.prefixes)), default=0)
        common = len(self._common.intersection(step.exact)) + (shortest <= _SHORT)
        return 10 * common + 5 * step.number + bool(step.prefixes), -shortest

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
        return tuple(found)


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


def _by_start(match: Match) -> int:
    return match.start


def _needed(
    steps: Sequence[_Step], commonness: Sequence[tuple[int, int]], anchor: int
) -> frozenset[str] | None:
    """The rarest words of which one must stand beside those a pattern is looked for by."""
    others = [
        (common, at)
        for at, common in enumerate(commonness)
        if at != anchor and steps[at].only() is not None
    ]
    return steps[min(others)[1]].exact if others else None


@cache  # the same pieces stand in many patterns
def _step(piece: str) -> _Step:
    if piece == GAP_SIGN:
        return _Step(gap=GAP)
    exact = set()
    prefixes = []
    number = False
    for choice in piece.split("|"):
        if choice == "#":
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
