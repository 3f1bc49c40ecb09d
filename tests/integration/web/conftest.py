from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.support.cases import Desk, open_desk
from tests.support.web import Browser, served


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One store for a file of tests: each makes cases of its own and names them."""
    desk = open_desk(tmp_path_factory.mktemp("desk"))
    with closing(desk.app):
        yield desk


@pytest.fixture(scope="module")
def address(desk: Desk) -> Iterator[str]:
    with served(desk.app) as address:
        yield address


@pytest.fixture
def stranger(address: str) -> Iterator[Browser]:
    with closing(Browser(address)) as browser:
        yield browser


@pytest.fixture
def mara(desk: Desk, stranger: Browser) -> Browser:
    """Mara's browser, signed in by a link."""
    assert stranger.sign_in(desk.app).status == 200
    return stranger
