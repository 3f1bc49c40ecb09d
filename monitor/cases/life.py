"""What a case does when the customer edits, deletes or speaks again.

Everything staff decide is in `responders.queue`; everything the customer causes is here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitor.cases import clocks
from monitor.cases.trail import DAEMON, move, record, touch
from monitor.models import Case, CaseMention, Draft, Mention, Reply

WAITING = ("opened", "drafted")
"""Nobody has decided yet."""

ENDED = ("closed", "dismissed")
QUIET = timedelta(days=3)
"""An answered case closes when its customer says nothing for this long."""

CLOSING_WORDS_MAX = 120
"""Longer texts than this say more than thanks."""


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
        stars_before=edit.stars_before,
        stars_now=edit.stars_now,
    )
    session.flush()
    if case.state in WAITING or (
        case.state == "approved" and withdraw_reply(session, case, "edited", now)
    ):
        owe_draft(session, case, now)
    elif case.state == "answered" and edit.is_kinder and not edit.complaint:
        close(session, case, "rating raised after our answer", now)
    elif case.state in ("answered", *ENDED) and edit.complaint and not edit.is_kinder:
        reopen(session, case, now)
    else:
        touch(session, case.id, now)


def take_later_word(
    session: Session, case: Case, mention: Mention, *, complaint: bool, now: datetime
) -> None:
    """Attach a comment of the customer to its case, and reopen it if it needs an answer.

    Closing words ("thanks, bye") need none: they close an answered case.
    """
    session.add(CaseMention(mention_id=mention.id, case_id=case.id))
    record(session, case.id, "customer_wrote", mention.author_name or "the author", now)
    session.flush()
    ends = not complaint and is_closing_word(mention.text)
    if case.state in WAITING:
        owe_draft(session, case, now)
    elif case.state == "answered" and ends:
        close(session, case, "the customer's closing words", now)
    elif case.state in ("answered", *ENDED) and not ends:
        reopen(session, case, now)
    else:
        touch(session, case.id, now)


def take_deletion(session: Session, case: Case, now: datetime) -> None:
    """End a case whose mention is confirmed gone: there is nothing left to answer publicly."""
    record(session, case.id, "deleted", case.mention.author_name or "the author", now)
    session.flush()
    if case.state == "approved" and not withdraw_reply(session, case, "deleted", now):
        touch(session, case.id, now)  # the reply left already; its outcome will end the case
        return
    if case.state in ENDED:
        touch(session, case.id, now)
        return
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


def reopen(session: Session, case: Case, now: datetime) -> None:
    """Open an ended or answered case again: the customer waits for our next word."""
    record(session, case.id, "reopened", DAEMON, now)
    session.flush()
    clocks.start(session, case, "next_response", now)
    clocks.start(session, case, "resolution", now)
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


def take_answer(session: Session, case: Case, submitted: datetime, now: datetime) -> None:
    """Move a case on after its reply was published: the customer has the next word.

    Response clocks stop at the submission; the resolution clock stands still while we wait.
    Without a further word the case closes after `QUIET`.
    """
    clocks.stop(session, case, clocks.RESPONSES, submitted)
    clocks.pause(session, case, clocks.RESOLUTION, submitted, "waiting for the customer")
    moved = move(session, case.id, now, expected=("approved",), to="answered", next_at=now + QUIET)
    if not moved:
        touch(session, case.id, now)


def withdraw_reply(session: Session, case: Case, reason: str, now: datetime) -> bool:
    """Take back an approved reply that has not left. False: it left, or may have."""
    withdrawn = session.execute(
        update(Reply)
        .where(Reply.case_id == case.id, Reply.state.in_(("owed", "handed_over")))
        .values(state="withdrawn", next_at=None, claim_token=None)
        .execution_options(synchronize_session=False)
    )
    if withdrawn.rowcount == 0:  # type: ignore[attr-defined]  # an UPDATE gives a cursor result
        return False
    record(session, case.id, "reply_withdrawn", DAEMON, now, reason=reason)
    session.flush()
    return True


def supersede_drafts(session: Session, case_id: int) -> None:
    """Mark every proposed or approved draft of the case as superseded, unless it was said."""
    said = select(Reply.draft_id).where(
        Reply.case_id == case_id, Reply.state.in_(("started", "unknown", "accepted", "published"))
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


def word_to_answer(session: Session, case: Case) -> Mention:
    """Return the customer's last word on this case: the mention a reply is put under."""
    later = session.scalars(
        select(Mention)
        .join(CaseMention, CaseMention.mention_id == Mention.id)
        .where(CaseMention.case_id == case.id, Mention.state == "present")
        .order_by(Mention.first_seen_at.desc(), Mention.id.desc())
        .limit(1)
    ).first()
    return later or case.mention


def case_of(session: Session, source_id: int, parent_external_id: str) -> Case | None:
    """Return the case that a comment under `parent_external_id` belongs to, if there is one.

    The parent may be the mention itself, a later word on its case, or our own reply. The case
    is locked, on databases that lock rows: staff may be deciding at this moment.
    """
    mention_id: int | None = session.scalars(
        select(Mention.id).where(
            Mention.source_id == source_id, Mention.external_id == parent_external_id
        )
    ).first()
    if mention_id is not None:
        later = select(CaseMention.case_id).where(CaseMention.mention_id == mention_id)
        wanted = select(Case.id).where((Case.mention_id == mention_id) | Case.id.in_(later))
    else:
        wanted = (
            select(Case.id)
            .join(Reply, Reply.case_id == Case.id)
            .where(Case.source_id == source_id, Reply.external_id == parent_external_id)
        )
    case_id: int | None = session.scalars(wanted.limit(1)).first()
    if case_id is None:
        return None
    return session.get_one(Case, case_id, with_for_update=True, populate_existing=True)


def is_closing_word(text: str, marks: Sequence[str] = ("?", "？", "¿")) -> bool:
    """Tell whether a text that is no complaint asks for nothing more: short, no question."""
    return len(text) <= CLOSING_WORDS_MAX and not any(mark in text for mark in marks)
