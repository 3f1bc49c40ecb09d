"""What a case does when the customer edits, deletes or speaks again.

Everything staff decide is in `responders.queue`; everything the customer causes is here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.cases import clocks
from monitor.cases.correcting import KEPT, closed_before, corrected_reply
from monitor.cases.replies import (
    ELSEWHERE,
    STANDING,
    approver_of,
    is_answering,
    is_said,
    supersede_drafts,
    withdraw_reply,
)
from monitor.cases.trail import DAEMON, move, record, touch
from monitor.cases.words import is_closing_word, word_to_answer
from monitor.models import Case, CaseMention, Draft, Mention, Reply

WAITING = ("opened", "drafted")
"""Nobody has decided yet."""

ENDED = ("closed", "dismissed")
WAITING_FOR_CUSTOMER = "waiting for the customer"
QUIET = timedelta(days=3)
"""An answered case closes when its customer says nothing for this long."""


@dataclass(frozen=True, slots=True)
class Edit:
    """How an edited mention reads now against before. Stars are on 1..5."""

    mention_id: int
    stars_before: float | None
    stars_now: float | None
    complaint: bool

    @property
    def is_kinder(self) -> bool:
        """Tell whether the rating was raised."""
        return (
            self.stars_before is not None
            and self.stars_now is not None
            and self.stars_now > self.stars_before
        )


def take_edit(session: Session, case: Case, edit: Edit, now: datetime) -> None:
    """Carry an edit of the case's mention into the case.

    Before a decision the draft is made anew. An approved reply that has not left is taken
    back. After an answer a raised rating closes the case and a fresh complaint reopens it.
    """
    kind = "rating_raised" if edit.is_kinder else "edited"
    record(
        session,
        case.id,
        kind,
        case.mention.author_name or "the author",
        now,
        mention=edit.mention_id,
        stars_before=edit.stars_before,
        stars_now=edit.stars_now,
        **_after_reply(session, edit.mention_id),
    )
    session.flush()
    leave_correction(session, case, now)
    if case.state in WAITING or (
        case.state == "approved" and withdraw_reply(session, case, "edited", now)
    ):
        owe_draft(session, case, now)
    elif case.state == "answered" and edit.is_kinder and not edit.complaint:
        close(session, case, "rating raised after our answer", now)
    elif case.state in ("answered", *ENDED) and edit.complaint and not edit.is_kinder:
        mention = session.get_one(Mention, edit.mention_id)
        reopen(session, case, now, clocks.Heard(mention.edited_at, now))
    else:
        touch(session, case.id, now)


def _after_reply(session: Session, mention_id: int) -> dict[str, Any]:
    """Return whose reply stands under a mention and since when, for the trail; or nothing."""
    reply = session.scalars(
        select(Reply)
        .where(
            Reply.mention_id == mention_id,
            Reply.state.in_(STANDING),
            Reply.submitted_at.is_not(None),
        )
        .order_by(Reply.id.desc())
        .limit(1)
    ).first()
    if reply is None or reply.submitted_at is None:
        return {}
    draft: Draft = reply.draft
    elsewhere = draft.made_by == ELSEWHERE
    by = ELSEWHERE if elsewhere else approver_of(reply)
    return {"reply": reply.id, "replied_by": by, "replied_at": reply.submitted_at.isoformat()}


def take_later_word(
    session: Session, case: Case, mention: Mention, said: str, *, intent: str, now: datetime
) -> None:
    """Attach a comment of the customer to its case, and reopen it if it needs an answer.

    `said` is its text, which the mention may not be allowed to keep, and `intent` what it was
    judged to be for.

    Closing words ("thanks, bye") need none: they close an answered case. An approved reply that
    waits to be sent is taken back, for it was written before this word; one that a person posts
    by hand may stand there already, and stays.
    """
    session.add(CaseMention(mention_id=mention.id, case_id=case.id))
    author = mention.author_name or "the author"
    record(session, case.id, "customer_wrote", author, now, mention=mention.id)
    session.flush()
    ends = is_closing_word(said, intent=intent)
    leave_correction(session, case, now, states=("owed",))
    if case.state in WAITING or (
        case.state == "approved"
        and not ends
        and withdraw_reply(session, case, "the customer wrote again", now, states=("owed",))
    ):
        owe_draft(session, case, now)
    elif case.state == "answered" and ends:
        close(session, case, "the customer's closing words", now)
    elif case.state in ("answered", *ENDED) and not ends:
        reopen(session, case, now, clocks.Heard(mention.created_at, now))
    else:
        touch(session, case.id, now)


def take_deletion(session: Session, case: Case, now: datetime) -> None:
    """End a case whose mention is confirmed gone: there is nothing left to answer publicly."""
    record(session, case.id, "deleted", "the author", now)
    session.flush()
    withdraw_reply(session, case, "deleted", now)
    if case.state in ENDED or is_answering(session, case.id):
        # What has left already, or may have, ends the case when its outcome is known.
        touch(session, case.id, now)
    else:
        end_deleted(session, case, now)


def end_deleted(session: Session, case: Case, now: datetime) -> None:
    """Close a case of which nothing is left, and on which nothing is on its way."""
    supersede_drafts(session, case.id)
    clocks.void(session, case, clocks.TARGETS, now)
    move(
        session,
        case.id,
        now,
        expected=(*WAITING, "approved", "answered"),
        to="closed",
        closed_at=now,
        next_at=None,
    )


def take_word_deletion(session: Session, case: Case, mention_id: int, now: datetime) -> None:
    """Carry the deletion of a later word into its case: what is left is answered, or was."""
    record(session, case.id, "word_deleted", "the author", now, mention=mention_id)
    session.flush()
    leave_correction(session, case, now)
    if case.state in WAITING or (
        case.state == "approved"
        and withdraw_reply(session, case, "deleted", now, mention_id=mention_id)
    ):
        go_back_to_earlier_word(session, case, now)
    else:
        touch(session, case.id, now)


def go_back_to_earlier_word(session: Session, case: Case, now: datetime) -> None:
    """Go on with what is left of an undecided case whose last word is gone."""
    word = word_to_answer(session, case)
    if word.state == "deleted":
        end_deleted(session, case, now)
    elif is_said(session, Reply.mention_id == word.id):
        supersede_drafts(session, case.id)
        clocks.void(session, case, clocks.RESPONSES, now)
        clocks.pause(session, case, clocks.RESOLUTION, now, WAITING_FOR_CUSTOMER)
        undecided = (*WAITING, "approved")
        move(session, case.id, now, expected=undecided, to="answered", next_at=now + QUIET)
    else:
        owe_draft(session, case, now)


def leave_correction(
    session: Session,
    case: Case,
    now: datetime,
    *,
    states: Sequence[str] = ("owed", "handed_over"),
) -> None:
    """Give up a correction that has not left: what the customer did now counts first.

    The case is as it was when its reply was published; an approved correction in one of `states`
    is taken back.
    """
    if corrected_reply(session, case) is None:
        return
    why = "the customer acted meanwhile"
    if case.state == "approved" and not withdraw_reply(session, case, why, now, states=states):
        return
    end_correction(session, case, DAEMON, now)


def end_correction(session: Session, case: Case, person: str, now: datetime) -> None:
    """Leave what stands there: the case is answered, or closed, as before its correction."""
    closed = closed_before(session, case)
    supersede_drafts(session, case.id)
    record(session, case.id, KEPT, person, now)
    session.flush()
    undecided = (*WAITING, "approved")
    if closed is None:
        move(session, case.id, now, expected=undecided, to="answered", next_at=now + QUIET)
    else:
        move(
            session,
            case.id,
            now,
            expected=undecided,
            to="closed",
            closed_at=closed,
            next_at=None,
        )


def owe_draft(session: Session, case: Case, now: datetime) -> None:
    """Supersede what is on the table and owe the case a new draft."""
    supersede_drafts(session, case.id)
    move(
        session,
        case.id,
        now,
        expected=(*WAITING, "approved"),
        to="opened",
        next_at=now,
        closed_at=None,
    )


def reopen(session: Session, case: Case, now: datetime, heard: clocks.Heard | None = None) -> None:
    """Open an ended or answered case again: the customer waits for our next word.

    Where nothing was ever answered, that is our first. `heard` is the word that reopens it, if
    one does.
    """
    record(session, case.id, "reopened", DAEMON, now)
    session.flush()
    answered = is_said(session, Reply.case_id == case.id)
    clocks.start(session, case, "next_response" if answered else "first_response", now, heard)
    clocks.start(session, case, "resolution", now, heard)
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


def close(session: Session, case: Case, reason: str, now: datetime) -> None:
    """Close an answered case: its problem is over."""
    closed = move(
        session, case.id, now, expected=("answered",), to="closed", closed_at=now, next_at=None
    )
    if closed:
        record(session, case.id, "closed", DAEMON, now, reason=reason)
        session.flush()
        clocks.stop(session, case, clocks.TARGETS, now)
