"""Decides where the card of a case is posted: in the channel, or in the thread of its incident.

It is decided at the moment of the post, for only then it is known what the case belongs to. What
has been decided stays with the row, so that a lost post is searched where it was sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.incidents.walk import walked_to
from monitor.models import Case, Incident, IncidentMention, Notification
from responders.slack.incidents import incident_key

THREAD, ALONE = "thread", "alone"
"""In a row's detail: the thread that its card stands in; and that it may stand in none."""

LOOK_AGAIN = timedelta(seconds=1)

FOR_KNOWING = timedelta(seconds=10)
"""So long a card waits for whether its case belongs to an incident that is open."""

FOR_CARD = timedelta(minutes=1)
"""So long a card waits for the card of its incident, which may be owed and not get through."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a card goes: the thread, empty for the channel itself; or that it waits a little."""

    thread_ts: str = ""
    waits: bool = False


IN_CHANNEL = Place()


def place_of(session: Session, row: Notification, now: datetime) -> Place:
    """Return where the card of `row`, which was not posted yet, is to stand.

    What is urgent stands in the channel. So does a case whose route leads to another channel
    than that of its incident: a route says who sees a case.
    """
    case = session.get(Case, row.case_id) if row.case_id is not None else None
    if case is None or case.urgency == "urgent" or row.detail.get(ALONE):
        return IN_CHANNEL
    open_ones = session.scalars(
        select(Incident.id).where(Incident.brand_id == case.brand_id, Incident.ended_at.is_(None))
    ).all()
    if not open_ones:
        return IN_CHANNEL
    waited = now - row.created_at
    cards = {
        card.post_key: card
        for card in session.scalars(
            select(Notification).where(
                Notification.post_key.in_([incident_key(each) for each in open_ones])
            )
        )
    }
    mine = session.scalars(
        select(IncidentMention.incident_id)
        .where(
            IncidentMention.mention_id == case.mention_id,
            IncidentMention.incident_id.in_(open_ones),
        )
        .order_by(IncidentMention.incident_id)
    ).all()
    if not mine:
        near = any(card.target == row.target for card in cards.values())
        unknown = near and walked_to(session) < case.mention_id
        return Place(waits=unknown and waited < FOR_KNOWING)
    known = [card for each in mine if (card := cards.get(incident_key(each))) is not None]
    here = [card for card in known if card.target == row.target]
    posted = next((card.message_ts for card in here if card.message_ts), "")
    if posted:
        return Place(posted)
    if here:
        return Place(waits=waited < FOR_CARD)
    return Place(waits=len(known) < len(mine) and waited < FOR_KNOWING)


def thread_of_case(session: Session, case_id: int | None, channel: str) -> tuple[str, bool]:
    """Return the thread in which a case is spoken of, and whether it shares it with others.

    That is the thread of its card or, where the card itself stands in a thread, that one. Empty
    while the card is not posted.
    """
    card = session.execute(
        select(Notification.message_ts, Notification.detail).where(
            Notification.case_id == case_id,
            Notification.target == channel,
            Notification.kind == "card",
        )
    ).first()
    if card is None or not card.message_ts:
        return "", False
    shared = str(card.detail.get(THREAD) or "")
    return shared or card.message_ts, bool(shared)
