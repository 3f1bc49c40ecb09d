"""The wordings of `words.yaml`, compiled, and what shows that an answer is no plain text."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from responders.phrases import read_yaml

WORDS = Path(__file__).parent / "words.yaml"

MARKDOWN = re.compile(
    r"```|`[^`\n]+`|\*\*|__|~~|^\s{0,3}#{1,6}\s|^\s*[-*•–+]\s|^\s*\d{1,2}[.)]\s|^\s*>|^\s*\|.*\||"
    r"\]\(|</?[a-zA-Z!]|^\s*[{\[](?![A-Z]+(?:_[A-Z]+)?\])|[\"']\s*:\s*[\"'{\[\d]|^\s*(?:---|===)|"
    r"^\s*[A-Za-z_]{3,20}:\s*$",
    re.MULTILINE,
)
"""Code, emphasis, headings, lists, tables, links, tags, JSON, YAML."""

QUOTED = re.compile(r"[“„«\"»][^“”„«»\"\n]{12,}[”“»\"«]")


@lru_cache(maxsize=8)
def wording(what: str) -> re.Pattern[str]:
    """Return the pattern of one part of the file: ``refusal``, ``itself``, ``lure`` and so on."""
    lines = [line for text in read_yaml(WORDS)[what].values() for line in text.splitlines()]
    joined = "|".join(f"(?:{line})" for line in lines)
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)", re.IGNORECASE)
