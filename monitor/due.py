"""Due work: the rows are the queue.

Every piece of work is a row with a due time. Three guarded statements move it, the same on
both databases: `claim_due` reserves rows, `begin` proves that this worker is the only one at
work, `finish` says what is owed next, in the transaction of the work's own result. An engine
only carries claims about; hints that are lost, late or doubled change nothing.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, Table, func, or_, select, update
from sqlalchemy.orm import Session

from monitor.models import Case, Clock, Inbound, Notification, Reply, Source

BACKOFF_BASE = timedelta(seconds=5)
BACKOFF_CAP = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of work: whose rows they are, and how long a worker may hold one.

    `lease` is longer than the longest single call of its handler, time-outs included: when it
    has passed, the worker is dead or hopeless.
    """

    name: str
    table: Table
    lease: timedelta


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("poll", Source.__table__, timedelta(minutes=3)),  # type: ignore[arg-type]  # a Table
        Kind("prepare", Case.__table__, timedelta(minutes=1)),  # type: ignore[arg-type]
        Kind("notify", Notification.__table__, timedelta(minutes=1)),  # type: ignore[arg-type]
        Kind("inbound", Inbound.__table__, timedelta(minutes=1)),  # type: ignore[arg-type]
        Kind("publish", Reply.__table__, timedelta(minutes=2)),  # type: ignore[arg-type]
        Kind("clock", Clock.__table__, timedelta(minutes=1)),  # type: ignore[arg-type]
    )
}


@dataclass(frozen=True, slots=True)
class Claim:
    """Reserved work: which row of which kind, and the token that proves it."""

    kind: str
    id: int
    token: str


class ClaimLost(Exception):
    """Someone else holds this work now; what was done must be rolled back."""


def claim_due(
    session: Session, kind: str, now: datetime, limit: int, owner: str = "worker"
) -> list[Claim]:
    """Reserve up to `limit` due rows, the longest due first, and return their claims.

    Workers on PostgreSQL never wait for each other's rows. `owner` marks the tokens, so that
    a daemon that knows itself alone can take back what its dead predecessor held.
    """
    work = KINDS[kind]
    table = work.table
    free = or_(table.c.claim_until.is_(None), table.c.claim_until <= now)
    candidates: Select[Any] = (
        select(table.c.id)
        .where(table.c.next_at <= now, free)
        .order_by(table.c.next_at, table.c.id)
        .limit(limit)
    )
    if session.get_bind().dialect.name == "postgresql":
        candidates = candidates.with_for_update(skip_locked=True)
        # An array is evaluated once; a plain IN may be planned as a join that locks too much.
        chosen = table.c.id == func.any(func.array(candidates.scalar_subquery()))
    else:
        chosen = table.c.id.in_(candidates)
    token = f"{owner}:{secrets.token_hex(8)}"
    claimed = session.execute(
        update(table)
        .where(chosen)
        .values(claim_token=token, claim_until=now + work.lease)
        .returning(table.c.id, table.c.next_at)
    ).all()
    session.expire_all()
    return [Claim(kind, row.id, token) for row in sorted(claimed, key=lambda row: row.next_at)]


def begin(session: Session, claim: Claim, now: datetime) -> Claim | None:
    """Start the claimed work: return the claim under a new token, or None if it is not ours.

    The token changes, so a doubled hint for the same claim finds nothing to begin.
    """
    work = KINDS[claim.kind]
    table = work.table
    owner, _, _ = claim.token.rpartition(":")
    begun = replace(claim, token=f"{owner}:{secrets.token_hex(8)}")
    moved = session.execute(
        update(table)
        .where(
            table.c.id == claim.id,
            table.c.claim_token == claim.token,
            table.c.claim_until > now,
            table.c.next_at <= now,
        )
        .values(claim_token=begun.token, claim_until=now + work.lease)
        .returning(table.c.id)
    ).first()
    return begun if moved else None


def finish(session: Session, claim: Claim, next_at: datetime | None) -> None:
    """End the work and say when this row is due again (None: nothing is owed).

    Raises `ClaimLost` when the lease ran out and another worker took over; the caller's
    transaction must then be rolled back, which raising does.
    """
    _release(session, claim, next_at=next_at, failures=0, last_error=None)


def fail(
    session: Session,
    claim: Claim,
    now: datetime,
    error: str,
    *,
    not_before: timedelta | None = None,
) -> datetime:
    """Put the work off after a failure and return when it is due again.

    The delay grows with each failure in a row, with full jitter, unless `not_before` (the
    platform's own word) says how long. A row that always fails blocks nobody else.
    """
    table = KINDS[claim.kind].table
    failures = session.execute(select(table.c.failures).where(table.c.id == claim.id)).scalar_one()
    delay = not_before if not_before is not None else backoff(failures + 1)
    next_at = now + delay
    _release(session, claim, next_at=next_at, failures=failures + 1, last_error=error[:2000])
    return next_at


def backoff(failures: int) -> timedelta:
    """Return a full-jitter exponential delay: at most 5 s · 2ⁿ⁻¹, capped at 6 hours."""
    ceiling: timedelta = min(BACKOFF_CAP, BACKOFF_BASE * 2 ** min(failures - 1, 20))
    return timedelta(seconds=ceiling.total_seconds() * random.uniform(0.2, 1.0))  # noqa: S311  jitter keeps no secret


def release_owner(session: Session, owner: str) -> int:
    """Free everything claimed by `owner`; only for a daemon that knows it is the only one.

    Returns how many rows were freed.
    """
    freed = 0
    for work in KINDS.values():
        rows = session.execute(
            update(work.table)
            .where(work.table.c.claim_token.startswith(f"{owner}:", autoescape=True))
            .values(claim_token=None, claim_until=None)
            .returning(work.table.c.id)
        ).all()
        freed += len(rows)
    return freed


def _release(session: Session, claim: Claim, **values: Any) -> None:
    table = KINDS[claim.kind].table
    released = session.execute(
        update(table)
        .where(table.c.id == claim.id, table.c.claim_token == claim.token)
        .values(claim_token=None, claim_until=None, **values)
        .returning(table.c.id)
    ).first()
    if released is None:
        raise ClaimLost(f"{claim.kind} {claim.id} was taken over")
