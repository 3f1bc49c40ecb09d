"""Due work: the rows are the queue.

Every piece of work is a row with a due time. Three guarded statements move it, the same on
both databases: `claim_due` reserves rows, `begin` proves that this worker is the only one at
work, `finish` says what is owed next, in the transaction of the work's own result. An engine
only carries claims about; hints that are lost, late or doubled change nothing.

Anyone may make a row due by setting its `next_at`, also while a worker holds it: whoever
changes `next_at` during the work has the last word, and `finish` leaves that value alone.

The module is longer than most because its statements are only right together: what one of
them guards, another relies on.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Select,
    Table,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from monitor.db import UtcDateTime
from monitor.models import (
    Case,
    Clock,
    Delivery,
    Escalation,
    Inbound,
    Notification,
    Reply,
    Source,
)

MAIL = "mail"
"""Surface of notifications that are e-mails."""

BACKOFF_BASE = timedelta(seconds=5)
BACKOFF_CAP = timedelta(hours=6)
SOONEST, LATEST = timedelta(seconds=1), timedelta(days=1)
"""A failure is tried again no sooner and no later, whatever a platform says."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of work: whose rows they are, and how long a worker may hold one.

    `lease` is longer than the longest single call of its handler, time-outs included: when it
    has passed, the worker is dead or hopeless. `only` is which rows they are, where the table
    holds those of several kinds.
    """

    name: str
    table: Table
    lease: timedelta
    only: ColumnElement[bool] | None = field(default=None, compare=False)

    @property
    def rows(self) -> tuple[ColumnElement[bool], ...]:
        """Conditions that make a row of the table one of this kind."""
        return () if self.only is None else (self.only,)


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("poll", Source.__table__, timedelta(minutes=3)),  # type: ignore[arg-type]  # a Table
        Kind("prepare", Case.__table__, timedelta(minutes=1)),  # type: ignore[arg-type]
        Kind(
            "notify",
            Notification.__table__,  # type: ignore[arg-type]
            timedelta(minutes=1),
            Notification.surface != MAIL,
        ),
        # A mail server may take its time, and no card is to wait for it.
        Kind(
            "mail",
            Notification.__table__,  # type: ignore[arg-type]
            timedelta(minutes=3),
            Notification.surface == MAIL,
        ),
        Kind("inbound", Inbound.__table__, timedelta(minutes=1)),  # type: ignore[arg-type]
        Kind("publish", Reply.__table__, timedelta(minutes=2)),  # type: ignore[arg-type]
        Kind("delivery", Delivery.__table__, timedelta(minutes=2)),  # type: ignore[arg-type]
        Kind("clock", Clock.__table__, timedelta(minutes=1)),  # type: ignore[arg-type]
        Kind("escalate", Escalation.__table__, timedelta(minutes=1)),  # type: ignore[arg-type]
    )
}


@dataclass(frozen=True, slots=True)
class Claim:
    """Reserved work: which row of which kind, and the token that proves it.

    What follows the token is known once the work has begun and travels in no hint: when it was
    due, how often in a row it had failed before, and the last failure.
    """

    kind: str
    id: int
    token: str
    due_at: datetime | None = field(default=None, compare=False)
    failures: int = field(default=0, compare=False)
    last_error: str = field(default="", compare=False, repr=False)


class ClaimLost(Exception):
    """Someone else holds this work now; what was done must be rolled back."""


def due_kinds(connection: Connection | Session, now: datetime, kinds: Sequence[str]) -> list[str]:
    """Return those of `kinds` that have a row to claim: one cheap read, and no lock taken."""
    return list(connection.execute(_look(tuple(kinds)), _moments(now, kinds)).scalars())


def claim_due(
    session: Session, kind: str, now: datetime, limit: int, owner: str = "worker"
) -> list[Claim]:
    """Reserve up to `limit` due rows, the longest due first, and return their claims.

    Workers on PostgreSQL never wait for each other's rows. `owner` marks the tokens, so that
    a daemon that knows itself alone can take back what its dead predecessor held.
    """
    if limit <= 0:
        return []
    token = _token(owner)
    claimed = session.execute(
        _claim(kind, session.get_bind().dialect.name),
        {
            **_moments(now, [kind]),
            "many": limit,
            "new_token": token,
            "new_until": now + KINDS[kind].lease,
        },
    ).all()
    session.expire_all()
    in_order = sorted(claimed, key=lambda row: (row.next_at, row.id))
    return [Claim(kind, row.id, token) for row in in_order]


def begin(session: Session, claim: Claim, now: datetime, owner: str | None = None) -> Claim | None:
    """Start the claimed work: return the claim under a new token, or None if it is not ours.

    The token changes, so a doubled hint for the same claim finds nothing to begin. `owner` is
    who does the work, when that is not who claimed it. A row that is no longer due is let go.
    """
    work = KINDS[claim.kind]
    if owner is None:
        owner, _, _ = claim.token.rpartition(":")
    token = _token(owner)
    begun = session.execute(
        _begin(claim.kind),
        {
            "row": claim.id,
            "held": claim.token,
            "now": now,
            "new_token": token,
            "new_until": now + work.lease,
        },
    ).first()
    if begun is None:
        release(session, [claim])
        return None
    return Claim(claim.kind, claim.id, token, begun.next_at, begun.failures, begun.last_error or "")


def renew(session: Session, claim: Claim, now: datetime) -> None:
    """Hold begun work for another lease, in the transaction of a part of its result.

    Raises `ClaimLost` as `finish` does.
    """
    held = session.execute(
        _renew(claim.kind),
        {"row": claim.id, "held": claim.token, "new_until": now + KINDS[claim.kind].lease},
    ).first()
    if held is None:
        raise ClaimLost(f"{claim.kind} {claim.id} was taken over")


def finish(session: Session, claim: Claim, next_at: datetime | None) -> None:
    """End the work and say when this row is due again (None: nothing is owed).

    Raises `ClaimLost` when the lease ran out and another worker took over; the caller's
    transaction must then be rolled back, which raising does.
    """
    _end(session, claim, next_at, failures=0, last_error=None)


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
    platform's own word) says how long, from a second to a day. A row that always fails blocks
    nobody else. Raises `ClaimLost` as `finish` does.
    """
    row = session.execute(_look_at(claim.kind), {"row": claim.id}).first()
    if row is None:
        raise ClaimLost(f"{claim.kind} {claim.id} is gone")
    failures = row.failures
    delay = backoff(failures + 1) if not_before is None else min(max(not_before, SOONEST), LATEST)
    next_at = now + delay
    _end(session, claim, next_at, failures=failures + 1, last_error=error[:2000])
    return next_at


