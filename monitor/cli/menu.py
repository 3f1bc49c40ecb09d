"""The menu of commands. Each lives in a module of its own, imported when it is called."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.lazy import Lazy
from monitor.cli.say import EXIT_CODES

COMMANDS = {
    "init": "monitor.cli.init:init",
    "try": "monitor.cli.trying:try_",
    "watch": "monitor.cli.watching:watch",
    "run": "monitor.cli.run:run",
    "demo": "monitor.cli.demo:demo",
    "check": "monitor.cli.check:check",
    "sources": "monitor.cli.sources:sources",
    "poll": "monitor.cli.intake:poll",
    "import": "monitor.cli.intake:import_",
    "queue": "monitor.cli.queue:queue",
    "show": "monitor.cli.queue:show",
    "why": "monitor.cli.why:why",
    "incidents": "monitor.cli.incidents:incidents",
    "approve": "monitor.cli.decide:approve",
    "edit": "monitor.cli.decide:edit",
    "reject": "monitor.cli.decide:reject",
    "leave": "monitor.cli.decide:leave",
    "take": "monitor.cli.assigning:take",
    "assign": "monitor.cli.assigning:assign",
    "release": "monitor.cli.assigning:release",
    "ack": "monitor.cli.waiting:ack",
    "snooze": "monitor.cli.waiting:snooze",
    "wake": "monitor.cli.waiting:wake",
    "note": "monitor.cli.waiting:note",
    "undo": "monitor.cli.waiting:undo",
    "correct": "monitor.cli.correcting:correct",
    "withdraw": "monitor.cli.correcting:withdraw",
    "topics": "monitor.cli.judging:topics",
    "looks": "monitor.cli.judging:looks",
    "look": "monitor.cli.judging:look",
    "complaint": "monitor.cli.judging:complaint",
    "posted": "monitor.cli.posting:posted",
    "unposted": "monitor.cli.posting:unposted",
    "seen": "monitor.cli.posting:seen",
    "status": "monitor.cli.status:status",
    "tier": "monitor.cli.tier:tier",
    "classify": "monitor.cli.classify:classify",
    "report": "monitor.cli.report:report",
    "reports": "monitor.cli.reports:reports",
    "digest": "monitor.cli.digest:digest",
    "sla": "monitor.cli.sla:sla",
    "assess": "monitor.cli.assess:assess",
    "link": "monitor.cli.link:link",
    "slack": "monitor.cli.slack:slack",
    "secret-key": "monitor.cli.secret_key:secret_key",
    "migrate": "monitor.cli.migrate:migrate",
    "new-connector": "monitor.cli.new_connector:new_connector",
}


class Menu(Lazy):
    """The whole menu, in the order in which a newcomer meets its commands."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the menu from the table below, without importing every command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the nearest one."""
        from difflib import get_close_matches

        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = get_close_matches(args[0], COMMANDS, n=1)
            if near:
                hint = f"No such command {args[0]!r}; did you mean {near[0]!r}?"
                raise click.UsageError(hint, ctx) from error
            raise


SUMMARIES = {
    "init": "Write a configuration for your own brand.",
    "try": "See what would be found at a link or in a file; stores nothing.",
    "watch": "Listen for a name wherever no account is needed; stores nothing.",
    "run": "Run the daemon.",
    "demo": "Run the demo platform alone.",
    "check": "Prove that everything works before running.",
    "sources": "List the sources, or add one.",
    "poll": "Poll one source now.",
    "import": "Import a CSV or NDJSON file.",
    "queue": "List the cases that wait for a person.",
    "show": "Show one case.",
    "why": "Tell how the deadlines of a case came about.",
    "incidents": "List what many speak of: outages, copies, review bombing.",
    "approve": "Approve the draft of a case; it is published.",
    "edit": "Edit the draft of a case.",
    "reject": "Reject the draft of a case.",
    "leave": "Leave the answer that somebody gave on the platform.",
    "take": "Take a case: you look after it.",
    "assign": "Give a case to somebody.",
    "release": "Let go of a case.",
    "ack": "Acknowledge a call: nobody else is called for a while.",
    "snooze": "Put a case off until a time, or until its customer writes.",
    "wake": "Bring a case back that was put off.",
    "note": "Keep a word for the team on a case.",
    "undo": "Take an approved reply back that has not left.",
    "correct": "Put a published reply on the table, to put it right.",
    "withdraw": "Have a published reply taken down.",
    "topics": "Say what a case is about.",
    "looks": "List what waits for a second look.",
    "look": "Say whether one of them is a complaint.",
    "complaint": "Say that a stored mention is a complaint; a case is opened.",
    "posted": "Say that you posted an approved reply by hand.",
    "unposted": "Say that a reply could not be posted, or is not there.",
    "seen": "Say that you see a reply there that Rapport cannot see.",
    "status": "Show what runs and what needs attention.",
    "tier": "Say which tier a customer has, or list them.",
    "classify": "Judge texts: NDJSON in, NDJSON out.",
    "report": "Report on response times and drafts.",
    "reports": "Make the kept figures of reports anew, or check them.",
    "digest": "Show what came, what was answered and what waits.",
    "sla": "Reckon deadlines, and look after what is promised.",
    "assess": "Watch how well is judged, and improve it.",
    "link": "Print a fresh sign-in link to the web queue.",
    "slack": "Set up Slack.",
    "secret-key": "Print a key that seals the tokens of connectors.",
    "migrate": "Bring the store to the newest shape.",
    "new-connector": "Write the beginning of a connector of your own.",
}


@click.group(
    cls=Menu,
    places=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=f"Exit codes: {EXIT_CODES}.",
)
@click.option(
    "--config",
    "-c",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The configuration to use. Default: $RAPPORT_CONFIG, else ./config.yaml.",
)
@click.version_option(package_name="rapport-monitor")
@click.pass_context
def rapport(ctx: click.Context, config: Path | None) -> None:
    """Hear what customers say in public, answer with a person's approval, keep the clock.

    Start with `rapport run` and open the link it prints.
    """
    ctx.obj = config
