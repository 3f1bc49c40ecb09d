"""Failure is loud once: an alert is raised when a condition begins and resolved when it ends."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.log import logger
from monitor.models import Alert

log = logger(__name__)


def raise_alert(
    session: Session,
    key: str,
    kind: str,
    message: str,
    now: datetime,
    source_id: int | None = None,
) -> bool:
    """Raise the alert `key` unless it is open already; tell whether it is new."""
    if _open(session, key) is not None:
        return False
    session.add(
        Alert(key=key, kind=kind, message=message[:2000], raised_at=now, source_id=source_id)
    )
    session.flush()
    log.warning("alert raised: %s: %s", key, message)
    return True


def resolve_alert(session: Session, key: str, now: datetime) -> bool:
    """Resolve the open alert `key`, if there is one; tell whether there was."""
    alert = _open(session, key)
    if alert is None:
        return False
    alert.resolved_at = now
    session.flush()
    log.info("alert resolved: %s", key)
    return True


def _open(session: Session, key: str) -> Alert | None:
    return session.scalars(
        select(Alert).where(Alert.key == key, Alert.resolved_at.is_(None))
    ).first()
