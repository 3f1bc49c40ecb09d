"""The multilingual wordings of `words.yaml`, compiled to one pattern a rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from responders.phrases import read_yaml

WORDS = Path(__file__).parent / "words.yaml"
UP_TO_THREE_WORDS = r"(?:[\w'-]+,? ){0,3}?"


@lru_cache(maxsize=1)
def wordings() -> dict[str, dict[str, list[str]]]:
    """Return the file: rule, then language, then expressions."""
    return {
        rule: {language: lines.split("\n")[:-1] for language, lines in languages.items()}
        for rule, languages in read_yaml(WORDS).items()
    }


@lru_cache(maxsize=64)
def pattern(rule: str) -> re.Pattern[str]:
    """Return the pattern of one rule over all its languages, for texts in small letters.

    Small letters on both sides, rather than a flag, make the search three times faster.
    """
    lines = [line for lines in wordings()[rule].values() for line in lines]
    joined = "|".join(f"(?:{line})" for line in lines).replace("~", UP_TO_THREE_WORDS)
    small = re.sub(
        r"\\.|[^\\]+", lambda m: m.group() if m.group()[0] == "\\" else m.group().lower(), joined
    )
    return re.compile(rf"(?<!\w)(?:{small})(?!\w)")


def found(rule: str, text: str) -> str:
    """Return the first offending words in `text`, "" when there are none."""
    return next(every(rule, text), "")


def every(rule: str, text: str) -> Iterator[str]:
    """Yield all offending words in `text`, in their order."""
    small = text.lower()
    for match in pattern(rule).finditer(small):
        # A few letters change their number when made small; then the small form is shown.
        yield text[slice(*match.span())] if len(small) == len(text) else match.group()
