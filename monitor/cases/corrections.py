"""Puts a published reply on the table again, to be put right, and what may come of that.

No clock is touched: the customer was answered when they were answered, and is owed nothing while
staff choose better words.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.cases.correcting import CORRECTING, is_correction
from monitor.cases.life import ENDED
from monitor.cases.replies import SAID, STANDING
from monitor.cases.trail import DAEMON, move, record, touch
from monitor.models import Case, Draft, Event, Reply

CORRECTABLE = ("answered", "closed")
"""States of a case in which its published reply can be corrected."""

NEEDLESS = "withdrawal_ended"
"""The event that a ``reply`` need not be taken down any more: another stands in its place."""


def standing_reply(session: Session, case: Case) -> Reply | None:
    """Return the newest reply of a case that its platform took; None where none stands."""
    return session.scalars(
        select(Reply)
        .where(Reply.case_id == case.id, Reply.state.in_(SAID))
        .order_by(Reply.id.desc())
        .limit(1)
    ).first()


def begin_correction(
    session: Session, case: Case, reply: Reply, person: str, name: str, version: int, now: datetime
) -> None:
    """Put what stands there on the table, as draft `version` made by the person called `name`."""
    closed = {"closed_at": case.closed_at.isoformat()} if case.closed_at else {}
    record(session, case.id, CORRECTING, person, now, reply=reply.id, version=version, **closed)
    draft: Draft = reply.draft
    _put_on_table(
        session, case, reply, version, name, [f"{person} corrects version {draft.version}"], now
    )
    move(session, case.id, now, expected=CORRECTABLE, to="drafted", next_at=None, closed_at=None)


def return_correction(
    session: Session, case: Case, reply: Reply, version: int, now: datetime
) -> None:
    """Put a correction on the table again that its platform refused, before or after taking it.

    Where the customer has gone on meanwhile, their word is what the case is about.
    """
    if case.state not in ("approved", "answered", *ENDED):
        touch(session, case.id, now)
        return
    draft: Draft = reply.draft
    draft.state = "superseded"
    session.flush()
    _put_on_table(session, case, reply, version, draft.made_by, list(draft.reasons), now)
    move(
        session,
        case.id,
        now,
        expected=("approved", "answered", *ENDED),
        to="drafted",
        next_at=None,
        closed_at=None,
    )


def settle_earlier(session: Session, reply: Reply, now: datetime, *, replaces: bool) -> None:
    """Note what a reply that was taken means for the earlier ones to the same mention.

    With `replaces` it stands in their place, and nothing is left of them to take down. Else
    nobody waits any more to see the one that it corrects.
    """
    if not replaces and not is_correction(session, reply):
        return
    for earlier in _earlier(session, reply, STANDING if replaces else SAID):
        if earlier.state == "withdrawing":
            record(session, reply.case_id, NEEDLESS, DAEMON, now, reply=earlier.id)
        if replaces:
            earlier.state = "replaced"
        earlier.next_at, earlier.claim_token = None, None
    session.flush()


def stand_again(session: Session, reply: Reply, now: datetime) -> None:
    """Note that a reply which was taken does not stand there: the one before it does again.

    Where a person wanted that one taken down, it is to be taken down again.
    """
    earlier = next(iter(_earlier(session, reply, ("replaced",))), None)
    if earlier is None:
        return
    needless = select(Event).where(Event.case_id == reply.case_id, Event.kind == NEEDLESS)
    wanted = {event.detail["reply"] for event in session.scalars(needless)}
    earlier.state = "withdrawing" if earlier.id in wanted else "published"
    earlier.next_at = now if earlier.id in wanted else None
    session.flush()


def _earlier(session: Session, reply: Reply, states: Sequence[str]) -> Sequence[Reply]:
    """Return the replies to the same mention before this one, the newest first."""
    return session.scalars(
        select(Reply)
        .where(Reply.mention_id == reply.mention_id, Reply.id < reply.id, Reply.state.in_(states))
        .order_by(Reply.id.desc())
    ).all()


def _put_on_table(
    session: Session,
    case: Case,
    reply: Reply,
    version: int,
    made_by: str,
    reasons: list[str],
    now: datetime,
) -> None:
    session.flush()
    session.add(
        Draft(
            case_id=case.id,
            version=version,
            mention_revision=reply.mention.revision,
            text=reply.text,
            text_hash=blake2b(reply.text.encode(), digest_size=8).hexdigest(),
            language=reply.draft.language,
            made_by=made_by,
            reasons=reasons,
            created_at=now,
        )
    )
    session.flush()
