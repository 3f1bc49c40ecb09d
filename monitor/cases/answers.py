"""What becomes of a case when its answer was taken by the platform, or was lost there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.cases import clocks
from monitor.cases.life import ENDED, QUIET, WAITING_FOR_CUSTOMER, reopen
from monitor.cases.replies import supersede_drafts
from monitor.cases.trail import move, touch
from monitor.cases.words import is_closing_word, is_complaint, word_to_answer
from monitor.models import Case, Event, Mention


def take_answer(session: Session, case: Case, submitted: datetime, now: datetime) -> None:
    """Move a case on after its reply was published: the customer has the next word.

    Response clocks stop at the submission; the resolution clock stands still while we wait.
    Without a further word the case closes after `QUIET`. What the customer said while the
    reply was on its way is not answered by it, and reopens the case.
    """
    clocks.stop(session, case, clocks.RESPONSES, submitted)
    clocks.pause(session, case, clocks.RESOLUTION, submitted, WAITING_FOR_CUSTOMER)
    overtaken = _is_overtaken(session, case.id)
    moved = move(session, case.id, now, expected=("approved",), to="answered", next_at=now + QUIET)
    if not moved:
        touch(session, case.id, now)
    elif overtaken:
        reopen(session, case, now)


def lose_answer(session: Session, case: Case, now: datetime) -> None:
    """Open a case again whose answer the platform took and then refused to show.

    The customer never had an answer, so the response clock runs on as if nothing had been said.
    """
    if case.state not in ("answered", *ENDED):
        touch(session, case.id, now)  # the customer wrote again, and another draft is owed
        return
    if case.mention.state == "deleted" and word_to_answer(session, case).id == case.mention_id:
        touch(session, case.id, now)
        return
    clocks.revive(session, case, clocks.RESPONSES, now)
    clocks.revive(session, case, clocks.RESOLUTION, now)
    supersede_drafts(session, case.id)
    move(
        session,
        case.id,
        now,
        expected=("answered", *ENDED),
        to="opened",
        next_at=now,
        closed_at=None,
    )


def _is_overtaken(session: Session, case_id: int) -> bool:
    """Tell whether the customer said something after the approval that needs an answer.

    The trail tells what came after what: every line of it is written with the case locked,
    while a time may have been taken long before its line was written.
    """
    approved = (
        select(func.max(Event.id))
        .where(Event.case_id == case_id, Event.kind == "approved")
        .scalar_subquery()
    )
    later = session.scalars(
        select(Event).where(
            Event.case_id == case_id,
            Event.id > approved,
            Event.kind.in_(("customer_wrote", "edited")),
        )
    ).all()
    return any(_needs_answer(session, event) for event in later)


def _needs_answer(session: Session, event: Event) -> bool:
    mention = session.get_one(Mention, event.detail["mention"])
    if mention.state != "present":
        return False
    complaint = is_complaint(session, mention)
    if event.kind == "edited":
        return complaint
    return not is_closing_word(mention.text, complaint=complaint)
