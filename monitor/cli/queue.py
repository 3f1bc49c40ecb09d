"""``rapport queue`` and ``rapport show``: the queue at the terminal."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import click

from monitor.cli.opening import case_id, open_app
from monitor.cli.say import distance, fail, moment, say, say_json, say_next, table
from responders.views import CaseView, WordView

STATES = ("drafted", "open", "opened", "approved", "answered", "closed", "dismissed", "all")


@click.command()
@click.option("--state", type=click.Choice(STATES), default="open", show_default=True)
@click.option("--search", default="", help="Only cases whose text or author contains this.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def queue(ctx: click.Context, state: str, search: str, limit: int, as_json: bool) -> None:
    """List the cases that wait, what is due first on top.

    \b
    Examples:
      rapport queue
      rapport queue --state answered --json
      rapport queue --search "waited"
    """
    with open_app(ctx) as app:
        lines = app.queue.lines(state=state, search=search, limit=limit)
        now = app.clock()
        counts = app.queue.counts()
    if as_json:
        for line in lines:
            say_json({"ref": line.ref, **asdict(line)})
        return
    if not lines:
        said = {"open": "no case waits", "all": "no case yet"}.get(state, f"no case is {state}")
        say(f"{said} whose text or author contains {search!r}" if search else said)
        say_next("rapport queue --state all" if search else "rapport status")
        return
    table(
        ("case", "state", "urgency", "due", "stars", "source", "author", "what was said"),
        (
            (
                line.ref,
                line.state,
                line.urgency,
                distance(line.due_at, now) if line.due_at else "",
                "" if line.stars is None else f"{line.stars:g}",
                line.source,
                line.author[:20],
                line.excerpt[:50],
            )
            for line in lines
        ),
    )
    total = sum(counts.values())
    say(f"{len(lines)} shown of {total} case{'s' if total != 1 else ''}")
    say_next(f"rapport show {lines[0].ref}")


@click.command()
@click.argument("ref")
@click.option("--json", "as_json", is_flag=True, help="The whole case as one JSON object.")
@click.pass_context
def show(ctx: click.Context, ref: str, as_json: bool) -> None:
    """Show one case: what was said, the draft, the deadline and why, who did what.

    \b
    Examples:
      rapport show C-42
      rapport show 42 --json
    """
    with open_app(ctx) as app:
        view = app.queue.view(case_id(ref))
        now = app.clock()
    if view is None:
        fail(f"there is no case {ref}; see `rapport queue --state all`")
    if as_json:
        say_json({**asdict(view), "ref": view.ref})
        return
    _draw(view, now)
    if view.is_awaiting:
        say_next(f"rapport approve {view.ref}")
    elif view.reply is not None and view.reply.state == "handed_over":
        say_next(f"rapport posted {view.ref}")
    else:
        say_next("rapport queue")


def _draw(view: CaseView, now: datetime) -> None:
    place = " · ".join(part for part in (view.platform, view.brand, view.location) if part)
    say(f"{view.ref}  {view.state}  urgency {view.urgency}  {place}")
    clock = view.next_clock
    if clock is not None:
        target = clock.target.replace("_", " ")
        say(f"{target} due {moment(clock.due_at)}, {distance(clock.due_at, now)}")
    _section("What was said")
    _word(view.mention)
    if view.mention_url:
        say(f"  {view.mention_url}")
    for word in (*view.earlier_texts, *view.later_words):
        _word(word)
    _section("Why it is here")
    for reason in view.reasons:
        say(f"  {reason}")
    if view.history:
        _section("Earlier from the same author")
        for line in view.history:
            say(f"  {line}")
    if view.draft is not None:
        draft = view.draft
        limit = f" of {draft.max_length}" if draft.max_length else ""
        _section(
            f"Draft, version {draft.version} by {draft.made_by} "
            f"({draft.length}{limit} {draft.length_unit})"
        )
        _indented(draft.text)
        for finding in draft.findings:
            say(f"  [{finding.severity}] {finding.message}")
    if view.reply is not None:
        reply = view.reply
        _section(f"Reply: {reply.state}, approved by {reply.approved_by}")
        _indented(reply.text)
        if reply.url:
            say(f"  {reply.url}")
    if view.why_due:
        _section("Why it is due then")
        for line in view.why_due:
            say(f"  {line}")
    _section("Trail")
    for event in view.events:
        say(f"  {moment(event.at)}  {event.actor} {event.summary}")


def _section(title: str) -> None:
    say()
    say(title)


def _word(word: WordView) -> None:
    rating = "" if word.stars is None else f", {word.stars:g} of 5"
    note = f" ({word.note})" if word.note else ""
    say(f"  {word.author or 'someone'}{rating}, {moment(word.at)}{note}")
    if word.title:
        _indented(word.title)
    _indented(word.text or "(no text)")


def _indented(text: str) -> None:
    for line in text.splitlines():
        say(f"  | {line}")
