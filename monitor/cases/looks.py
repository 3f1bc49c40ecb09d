"""What becomes of second looks when what was said changes.

A look is of one revision of a mention. Rows are never removed, so that the number on a button
always means the text that stood beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitor.cases.trail import DAEMON
from monitor.models import Notification, SecondLook

WAITING = ""
COMPLAINT, NO_COMPLAINT, SKIPPED = "complaint", "no_complaint", "skipped"
VERDICTS = (COMPLAINT, NO_COMPLAINT, SKIPPED)
MESSAGE = "looks"
"""The kind of a notification that lists looks."""

LISTED = "listed"
"""Where in its detail their numbers stand."""

AT_ONCE = 500


def end_looks(session: Session, mention_ids: Sequence[int], now: datetime) -> None:
    """End the waiting looks at these mentions: what was to be judged stands there no longer.

    They are skipped by Rapport itself, which says nothing of the judgement.
    """
    for start in range(0, len(mention_ids), AT_ONCE):
        ended = session.scalars(
            update(SecondLook)
            .where(
                SecondLook.mention_id.in_(mention_ids[start : start + AT_ONCE]),
                SecondLook.verdict == WAITING,
            )
            .values(verdict=SKIPPED, by=DAEMON, at=now)
            .returning(SecondLook.id)
            .execution_options(synchronize_session=False)
        ).all()
        redraw_looks(session, ended, now)


def redraw_looks(session: Session, look_ids: Collection[int], now: datetime) -> None:
    """Owe every message that lists one of these looks a new picture."""
    if not look_ids:
        return
    # Only alerts and these messages belong to no case, so that few rows are read.
    listing = select(Notification).where(
        Notification.case_id.is_(None), Notification.kind == MESSAGE
    )
    for message in session.scalars(listing.order_by(Notification.id)):
        if not set(look_ids).isdisjoint(message.detail.get(LISTED, ())):
            message.next_at = now
