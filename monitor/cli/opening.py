"""Opens what a command needs: the configuration, the store, the wired application."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import click

from connectors.errors import ConnectorError
from monitor.cli.say import FAILED, WRONG, fail

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

    from monitor.app import App
    from monitor.config import Config
    from monitor.db import Database
    from responders.views import Actor


def load_config(ctx: click.Context) -> Config:
    """Return the configuration; end with every problem of it, one line each."""
    from monitor.config import ConfigError, default_config_path, load

    try:
        return load(default_config_path(ctx.obj))
    except ConfigError as error:
        for line in str(error).splitlines():
            click.echo(line, err=True)
        errors = sum(problem.severity == "error" for problem in error.problems)
        fail(f"{errors} problem{'s' if errors != 1 else ''} in the configuration", WRONG)


@contextmanager
def open_app(ctx: click.Context) -> Iterator[App]:
    """Yield the wired application on a migrated store; works beside a running daemon."""
    from sqlalchemy.exc import DBAPIError

    from monitor.app import compose
    from monitor.migrate import StoreTooNew, is_current, upgrade

    config = load_config(ctx)
    try:
        app = compose(config)
    except ConnectorError as error:
        fail(str(error))
    try:
        if not is_current(app.database):
            upgrade(app.database)
            app.sync()
        # No command shows what may no longer be kept, also where no daemon has run for long.
        app.rechecker.forget_overdue()
        app.assessor.refresh()
        yield app
    except StoreTooNew as error:
        fail(str(error))
    except DBAPIError as error:
        fail_store(app.database, error)
    finally:
        app.close()


def fail_store(database: Database, error: DBAPIError) -> NoReturn:
    """End with what the store said, its password left out."""
    first = (str(error.orig).splitlines() or ["no answer"])[0]
    fail(f"the store {database.url!r}: {first}; see `rapport check`", FAILED)


def me() -> Actor:
    """Return the person at this terminal."""
    from responders.views import Actor

    name = getpass.getuser()
    return Actor("terminal", name, name)


def case_id(ref: str) -> int:
    """Read ``C-42`` or ``42``; end when it is neither."""
    digits = ref.upper().removeprefix("C-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        fail(f"{ref!r} names no case; cases look like C-42 (see `rapport queue`)", WRONG)
    return int(digits)
