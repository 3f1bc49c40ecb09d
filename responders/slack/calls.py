"""Owes the messages of calls, and tells whether they still hold when they are to be sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.cases.escalations import MESSAGE
from monitor.models import Clock, Escalation, Notification
from monitor.models.upsert import insert_once
from responders.escalation.climbing import Told
from responders.people import People
from responders.slack.call_message import CallFacts
from responders.slack.owed import AHEAD, SURFACE
from responders.slack.placing import THREAD, thread_of_case
from responders.views import CaseView

CALL = MESSAGE
CALLED_OFF = "called_off"
CARD_URL = "card"
LOOK_AGAIN = timedelta(minutes=1)
"""So often a call is looked at that waits for its clock to go on."""


def owe_call(session: Session, told: Told, channel: str, people: People, now: datetime) -> bool:
    """Owe one call in `channel`; whoever has the case is called in the thread of its card.

    Returns whether it is new: each call has a key of its own.
    """
    thread = thread_of_case(session, told.case_id, channel)[0] if told.whom.is_assignee else ""
    return insert_once(
        session,
        Notification,
        case_id=told.case_id,
        surface=SURFACE,
        target=channel,
        kind=CALL,
        post_key=told.key,
        detail={
            "escalation": told.escalation_id,
            "who": told.whom.words,
            "to": member_ids(people, told.whom.names),
            "group": told.whom.group,
            "instead_of": told.instead_of,
            "missed": told.missed,
            "again": told.again,
            THREAD: thread,
        },
        created_at=now,
        next_at=now - AHEAD,
    )


def member_ids(people: People, names: Sequence[str]) -> list[str]:
    """Return the member ids of those that have one."""
    return [user for name in names if (user := people.slack_id(name))]


def holds(session: Session, row: Notification) -> Literal["now", "later", "never"]:
    """Tell whether a call that has not left is still to be given: not after its clock stopped."""
    _, clock = _of(session, row)
    return {"running": "now", "paused": "later"}.get(clock.state, "never")  # type: ignore[return-value]  # a literal


def shown_changes(session: Session, row: Notification) -> int:
    """Return which revision of its message a call should show by now."""
    return 1 + _of(session, row)[0].changes


def facts_of_call(
    session: Session, row: Notification, view: CaseView, now: datetime, queue_url: str
) -> CallFacts:
    """Return what the message of a call tells now."""
    ladder, clock = _of(session, row)
    held = ladder.held_until is not None and ladder.held_until > now
    detail = row.detail
    return CallFacts(
        view=view,
        target=clock.target,
        due_at=clock.due_at,
        who=str(detail.get("who", "")),
        to=tuple(detail.get("to", ())),
        group=str(detail.get("group", "")),
        instead_of=str(detail.get("instead_of", "")),
        missed=int(detail.get("missed", 0)),
        again=bool(detail.get("again")),
        is_over=clock.state != "running",
        held_by=ladder.acknowledged_by if held else "",
        held_until=ladder.held_until if held else None,
        card_url=str(detail.get(CARD_URL) or ""),
        page_url=f"{queue_url}/cases/{view.ref}" if queue_url else "",
    )


def card_of(session: Session, row: Notification) -> str:
    """Return where the card stands of the case that a call is about; empty while it has none."""
    return (
        session.scalars(
            select(Notification.message_ts).where(
                Notification.case_id == row.case_id,
                Notification.target == row.target,
                Notification.kind == "card",
            )
        ).first()
        or ""
    )


def _of(session: Session, row: Notification) -> tuple[Escalation, Clock]:
    ladder = session.get_one(Escalation, int(row.detail["escalation"]))
    return ladder, session.get_one(Clock, ladder.clock_id)
