"""Owes the card of each open incident, and reads what it shows.

An incident has one card, in the channel of its first case. Its row is a notification of the kind
``incident`` whose key holds the incident's number: however many daemons come to it, one owes it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from monitor.incidents.views import IncidentLine, read_line
from monitor.intake.sighting import stars
from monitor.models import Case, Incident, IncidentMention, Mention, Notification
from monitor.models.upsert import insert_once
from responders.slack.owed import AHEAD, BETWEEN_REDRAWS, CARD, SURFACE, case_of_thread
from responders.slack.routing import Routes
from responders.views import CaseLine

INCIDENT = "incident"
NUMBER, DRAWN = "incident", "drawn"
"""Where in a row's detail the incident's number and a sign of what it is to show stand."""

FOLLOWED = timedelta(days=14)
"""So long after its end the card of an incident still follows its cases."""

LISTED = 15
"""Cases that a card lists at most."""

PILE = 5
"""So many cards that wait to be posted are looked at together."""

_NAMED = re.compile(r"\s*[Cc]-([0-9]{1,15})\b", re.ASCII)
WAITING = ("opened", "drafted")
UNCERTAIN = ("started", "unknown")


@dataclass(frozen=True, slots=True)
class IncidentFacts:
    """What the card of an incident shows. `stars` is the mean of its ratings, where there are any.

    `lines` are those of its cases that have their card in the same channel, at most `LISTED`:
    what a route shows elsewhere is counted here and not quoted.
    """

    line: IncidentLine
    signs: Sequence[str]
    sources: int
    stars: float | None
    rated: int
    states: dict[str, int]
    lines: Sequence[CaseLine] = ()

    @property
    def cases(self) -> int:
        """How many of its mentions have a case."""
        return sum(self.states.values())


def incident_key(incident_id: int) -> str:
    """Return the key of an incident's card."""
    return f"{INCIDENT}:{incident_id}"


def owe_incidents(session: Session, routes: Routes, now: datetime) -> int:
    """Owe the cards of open incidents that have none, and redrawings of those that changed.

    An incident without a case asks nobody for anything, and gets its card with its first one.
    Redrawings are at least two seconds apart. Returns how many cards or redrawings are owed.
    """
    found = session.execute(
        select(
            Incident.id,
            Incident.ended_at,
            func.count(IncidentMention.mention_id).label("size"),
            func.count(Case.id).label("cases"),
            func.coalesce(func.sum(Case.revision), 0).label("revisions"),
            func.min(Case.id).label("first_case"),
        )
        .outerjoin(IncidentMention, IncidentMention.incident_id == Incident.id)
        .outerjoin(Case, Case.mention_id == IncidentMention.mention_id)
        .where(_is_followed(now))
        .group_by(Incident.id, Incident.ended_at)
        .order_by(Incident.id)
    ).all()
    if not found:
        return 0
    keys = [incident_key(each.id) for each in found]
    rows = select(Notification).where(Notification.post_key.in_(keys))
    cards = {row.post_key: row for row in session.scalars(rows)}
    owed = 0
    for each in found:
        sign = f"{each.size}:{each.cases}:{each.revisions}:{'over' if each.ended_at else 'open'}"
        card = cards.get(incident_key(each.id))
        if card is not None:
            owed += card.detail.get(DRAWN) != sign and _redraw(session, card, sign, now)
        elif each.ended_at is None and each.cases:
            channel = routes.channel_of(session, each.first_case)
            owed += _owe(session, each.id, channel, sign, now)
    return owed


def is_worth_a_look(session: Session, now: datetime) -> bool:
    """Tell whether there is any incident whose card is owed or still follows its cases."""
    return session.scalar(select(Incident.id).where(_is_followed(now)).limit(1)) is not None


def cards_pile_up(session: Session) -> bool:
    """Tell whether so many cards wait to be posted that they may be of one cause."""
    waiting = select(Notification.id).where(
        Notification.kind == CARD, Notification.state == "owed", Notification.next_at.is_not(None)
    )
    return len(session.scalars(waiting.limit(PILE)).all()) >= PILE


