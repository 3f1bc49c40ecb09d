"""How the next draft is wished for: in which tone, shorter, in which language.

A wish is said when a draft is refused and another one is asked for. It stands in the trail of
the case and holds for the next draft only; a brand's own tone holds for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TONES = ("warm", "plain", "formal")
"""``warm`` speaks to the person, ``plain`` in few simple words, ``formal`` as in a letter."""

LANGUAGE_MAX = 35
"""Characters of a language code; no code that means anything is longer."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked of the next draft; the empty wish asks for nothing but another one.

    `tone` is one of `TONES` or empty, `language` a code such as ``de`` or empty.
    """

    tone: str = ""
    shorter: bool = False
    language: str = ""

    def __bool__(self) -> bool:
        """Tell whether anything was asked."""
        return bool(self.tone or self.shorter or self.language)

    def detail(self) -> dict[str, Any]:
        """Return what the trail keeps of it: a mapping under ``wish``, or nothing."""
        if not self:
            return {}
        kept = {"tone": self.tone, "shorter": self.shorter, "language": self.language}
        return {"wish": {name: value for name, value in kept.items() if value}}

    def told(self) -> str:
        """Return it in words, to stand behind a reason: ``(warm, shorter, in de)``, or nothing."""
        language = f"in {self.language}" if self.language else ""
        parts = (self.tone, "shorter" if self.shorter else "", language)
        said = ", ".join(part for part in parts if part)
        return f" ({said})" if said else ""


NO_WISH = Wish()
"""Another draft, and nothing else asked."""


def read_wish(detail: Mapping[str, Any]) -> Wish:
    """Return the wish that a line of the trail holds; an empty one for anything else."""
    kept = detail.get("wish")
    if not isinstance(kept, Mapping):
        return NO_WISH
    return make_wish(
        tone=str(kept.get("tone", "")),
        shorter=kept.get("shorter") is True,
        language=str(kept.get("language", "")),
    )


def make_wish(*, tone: str = "", shorter: bool = False, language: str = "") -> Wish:
    """Return the wish for what a face was told: a tone nobody knows is none, a code is small."""
    code = "".join(char for char in language.strip().casefold() if char.isalnum() or char in "-_")
    return Wish(tone if tone in TONES else "", shorter, code[:LANGUAGE_MAX])
