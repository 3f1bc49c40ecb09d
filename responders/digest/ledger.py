"""Owes digests: one row for each moment of a plan, surface and target.

What was missed while nobody ran, or could not be sent, is not told afterwards one by one: the
next digest begins where the last one that was told ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitor.config.digest import Moment
from monitor.models import Notification
from monitor.models.upsert import insert_once
from responders.digest.facts import Digest, Kind
from responders.digest.reading import read_digest

DIGEST = "digest"
MERGED = "merged"
"""State of a digest that was never told because a later one tells it too."""

FIRST = timedelta(hours=1)
"""So long after its moment the very first digest is still told; else it waits for the next."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When whom is told: `target` on `surface`, called `name` in keys (at most 50 letters).

    `detail` is kept with each row for whoever tells it.
    """

    surface: str
    target: str
    name: str
    daily: Moment | None
    weekly: Moment | None
    zone: str
    detail: Mapping[str, Any] = field(default_factory=dict)


def owe(session: Session, plan: Plan, now: datetime) -> int:
    """Owe the digests whose moment has come, in the caller's transaction; return how many.

    Of two daemons that come to it at once, one owes it.
    """
    return sum(_owe(session, plan, *each, now) for each in _moments(plan, now))


def digest_of(session: Session, row: Notification, now: datetime) -> Digest:
    """Read what a digest's row, or its picture's, tells."""
    told = row.detail
    since, until = (datetime.fromisoformat(told[name]) for name in ("begins", "ends"))
    kind: Kind = "weekly" if told["digest"] == "weekly" else "daily"
    return read_digest(session, kind, since, until, now, told["zone"])


def _moments(plan: Plan, now: datetime) -> Iterator[tuple[Kind, datetime, datetime]]:
    """Yield the latest moment of each kind, and where its period begins if none was told."""
    zone = ZoneInfo(plan.zone)
    weekly = None
    if plan.weekly is not None:
        weekly = plan.weekly.latest(now, zone)
        yield "weekly", weekly, weekly - timedelta(days=7)
    if plan.daily is not None:
        daily = plan.daily.latest(now, zone)
        if daily != weekly:  # the word of the week is the word of its last day as well
            yield "daily", daily, plan.daily.before(daily, zone)


def _owe(
    session: Session,
    plan: Plan,
    kind: Kind,
    at: datetime,
    usual: datetime,
    now: datetime,
) -> bool:
    key = f"{DIGEST}:{kind}:{plan.name}:{at:%Y%m%dT%H%M}"
    if session.scalar(select(Notification.id).where(Notification.post_key == key)):
        return False
    told = _told_until(session, plan, kind)
    if told is not None and told >= at:
        return False  # the plan has changed: what has been told is not told again
    if told is None and now - at > FIRST:
        return False
    with session.begin_nested() as attempt:
        merged = _merge_unsent(session, plan, kind)
        if merged:
            told = _told_until(session, plan, kind)
        made = insert_once(
            session,
            Notification,
            surface=plan.surface,
            target=plan.target,
            kind=DIGEST,
            post_key=key,
            detail={
                "digest": kind,
                "begins": (told or min([usual, *merged])).isoformat(),
                "ends": at.isoformat(),
                "zone": plan.zone,
                **plan.detail,
            },
            created_at=now,
            next_at=now,
        )
        if not made:
            attempt.rollback()
    return made


def _told_until(session: Session, plan: Plan, kind: Kind) -> datetime | None:
    """Return until when this target has been told, or is about to be; None for never.

    A weekly digest that took a daily one's place has told the days.
    """
    rows = session.scalars(
        select(Notification.detail).where(
            Notification.case_id.is_(None),  # of all messages, these are few
            Notification.kind == DIGEST,
            Notification.surface == plan.surface,
            Notification.target == plan.target,
            Notification.state != MERGED,
        )
    )
    ends = [
        end
        for row in rows
        if (end := datetime.fromisoformat(row["ends"]))
        and (row["digest"] == kind or (kind == "daily" and _is_daily(plan, end)))
    ]
    return max(ends, default=None)


def _is_daily(plan: Plan, at: datetime) -> bool:
    return plan.daily is not None and plan.daily.latest(at, ZoneInfo(plan.zone)) == at


def _merge_unsent(session: Session, plan: Plan, kind: Kind) -> list[datetime]:
    """Let go of digests that never left; return where their periods began.

    One that may have left, or that a worker has in hand just now, is told for itself.
    """
    unsent = session.scalars(
        select(Notification)
        .where(
            Notification.case_id.is_(None),
            Notification.kind == DIGEST,
            Notification.surface == plan.surface,
            Notification.target == plan.target,
            Notification.state == "owed",
            Notification.claim_token.is_(None),
        )
        .with_for_update()
    )
    begun = []
    for row in unsent.all():
        if row.detail["digest"] == kind:
            session.execute(
                update(Notification)
                .where(Notification.id == row.id)
                .values(state=MERGED, next_at=None)
            )
            begun.append(datetime.fromisoformat(row.detail["begins"]))
    session.flush()
    session.expire_all()
    return begun
