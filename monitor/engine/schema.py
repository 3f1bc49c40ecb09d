"""Procrastinate's tables: in a PostgreSQL schema of their own, brought up to date by `install`.

They hold hints and nothing else. Our migrations never see them, and dropping the whole schema
(``DROP SCHEMA rapport_engine CASCADE``, then ``rapport migrate``) loses no work.
"""

from __future__ import annotations

from pathlib import Path

import psycopg
from procrastinate.schema import SchemaManager
from psycopg import sql
from sqlalchemy.engine import URL, make_url

SCHEMA = "rapport_engine"
SEARCH_PATH = f"-c search_path={SCHEMA}"
LOCK = 7_270_768  # any number that nothing else of ours locks


def conninfo(url: str | URL) -> str:
    """Return what libpq understands of an SQLAlchemy URL of PostgreSQL."""
    plain = make_url(url).set(drivername="postgresql")
    return plain.render_as_string(hide_password=False)


def install(url: str | URL) -> list[str]:
    """Create Procrastinate's tables or apply its newer migrations; return what was applied.

    May be called again, and by several at once: one transaction under a lock. Procrastinate
    does not write down which of its migrations a database has, so this does.
    """
    with psycopg.connect(conninfo(url)) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(SCHEMA)))
        connection.execute(sql.SQL("SET LOCAL search_path TO {}").format(sql.Identifier(SCHEMA)))
        connection.execute("CREATE TABLE IF NOT EXISTS applied (name text PRIMARY KEY)")
        before = {name for (name,) in connection.execute("SELECT name FROM applied")}
        files = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
        missing = [file for file in files if file.name not in before]
        if not before:
            connection.execute(SchemaManager.get_schema())
            done = ["schema.sql"]
        else:
            for file in missing:
                # Procrastinate's own files, as safe as its code.
                connection.execute(file.read_bytes())
            done = [file.name for file in missing]
        for file in missing:
            connection.execute("INSERT INTO applied (name) VALUES (%s)", [file.name])
        return done
