"""How a brand speaks: its name, its signature, how a customer goes on, its languages."""

from __future__ import annotations

from dataclasses import dataclass

from responders.rules.strictness import SHIPPED, Strictness


@dataclass(frozen=True, slots=True)
class Voice:
    """The voice of one brand. `languages` are in order of preference, as ISO 639-1 codes.

    `tone` is one of `responders.wishes.TONES`, or empty where every tone will do. `strictness`
    is how strict it is with answers.
    """

    name: str
    signature: str
    contact: str
    languages: tuple[str, ...] = ("en",)
    tone: str = ""
    strictness: Strictness = SHIPPED
