"""Who made a draft, in words: staff must see when a machine chose them."""

from __future__ import annotations

_BY_MODEL = "language model ("
CHECK_EVERY_WORD = "Written by a language model; check every word."


def by_model(model: str) -> str:
    """Return what stands on a draft as its maker when a language model wrote it."""
    return f"{_BY_MODEL}{model})"


def warning_of(made_by: str) -> str:
    """Return what a face says beside a draft of this maker; "" where nothing needs saying."""
    return CHECK_EVERY_WORD if made_by.startswith(_BY_MODEL) else ""
