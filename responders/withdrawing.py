"""A person's word that a published reply shall be put right, or shall not stand there any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.text import same_text
from monitor.cases.correcting import corrected_reply
from monitor.cases.corrections import CORRECTABLE, begin_correction, standing_reply
from monitor.cases.elsewhere import next_version
from monitor.cases.life import end_correction
from monitor.cases.trail import record, touch
from monitor.cases.withdrawals import take_removal
from monitor.intake.sighting import cleaned
from monitor.models import Case, Draft, Mention, Reply, ReplyAttempt
from responders.desk import Desk
from responders.views import Actor
from responders.waiting import NOTE_MAX, Told

ASKED = "withdrawal_asked"
"""The event that a person wants a reply taken down; it says whether an ``answer`` is owed then."""

KEEP = "keep_reply"
"""The reason to refuse a correction: what stands there stays."""

NOT_CORRECTED = "there is no correction to give up"
STANDS = "a published reply stands there: keep it, have another draft made, or withdraw it"


def correct_reply(session: Session, case: Case, actor: Actor, now: datetime) -> Told:
    """Put the text that stands there on the table; nothing changes there before its approval."""
    reply = standing_reply(session, case)
    if case.state not in CORRECTABLE:
        return "taken", f"{case.ref} is {case.state}: only a published reply is corrected"
    if reply is None:
        return "taken", f"{case.ref} has no published reply that could be corrected"
    if reply.mention.state == "deleted":
        return "stale", "its author deleted what it answers"
    version = next_version(session, case.id)
    begin_correction(session, case, reply, str(actor), actor.name, version, now)
    return "done", (
        f"{case.ref}: the published text is on the table as version {version}; nothing changes "
        "there before a new text is approved"
    )


def give_up_correction(
    session: Session, case: Case, draft: Draft, reason: str, actor: Actor, now: datetime
) -> Told | None:
    """Refuse a correction, or say why a reason does not fit; None where the usual rules hold."""
    if corrected_reply(session, case) is None:
        return ("blocked", NOT_CORRECTED) if reason == KEEP else None
    if reason == KEEP:
        draft.state = "rejected"
        session.flush()
        end_correction(session, case, str(actor), now)
        return "done", f"{case.ref} is answered by what stands on the platform"
    return None if reason == "another_draft" else ("blocked", STANDS)


def in_the_way_of_approval(
    session: Session, case: Case, word: Mention, text: str, desk: Desk
) -> Told | None:
    """Say what an earlier reply of ours has against publishing `text` now; None for nothing."""
    wrong = corrected_reply(session, case)
    if wrong is not None and same_text(wrong.text, text):
        return "blocked", "its words are those that stand there already; change them, or keep them"
    if desk.capabilities(case.source.key).reply_mode != "replace":
        return None
    leaving = (
        select(ReplyAttempt.id)
        .join(Reply, Reply.id == ReplyAttempt.reply_id)
        .where(
            Reply.mention_id == word.id,
            Reply.state == "withdrawing",
            ReplyAttempt.ended_at.is_(None),
        )
    )
    if session.scalars(leaving.limit(1)).first() is None:
        return None
    return "stale", "the earlier reply is being taken down at this moment; try again in a minute"


def withdraw_published(
    session: Session,
    case: Case,
    desk: Desk,
    reason: str,
    actor: Actor,
    now: datetime,
    *,
    answer: bool,
    by_hand: bool,
) -> Told:
    """Owe the removal of the published reply; `by_hand`: this person has removed it already.

    `answer`: the customer is owed an answer again afterwards; else the case is closed.
    """
    said = cleaned(reason).strip()[:NOTE_MAX]
    if not said:
        return "blocked", "say in a few words why it shall not stand there"
    if case.state == "approved":
        return "taken", f"{case.ref} has another reply on its way; take that back first"
    reply = standing_reply(session, case)
    if reply is None:
        return "taken", _nothing(session, case)
    if not by_hand and not desk.capabilities(case.source.key).can_withdraw:
        kind = desk.kind(case.source.key)
        where = kind.title if kind is not None else "that platform"
        return "blocked", (
            f"no program can take a reply down on {where}: remove it there yourself, then say so"
        )
    if corrected_reply(session, case) is not None:
        end_correction(session, case, str(actor), now)
    record(session, case.id, ASKED, str(actor), now, reason=said, answer=answer, reply=reply.id)
    session.flush()
    if by_hand:
        reply.claim_token = None
        take_removal(session, case, reply, answer=answer, person=str(actor), now=now)
        return "done", f"{case.ref}: the reply stands there no more"
    reply.state, reply.next_at, reply.claim_token = "withdrawing", now, None
    session.flush()
    touch(session, case.id, now)
    following = "an answer is owed again" if answer else "the case is closed"
    return "done", f"{case.ref}: the reply is being taken down; then {following}"


def _nothing(session: Session, case: Case) -> str:
    leaving = select(Reply.id).where(Reply.case_id == case.id, Reply.state == "withdrawing")
    if session.scalars(leaving).first() is not None:
        return f"{case.ref}: its reply is being taken down already"
    return f"{case.ref} has no published reply that could be taken down"
