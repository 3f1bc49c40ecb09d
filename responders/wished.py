"""Reads from a case's trail what was asked of its next draft."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.models import Draft, Event
from responders.wishes import NO_WISH, Wish, read_wish

_DRAFTED = ("drafted", "draft_edited")


def newest_wish(session: Session, case_id: int) -> tuple[Wish, str]:
    """Return the wish said since the case's last draft, and the text that was refused with it.

    Both are empty where the last word was a draft: a wish holds for one draft.
    """
    last = session.scalars(
        select(Event)
        .where(Event.case_id == case_id, Event.kind.in_((*_DRAFTED, "rejected")))
        .order_by(Event.id.desc())
        .limit(1)
    ).first()
    if last is None or last.kind != "rejected":
        return NO_WISH, ""
    wish = read_wish(last.detail)
    if not wish:
        return wish, ""
    refused = session.scalars(
        select(Draft.text).where(
            Draft.case_id == case_id, Draft.version == last.detail.get("version")
        )
    ).first()
    return wish, refused or ""
