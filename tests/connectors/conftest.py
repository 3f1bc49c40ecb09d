"""The platform that a test module speaks to: the `ThisPeer` that it imports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.testing.peers import Peer


@pytest.fixture
def peer(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Peer]:
    opened: Peer = request.module.ThisPeer(tmp_path, monkeypatch)
    opened.open()
    yield opened
    opened.close()
