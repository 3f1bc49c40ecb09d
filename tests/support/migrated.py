"""Stores at the newest revision. Making one takes up to a second, so a process makes it once.

What migrations do is tried in `tests/integration/test_migrations.py`; here they only have to have
been.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy.engine import make_url

from monitor.db import Database
from monitor.migrate import upgrade
from tests.support.postgres import fresh_database


def migrate(database: Database) -> None:
    """Bring a store to the newest revision, as `upgrade` does."""
    path = Path(str(database.engine.url.database))
    if database.is_sqlite and not path.exists():
        shutil.copy(_file(), path)
    else:
        upgrade(database)


@contextmanager
def migrated_database() -> Iterator[str]:
    """Yield the URL of a PostgreSQL database as `fresh_database` does, at the newest revision."""
    with fresh_database(like=_name()) as url:
        yield url


@cache
def _file() -> Path:
    folder = _for_this_process().enter_context(tempfile.TemporaryDirectory())
    path = Path(folder) / "migrated.db"
    with closing(Database(f"sqlite:///{path}")) as database:
        upgrade(database)
    return path


@cache
def _name() -> str:
    url = _for_this_process().enter_context(fresh_database())
    with closing(Database(url)) as database:
        upgrade(database)
    return str(make_url(url).database)


@cache
def _for_this_process() -> ExitStack:
    stack = ExitStack()
    atexit.register(stack.close)
    return stack
