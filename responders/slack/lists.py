"""Lists of cases as Slack shows them privately: in answers to commands and in the App Home."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from responders.slack import buttons
from responders.slack.blocks import Block, button, paragraph, rich, section, words
from responders.slack.cards import stars_of
from responders.slack.text import mrkdwn, when
from responders.views import CaseLine


def titled(block_id: str, title: str, *paragraphs: str) -> Block:
    """A bold line and what stands under it; all of it literal."""
    parts = [paragraph(words(title, 200, bold=True))]
    return rich(block_id, *parts, *(paragraph(words(each, 600)) for each in paragraphs if each))


def case_rows(lines: Sequence[CaseLine], now: datetime) -> list[Block]:
    """One block for each case, with a button that shows it whole."""
    return [_row(line, now) for line in lines]


def _row(line: CaseLine, now: datetime) -> Block:
    stars = stars_of(line.stars)
    who = mrkdwn(line.author, 60, "somebody")
    place = mrkdwn(", ".join(part for part in (line.source, line.location) if part), 80)
    head = " · ".join(part for part in (f"*{line.ref}*", stars, who, place) if part)
    facts = [_due(line, now), _with(line), "" if line.urgency == "normal" else line.urgency]
    if line.snooze:
        until = f"put off until {when(line.snoozed_until)}" if line.snoozed_until else ""
        facts.append(until or "put off until the customer writes")
    elif line.state != "drafted":
        facts.append(line.state)
    told = " · ".join(part for part in facts if part)
    made = section(f"case:{line.id}", f"{head}\n{told}\n{mrkdwn(line.excerpt, 160)}")
    made["accessory"] = button(buttons.SHOW, "Open…", buttons.Ticket(line.id, 0).pack())
    return made


def _due(line: CaseLine, now: datetime) -> str:
    if line.due_at is None:
        return ""
    return (
        f"*overdue since* {when(line.due_at)}" if line.due_at < now else f"due {when(line.due_at)}"
    )


def _with(line: CaseLine) -> str:
    return f"with {mrkdwn(line.assignee, 60)}" if line.assignee else "with nobody"
