"""Makes sure that one store has one embedded daemon."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType


class AlreadyRunning(Exception):
    """Another daemon works on this store."""


class SingleDaemon:
    """A lock beside the store that the kernel gives back even after a kill -9."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def __enter__(self) -> SingleDaemon:
        """Take the lock; raise `AlreadyRunning`."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(file, 20).decode("ascii", "replace").strip()
            os.close(file)
            raise AlreadyRunning(
                f"a daemon works on this store already (pid {holder}); "
                "`rapport link` opens its queue"
            ) from None
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        self._file = file
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the lock back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def is_taken(self) -> bool:
        """Tell whether a daemon holds the lock now."""
        if not self._path.exists():
            return False
        try:
            with self:
                return False
        except AlreadyRunning:
            return True
