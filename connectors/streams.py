"""What a connector remembers of several lists that it reads in turn, each newest first.

The cursor holds the newest moment of each list (``newest``), a digest of its first page (``same``)
and, between two pages, where we are (``walk``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any, Self, TypeVar

from connectors.values import Cursor

Kept = TypeVar("Kept", int, str)


@dataclass(frozen=True, slots=True)
class WalkState:
    """Where we are in a list. Its fields are plain texts and numbers."""

    stream: str

    @classmethod
    def load(cls, said: Any) -> Self | None:
        """Return the walk that a cursor holds, or None where it holds none that is usable."""
        fields = cls.__dataclass_fields__
        if not isinstance(said, Mapping) or set(said) != set(fields):
            return None
        if any(said[key].__class__.__name__ != field.type for key, field in fields.items()):
            return None
        return cls(**said)

    def dump(self) -> dict[str, Any]:
        """Return the walk as a cursor holds it."""
        return asdict(self)


@dataclass(slots=True)
class StreamState:
    """What the cursor holds of each list: its newest moment, and a digest of its first page."""

    newest: dict[str, int]
    same: dict[str, str]

    @classmethod
    def load(cls, cursor: Cursor, streams: Sequence[str]) -> StreamState:
        """Return what `cursor` holds of the lists that we still read."""
        return cls(_kept(cursor, "newest", streams, int), _kept(cursor, "same", streams, str))

    def cursor(self, walk: WalkState | None) -> dict[str, Any]:
        """Return the cursor that holds this, and the walk that is under way."""
        said: dict[str, Any] = {"newest": self.newest, "same": self.same}
        return {**said, "walk": walk.dump()} if walk is not None else said


def marks_of(ids: Sequence[str]) -> str:
    """Return a digest that recognises a page by its ids; nothing for an empty page."""
    if not ids:
        return ""
    return blake2b("\n".join(ids).encode("utf-8", "replace"), digest_size=8).hexdigest()


def _kept(cursor: Cursor, name: str, streams: Sequence[str], kind: type[Kept]) -> dict[str, Kept]:
    said = cursor.get(name)
    kept = said if isinstance(said, Mapping) else {}
    return {key: kept[key] for key in streams if kept.get(key).__class__ is kind}
