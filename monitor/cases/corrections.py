"""Puts a published reply on the table again, to be put right, and what may come of that.

No clock is touched: the customer was answered when they were answered, and is owed nothing while
staff choose better words.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitor.cases.correcting import CORRECTING
from monitor.cases.life import ENDED
from monitor.cases.replies import SAID
from monitor.cases.trail import move, record, touch
from monitor.models import Case, Draft, Reply

CORRECTABLE = ("answered", "closed")
"""States of a case in which its published reply can be corrected."""


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
    record(session, case.id, CORRECTING, person, now, reply=reply.id, version=version)
    draft: Draft = reply.draft
    _put_on_table(
        session, case, reply, version, name, [f"{person} corrects version {draft.version}"], now
    )
    move(session, case.id, now, expected=CORRECTABLE, to="drafted", next_at=None, closed_at=None)


def return_correction(
    session: Session, case: Case, reply: Reply, version: int, now: datetime
) -> None:
    """Put a correction on the table again that its platform refused, before or after taking it.

    What it was to replace counts as standing there again. Where the customer has gone on
    meanwhile, their word is what the case is about.
    """
    session.execute(
        update(Reply)
        .where(Reply.mention_id == reply.mention_id, Reply.state == "replaced")
        .values(state="published")
        .execution_options(synchronize_session=False)
    )
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


def settle_corrected(session: Session, reply: Reply, *, replaces: bool) -> None:
    """Note that a correction was taken: nobody waits for the earlier reply to be seen any more.

    With `replaces` it has taken the earlier one's place, else both stand there.
    """
    values = {"next_at": None, "claim_token": None}
    if replaces:
        values["state"] = "replaced"  # type: ignore[assignment]  # columns of several types
    session.execute(
        update(Reply)
        .where(
            Reply.case_id == reply.case_id,
            Reply.mention_id == reply.mention_id,
            Reply.id < reply.id,
            Reply.state.in_(SAID),
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )


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
