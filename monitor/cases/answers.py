"""What becomes of a case when its answer was taken by the platform, or was lost there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.cases import clocks
from monitor.cases.life import ENDED, QUIET, WAITING_FOR_CUSTOMER, reopen
from monitor.cases.replies import supersede_drafts
from monitor.cases.trail import move, touch
from monitor.cases.words import is_closing_word, is_complaint, word_to_answer
from monitor.models import Case, CaseMention, Mention, Reply, Revision


def take_answer(
    session: Session, case: Case, reply: Reply, submitted: datetime, now: datetime
) -> None:
    """Move a case on after its reply was published: the customer has the next word.

    Response clocks stop at the submission; the resolution clock stands still while we wait.
    Without a further word the case closes after `QUIET`. What the customer said while the
    reply was on its way is not answered by it, and reopens the case.
    """
    clocks.stop(session, case, clocks.RESPONSES, submitted)
    clocks.pause(session, case, clocks.RESOLUTION, submitted, WAITING_FOR_CUSTOMER)
    overtaken = _is_overtaken(session, reply)
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


def _is_overtaken(session: Session, reply: Reply) -> bool:
    """Tell whether the customer said something after `reply` was approved that needs an answer."""
    answered = reply.mention
    if answered.state == "present" and answered.revision != reply.draft.mention_revision:
        before = session.scalars(
            select(Revision.rating).where(
                Revision.mention_id == answered.id,
                Revision.number == reply.draft.mention_revision,
            )
        ).first()
        kinder = None not in (before, answered.rating) and (answered.rating or 0) > (before or 0)
        if not kinder and is_complaint(session, answered):
            return True
    later = session.scalars(
        select(Mention)
        .join(CaseMention, CaseMention.mention_id == Mention.id)
        .where(
            CaseMention.case_id == reply.case_id,
            Mention.state == "present",
            Mention.id != answered.id,
            Mention.first_seen_at > reply.approved_at,
        )
    )
    return any(
        not is_closing_word(word.text, complaint=is_complaint(session, word)) for word in later
    )
