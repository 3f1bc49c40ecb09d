from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.running import DemoProcess, demo_platform


@pytest.fixture
def silent_demo(tmp_path: Path) -> Iterator[DemoProcess]:
    """A demo platform on which nobody says anything until the test does."""
    with demo_platform(tmp_path, silent=True) as demo:
        yield demo
