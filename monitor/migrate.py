"""Brings the store's tables to the shape the models have.

The migrations live in ``alembic/`` at the top of the repository and are packed into
``monitor/_alembic`` when Rapport is installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from monitor.db import Database
from monitor.models import Base

PACKAGE = Path(__file__).resolve().parent
LOCK = 7_270_767  # any number will do, as long as every Rapport uses the same


class StoreTooNew(Exception):
    """The store was written by a newer Rapport."""


def upgrade(database: Database, revision: str = "head") -> tuple[str | None, str | None]:
    """Apply what is missing in one transaction; return the revisions before and after.

    Raises `StoreTooNew` when the store knows a revision that this Rapport does not.
    """
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
    with _alone(database) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def is_current(database: Database) -> bool:
    """Tell whether the store has the newest revision."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    with database.engine.connect() as connection:
        return _revision_of(connection) == head


def differences(database: Database) -> list[object]:
    """Return what autogeneration would change: empty when tables and models agree."""
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


def _config() -> Config:
    packed = PACKAGE / "_alembic"
    config = Config()
    config.set_main_option(
        "script_location", str(packed if packed.is_dir() else PACKAGE.parent / "alembic")
    )
    config.set_main_option("path_separator", "os")
    return config


def _revision_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
