"""``rapport secret-key``: the key that seals what connectors keep."""

from __future__ import annotations

import sys

import click

from monitor.cli.opening import open_app
from monitor.cli.say import FAILED, WRONG, fail, say, say_json, say_next


@click.command("secret-key")
@click.option("--reseal", is_flag=True, help="Seal everything anew with the first key.")
@click.option("--forget", is_flag=True, help="Remove what no key opens; implies --reseal.")
@click.option("--json", "as_json", is_flag=True, help="The answer as one JSON object.")
@click.pass_context
def secret_key(ctx: click.Context, reseal: bool, forget: bool, as_json: bool) -> None:
    """Print a new key for RAPPORT_SECRET_KEY: it seals the tokens that connectors keep.

    To change the key, set the new one before the old one, separated by a comma, restart, and run
    this with --reseal; the old one can then be left out. Keep it where the store is not: a
    backup of the store is of no use to a thief without it.

    \b
    Examples:
      export RAPPORT_SECRET_KEY=$(rapport secret-key)
      RAPPORT_SECRET_KEY=new,old rapport secret-key --reseal
    """
    from monitor.accounts.vault import VARIABLE, make_key, read_keys

    if not reseal and not forget:
        # Nothing but the key, so that a shell can take it as it is.
        say_json({"key": make_key()}) if as_json else say(make_key())
        return
    with open_app(ctx) as app:
        if read_keys() is None:
            fail(f"{VARIABLE} is not set", WRONG)
        sealed, lost = app.vaults.reseal(forget=forget)
    if as_json:
        say_json({"sealed": sealed, "not_opened": lost, "forgotten": forget})
    else:
        say(f"{sealed} tokens are sealed with the first key")
        for account in lost:
            said = "were forgotten" if forget else "open with none of the keys"
            say(f"the tokens of the account {account} {said}")
    if lost and not forget:
        click.echo("rapport: set the key they were sealed with, or use --forget", err=True)
        sys.exit(FAILED)
    if not as_json:
        say_next("rapport check")
