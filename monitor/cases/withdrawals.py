"""What becomes of a case whose published reply was taken down at its platform."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_
from sqlalchemy.orm import Session

from monitor.alerts import resolve_alert
from monitor.cases import clocks
from monitor.cases.answers import lose_answer
from monitor.cases.correcting import REMOVED
from monitor.cases.elsewhere import unseen_key
from monitor.cases.life import ENDED
from monitor.cases.replies import is_said
from monitor.cases.trail import DAEMON, move, record, touch
from monitor.models import Case, Draft, Reply


def take_removal(
    session: Session, case: Case, reply: Reply, *, answer: bool, person: str, now: datetime
) -> None:
    """Note that a reply stands there no more.

    With `answer` the customer is owed one again, as if nothing had been said: the response clock
    that it stopped runs on. Without, the case is closed. Neither where another reply of ours
    still stands there, or the customer has written since and waits for the next one anyway.
    """
    reply.state, reply.next_at = "removed", None
    draft: Draft = reply.draft
    draft.state = "superseded"
    record(session, case.id, REMOVED, person, now)
    session.flush()
    resolve_alert(session, unseen_key(case.id), now)
    beside = is_said(session, and_(Reply.case_id == case.id, Reply.mention_id == reply.mention_id))
    if beside or case.state not in ("answered", *ENDED):
        touch(session, case.id, now)
    elif answer:
        lose_answer(session, case, now)
    else:
        clocks.void(session, case, clocks.TARGETS, now)
        ended = case.closed_at or now
        move(
            session,
            case.id,
            now,
            expected=("answered", *ENDED),
            to="closed",
            closed_at=ended,
            next_at=None,
        )
        record(session, case.id, "closed", DAEMON, now, reason="its reply was withdrawn")
        session.flush()
