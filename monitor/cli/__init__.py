"""The command ``rapport``."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; the entry point of ``rapport``. Errors are one line each."""
    import click

    from monitor.cli.menu import rapport
    from monitor.cli.say import FAILED

    try:
        code = rapport.main(prog_name="rapport", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(error.exit_code)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx is not None else "rapport"
        click.echo(f"rapport: {error.format_message()} (see {path} --help)", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        click.echo(f"rapport: {error.format_message()}", err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("rapport: nothing was done", err=True)
        sys.exit(FAILED)
    except BrokenPipeError:
        # Whoever read our output has closed it (`| head`); Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        click.echo(f"rapport: {where}{error.strerror or error}", err=True)
        sys.exit(FAILED)
    sys.exit(code if isinstance(code, int) else 0)
