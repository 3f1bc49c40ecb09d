"""The message of a call: what case, how late, who must act, and the buttons. Pure: facts in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from responders.slack import buttons
from responders.slack.blocks import (
    Block,
    Leaf,
    asked,
    button,
    glue,
    link,
    moment,
    paragraph,
    quoted,
    rich,
    words,
)
from responders.slack.cards import message, stars_of
from responders.slack.text import escape, line, mrkdwn
from responders.spans import span
from responders.views import CaseView

EXCERPT = 200
MOST_CALLED = 10
"""People who are called by name in one message at most."""


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is told. `to` are member ids and `group` is a user group's, `who` is both in words.

    `is_over`: the clock has stopped, so nobody need act. `held_by` and `held_until`: somebody
    has acknowledged it. `card_url` leads to the case's card, `page_url` to its page.
    """

    view: CaseView
    target: str
    due_at: datetime
    who: str
    to: tuple[str, ...] = ()
    group: str = ""
    instead_of: str = ""
    missed: int = 0
    again: bool = False
    is_over: bool = False
    held_by: str = ""
    held_until: datetime | None = None
    card_url: str = ""
    page_url: str = ""


def call_message(
    facts: CallFacts, *, channel: str, post_key: str, now: datetime, thread_ts: str = ""
) -> dict[str, Any]:
    """Return the arguments of ``chat.postMessage`` for a call (`as_update` for an update)."""
    view = facts.view
    mark = f"{view.id}:{view.revision}"
    parts = [paragraph(*_called(facts), words(_head(facts, now), 300, bold=True), *_due(facts))]
    parts.append(paragraph(words(_what(view), 400)))
    if view.mention.text.strip():
        parts.append(quoted(words(view.mention.text, EXCERPT)))
    parts += [paragraph(words(said, 300)) for said in _notes(facts)]
    if facts.held_until is not None and not facts.is_over:
        by = words(f"Acknowledged by {facts.held_by}", 200, bold=True)
        parts.append(paragraph(by, glue(" until "), *moment(facts.held_until), glue(".")))
    links = [*link(facts.card_url, "The card"), *link(facts.page_url, "The page of the case")]
    if links:
        parts.append(paragraph(*_apart(links)))
    blocks = [rich(f"call:{mark}", *parts)]
    if not facts.is_over:
        blocks.append({"type": "actions", "block_id": f"do:{mark}", "elements": _buttons(facts)})
    return message(
        channel=channel,
        post_key=post_key,
        text=_summary(facts, now),
        blocks=blocks,
        event_type="rapport_call",
        ids={"case": view.id},
        thread_ts=thread_ts,
    )


def shown_holder(name: str) -> str:
    """Return a mark of who has a case, which a button carries in the place of the name."""
    return hashlib.blake2b(name.encode(), digest_size=6).hexdigest() if name else "-"


def _called(facts: CallFacts) -> list[Leaf]:
    """Return who must act; once nobody must, nobody is called."""
    if facts.is_over or facts.held_until is not None:
        return []
    leaves: list[Leaf] = []
    for user in facts.to[:MOST_CALLED]:
        leaves += [{"type": "user", "user_id": user}, glue(" ")]
    if facts.group:
        leaves += [{"type": "usergroup", "usergroup_id": facts.group}, glue(" ")]
    return leaves


def _head(facts: CallFacts, now: datetime) -> str:
    target = facts.target.replace("_", " ")
    if facts.is_over:
        return f"{facts.view.ref}: no longer waits for its {target}."
    if now > facts.due_at:
        late = span((now - facts.due_at).total_seconds())
        return f"{facts.view.ref}: {target} is overdue, by {late}."
    left = span((facts.due_at - now).total_seconds())
    return f"{facts.view.ref}: {target} is due in {left}."


def _due(facts: CallFacts) -> list[Leaf]:
    return [glue(" Due "), *moment(facts.due_at), glue(".")]


def _what(view: CaseView) -> str:
    place = ", ".join(part for part in (view.brand, view.location) if part)
    stars = stars_of(view.mention.stars)
    said = f"Complaint at {line(view.source, 80)} for {line(place, 120)}"
    by = f" by {line(view.mention.author, 80)}" if view.mention.author.strip() else ""
    held = f"with {line(view.assignee, 80)}" if view.assignee else "with nobody yet"
    return "  ".join(part for part in (stars, f"{said}{by} · {held}") if part)


def _notes(facts: CallFacts) -> list[str]:
    notes = []
    if facts.instead_of:
        notes.append(
            f"Meant for {line(facts.instead_of, 100)}: there is nobody, so it comes to "
            f"{line(facts.who, 150)}."
        )
    if facts.missed:
        calls = (
            "One earlier call was" if facts.missed == 1 else f"{facts.missed} earlier calls were"
        )
        notes.append(f"{calls} due while nobody looked; this one stands for all.")
    if facts.again:
        notes.append("It was acknowledged, the time for that is over, and it still waits.")
    return notes


def _apart(links: list[Leaf]) -> list[Leaf]:
    made: list[Leaf] = []
    for each in links:
        made += [glue(" · "), each] if made else [each]
    return made


def _buttons(facts: CallFacts) -> list[Block]:
    view = facts.view
    ticket = replace(buttons.ticket_for(view), despite=shown_holder(view.assignee))
    value = ticket.pack()
    made = []
    if facts.held_until is None:
        made.append(button(buttons.ACKNOWLEDGE, "Acknowledge", value, style="primary"))
    if not view.assignee:
        made.append(button(buttons.TAKE_CALL, "Take", value))
    else:
        told = f"{line(view.assignee, 120)} has this case. It is yours from then on."
        sure = asked("Take it over?", told, "Take over", "No")
        made.append(button(buttons.TAKE_CALL, "Take over", value, confirm=sure))
    made.append(button(buttons.SHOW, "Show case", value))
    return made


def _summary(facts: CallFacts, now: datetime) -> str:
    called = []
    if not facts.is_over and facts.held_until is None:
        called = [f"<@{escape(user)}>" for user in facts.to[:MOST_CALLED]]
        called += [f"<!subteam^{escape(facts.group)}>"] if facts.group else []
    said = mrkdwn(f"{_head(facts, now)} {_what(facts.view)}", 400)
    return " ".join([*called, said])
