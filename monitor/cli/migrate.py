"""``rapport migrate``: bring the store to the newest shape."""

from __future__ import annotations

import click

from monitor.cli.opening import fail_store, load_config
from monitor.cli.say import fail, say, say_next


@click.command()
@click.pass_context
def migrate(ctx: click.Context) -> None:
    """Bring the store's tables to the shape this Rapport needs; nothing is lost.

    `rapport run` does this by itself. On PostgreSQL with the engine `postgres`, the engine's
    own tables are made too.

    \b
    Examples:
      rapport migrate
    """
    from sqlalchemy.exc import DBAPIError

    from connectors.errors import ConnectorError
    from monitor.db import Database
    from monitor.migrate import StoreTooNew, upgrade

    config = load_config(ctx)
    try:
        database = Database(config.database_url())
    except ConnectorError as error:
        fail(str(error))
    try:
        before, after = upgrade(database)
    except StoreTooNew as error:
        fail(str(error))
    except DBAPIError as error:
        fail_store(database, error)
    finally:
        database.close()
    if config.engine == "postgres":
        from monitor.engine.postgres import install

        install(config.database_url())
    if before == after:
        say(f"the store is at revision {after}, the newest")
    else:
        say(f"migrated the store from {before or 'empty'} to revision {after}")
    say_next("rapport run")
