"""The multilingual wordings of `words.yaml`, compiled to one pattern a rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from responders.phrases import read_yaml

WORDS = Path(__file__).parent / "words.yaml"
PARTS = Path(__file__).parent / "parts.yaml"
UP_TO_THREE_WORDS = r"(?:[\w'-]+,? ){0,3}?"


@lru_cache(maxsize=1)
def wordings() -> dict[str, dict[str, list[str]]]:
    """Return the file: rule, then language, then expressions."""
    return {
        rule: {language: lines.split("\n")[:-1] for language, lines in languages.items()}
        for rule, languages in read_yaml(WORDS).items()
    }


@lru_cache(maxsize=1)
def parts() -> dict[str, str]:
    """Return what `<name>` stands for in a wording: the words of every language."""
    return {
        name: f"(?:{'|'.join(languages.values())})" for name, languages in read_yaml(PARTS).items()
    }


@lru_cache(maxsize=64)
def pattern(rule: str) -> re.Pattern[str]:
    """Return the pattern of one rule over all its languages, for texts in small letters.

    Small letters on both sides, rather than a flag, make the search three times faster.
    """
    lines = [line for lines in wordings()[rule].values() for line in lines]
    joined = "|".join(f"(?:{line})" for line in lines)
    joined = re.sub(r"<(\w+)>", lambda part: parts()[part[1]], joined)
    joined = joined.replace("~", UP_TO_THREE_WORDS)
    small = re.sub(
        r"\\.|[^\\]+", lambda m: m.group() if m.group()[0] == "\\" else m.group().lower(), joined
    )
    return re.compile(rf"(?<!\w)(?:{small})(?!\w)")


def found(rule: str, text: str) -> str:
    """Return the first offending words in `text`, "" when there are none."""
    return next(every(rule, text), "")


def every(rule: str, text: str) -> Iterator[str]:
    """Yield all offending words in `text`, in their order."""
    for said, _, _ in around(rule, text):
        yield said


def around(rule: str, text: str) -> Iterator[tuple[str, str, str]]:
    """Yield all offending words in `text` with what stands before and behind each."""
    small = text.lower()
    # A few letters change their number when made small; then the small form is shown.
    shown = text if len(small) == len(text) else small
    for match in pattern(rule).finditer(small):
        yield shown[slice(*match.span())], shown[: match.start()], shown[match.end() :]
