"""Marks the words that reply rules object to, where they stand in the text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from responders.views import FindingView

Part = tuple[str, str]
"""A piece of the text, and how severe what stands there is: ``block``, ``warn`` or empty."""

EXCERPT = 30
"""Characters shown on either side of the words in an excerpt."""


def marked(text: str, findings: Sequence[FindingView]) -> tuple[Part, ...]:
    """Return `text` in pieces; the words of findings are pieces of their own.

    The pieces joined are the text. Words that are not found in it mark nothing; where two findings
    meet, the one named first marks what both claim.
    """
    severities = [""] * len(text)
    for finding in findings:
        for start, end in _places(text, finding.words):
            for at in range(start, end):
                severities[at] = severities[at] or finding.severity
    parts: list[Part] = []
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or severities[at] != severities[start]:
            parts.append((text[start:at], severities[start]))
            start = at
    return tuple(parts)


def excerpt(text: str, words: str) -> str:
    """Return the words in their place, as in ``…if you »delete your review« we…``; or nothing."""
    found = next(iter(_places(text, words)), None)
    if found is None:
        return ""
    start, end = found
    before, after = text[max(0, start - EXCERPT) : start], text[end : end + EXCERPT]
    left, right = "…" if start > EXCERPT else "", "…" if end + EXCERPT < len(text) else ""
    return " ".join(f"{left}{before}»{text[start:end]}«{after}{right}".split())


def _places(text: str, words: str) -> list[tuple[int, int]]:
    """Return where `words` stand; rules see one kind of apostrophe and of space."""
    if not words.strip() or not text:
        return []
    pattern = re.escape(words.strip())
    pattern = re.sub(r"'|’", "['’‘ʼ´`]", pattern)
    pattern = re.sub(r"(?:\\?\s)+", r"\\s+", pattern)
    edge_before = r"(?<!\w)" if words.strip()[0].isalnum() else ""
    edge_after = r"(?!\w)" if words.strip()[-1].isalnum() else ""
    found = re.compile(f"{edge_before}{pattern}{edge_after}", re.IGNORECASE)
    return [match.span() for match in found.finditer(text)]
