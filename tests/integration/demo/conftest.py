"""A demo platform with a small week, on a clock that the test turns by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.demo.server import DemoServer
from tests.support.hand_clock import HandClock
from tests.support.marmalade import SMALL_WEEK, Caller


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def demo(tmp_path: Path, clock: HandClock) -> Iterator[DemoServer]:
    """A small week at the speed of one story hour a second, on a clock turned by hand."""
    with DemoServer(tmp_path / "demo.db", speed=3600, clock=clock, week=SMALL_WEEK) as server:
        yield server


@pytest.fixture
def ask(demo: DemoServer) -> Caller:
    return Caller(demo)
