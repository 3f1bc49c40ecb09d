"""Reads how far an approved answer is, and what changed under the hands of who approves."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.cases.correcting import corrected_reply
from monitor.cases.elsewhere import was_posted_by_hand
from monitor.cases.replies import STANDING
from monitor.models import Case, Draft, Event, Mention, Reply, ReplyAttempt, Revision
from responders.differences import difference
from responders.views import ChangesView, CorrectionView, ReplyView

SOON = timedelta(minutes=1)


def reply_of(session: Session, case: Case, now: datetime) -> ReplyView | None:
    """Return the newest reply of a case that was not taken back; None when there is none."""
    reply = session.scalars(
        select(Reply)
        .where(Reply.case_id == case.id, Reply.state != "withdrawn")
        .order_by(Reply.id.desc())
        .limit(1)
    ).first()
    if reply is None:
        return None
    said = reply.state in ("accepted", "published")
    by_hand = reply.state == "handed_over" or (said and was_posted_by_hand(session, reply))
    later = reply.next_at is not None and reply.next_at > now + SOON
    waits = reply.state == "owed" and (reply.failures > 0 or later)
    because = _without_name(reply.last_error or "") or "the account rests, as the platform asked"
    return ReplyView(
        state=reply.state,
        text=reply.text,
        approved_by=reply.approved_by,
        approved_at=reply.approved_at,
        submitted_at=reply.submitted_at,
        visible_at=reply.visible_at,
        url=reply.url,
        by_hand=by_hand,
        why_by_hand=_newest_detail(session, case, "handed_over", "reason") if by_hand else "",
        is_unclear=reply.state == "handed_over" and _may_stand_there(session, reply),
        looks_on=reply.next_at is not None,
        goes_out_at=reply.next_at if waits else None,
        waits_for=because if waits else "",
        may_be_taken_back=case.state == "approved" and may_be_taken_back(session, reply),
    )


def correction_of(session: Session, case: Case, *, replaces: bool) -> CorrectionView | None:
    """Return the published reply that a case's draft is to put right; None where there is none."""
    wrong = corrected_reply(session, case)
    if wrong is None:
        return None
    return CorrectionView(wrong.text, wrong.url, wrong.approved_by, replaces)


def newest_said(session: Session, case: Case) -> int | None:
    """Return the id of the newest reply that stands at the platform; None where none does."""
    said = select(Reply.id).where(Reply.case_id == case.id, Reply.state.in_(STANDING))
    return session.scalars(said.order_by(Reply.id.desc()).limit(1)).first()


def may_be_taken_back(session: Session, reply: Reply) -> bool:
    """Tell whether a reply has certainly not left, so that a person may take it back."""
    return reply.state == "owed" and not _may_stand_there(session, reply)


def refused_because(session: Session, case: Case) -> str:
    """Return the platform's word on the newest reply of a case, if it refused that one."""
    newest = session.scalars(
        select(Reply.state).where(Reply.case_id == case.id).order_by(Reply.id.desc()).limit(1)
    ).first()
    if newest != "refused":
        return ""
    return _newest_detail(session, case, "publish_refused", "error")


def changes_since_draft(session: Session, case: Case, word: Mention) -> ChangesView | None:
    """Return how the word to answer was edited since the last draft that answered it.

    None when it was not, or when the case waits for nobody. Drafts from before the word came
    answered another one.
    """
    if case.state not in ("opened", "drafted", "approved") or word.state != "present":
        return None
    drafts = session.scalars(
        select(Draft)
        .where(Draft.case_id == case.id, Draft.created_at >= word.first_seen_at)
        .order_by(Draft.version.desc())
    ).all()
    shown = next((each for each in drafts if each.mention_revision < word.revision), None)
    if shown is None or (case.state == "approved" and shown is not drafts[0]):
        return None
    older = session.scalars(
        select(Revision).where(
            Revision.mention_id == word.id, Revision.number == shown.mention_revision
        )
    ).first()
    if older is None:
        return None
    before, after = _whole(older.title, older.text), _whole(word.title, word.text)
    if before == after:
        return None  # only the rating changed, and both are shown beside their texts
    changes = difference(before, after)
    return ChangesView(shown.version, before, None if changes is None else tuple(changes))


def _may_stand_there(session: Session, reply: Reply) -> bool:
    unclear = select(ReplyAttempt.id).where(
        ReplyAttempt.reply_id == reply.id, ReplyAttempt.outcome == "unknown"
    )
    return session.scalars(unclear.limit(1)).first() is not None


def _newest_detail(session: Session, case: Case, kind: str, name: str) -> str:
    event = session.scalars(
        select(Event)
        .where(Event.case_id == case.id, Event.kind == kind)
        .order_by(Event.id.desc())
        .limit(1)
    ).first()
    return "" if event is None else str(event.detail.get(name, ""))


def _without_name(error: str) -> str:
    """Leave out the error's class name, which says nothing to staff."""
    name, colon, rest = error.partition(": ")
    return rest if colon and name.isidentifier() else error


def _whole(title: str, text: str) -> str:
    return f"{title}\n{text}" if title else text
