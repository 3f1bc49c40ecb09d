"""Make any text fit to be judged: bounded, without markup and tricks, folded, in words.

The same folding and splitting is used for texts, for the lexicons and for the word weights, so
that what is written there is what is found here.
"""

from __future__ import annotations

import html
import re
import unicodedata

HEAD = 6_000
TAIL = 2_000

# Letters and digits of any script.
_WORD = re.compile(r"[^\W_]+")
_LETTER_BEYOND_ASCII = re.compile(r"[^\W\x00-\x7f]")
# The same for plain ASCII, and lower case with it, byte by byte: six times as fast.
_SPLIT = bytes(
    ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else ord(" ")
    for code in range(256)
)
# Only what starts like a tag is one, so that "<3" and "a < b" stay. The bound keeps it linear.
_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,500}>")
# Control characters, lone surrogates, zero-width characters and direction overrides: people do
# not write them, and they hide words from a reader of words.
_UNSEEN_RANGES = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff\ufffd"
_JOINING_RANGES = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f"
_MARK_RANGES = "\u0300-\u036f\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
_UNSEEN = re.compile(f"[{_UNSEEN_RANGES}]")
_JOINERS = re.compile(f"[{_JOINING_RANGES}]")
_MARKS = re.compile(f"[{_MARK_RANGES}]")
_TRICKS = re.compile(f"[{_UNSEEN_RANGES}{_JOINING_RANGES}{_MARK_RANGES}]")
# Who is spoken to and what is linked to say nothing of what is felt.
_LINK = re.compile(r"(?:https?://|www\.)\S{1,2000}", re.ASCII)
_HANDLE = re.compile(r"@(?<!\w@)\w{1,100}")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'"})

# Apostrophe-less negations, common in posts.
_CONTRACTED = {
    f"{verb}nt": (verb, "not")
    for verb in (
        [
            "do",
            "does",
            "did",
            "is",
            "was",
            "were",
            "are",
            "could",
            "would",
            "should",
            "have",
            "has",
            "had",
            "need",
            "must",
            "ai",
        ]
    )
} | {"cant": ("can", "not"), "cannot": ("can", "not"), "wont": ("will", "not")}
_CONTRACTED_WORDS = frozenset(_CONTRACTED)


def _fold_table() -> dict[int, str]:
    # Latin letters with accents become plain ones: people type "decu" and "déçu" alike.
    table: dict[int, str] = {}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        plain = unicodedata.normalize("NFKD", chr(code))[0]
        if plain.isascii() and plain.isalpha():
            table[code] = plain
    table.update({0xDF: "ss", 0xE6: "ae", 0x153: "oe", 0xF8: "o", 0xF0: "d", 0x142: "l"})
    return table


_FOLD = _fold_table()


def shorten(text: str) -> tuple[str, int]:
    """The part of a text that is judged, and how many characters were left out.

    Texts of more than `HEAD` + `TAIL` characters are judged by their beginning and their end,
    where people say what happened and what they want.
    """
    size = len(text)
    if size <= HEAD + TAIL:
        return text, 0
    return f"{text[:HEAD]} {text[-TAIL:]}", size - HEAD - TAIL


def clean(text: str) -> str:
    """The text without markup, links, names spoken to, control characters and invisible tricks."""
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = html.unescape(text)
    if "://" in text or "www." in text:
        text = _LINK.sub(" ", text)
    if "@" in text:
        text = _HANDLE.sub(" ", text)
    if text.isascii() or _TRICKS.search(text) is None:
        return text
    text = _UNSEEN.sub(" ", text)
    text = _JOINERS.sub("", text)
    if _MARKS.search(text) is not None:
        text = _MARKS.sub("", unicodedata.normalize("NFC", text))
    return text


def fold(text: str) -> str:
    """Lower case, straight apostrophes, Latin letters without their accents."""
    if text.isascii():
        return text.lower()
    return text.translate(_QUOTES).lower().translate(_FOLD)


def words(text: str) -> list[str]:
    """The folded words of a cleaned text.

    English contractions are opened ("isn't" and "isnt" are "is not"), because a judgement that
    loses its "not" is turned round.
    """
    if not text.isascii():
        text = _straight(text)
    if "'" in text:
        text = _open_quotes(text.lower())
    if text.isascii() or _LETTER_BEYOND_ASCII.search(text) is None:
        found = text.encode("ascii", "replace").translate(_SPLIT).decode("ascii").split()
    else:
        found = [word if word.isascii() else fold(word) for word in _WORD.findall(text.lower())]
    if _CONTRACTED_WORDS.isdisjoint(found):
        return found
    opened: list[str] = []
    for word in found:
        opened.extend(_CONTRACTED.get(word, (word,)))
    return opened


def _straight(text: str) -> str:
    return text.replace("’", "'").replace("‘", "'").replace("´", "'").replace("`", "'")


def _open_quotes(folded: str) -> str:
    if "n't" in folded:
        folded = folded.replace("won't", "will not").replace("can't", "can not")
        folded = folded.replace("n't", " not")
    return folded
