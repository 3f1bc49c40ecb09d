"""Lists the pauses in which a customer waited for us while the clock of their case stood still."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from monitor.cases.replies import STANDING
from monitor.cases.words import is_closing_word
from monitor.db import Database
from monitor.models import Assessment, Case, CaseMention, Clock, Event, Mention, Pause, Reply
from monitor.sla import Segment
from monitor.sla.standing import Waited, waited_in_pauses

AT_ONCE = 500
"""Pauses that one look at the store takes in."""

ANSWERED = (*STANDING, "replaced", "removed")
"""States of a reply that the customer had, whatever became of it later."""

_ALIVE = ("running", "paused")


@dataclass(frozen=True, slots=True)
class Standing:
    """One pause of a case's clock in which its customer waited. `end` is None while it lasts."""

    case_id: int
    target: str
    start: datetime
    end: datetime | None
    reason: str
    waited: Waited


def standing_pauses(
    database: Database, since: datetime, now: datetime, longer_than: float = 0
) -> Iterator[Standing]:
    """Yield the pauses that were not over at `since` and in which a customer waited for us.

    Waits of up to `longer_than` seconds in all are left out: between what a customer writes and
    our seeing it lies a moment, always.
    """
    after = 0
    while True:
        with database.read() as session:
            rows = session.execute(
                select(Pause, Clock)
                .join(Clock, Clock.id == Pause.clock_id)
                .where(Pause.id > after, or_(Pause.ended_at.is_(None), Pause.ended_at >= since))
                .order_by(Pause.id)
                .limit(AT_ONCE)
            ).all()
            if not rows:
                return
            cases = {clock.case_id for _, clock in rows}
            words, answers = _words(session, cases), _answers(session, cases)
            found = [
                Standing(clock.case_id, clock.target, pause.started_at, end, pause.reason, each)
                for pause, clock in rows
                for end in [_end(pause, clock)]
                for each in waited_in_pauses(
                    [Segment(pause.started_at, end, pause.reason)],
                    words[clock.case_id],
                    answers[clock.case_id],
                    now,
                )
                if each.seconds > longer_than
            ]
            after = rows[-1][0].id
        yield from found


def _end(pause: Pause, clock: Clock) -> datetime | None:
    """Return when a pause ended; one whose clock was voided ended with it."""
    if pause.ended_at is not None or clock.state in _ALIVE or clock.stopped_at is None:
        return pause.ended_at
    return max(clock.stopped_at, pause.started_at)


def _words(session: Session, cases: Collection[int]) -> dict[int, list[datetime]]:
    """Return when the customer of each case said what needs an answer."""
    said: dict[int, list[datetime]] = defaultdict(list)
    first = select(Case.id, Mention).join(Mention, Mention.id == Case.mention_id)
    for case_id, mention in session.execute(first.where(Case.id.in_(cases))):
        said[case_id].append(_spoken(mention.created_at, mention.first_seen_at))
    later = (
        select(CaseMention.case_id, Mention, Assessment.intent)
        .join(Mention, Mention.id == CaseMention.mention_id)
        .outerjoin(
            Assessment,
            (Assessment.mention_id == Mention.id) & (Assessment.revision == Mention.revision),
        )
        .where(CaseMention.case_id.in_(cases), Mention.state != "deleted")
    )
    for case_id, mention, intent in session.execute(later):
        # Words that may not be kept might have asked something.
        unread = mention.state == "withheld"
        if unread or not is_closing_word(mention.text, intent=intent or ""):
            said[case_id].append(_spoken(mention.created_at, mention.first_seen_at))
    reopened = select(Event.case_id, Event.at).where(
        Event.case_id.in_(cases), Event.kind == "reopened"
    )
    for opened, at in session.execute(reopened):
        assert opened is not None, "asked for"
        said[opened].append(at)  # an edit, or a person, says that an answer is owed again
    return said


def _spoken(written_at: datetime | None, seen_at: datetime) -> datetime:
    return seen_at if written_at is None else min(written_at, seen_at)


def _answers(session: Session, cases: Collection[int]) -> dict[int, list[datetime]]:
    given: dict[int, list[datetime]] = defaultdict(list)
    rows = session.execute(
        select(Reply.case_id, Reply.submitted_at).where(
            Reply.case_id.in_(cases), Reply.state.in_(ANSWERED), Reply.submitted_at.is_not(None)
        )
    )
    for case_id, at in rows:
        assert at is not None, "asked for"
        given[case_id].append(at)
    return given
