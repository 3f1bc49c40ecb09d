"""How a brand speaks: its name, its signature, how a customer goes on, its languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Voice:
    """The voice of one brand. `languages` are in order of preference, as ISO 639-1 codes.

    `tone` is one of `responders.wishes.TONES`, or empty where every tone will do.
    """

    name: str
    signature: str
    contact: str
    languages: tuple[str, ...] = ("en",)
    tone: str = ""
