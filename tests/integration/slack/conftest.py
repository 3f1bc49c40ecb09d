from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.slack.world import CHANNEL, EVE, MARA, OTTO, World, make_store, make_world
from tests.support.hand_clock import HandClock
from tests.support.slack_server.server import SlackServer


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    clock = HandClock()
    with SlackServer(clock=lambda: clock().timestamp()) as server:
        server.hand_clock = clock
        server.workspace.add_channel(CHANNEL)
        server.workspace.add_user(MARA, "Mara")
        server.workspace.add_user(OTTO, "Otto")
        server.workspace.add_user(EVE, "Eve")
        yield server
        assert server.workspace.violations == []


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("slack") / "store.db"
    make_store(path, HandClock())
    return path


@pytest.fixture
def world(tmp_path: Path, slack: SlackServer, store: Path) -> Iterator[World]:
    made = make_world(store, tmp_path, slack, slack.hand_clock)
    yield made
    made.face.stop(grace=2)
    made.db.close()
