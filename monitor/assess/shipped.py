"""Reads what is shipped beside the code: models and word lists."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def read_shipped(folder: str, name: str) -> str | None:
    """The text of a file; None where there is none.

    A plain path, since `importlib.resources` takes longer to import than a model takes to read.
    """
    try:
        return (_HERE / folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
