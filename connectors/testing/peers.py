"""What a connector's fake platform must offer, so that the contract suite can be run against it.

Each connector has a class ``ThisPeer(Peer)``; ours are in `tests/connectors/peers/<name>.py`.
Texts are what the suite knows a mention by; ids are the connector's own affair.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import ConnectorError
from connectors.hooks import Delivery
from connectors.testing.http_server import LoopbackServer, Reply

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Peer(ABC):
    """One platform with one source, for one test. Entered and left by the suite.

    `settings` are valid for the connector and point at the peer. `secret` must never appear in a
    message. `break_with` makes every request of the connector be answered with a reply instead
    (after a write has taken effect: that is what a lost answer looks like); a peer without a
    network leaves it None.
    """

    settings: dict[str, Any]
    secret: str = ""
    base_dir: str = "."
    break_with: Callable[[Reply | None], None] | None = None
    authors_tell_deletions: bool = False
    """Whether the listing itself says that something was deleted."""
    authors_edit: bool = True
    """Whether customers can change what they said; a sent mail stays as it is."""
    authors_delete: bool = True
    """Whether customers can take back what they said; a sent mail cannot be."""
    plays_http: bool = True
    """Whether `break_with` takes any HTTP answer. A peer of another protocol names its own faults
    in `own_faults`, with the error each means, and plays them with `fail_as` (``""`` ends it)."""
    own_faults: Mapping[str, type[ConnectorError]] = {}
    fail_as: Callable[[str], None] | None = None
    lost_answers: tuple[Reply, ...] = (Reply(fault="drop"), Reply(502))
    """What the answer to a reply can be lost in; `break_with` must play these."""

    def __init__(self, folder: Path, environment: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.environment = environment

    @abstractmethod
    def open(self) -> None:
        """Start whatever is needed; `settings` must be right afterwards."""

    def close(self) -> None:
        """Stop it again."""
        return

    @abstractmethod
    def add(self, text: str) -> None:
        """A customer writes `text`."""

    def deliveries(self) -> list[Delivery] | None:
        """Return what has been delivered so far, where the platform only sends and is not asked."""
        return None

    @abstractmethod
    def edit(self, text: str, changed: str) -> None:
        """The customer who wrote `text` changes it to `changed`."""

    @abstractmethod
    def remove(self, text: str) -> None:
        """The customer who wrote `text` deletes it."""

    def requests(self) -> int:
        """Return how many requests the peer has received."""
        return 0

    def published(self) -> list[str]:
        """Return the texts of our replies that stand at the peer."""
        return []

    def revoke(self) -> None:
        """Make the credentials worthless; only where there are some."""
        raise NotImplementedError


class WebPeer(Peer):
    """A peer on a loopback server; `self.server` is there after `open`."""

    def open(self) -> None:
        self.server = LoopbackServer()
        self.server.__enter__()
        self.break_with = self.server.fail_with
        self.serve()

    def close(self) -> None:
        self.server.__exit__(None, None, None)

    @abstractmethod
    def serve(self) -> None:
        """Script the server and set `settings`."""

    def requests(self) -> int:
        return len(self.server.requests)
