"""What becomes of a case when its answer was taken by the platform, or was lost there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.cases import clocks
from monitor.cases.correcting import NOT_THERE, corrected_reply
from monitor.cases.life import (
    ENDED,
    QUIET,
    WAITING_FOR_CUSTOMER,
    end_correction,
    end_deleted,
    go_back_to_earlier_word,
    owe_draft,
    reopen,
)
from monitor.cases.replies import STANDING, supersede_drafts, withdraw_reply
from monitor.cases.trail import DAEMON, move, record, touch
from monitor.cases.words import is_closing_word, is_complaint, judged_intent, word_to_answer
from monitor.models import Case, Event, Mention, Reply


def take_answer(session: Session, case: Case, reply: Reply, now: datetime) -> None:
    """Move a case on after `reply` was submitted: the customer has the next word.

    Response clocks stop at the submission; the resolution clock stands still while we wait.
    Without a further word the case closes after `QUIET`. What the customer said while the
    reply was on its way is not answered by it, and reopens the case.
    """
    submitted = reply.submitted_at or now
    clocks.stop(session, case, clocks.RESPONSES, submitted, reply)
    if reply.visible_at is not None:
        clocks.see_answer(session, reply)
    clocks.pause(session, case, clocks.RESOLUTION, submitted, WAITING_FOR_CUSTOMER)
    overtaken = _overtaken_by(session, case.id)
    moved = move(session, case.id, now, expected=("approved",), to="answered", next_at=now + QUIET)
    if not moved:
        touch(session, case.id, now)
    elif overtaken is not None:
        reopen(session, case, now, overtaken)


def lose_answer(session: Session, case: Case, now: datetime) -> None:
    """Open a case again whose answer the platform took and then refused to show.

    The customer never had an answer, so the response clock runs on as if nothing had been said.
    """
    wrong = corrected_reply(session, case)
    if wrong is not None and wrong.state not in STANDING:
        # What staff have on the table, or on its way, is the first that the customer will see.
        record(session, case.id, NOT_THERE, DAEMON, now)
        clocks.revive(session, case, clocks.RESPONSES, now)
        clocks.revive(session, case, clocks.RESOLUTION, now)
        touch(session, case.id, now)
        return
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


def take_back_overtaken(session: Session, case: Case, now: datetime) -> bool:
    """Take a reply back that certainly was not sent, if the customer acted since its approval.

    While it might have left, their acts were only written down. True: it was taken back.
    """
    later = _since_approval(session, case.id)
    kinds = {event.kind for event in later}
    wrote = any(event.kind == "customer_wrote" and _needs_answer(session, event) for event in later)
    if case.mention.state == "deleted":
        if not withdraw_reply(session, case, "deleted", now):
            return False
        end_deleted(session, case, now)
        return True
    if kinds & {"edited", "rating_raised"} or wrote:
        if not withdraw_reply(session, case, "the customer acted meanwhile", now):
            return False
        if corrected_reply(session, case) is None:
            owe_draft(session, case, now)
            return True
        end_correction(session, case, DAEMON, now)
        overtaken = _overtaken_by(session, case.id)
        if overtaken is not None:
            reopen(session, case, now, overtaken)
        return True
    gone = [event.detail["mention"] for event in later if event.kind == "word_deleted"]
    for mention_id in gone:
        if withdraw_reply(session, case, "deleted", now, mention_id=mention_id):
            go_back_to_earlier_word(session, case, now)
            return True
    return False


def leave_overtaken_correction(session: Session, case: Case, now: datetime) -> bool:
    """Give up a correction that did not leave, for what the customer said since its approval.

    True: they are owed an answer to that now.
    """
    if case.state != "approved" or corrected_reply(session, case) is None:
        return False
    overtaken = _overtaken_by(session, case.id)
    if overtaken is None:
        return False
    end_correction(session, case, DAEMON, now)
    reopen(session, case, now, overtaken)
    return True


def _overtaken_by(session: Session, case_id: int) -> clocks.Heard | None:
    """Return the first that the customer said after the approval and that needs an answer."""
    for event in _since_approval(session, case_id):
        if event.kind in ("edited", "customer_wrote") and _needs_answer(session, event):
            said = session.get_one(Mention, event.detail["mention"])
            written = said.edited_at if event.kind == "edited" else said.created_at
            return clocks.Heard(written, event.at)
    return None


def _since_approval(session: Session, case_id: int) -> Sequence[Event]:
    """Return what the trail holds after the last approval.

    Every line of it is written with the case locked, while a time may have been taken long
    before its line was written.
    """
    approved = (
        select(func.max(Event.id))
        .where(Event.case_id == case_id, Event.kind.in_(("approved", "answer_kept")))
        .scalar_subquery()
    )
    return session.scalars(
        select(Event).where(Event.case_id == case_id, Event.id > approved).order_by(Event.id)
    ).all()


def _needs_answer(session: Session, event: Event) -> bool:
    mention = session.get_one(Mention, event.detail["mention"])
    if mention.state == "deleted":
        return False
    if event.kind == "edited":
        return is_complaint(session, mention)
    # Words that may not be kept might have asked something.
    unread = mention.state == "withheld"
    return unread or not is_closing_word(mention.text, intent=judged_intent(session, mention))
