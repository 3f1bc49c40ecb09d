from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.db import Database
from tests.support.core_stores import sqlite_store
from tests.support.model_server import ModelServer

HONEST = (
    "Hello [FIRST_NAME], we are sorry that your tea took so long. We will talk to the team about "
    "it, and you can reach us at [CONTACT]."
)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(HONEST) as running:
        yield running


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with sqlite_store(tmp_path) as opened:
        yield opened
