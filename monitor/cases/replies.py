"""What a case has said, is saying, and may still take back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from monitor.cases.trail import DAEMON, record
from monitor.models import Case, Draft, Reply, ReplyAttempt

SAID = ("accepted", "published")
"""States of a reply that its platform took."""

STANDING = (*SAID, "withdrawing")
"""States of a reply that stands at its platform, as far as is known."""

ELSEWHERE = "somebody on the platform"
"""Who made the text of an answer that was given there, and that a person let stand."""

LIVE = ("owed", "started", "unknown", "handed_over")
"""States of a reply that is on its way."""


def withdraw_reply(
    session: Session,
    case: Case,
    reason: str,
    now: datetime,
    *,
    states: Sequence[str] = ("owed", "handed_over"),
    mention_id: int | None = None,
) -> bool:
    """Take back an approved reply that has not left. False: there is none, or it may have left.

    With `mention_id`, only a reply to that mention.
    """
    may_have_left = exists().where(
        ReplyAttempt.reply_id == Reply.id, ReplyAttempt.outcome == "unknown"
    )
    statement = update(Reply).where(
        Reply.case_id == case.id, Reply.state.in_(states), ~may_have_left
    )
    if mention_id is not None:
        statement = statement.where(Reply.mention_id == mention_id)
    withdrawn = session.execute(
        statement.values(state="withdrawn", next_at=None, claim_token=None).execution_options(
            synchronize_session=False
        )
    )
    if withdrawn.rowcount == 0:  # type: ignore[attr-defined]  # an UPDATE gives a cursor result
        return False
    record(session, case.id, "reply_withdrawn", DAEMON, now, reason=reason)
    session.flush()
    return True


def supersede_drafts(session: Session, case_id: int) -> None:
    """Mark every proposed or approved draft of the case as superseded, unless it was said."""
    said = select(Reply.draft_id).where(
        Reply.case_id == case_id, Reply.state.in_(("started", "unknown", *STANDING))
    )
    session.execute(
        update(Draft)
        .where(
            Draft.case_id == case_id,
            Draft.state.in_(("proposed", "approved")),
            Draft.id.not_in(said),
        )
        .values(state="superseded")
        .execution_options(synchronize_session=False)
    )


def is_answering(session: Session, case_id: int) -> bool:
    """Tell whether a reply of the case is on its way, or may be."""
    live = select(Reply.id).where(Reply.case_id == case_id, Reply.state.in_(LIVE)).limit(1)
    return session.scalars(live).first() is not None


def is_said(session: Session, which: ColumnElement[bool]) -> bool:
    """Tell whether one of these replies was taken by its platform, and not removed since."""
    said = select(Reply.id).where(which, Reply.state.in_(STANDING)).limit(1)
    return session.scalars(said).first() is not None


def approver_of(reply: Reply) -> str:
    """Return the name of the person who approved a reply, without the face it was said on."""
    return reply.approved_by.rpartition(" (")[0] or reply.approved_by
