"""Owes digests to a channel of Slack, and the picture in the thread of each."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.models import Notification
from monitor.models.upsert import insert_once
from responders.digest.ledger import DIGEST, Plan, digest_of, owe
from responders.slack.owed import CARD, SURFACE
from responders.slack.settings import DigestPlan

__all__ = [
    "DIGEST",
    "PICTURE",
    "YIELD",
    "digest_of",
    "lets_cards_go_first",
    "owe_digests",
    "owe_picture",
]

PICTURE = "picture"

YIELD = timedelta(seconds=5)
PATIENCE = timedelta(minutes=10)
"""So long a digest lets cards go first."""


def owe_digests(session: Session, plan: DigestPlan, now: datetime) -> int:
    """Owe the digests whose moment has come, in the caller's transaction; return how many."""
    told = Plan(
        surface=SURFACE,
        target=plan.channel,
        name=plan.channel,
        daily=plan.daily,
        weekly=plan.weekly,
        zone=plan.zone,
        detail={"pictures": plan.pictures},
    )
    return owe(session, told, now)


def owe_picture(session: Session, digest: Notification, now: datetime) -> None:
    """Owe the picture in the thread of a digest that has been posted, if it is to have one."""
    if not digest.detail.get("pictures"):
        return
    insert_once(
        session,
        Notification,
        surface=SURFACE,
        target=digest.target,
        kind=PICTURE,
        post_key=f"{PICTURE}:{digest.id}",
        detail={
            **{name: digest.detail[name] for name in ("digest", "begins", "ends", "zone")},
            "thread": digest.message_ts,
        },
        created_at=now,
        next_at=now,
    )


def lets_cards_go_first(session: Session, row: Notification, now: datetime) -> bool:
    """Tell whether a digest waits because cards are about to be posted to its channel."""
    if row.kind != DIGEST or row.state != "owed" or now - row.created_at > PATIENCE:
        return False
    first = select(Notification.id).where(
        Notification.kind == CARD,
        Notification.target == row.target,
        Notification.state == "owed",
        Notification.next_at <= now + YIELD,
    )
    return session.scalar(first.limit(1)) is not None
