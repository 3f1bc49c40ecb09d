"""What the author did to their review after we replied: the success, or the failure, of a reply."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.models import Case, Event
from responders.spans import span
from responders.views import FollowUpView

EDITS = ("edited", "rating_raised")


def follow_up_of(session: Session, case: Case, reply_id: int | None) -> FollowUpView | None:
    """Return the last edit of a case's mention after reply `reply_id`; None where there is none."""
    event = session.scalars(
        select(Event)
        .where(Event.case_id == case.id, Event.kind.in_(EDITS))
        .order_by(Event.id.desc())
        .limit(1)
    ).first()
    if event is None or reply_id is None or event.detail.get("reply") != reply_id:
        return None
    return _read(event.detail, event.at)


def follow_up_words(told: FollowUpView) -> str:
    """Return what was done, by whose reply, and how long after: no full stop.

    ``2 → 4 stars after your reply (Mara replied 3 h before)``.
    """
    what = _stars(told.stars_before, told.stars_now) or "Edited"
    return f"{what} {_after(told)}"


def edit_words(detail: Mapping[str, Any], at: datetime | None = None) -> str:
    """Return the words of an edit for the trail, without its author."""
    before, now = detail.get("stars_before"), detail.get("stars_now")
    stars = _stars(before, now)
    if stars:
        raised = float(now or 0) > float(before or 0)
        told = f"{'raised' if raised else 'lowered'} the rating: {stars}"
    else:
        told = "edited the text"
    if at is None or "replied_at" not in detail:
        return told
    return f"{told} {_after(_read(detail, at))}"


def _stars(before: float | None, now: float | None) -> str:
    if before is None or now is None or before == now:
        return ""
    return f"{before:g} → {now:g} stars"


def _after(told: FollowUpView) -> str:
    return f"after your reply ({told.replied_by} replied {span(told.after.total_seconds())} before)"


def _read(detail: Mapping[str, Any], at: datetime) -> FollowUpView:
    after = at - datetime.fromisoformat(detail["replied_at"])
    return FollowUpView(
        stars_before=detail.get("stars_before"),
        stars_now=detail.get("stars_now"),
        at=at,
        replied_by=str(detail.get("replied_by", "")),
        after=max(after, timedelta(0)),
    )
