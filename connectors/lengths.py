"""Counts text as readers and platforms count it."""

from __future__ import annotations

import unicodedata


def graphemes(text: str) -> int:
    """Return how many characters a reader sees: accents, skin tones, flags and families are one.

    The rules of Unicode (UAX 29) for marks, joiners, flags, keycaps and Korean letters; the
    rare scripts with further rules may count one too many, never too few by much.
    """
    if text.isascii():
        return len(text)
    count, flags, joined = 0, 0, False
    before = ""
    for char in text:
        code = ord(char)
        flag = 0x1F1E6 <= code <= 0x1F1FF
        extends = (
            unicodedata.category(char) in ("Mn", "Me", "Mc")
            or 0x1F3FB <= code <= 0x1F3FF
            or code in (0x200C, 0x200D)
            or 0xE0020 <= code <= 0xE007F
        )
        korean = 0x1160 <= code <= 0x11FF and 0x1100 <= ord(before or " ") <= 0x11FF
        if not (before and (extends or joined or korean or (flag and flags % 2 == 1))):
            count += 1
        flags = flags + 1 if flag else 0
        joined = code == 0x200D
        before = char
    return count
