"""What a command is answered in words: how promises fared, what runs, why a case stands so."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.models import Notification
from monitor.overview import Overview
from monitor.reports import SlaReport, TargetReport
from responders.slack.blocks import Block
from responders.slack.lists import titled
from responders.slack.owed import SURFACE
from responders.slack.text import utc
from responders.spans import span
from responders.views import CaseView

TARGETS = {
    "first_response": "First response",
    "next_response": "Next response",
    "resolution": "Resolution",
}
MOST_SOURCES = 8
STORY_BUDGET = 6_000
"""Characters of the stories of a case that one message tells."""
STORY_LINE = 400


def report_lines(made: SlaReport) -> list[str]:
    """Return how promises fared: one line for each target that any case has."""
    lines = [
        f"{made.cases} cases from {made.mentions} mentions, opened {utc(made.since)} to "
        f"{utc(made.until)}."
    ]
    lines += [_target(each) for each in made.targets if each.total.received or each.voided]
    return lines if len(lines) > 1 else [*lines, "No case was opened in this time."]


def _target(target: TargetReport) -> str:
    total, met = target.total, target.total.attainment
    share = met.share_with_overdue
    told = [f"{met.met} of {met.met + met.missed + met.open_overdue} in time"]
    if share is not None:
        told[0] += f" ({share:.0%})".replace("%", " %")
    told.append(f"{met.missed} missed, {met.open_overdue} overdue, {met.open_in_time} still open")
    if total.median_business is not None:
        told.append(f"median {span(total.median_business)} of business time")
    return f"{TARGETS.get(target.target, target.target)}: {'; '.join(told)}."


def status_lines(session: Session, seen: Overview) -> list[str]:
    """Return what waits, what is heard, what needs attention, and what Slack is owed."""
    cases = seen.cases
    lines = [
        f"To approve: {cases.get('drafted', 0)}. On its way: {cases.get('approved', 0)}. "
        f"Answered: {cases.get('answered', 0)}."
    ]
    if seen.escalated:
        lines.append(f"Called for and not acknowledged: {', '.join(seen.escalated)}.")
    lines += [
        f"{each.key}: {each.state}, last heard "
        f"{utc(each.last_success_at) if each.last_success_at else 'never'}"
        + (f"; {each.last_error}" if each.last_error else "")
        for each in seen.sources[:MOST_SOURCES]
    ]
    if len(seen.sources) > MOST_SOURCES:
        lines.append(f"{len(seen.sources) - MOST_SOURCES} more sources: `rapport status`.")
    lines += [f"Needs attention: {each.message}" for each in seen.alerts[:MOST_SOURCES]]
    if not seen.alerts:
        lines.append("Nothing needs attention.")
    owed = session.execute(
        select(func.count(), func.min(Notification.created_at)).where(
            Notification.surface == SURFACE, Notification.state.in_(("owed", "unknown"))
        )
    ).one()
    if owed[0]:
        lines.append(f"Slack is owed {owed[0]} messages, the oldest since {utc(owed[1])}.")
    return lines


def why_lines(view: CaseView) -> list[str]:
    """Return why a case is here, why it is due then, and why its draft reads as it does."""
    lines = ["Why it is here: " + ("; ".join(view.reasons) or "opened by hand") + "."]
    clock = view.next_clock
    if clock is not None:
        # The whole story stands below it, where there is one.
        told = "" if view.stories else " ".join(view.why_due)
        lines.append(f"Due {utc(clock.due_at)}: {told}".rstrip(": ") + "." * (not told))
    elif any(each.state == "paused" for each in view.clocks):
        lines.append("Its clocks are paused.")
    else:
        lines.append("Nothing is due.")
    if view.draft is not None and view.draft.reasons:
        lines.append("Why the draft reads so: " + "; ".join(view.draft.reasons) + ".")
    return lines


def story_blocks(view: CaseView) -> list[Block]:
    """Return how each promise on a case went, a block each: deadline, and what came of it.

    What a message cannot hold is left out, and where it stands is said.
    """
    made: list[Block] = []
    room = STORY_BUDGET
    for number, story in enumerate(view.stories):
        lines = [line[:STORY_LINE] for line in story.lines]
        kept = [line for at, line in enumerate(lines) if sum(map(len, lines[: at + 1])) <= room]
        room -= sum(map(len, kept))
        title = f"{TARGETS.get(story.target, story.target)}: {story.state}"
        if len(kept) < len(lines):
            kept.append(f"The rest is told by: rapport why {view.ref}")
            return [*made, titled(f"story:{number}", title, *kept)]
        made.append(titled(f"story:{number}", title, *kept))
    return made
