"""``rapport tier``: what standing customers have."""

from __future__ import annotations

import click

from monitor.cli.opening import case_id, me, open_app
from monitor.cli.say import WRONG, fail, say, say_json, say_next, table


@click.command()
@click.argument("ref", metavar="[CASE]", required=False)
@click.argument("name", metavar="[TIER]", required=False)
@click.option("--none", "clear", is_flag=True, help="Take the tier away.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: each customer.")
@click.pass_context
def tier(ctx: click.Context, ref: str | None, name: str | None, clear: bool, as_json: bool) -> None:
    """Say which tier the customer behind a case has, or list the customers that have one.

    A tier is a word of yours, such as gold; policies, routes and approval rules ask for it with
    `when: {tier: [gold]}`. It holds for the customer's next cases. A case that is open keeps its
    policy, unless it is applied anew. A customer is known by the id that a platform gives the
    author; where it gives none, nobody knows whose the next case is.

    \b
    Examples:
      rapport tier
      rapport tier C-42 gold
      rapport tier C-42 --none
    """
    from monitor.levels.tiers import check_tier, set_tier, tiers

    if ref is None:
        with open_app(ctx) as app, app.database.read() as session:
            found = tiers(session)
        if as_json:
            for each in found:
                say_json(each._asdict())
            return
        if not found:
            say("no customer has a tier")
            say_next("rapport tier C-1 gold")
            return
        rows = ((each.tier, each.name, ", ".join(each.cases)) for each in found)
        table(("tier", "customer", "cases"), rows)
        say_next(f"rapport tier {found[0].cases[0] if found[0].cases else 'C-1'} --none")
        return
    if clear == (name is not None):
        fail(f"say the tier, or --none: rapport tier {ref} gold", WRONG)
    problem = check_tier(name) if name is not None else ""
    if problem:
        fail(f"{name!r} {problem}", WRONG)
    with open_app(ctx) as app:
        with app.database.write() as session:
            told = set_tier(session, case_id(ref), name or "", str(me()), app.clock())
        known = app.queue.view(case_id(ref)) is not None if told is None else True
    if not known:
        fail(f"there is no case {ref}; see `rapport queue --state all`")
    if told is None:
        fail(f"nobody knows whose case {ref} is: its platform tells no id of the author")
    said = f"has the tier {name}" if name else "has no tier"
    say(f"{told or 'the customer'} {said}")
    say_next(f"rapport sla apply --case {ref}")
