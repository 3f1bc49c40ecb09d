"""Brings the store's tables to the shape the models have.

The migrations live in ``alembic/`` at the top of the repository and are packed into
``monitor/_alembic`` when Rapport is installed. Alembic is imported when there is something to
migrate, not before: every command asks whether the store is current, and hardly ever it is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from monitor.db import Database
from monitor.models import Base

if TYPE_CHECKING:
    from alembic.config import Config

PACKAGE = Path(__file__).resolve().parent
LOCK = 7_270_767  # any number will do, as long as every Rapport uses the same
_NAMED = re.compile(r"""^revision(?:: \w+)? = ["'](\w+)["']""", re.MULTILINE)
_FOLLOWS = re.compile(r"""^down_revision\b[^=]* = ["'](\w+)["']""", re.MULTILINE)


class StoreTooNew(Exception):
    """The store was written by a newer Rapport."""


def upgrade(database: Database, revision: str = "head") -> tuple[str | None, str | None]:
    """Apply what is missing in one transaction; return the revisions before and after.

    Raises `StoreTooNew` when the store knows a revision that this Rapport does not.
    """
    if revision == "head" and is_current(database):
        return newest_revision(), newest_revision()

    from alembic import command
    from alembic.script import ScriptDirectory

    with _alone(database) as connection:
        config = _config()
        config.attributes["connection"] = connection
        before = _revision_of(connection)
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if before is not None and before not in known:
            raise StoreTooNew(
                f"the store is at revision {before}, which this Rapport does not know: "
                "install the newer Rapport again, or restore a backup"
            )
        command.upgrade(config, revision)
        return before, _revision_of(connection)


def downgrade(database: Database, revision: str) -> None:
    """Take migrations back down to `revision` (``base`` removes every table)."""
    from alembic import command

    with _alone(database) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def is_current(database: Database) -> bool:
    """Tell whether the store has the newest revision."""
    with database.engine.connect() as connection:
        return _revision_of(connection) == newest_revision()


@cache
def newest_revision() -> str:
    """Return the revision that no other one follows, read from the heads of the files."""
    names: set[str] = set()
    followed: set[str] = set()
    for path in (_scripts() / "versions").glob("*.py"):
        head = path.read_text(encoding="utf-8")
        names.update(_NAMED.findall(head))
        followed.update(_FOLLOWS.findall(head))
    (newest,) = names - followed
    return newest


def differences(database: Database) -> list[object]:
    """Return what autogeneration would change: empty when tables and models agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """Yield a connection in a transaction that no second migration can enter."""
    with database.engine.execution_options(rapport_write=True).begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        yield connection


def _scripts() -> Path:
    packed = PACKAGE / "_alembic"
    return packed if packed.is_dir() else PACKAGE.parent / "alembic"


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_scripts()))
    config.set_main_option("path_separator", "os")
    return config


def _revision_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return found[0] if found else None
