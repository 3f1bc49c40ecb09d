"""What people say of replies that they post, or look for, themselves: posted, seen, not there.

Each returns the code of an outcome and its words, or None when there is no such reply any more.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.base import Capabilities
from monitor.alerts import resolve_alert
from monitor.cases.answers import lose_answer, take_answer
from monitor.cases.correcting import is_correction
from monitor.cases.corrections import return_correction, settle_earlier, stand_again
from monitor.cases.elsewhere import next_version, put_back, see_reply, unseen_key
from monitor.cases.replies import SAID
from monitor.cases.trail import record
from monitor.intake.sighting import cleaned
from monitor.models import Case, Reply
from responders.views import Actor
from responders.waiting import NOTE_MAX, Told

LINK_MAX = 2_000
FIRST_LOOK = timedelta(minutes=1)
SEEN_LATER = "Rapport looks when it becomes visible"
NOT_SEEN = "this platform does not tell Rapport whether it is visible"


def posted(
    session: Session,
    case: Case,
    url: str,
    draft_version: int | None,
    able: Capabilities,
    actor: Actor,
    now: datetime,
) -> Told | None:
    """Take a person's word that they posted a handed-over reply; the staff clock stops now."""
    link = cleaned(url).strip()[:LINK_MAX]
    reply = newest_reply(session, case, "handed_over")
    if reply is None and case.state == "drafted":
        return "stale", f"{case.ref} awaits approval: no approved text is to be posted yet"
    if reply is None:
        return None
    if draft_version not in (None, reply.draft.version):
        return "stale", f"{case.ref} has another text to be posted by now"
    if link and not link.lower().startswith(("https://", "http://")):
        return "blocked", "that is no link; paste the whole address, https:// included"
    tells = able.can_find_reply
    reply.state = "accepted" if tells else "published"
    reply.next_at = now + FIRST_LOOK if tells else None
    reply.submitted_at, reply.visible_at = now, None
    reply.url = link
    record(session, case.id, "posted_by_hand", str(actor), now, url=link)
    session.flush()
    settle_earlier(session, reply, now, replaces=able.reply_mode == "replace")
    take_answer(session, case, reply, now)
    return "done", f"{case.ref} answered; {SEEN_LATER if tells else NOT_SEEN}"


def seen(session: Session, case: Case, actor: Actor, now: datetime) -> Told:
    """Take a person's word that they see a reply there that Rapport could not see."""
    reply = newest_reply(session, case, *SAID)
    if reply is None or reply.visible_at is not None:
        return "taken", f"{case.ref} has no reply that nobody has seen"
    record(session, case.id, "seen_by", str(actor), now)
    see_reply(session, case, reply, now, now)
    return "done", f"{case.ref}: the reply is visible"


def missing(
    session: Session,
    case: Case,
    reason: str,
    draft_version: int | None,
    actor: Actor,
    now: datetime,
) -> Told | None:
    """Take a person's word that a reply is not there, and why; its text is on the table again.

    The same of a reply that was taken and never shown: the case was never answered.
    """
    said = cleaned(reason).strip()[:NOTE_MAX]
    if not said:
        return "blocked", "say in a few words why it is not there"
    reply = newest_reply(session, case, "handed_over", *SAID)
    if reply is not None and draft_version not in (None, reply.draft.version):
        return "stale", f"{case.ref} has another reply by now; look again"
    reply = newest_reply(session, case, "handed_over")
    if reply is not None:
        record(session, case.id, "not_posted", str(actor), now, reason=said)
        session.flush()
        put_back(session, case, reply, now)
        return "done", f"{case.ref}: the text is on the table again"
    reply = newest_reply(session, case, *SAID)
    if reply is None or reply.visible_at is not None:
        return None
    reply.state, reply.next_at, reply.claim_token = "refused", None, None
    record(session, case.id, "not_posted", str(actor), now, reason=said)
    session.flush()
    resolve_alert(session, unseen_key(case.id), now)
    stand_again(session, reply, now)
    if is_correction(session, reply):
        return_correction(session, case, reply, next_version(session, case.id), now)
        return "done", f"{case.ref}: the text is on the table again"
    lose_answer(session, case, now)
    return "done", f"{case.ref} is open again: the reply never reached the customer"


def newest_reply(session: Session, case: Case, *states: str) -> Reply | None:
    """Return the newest reply of a case in one of these states; None when there is none."""
    return session.scalars(
        select(Reply)
        .where(Reply.case_id == case.id, Reply.state.in_(states))
        .order_by(Reply.id.desc())
        .limit(1)
    ).first()
