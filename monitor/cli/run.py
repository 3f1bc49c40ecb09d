"""``rapport run``: the daemon."""

from __future__ import annotations

import click

from monitor.cli.opening import fail_store, load_config
from monitor.cli.say import fail


@click.command()
@click.pass_context
def run(ctx: click.Context) -> None:
    """Run the daemon until Ctrl-C: poll, judge, draft, publish what people approve.

    Prints a one-time link to the web queue. After a crash or a kill, start it again: it goes
    on where it was. On PostgreSQL with the engine `postgres` it may be started several times.

    \b
    Examples:
      rapport run
      rapport --config /etc/rapport/config.yaml run
    """
    import gc

    gc.disable()  # there is no garbage in what is loaded, and looking for it takes a tenth of it

    from sqlalchemy.exc import DBAPIError

    from connectors.errors import ConnectorError
    from monitor.app import compose
    from monitor.daemon import Daemon, PortTaken
    from monitor.log import set_up
    from monitor.migrate import StoreTooNew
    from monitor.single import AlreadyRunning

    config = load_config(ctx)
    set_up(config.log.level)
    for warning in config.warnings:
        click.echo(str(warning), err=True)
    try:
        app = compose(config)
    except ConnectorError as error:
        fail(str(error))
    gc.freeze()
    gc.enable()
    try:
        Daemon(app, lambda line: click.echo(line)).run()
    except (AlreadyRunning, PortTaken, StoreTooNew) as error:
        fail(str(error))
    except DBAPIError as error:
        fail_store(app.database, error)
    finally:
        app.close()
    click.echo("stopped; start again with: rapport run")
