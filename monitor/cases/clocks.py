"""Starts, watches and stops the promises on a case.

The deadline is fixed when the clock starts, from the policy snapshot of the case. A breach
happened at that deadline, whenever the daemon noticed it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor import due
from monitor.cases.trail import DAEMON, record, touch
from monitor.clock import Clock as Now
from monitor.db import Database
from monitor.models import Case, Clock
from monitor.sla import Snapshot, Target, due_at, elapsed, warn_at

RESPONSES: tuple[Target, ...] = ("first_response", "next_response")
TARGETS: tuple[Target, ...] = (*RESPONSES, "resolution")
AT_OPENING: tuple[Target, ...] = ("first_response", "resolution")


def clock_rows(case_id: int, snapshot: Snapshot, start: datetime) -> list[dict[str, Any]]:
    """Return the clocks that a new case starts with, as rows to insert."""
    return [
        row
        for target in AT_OPENING
        if (row := clock_row(case_id, snapshot, target, start)) is not None
    ]


def clock_row(
    case_id: int, snapshot: Snapshot, target: Target, start: datetime
) -> dict[str, Any] | None:
    """Return one running clock as a row to insert; None when the policy has no such target."""
    if target not in snapshot.targets:
        return None
    return {
        "case_id": case_id,
        "target": target,
        "state": "running",
        "started_at": start,
        "due_at": due_at(snapshot, target, start),
        "next_at": warn_at(snapshot, target, start),
    }


def start(session: Session, case: Case, target: Target, now: datetime) -> None:
    """Start one clock, unless it runs already or a response clock owns this interval."""
    rivals = RESPONSES if target in RESPONSES else (target,)
    running = session.scalars(
        select(Clock.id).where(
            Clock.case_id == case.id, Clock.state != "stopped", Clock.target.in_(rivals)
        )
    ).first()
    if running is None:
        snapshot = Snapshot.from_json(case.policy.body)
        row = clock_row(case.id, snapshot, target, now)
        if row is not None:
            session.add(Clock(**row))
            session.flush()


def stop(session: Session, case: Case, targets: Collection[Target], at: datetime) -> None:
    """Stop the running clocks of these targets at `at`, and settle whether they were met.

    A deadline that passed before `at` is a breach even if no watcher saw it happen.
    """
    snapshot = Snapshot.from_json(case.policy.body)
    running = session.scalars(
        select(Clock).where(
            Clock.case_id == case.id, Clock.state != "stopped", Clock.target.in_(targets)
        )
    )
    for clock in running:
        clock.state = "stopped"
        clock.stopped_at = max(at, clock.started_at)
        clock.business_seconds = elapsed(snapshot, clock.started_at, clock.stopped_at).business
        clock.next_at = None
        if clock.due_at < at and clock.breached_at is None:
            clock.breached_at = clock.due_at
            clock.noticed_at = at
    session.flush()


def watch(database: Database, now: Now, claim: due.Claim) -> None:
    """Handle one due clock: warn before the deadline, then note the breach."""
    with database.write() as session:
        clock = session.get_one(Clock, claim.id)
        case = session.get_one(Case, clock.case_id)
        at = now()
        following: datetime | None = None
        if clock.state == "running":
            if at >= clock.due_at:
                clock.breached_at, clock.noticed_at = clock.due_at, at
                kind = "breached"
            else:
                clock.warned_at = at
                following = clock.due_at
                kind = "warned"
            record(session, case.id, kind, DAEMON, at, target=clock.target, due=_iso(clock.due_at))
            session.flush()
            touch(session, case.id, at)
        due.finish(session, claim, following)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
