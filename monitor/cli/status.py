"""``rapport status``: what runs and what needs attention."""

from __future__ import annotations

from dataclasses import asdict

import click

from monitor.cli.opening import open_app
from monitor.cli.say import distance, moment, say, say_json, say_next, table


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object.")
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Show the sources, Slack, the alerts, the work that is due, and the cases by state.

    \b
    Examples:
      rapport status
      rapport status --json
    """
    from monitor.overview import overview

    with open_app(ctx) as app, app.database.read() as session:
        now = app.clock()
        seen = overview(session, now, app.meters.budgets())
        # Nobody can tell from here where the daemons of a shared store run.
        running = None if app.lock() is None else app.daemon_is_running()
        slack = app.config.slack
    transport = None if slack is None else slack.transport
    if as_json:
        backlog = {each.kind: each.due for each in seen.backlog}
        say_json(
            {**asdict(seen), "backlog": backlog, "daemon_running": running, "slack": transport}
        )
        return
    where = {
        None: "daemons may run on several machines (engine postgres)",
        True: "the daemon runs",
        False: "the daemon does not run here",
    }
    say(f"{moment(now)}: {where[running]}")
    say()
    if not seen.sources:
        say("no source yet")
    else:
        table(
            ("source", "state", "mentions", "misread", "last success", "next poll", "trouble"),
            (
                (
                    each.key,
                    each.state,
                    str(each.mentions),
                    str(each.misread),
                    moment(each.last_success_at) or "never",
                    distance(each.next_poll_at, now) if each.next_poll_at else "",
                    each.last_error[:60],
                )
                for each in seen.sources
            ),
        )
    budgets = {(e.account, use.name): use for e in seen.sources for use in e.budgets}
    for (account, _), use in budgets.items():
        full = f"; room again {distance(use.full_until, now)}" if use.full_until else ""
        say(f"account {account}: {use.words}{full}")
    say()
    cases = ", ".join(f"{count} {state}" for state, count in sorted(seen.cases.items()))
    say(f"mentions: {seen.mentions}; cases: {cases or 'none'}")
    if seen.escalated:
        say(f"called for and not acknowledged: {', '.join(seen.escalated)}")
    waiting = ", ".join(f"{each.due} {each.kind}" for each in seen.backlog if each.due)
    say(f"due work: {waiting or 'none'}")
    if transport is not None:
        way = "signed HTTP" if transport == "http" else "Socket Mode"
        heard = moment(seen.slack_heard_at) or "not in the last week"
        say(f"slack: {way}; last heard from it: {heard}")
    for each in seen.unread:
        say(f"could not be read: {each.source}: {each.place}: {each.reason}")
    more = sum(each.misread for each in seen.sources) - len(seen.unread)
    if more > 0:
        say(f"could not be read: {more} earlier ones")
    for alert in seen.alerts:
        say(f"alert since {moment(alert.raised_at)}: {alert.message}")
    if running is False:
        say_next("rapport run")
    elif seen.alerts:
        say_next("rapport check")
    else:
        say_next("rapport queue")
