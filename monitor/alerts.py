"""Failure is loud once: an alert is raised when a condition begins and resolved when it ends."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitor.log import logger
from monitor.models import Alert
from monitor.models.upsert import insert_once

log = logger(__name__)


def raise_alert(
    session: Session,
    key: str,
    kind: str,
    message: str,
    now: datetime,
    source_id: int | None = None,
) -> bool:
    """Raise the alert `key` unless it is open already; tell whether it is new.

    Two who raise it at once raise it once: the store lets one open row in.
    """
    if _is_open(session, key) or not insert_once(
        session,
        Alert,
        key=key,
        kind=kind,
        message=message[:2000],
        raised_at=now,
        source_id=source_id,
    ):
        return False
    log.warning("alert raised: %s: %s", key, message)
    return True


def resolve_alert(session: Session, key: str, now: datetime) -> bool:
    """Resolve the open alert `key`, if there is one; tell whether there was."""
    return bool(resolve_alerts(session, [key], now))


def resolve_alerts(session: Session, keys: Collection[str], now: datetime) -> list[str]:
    """Resolve those of these alerts that are open; return their keys."""
    return _resolve(session, Alert.key.in_(keys), now)


def resolve_all_of(session: Session, source_id: int, now: datetime) -> list[str]:
    """Resolve every open alert of a source that is no longer listened to."""
    return _resolve(session, Alert.source_id == source_id, now)


def _resolve(session: Session, which, now: datetime) -> list[str]:  # type: ignore[no-untyped-def]  # a condition
    # Looking first keeps the rows unlocked where nothing is open, which is nearly always.
    ids = session.scalars(select(Alert.id).where(which, Alert.resolved_at.is_(None))).all()
    if not ids:
        return []
    resolved = session.scalars(
        update(Alert)
        .where(Alert.id.in_(ids), Alert.resolved_at.is_(None))
        .values(resolved_at=now)
        .returning(Alert.key)
        .execution_options(synchronize_session=False)
    ).all()
    for key in resolved:
        log.info("alert resolved: %s", key)
    return list(resolved)


def _is_open(session: Session, key: str) -> bool:
    return (
        session.scalars(
            select(Alert.id).where(Alert.key == key, Alert.resolved_at.is_(None))
        ).first()
        is not None
    )
