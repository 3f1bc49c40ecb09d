"""``rapport queue`` and ``rapport show``: the queue at the terminal."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import click

from monitor.cli.opening import case_id, me, open_app
from monitor.cli.say import distance, fail, moment, say, say_json, say_next, table
from responders.escalation.words import escalation_lines
from responders.follow_up import follow_up_words
from responders.marks import excerpt
from responders.reply_words import correction_words, going_on, obstacle_words, reply_words
from responders.views import CaseView, ChangesView, ObstacleView, ReplyView, WordView

STATES = (
    "drafted", "snoozed", "open", "opened", "approved", "answered", "closed", "dismissed", "all"
)  # fmt: skip


@click.command()
@click.option("--state", type=click.Choice(STATES), default="open", show_default=True)
@click.option("--search", default="", help="Only cases whose text or author contains this.")
@click.option("--mine", is_flag=True, help="Only the cases that are with you.")
@click.option("--with", "person", metavar="NAME", help="Only those with this person; '' is nobody.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def queue(
    ctx: click.Context,
    state: str,
    search: str,
    mine: bool,
    person: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List the cases that wait, what is due first on top.

    \b
    Examples:
      rapport queue
      rapport queue --state answered --json
      rapport queue --search "waited"
      rapport queue --mine
    """
    with open_app(ctx) as app:
        assignee = me().name if mine else person
        lines = app.queue.lines(state=state, search=search, limit=limit, assignee=assignee)
        now = app.clock()
        counts = app.queue.counts()
    if as_json:
        for line in lines:
            say_json({"ref": line.ref, **asdict(line)})
        return
    if not lines:
        said = {"open": "no case waits", "all": "no case yet"}.get(state, f"no case is {state}")
        if assignee is not None:
            said += f" that is with {assignee or 'nobody'}"
        say(f"{said} whose text or author contains {search!r}" if search else said)
        narrowed = search or assignee is not None
        say_next("rapport queue --state all" if narrowed else "rapport status")
        return
    table(
        ("case", "state", "urgency", "due", "with", "stars", "source", "author", "what was said"),
        (
            (
                line.ref,
                "snoozed" if line.snooze else line.state,
                line.urgency,
                distance(line.due_at, now) if line.due_at else "",
                line.assignee[:12],
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
    if view.is_awaiting and view.obstacle is not None and view.obstacle.answer:
        say_next(f"rapport leave {view.ref}")
    elif view.is_awaiting:
        say_next(f"rapport approve {view.ref}")
    elif view.reply is not None and view.reply.state == "handed_over":
        say_next(f"rapport posted {view.ref}")
    elif view.reply is not None and view.reply.state == "accepted" and not view.reply.looks_on:
        say_next(f"rapport seen {view.ref}")
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
    if view.follow_up is not None:
        say(f"  {follow_up_words(view.follow_up)}")
    for word in (*view.earlier_texts, *view.later_words):
        _word(word)
    if view.changes is not None:
        _section(f"What changed since version {view.changes.version} of the draft")
        _changes(view.changes)
    if view.obstacle is not None:
        _obstacle(view, view.obstacle)
    if view.correction is not None:
        _section(correction_words(view.correction))
        _indented(view.correction.text)
        say(f"  To leave it: rapport reject {view.ref} --reason keep_reply")
    _section("Why it is here")
    for reason in view.reasons:
        say(f"  {reason}")
    say(f"  About: {', '.join(view.topics) or 'nothing known'}")
    if view.history:
        _section("Earlier from the same author")
        for line in view.history:
            say(f"  {line}")
    if view.closest is not None:
        earlier = view.closest
        _section(f"The closest earlier case: {earlier.ref}, {earlier.similarity:.0%} alike")
        _indented(earlier.excerpt)
        say(f"  Answered by {earlier.answered_by}, {moment(earlier.answered_at)}:")
        _indented(earlier.answer)
    if view.draft is not None:
        draft = view.draft
        limit = f" of {draft.max_length}" if draft.max_length else ""
        _section(
            f"Draft, version {draft.version} by {draft.made_by} "
            f"({draft.length}{limit} {draft.length_unit})"
        )
        if draft.warning:
            say(f"  {draft.warning}")
        _indented(draft.text)
        for finding in draft.findings:
            say(f"  [{finding.severity}] {finding.message}")
            place = excerpt(draft.text, finding.words)
            if place:
                say(f"      {place}")
        if view.refused_because:
            say(f"  The platform refused the last reply: {view.refused_because}")
            say(f"  Posting it by hand may help: rapport approve {view.ref} --by-hand")
        if view.why_by_hand:
            say(f"  It is posted by hand: {view.why_by_hand}")
    if view.reply is not None:
        _reply(view, view.reply)
    if view.why_due:
        _section("Why it is due then")
        for line in view.why_due:
            say(f"  {line}")
    if view.stories:
        _section(f"What came of its promises (all of it: rapport why {view.ref})")
        for story in view.stories:
            told = " ".join(story.ending) or f"{story.state}."
            say(f"  {story.target.replace('_', ' ').capitalize()}: {told}")
    for each in view.escalations:
        _section(f"Who was told ({each.target.replace('_', ' ')}, ladder {each.ladder})")
        for line in escalation_lines(each, moment):
            say(f"  {line}")
        if each.may_be_acknowledged:
            say(f"  To say that you see to it: rapport ack {view.ref}")
    _section("Trail")
    for event in view.events:
        say(f"  {moment(event.at)}  {event.actor} {event.summary}")


def _reply(view: CaseView, reply: ReplyView) -> None:
    _section(f"Reply: {reply.state}, approved by {reply.approved_by}")
    say(f"  {reply_words(reply)}")
    if reply.goes_out_at is not None:
        say(f"  It goes out about {moment(reply.goes_out_at)}")
    if reply.state == "handed_over":
        say(f"  By hand, because {reply.why_by_hand or 'Rapport does not publish there'}")
        page = view.answer_page
        say(f"  Post it on {page}" if page else f"  Post it on {view.platform}; no link is known")
        say(f"  Then: rapport posted {view.ref}, or rapport unposted {view.ref}")
    elif reply.is_unseen and not reply.looks_on:
        say(f"  Look, then: rapport seen {view.ref}, or rapport unposted {view.ref}")
    if reply.visible_at is not None:
        say(f"  Visible since {moment(reply.visible_at)}")
    _indented(reply.text)
    if reply.url:
        say(f"  {reply.url}")
    if view.has_standing_reply:
        say(f"  To put it right: rapport correct {view.ref}; to take it down: rapport withdraw")


def _obstacle(view: CaseView, obstacle: ObstacleView) -> None:
    _section(obstacle_words(obstacle))
    if obstacle.answer:
        if obstacle.answered_at is not None:
            say(f"  Answered {moment(obstacle.answered_at)}:")
        _indented(obstacle.answer)
        say(f"  To leave it as the answer: rapport leave {view.ref}")
    if view.draft is not None:
        say(f"  {going_on(view)}: rapport approve {view.ref} --despite {obstacle.key}")


def _changes(changes: ChangesView) -> None:
    """Mark what an edit took away and added, as ``[-gone-]{+new+}``."""
    if changes.words is None:
        say("  Too long to compare. It read:")
        _indented(changes.before)
        return
    marks = {"same": ("", ""), "gone": ("[-", "-]"), "new": ("{+", "+}")}
    _indented("".join(_marked(words, *marks[kind]) for kind, words in changes.words))
    say("  [-taken away-] {+added+}")


def _marked(words: str, before: str, after: str) -> str:
    core = words.rstrip()
    return f"{before}{core}{after}{words[len(core) :]}"


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
