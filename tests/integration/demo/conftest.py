"""A demo platform with a small week, on a clock that the test turns by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from monitor.demo.server import DemoServer
from tests.support.hand_clock import HandClock
from tests.support.marmalade import SMALL_WEEK, Caller

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DemoServer, HandClock]]:
    """One server for a module: starting one costs more than most tests do."""
    clock = HandClock(START)
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    with DemoServer(path, speed=3600, clock=clock, week=SMALL_WEEK) as server:
        yield server, clock


@pytest.fixture
def clock(world: tuple[DemoServer, HandClock]) -> HandClock:
    """The time in the demo's world, put back to its start."""
    clock = world[1]
    clock.move(seconds=(START - clock()).total_seconds())
    return clock


@pytest.fixture
def demo(world: tuple[DemoServer, HandClock], clock: HandClock) -> DemoServer:
    """A small week begun anew, at the speed of one story hour a second."""
    server = world[0]
    assert Caller(server)("POST", "/control/reset").status == 200
    return server


@pytest.fixture
def ask(demo: DemoServer) -> Caller:
    return Caller(demo)
