"""A real PostgreSQL for tests: a running server, or one of our own from installed programs.

`fresh_database()` yields the URL of a new, empty database and drops it afterwards, so tests
run side by side. Where there is no PostgreSQL the test is skipped, with the reason.
"""

from __future__ import annotations

import atexit
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

ADDRESS = "RAPPORT_TEST_POSTGRES"
"""Names the server to use, as in ``postgresql://user@127.0.0.1:5432/postgres``."""


@contextmanager
def fresh_database(like: str = "template1") -> Iterator[str]:
    """Yield the SQLAlchemy URL of a new database; skip the test when there is no server.

    It is a copy of the database `like`, to which nobody may be connected.
    """
    psycopg = pytest.importorskip("psycopg", reason="the postgres extra is not installed")
    from sqlalchemy.engine import make_url

    server = _server()
    if server is None:
        pytest.skip(f"no PostgreSQL: none at ${ADDRESS} or 127.0.0.1:5432, none installed")
    name = f"rapport_test_{os.getpid()}_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
        # Nothing here outlives the server, so nothing needs to wait for its disk.
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    url = make_url(server).set(drivername="postgresql+psycopg", database=name)
    try:
        yield url.render_as_string(hide_password=False)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@cache
def _server() -> str | None:
    named = os.environ.get(ADDRESS)
    if named:
        return named  # a wrong address should be an error, not a skip
    for user in ("root", "postgres"):
        address = f"postgresql://{user}@127.0.0.1:5432/postgres"
        if _answers(address):
            return address
    return _start_our_own()


def _answers(address: str) -> bool:
    import psycopg

    try:
        with psycopg.connect(address, connect_timeout=3) as connection:
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.Error:
        return False
    return bool(row and row[0])


def _start_our_own() -> str | None:
    """Start a server on a Unix socket in a temporary folder, for as long as the tests run."""
    programs = _programs()
    user = _user()
    if programs is None or user is None:
        return None
    folder = Path(tempfile.mkdtemp(prefix="rapport-pg-"))
    shutil.chown(folder, user)
    data = folder / "data"
    atexit.register(shutil.rmtree, folder, ignore_errors=True)

    def call(program: str, *arguments: str | Path) -> None:
        subprocess.run(
            [programs / program, *arguments],
            check=True,
            capture_output=True,
            cwd=folder,
            user=user if os.geteuid() == 0 else None,
        )

    call("initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "-N")
    settings = f"-c fsync=off -c listen_addresses= -c max_connections=200 -k {folder}"
    call("pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", settings, "start")
    atexit.register(call, "pg_ctl", "-D", data, "-m", "immediate", "stop")
    return f"postgresql://postgres@/postgres?host={folder}"


def _user() -> str | None:
    """Return whose server it will be: PostgreSQL refuses to be run by root."""
    known = {entry.pw_name for entry in pwd.getpwall()}
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    return next((name for name in ("postgres", "nobody") if name in known), None)


def _programs() -> Path | None:
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if (place / "initdb").exists() and (place / "pg_ctl").exists():
            return place
    return None
