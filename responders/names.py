"""How to address an author: a first name where the display name is plausibly a person's.

An answer that begins "Hello user123" or "Hello Angry" is worse than one without a name, so every
doubt ends in no name at all. Display names are outside text: whatever comes out of here consists
of letters, marks, hyphens, apostrophes, one space and the full stop of a title, nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from responders.name_words import ALSO_SURNAMES, GIVEN_NAMES, NOT_NAMES, SUFFIXES, TITLES

LONGEST_DISPLAY_NAME = 60
LONGEST_NAME = 20
MOST_WORDS = 4

_PARENTHESES = re.compile(r"\s*\([^()]*\)\s*$")
_VOWELS = set("aeiouyæœøı")
_EAST_ASIAN = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL"}
_LONGEST_IDEOGRAPHIC = 4
# Half of a compound first name: "Abd" alone is not how Abd al-Rahman is called.
_COMPOUND_STARTS = {"عبد", "أبو", "ابو", "أم", "abdul", "abdel", "abd", "abu", "el", "al"}


@lru_cache(maxsize=2048)
def first_name(display_name: str, avoid: str = "") -> str:
    """Return how to address the author, or "" when the display name is no plausible name.

    "Kim A." gives "Kim", "Müller, Anna" gives "Anna", "Dr. Müller" stays "Dr. Müller".
    `avoid` is our own brand's name: nobody is greeted with it.
    """
    name = _clean(display_name)
    if not name:
        return ""
    words = _given_name_first(name)
    folded = [word.strip(".,'’-").casefold() for word in words]
    ours = set(avoid.casefold().split())
    if not words or len(words) > MOST_WORDS + 1:
        return ""
    if any(word in NOT_NAMES or word in ours for word in _suspects(folded)):
        return ""
    if folded[0] in TITLES:
        return _with_title(words)
    if len(words) > MOST_WORDS or folded[0] in _COMPOUND_STARTS:
        return ""
    return _plausible(words[0])


def is_east_asian(name: str) -> bool:
    """Tell whether a name is written in Chinese, Japanese or Korean."""
    return any(_script(char) in _EAST_ASIAN for char in name)


def full_name(display_name: str) -> str:
    """Return the whole display name when it shows a person's first and last name, else ""."""
    name = _clean(display_name)
    words = name.split()
    if len(words) < 2 or not first_name(display_name):
        return ""
    return name if len(words[-1].strip(".")) > 1 else ""


def _clean(display_name: str) -> str:
    """Return the name without decoration, or "" when it holds anything no name holds."""
    if len(display_name) > LONGEST_DISPLAY_NAME:
        return ""
    name = unicodedata.normalize("NFKC", display_name)
    kept: list[str] = []
    for char in name:
        category = unicodedata.category(char)
        if category in {"So", "Sk", "Cf"} or "\ufe00" <= char <= "\ufe0f":
            kept.append(" ")  # emoji and other decoration around a name
        elif category[0] in "LMZ" or char in ".,'’-()・":
            kept.append(char)
        else:
            return ""  # digits, markup, addresses, handles, control characters
    name = _PARENTHESES.sub("", " ".join("".join(kept).split()))
    return "" if "(" in name or ")" in name or len(name) > LONGEST_DISPLAY_NAME else name


def _given_name_first(name: str) -> list[str]:
    """Split into words, turning "Müller, Anna" round and dropping "PhD" and the like."""
    family, comma, given = name.partition(",")
    if comma:
        if "," in given or not family.strip() or not given.strip():
            return []
        if given.strip().strip(".").casefold() in SUFFIXES:
            return family.split()
        return [*given.split(), *family.split()]
    return name.split()


def _suspects(folded: list[str]) -> list[str]:
    """Return the words that may betray a made-up name.

    A first name that we know is none of them ("Will", "Grace"), and behind one neither is a last
    word that is also a surname ("Anna King").
    """
    if folded[0] not in GIVEN_NAMES:
        return folded
    return folded[1:-1] if folded[-1] in ALSO_SURNAMES else folded[1:]


def _with_title(words: list[str]) -> str:
    """Address "Dr. Müller" by title, "Dr. Anna Müller" by her first name."""
    rest = words[1:]
    while rest and rest[0].strip(".").casefold() in TITLES:  # Prof. Dr. Müller
        rest = rest[1:]
    if not rest:
        return ""
    if len(rest) > 1 and len(rest[0].strip(".")) > 1:
        return _plausible(rest[0])
    surname = _plausible(rest[-1])
    return f"{TITLES[words[0].strip('.').casefold()]} {surname}" if surname else ""


@lru_cache(maxsize=4096)
def _script(char: str) -> str:
    return unicodedata.name(char, "?").split(" ")[0].split("-")[0]


def _plausible(word: str) -> str:
    """Return `word` as it should be written, or "" when it does not look like a name."""
    letters = [char for char in word if unicodedata.category(char)[0] == "L"]
    if len(word) > LONGEST_NAME or len(letters) < 2 or word.endswith("."):
        return ""
    if len(letters) == 2 and letters[0].isascii() and word.casefold() not in GIVEN_NAMES:
        return ""
    if not unicodedata.category(word[0]).startswith("L") or word[-1] in "-'’・":
        return ""
    if any(char in ".,()" for char in word) or _piled_marks(word) or _repeats(letters):
        return ""
    scripts = {_script(char) for char in letters}
    if scripts <= _EAST_ASIAN:
        ideographic = scripts & {"CJK", "HANGUL"}
        return "" if ideographic and len(letters) > _LONGEST_IDEOGRAPHIC else word
    if len(scripts) != 1:
        return ""  # mixed alphabets in one word imitate somebody
    if all(char.upper() == char.lower() for char in letters):
        return word  # a script without capitals: Arabic, Hebrew, Devanagari, ...
    return _cased(word, latin=scripts == {"LATIN"})


def _cased(word: str, *, latin: bool) -> str:
    parts = re.split(r"[-]", word)
    if latin and not _VOWELS & set(_without_marks(word.casefold())):
        return ""
    if word.casefold() in GIVEN_NAMES:
        return word if _written_as_name(parts) else word.casefold().title()
    return word if _written_as_name(parts) else ""


def _written_as_name(parts: list[str]) -> bool:
    for part in parts:
        bare = re.sub(r"^(?:Mc|Mac|De|Di|La|Le|[A-Z]['’])(?=[A-Z])", "", part)
        bare = bare.replace("'", "").replace("’", "")
        if len(bare) < 1 or not bare[0].isupper():
            return False
        if bare[1:] != bare[1:].lower() or (len(bare) == 1 and len(parts) == 1):
            return False
    return True


def _without_marks(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _piled_marks(word: str) -> bool:
    run = 0
    for char in word:
        run = run + 1 if unicodedata.category(char)[0] == "M" else 0
        if run > 2:
            return True
    return False


def _repeats(letters: list[str]) -> bool:
    folded = [char.casefold() for char in letters]
    return any(a == b == c for a, b, c in zip(folded, folded[1:], folded[2:], strict=False))
