"""Where a connector keeps tokens that must outlive it: sessions and rotating refresh tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Vault(Protocol):
    """Holds small JSON values of one account. The host encrypts what it writes to a disk.

    Several daemons may share one vault: read before use, the newest value counts.
    """

    def get(self, name: str) -> Mapping[str, Any] | None:
        """Return the value called `name`, or None."""

    def put(self, name: str, value: Mapping[str, Any] | None) -> None:
        """Keep `value`, JSON-serialisable, under `name`; None forgets it."""


class MemoryVault:
    """Keeps values as long as the process lives, and nowhere else."""

    def __init__(self) -> None:
        self._values: dict[str, Mapping[str, Any]] = {}

    def get(self, name: str) -> Mapping[str, Any] | None:
        return self._values.get(name)

    def put(self, name: str, value: Mapping[str, Any] | None) -> None:
        if value is None:
            self._values.pop(name, None)
        else:
            self._values[name] = dict(value)