def outcome(session: Connection | Session, claim: Claim) -> tuple[bool, int, str]:
    """Return what became of begun work: still held, failures in a row, the last failure."""
    row = session.execute(_look_at(claim.kind), {"row": claim.id}).first()
    if row is None:
        return False, 0, ""
    return row.claim_token == claim.token, row.failures, row.last_error or ""


def release(session: Session, claims: Sequence[Claim]) -> None:
    """Free claims that nobody began, as when no worker could be told of them."""
    for claim in claims:
        table = KINDS[claim.kind].table
        session.execute(
            update(table)
            .where(table.c.id == claim.id, table.c.claim_token == claim.token)
            .values(claim_token=None, claim_until=None)
        )


def backoff(failures: int) -> timedelta:
    """Return a full-jitter exponential delay: at most 5 s · 2ⁿ⁻¹, capped at 6 hours."""
    ceiling: timedelta = min(BACKOFF_CAP, BACKOFF_BASE * 2 ** min(failures - 1, 20))
    return timedelta(seconds=ceiling.total_seconds() * random.uniform(0.2, 1.0))  # noqa: S311  jitter keeps no secret


def release_owner(session: Session, owner: str) -> int:
    """Free everything claimed by `owner`, and return how many rows that was.

    Only for an owner that has stopped working: a daemon at its end, or the only daemon of its
    store at its start.
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


def _end(
    session: Session,
    claim: Claim,
    next_at: datetime | None,
    *,
    failures: int,
    last_error: str | None,
) -> None:
    """Let the row go, due at `next_at` unless someone has said since `begin` when it is."""
    ended = session.execute(
        _ending(claim.kind, began=claim.due_at is not None),
        {
            "row": claim.id,
            "held": claim.token,
            "was_due": claim.due_at,
            "then": next_at,
            "new_failures": failures,
            "new_error": last_error,
        },
    ).first()
    if ended is None:
        raise ClaimLost(f"{claim.kind} {claim.id} was taken over")


def _token(owner: str) -> str:
    return f"{owner}:{secrets.token_hex(8)}"


def _claimable(kind: str) -> tuple[ColumnElement[bool], ...]:
    """Return what makes a row of `kind` due and free, for the parameters of `_moments`.

    A lease that ends more than two leases from now was given by a clock that has since been
    set back; nobody should wait for it. Daemons whose clocks differ by less than one lease do
    not take each other's work for that.
    """
    table = KINDS[kind].table
    return (
        *KINDS[kind].rows,
        table.c.next_at <= bindparam("now"),
        or_(
            table.c.claim_until.is_(None),
            table.c.claim_until <= bindparam("now"),
            table.c.claim_until > bindparam(f"{kind}_too_far"),
        ),
    )


def _moments(now: datetime, kinds: Sequence[str]) -> dict[str, datetime]:
    return {"now": now} | {f"{kind}_too_far": now + 2 * KINDS[kind].lease for kind in kinds}


# The statements that run all day are built once: building costs more than running them.


def _ours(table: Table) -> tuple[ColumnElement[bool], ...]:
    return table.c.id == bindparam("row"), table.c.claim_token == bindparam("held")


@lru_cache
def _begin(kind: str) -> Executable:
    table = KINDS[kind].table
    now = bindparam("now", type_=UtcDateTime())
    return (
        update(table)
        .where(*_ours(table), table.c.claim_until > now, table.c.next_at <= now)
        .values(claim_token=bindparam("new_token"), claim_until=bindparam("new_until"))
        .returning(table.c.next_at, table.c.failures, table.c.last_error)
    )


@lru_cache
def _renew(kind: str) -> Executable:
    table = KINDS[kind].table
    return (
        update(table)
        .where(*_ours(table))
        .values(claim_until=bindparam("new_until"))
        .returning(table.c.id)
    )


@lru_cache
def _ending(kind: str, *, began: bool) -> Executable:
    table = KINDS[kind].table
    then: Any = bindparam("then", type_=UtcDateTime())
    if began:
        unmoved = table.c.next_at == bindparam("was_due", type_=UtcDateTime())
        then = case((unmoved, then), else_=table.c.next_at)
    return (
        update(table)
        .where(*_ours(table))
        .values(
            claim_token=None,
            claim_until=None,
            next_at=then,
            failures=bindparam("new_failures"),
            last_error=bindparam("new_error"),
        )
        .returning(table.c.id)
    )


@lru_cache
def _look_at(kind: str) -> Executable:
    table = KINDS[kind].table
    columns = table.c.claim_token, table.c.failures, table.c.last_error
    return select(*columns).where(table.c.id == bindparam("row"))


@lru_cache
def _look(kinds: tuple[str, ...]) -> Executable:
    return union_all(
        *(
            select(literal_column(f"'{kind}'")).where(
                exists(select(KINDS[kind].table.c.id).where(*_claimable(kind)))
            )
            for kind in kinds
        )
    )


@lru_cache
def _claim(kind: str, dialect: str) -> Executable:
    table = KINDS[kind].table
    candidates: Select[Any] = (
        select(table.c.id)
        .where(*_claimable(kind))
        .order_by(table.c.next_at, table.c.id)
        .limit(bindparam("many"))
    )
    if dialect == "postgresql":
        candidates = candidates.with_for_update(skip_locked=True)
        # An array is evaluated once; a plain IN may be planned as a join that locks too much.
        chosen = table.c.id == func.any(func.array(candidates.scalar_subquery()))
    else:
        chosen = table.c.id.in_(candidates)
    return (
        update(table)
        .where(chosen)
        .values(claim_token=bindparam("new_token"), claim_until=bindparam("new_until"))
        .returning(table.c.id, table.c.next_at)
    )
