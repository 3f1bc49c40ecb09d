"""Opens connectors for the configured sources and lends them out, one thread at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from connectors.base import (
    Capabilities,
    Connector,
    ConnectorKind,
    ConnectorSettings,
    Context,
    MentionRef,
)


class UnknownSource(LookupError):
    """The source is in the store and no longer in the configuration."""


@dataclass(slots=True)
class Platform:
    """One configured source: how its connector is made, and the idle ones."""

    kind: ConnectorKind
    settings: ConnectorSettings
    context: Context
    idle: list[Connector] = field(default_factory=list)


class Platforms:
    """Every configured source's connector, by source key."""

    def __init__(self, platforms: Mapping[str, Platform]) -> None:
        self._platforms = dict(platforms)
        self._lock = Lock()

    def kind(self, source_key: str) -> ConnectorKind:
        """Return the catalogue entry behind a source; raise `UnknownSource`."""
        return self._platform(source_key).kind

    def capabilities(self, source_key: str) -> Capabilities:
        """Return what a source's platform lets us do; raise `UnknownSource`."""
        platform = self._platform(source_key)
        if platform.kind.capabilities_of is not None:
            return platform.kind.capabilities_of(platform.settings)
        return platform.kind.capabilities

    def answer_page(self, source_key: str, ref: MentionRef) -> str:
        """Return the page on which a person answers `ref` by hand, as far as it is known.

        Raises `UnknownSource`.
        """
        platform = self._platform(source_key)
        page = platform.kind.answer_page
        return (page(platform.settings, ref) if page is not None else "") or ref.url

    @contextmanager
    def borrow(self, source_key: str) -> Iterator[Connector]:
        """Lend a connector for one piece of work; its connections are kept for the next.

        Raises `UnknownSource`.
        """
        platform = self._platform(source_key)
        with self._lock:
            connector = platform.idle.pop() if platform.idle else None
        if connector is None:
            connector = platform.kind.build(platform.settings, platform.context)
        try:
            yield connector
        except BaseException:
            connector.close()
            raise
        with self._lock:
            platform.idle.append(connector)

    def close(self) -> None:
        """Close the idle connectors."""
        with self._lock:
            idle = [each for platform in self._platforms.values() for each in platform.idle]
            for platform in self._platforms.values():
                platform.idle.clear()
        for connector in idle:
            connector.close()

    def _platform(self, source_key: str) -> Platform:
        try:
            return self._platforms[source_key]
        except KeyError:
            raise UnknownSource(f"the source {source_key!r} is not configured") from None