def case_meant(session: Session, channel: str, thread_ts: str, said: str) -> int | None:
    """Return the case that a word in a thread is about; None when it is about none.

    In the thread of a card it is that case; in the thread of an incident's card, which is shared,
    the case of the incident whose number the word begins with.
    """
    case_id = case_of_thread(session, channel, thread_ts)
    named = _NAMED.match(said)
    if case_id is not None or named is None:
        return case_id
    number = session.scalar(
        select(Notification.detail).where(
            Notification.message_ts == thread_ts,
            Notification.target == channel,
            Notification.kind == INCIDENT,
        )
    )
    if number is None:
        return None
    return session.scalar(
        select(Case.id)
        .join(IncidentMention, IncidentMention.mention_id == Case.mention_id)
        .where(IncidentMention.incident_id == number[NUMBER], Case.id == int(named[1]))
    )


def listed_cases(session: Session, row: Notification) -> list[int]:
    """Return the cases that the card of an incident lists: what waits first, then the oldest."""
    waits = Case.state.in_(WAITING)
    query = (
        select(Case.id)
        .join(IncidentMention, IncidentMention.mention_id == Case.mention_id)
        .join(Notification, Notification.case_id == Case.id)
        .where(
            IncidentMention.incident_id == row.detail[NUMBER],
            Notification.kind == CARD,
            Notification.target == row.target,
        )
        .order_by(waits.desc(), Case.id)
        .limit(LISTED)
    )
    return list(session.scalars(query))


def facts_of(
    session: Session, row: Notification, lines: Sequence[CaseLine]
) -> IncidentFacts | None:
    """Read what the card of an incident shows beside `lines`; None when it is no longer there."""
    number = row.detail[NUMBER]
    found = read_line(session, number)
    if found is None:
        return None
    line, signs = found
    mentions = (
        select(Mention)
        .join(IncidentMention, IncidentMention.mention_id == Mention.id)
        .where(IncidentMention.incident_id == number, Mention.state == "present")
    ).subquery()
    sources = session.scalar(select(func.count(mentions.c.source_id.distinct()))) or 0
    rated = [
        given
        for rating, least, most in session.execute(
            select(mentions.c.rating, mentions.c.rating_min, mentions.c.rating_max).where(
                mentions.c.rating.is_not(None)
            )
        )
        if (given := stars(rating, least, most)) is not None
    ]
    states = session.execute(
        select(Case.state, func.count())
        .join(IncidentMention, IncidentMention.mention_id == Case.mention_id)
        .where(IncidentMention.incident_id == number)
        .group_by(Case.state)
    ).all()
    return IncidentFacts(
        line,
        tuple(signs),
        sources,
        sum(rated) / len(rated) if rated else None,
        len(rated),
        dict(states),
        lines,
    )


def _is_followed(now: datetime) -> ColumnElement[bool]:
    return or_(Incident.ended_at.is_(None), Incident.ended_at > now - FOLLOWED)


def _owe(session: Session, incident_id: int, channel: str, sign: str, now: datetime) -> bool:
    return insert_once(
        session,
        Notification,
        surface=SURFACE,
        target=channel,
        kind=INCIDENT,
        post_key=incident_key(incident_id),
        detail={NUMBER: incident_id, DRAWN: sign},
        created_at=now,
        # Before the cards that wait for it, to stand in its thread.
        next_at=now - AHEAD,
    )


def _redraw(session: Session, card: Notification, sign: str, now: datetime) -> bool:
    session.refresh(card, with_for_update=True)
    if card.detail.get(DRAWN) == sign:
        return False  # another daemon has seen to it
    card.detail = {**card.detail, DRAWN: sign, "redraw": card.detail.get("redraw", 0) + 1}
    if card.state in UNCERTAIN:
        return True  # the search for the lost post has its own times, and ends with a redraw
    wanted = now if card.started_at is None else max(now, card.started_at + BETWEEN_REDRAWS)
    card.next_at = wanted if card.next_at is None else min(card.next_at, wanted)
    return True
