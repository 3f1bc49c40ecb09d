"""Starts, watches and stops the promises on a case.

The deadline is fixed when the clock starts, from the policy snapshot of the case, and moves
only by pauses, which are written down one by one. A breach happened at the deadline, whenever
the daemon noticed it, and none did where the waiting ended in time, whenever that was heard.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitor import due
from monitor.cases.breaches import TIME, settle_breach
from monitor.cases.escalations import Cause, call_off, go_on, no_ladder
from monitor.cases.replies import approver_of
from monitor.cases.trail import DAEMON, lock_case, record, touch
from monitor.clock import Clock as Now
from monitor.db import Database
from monitor.models import Case, Clock, Pause, Reply, SlaPolicy
from monitor.sla import (
    Segment,
    Snapshot,
    Target,
    due_at,
    due_with_pauses,
    elapsed,
    start_of,
    warn_at,
    warnings_at,
)
from monitor.sla.warning import say

RESPONSES: tuple[Target, ...] = ("first_response", "next_response")
TARGETS: tuple[Target, ...] = (*RESPONSES, "resolution")
ALIVE = ("running", "paused")
AFTER = timedelta(seconds=1)
"""A stop at the deadline itself is met, so a breach is looked for just after it."""

AT_OPENING: tuple[Target, ...] = ("first_response", "resolution")
RESOLUTION: tuple[Target, ...] = ("resolution",)


def clock_rows(snapshot: Snapshot, start: datetime) -> list[dict[str, Any]]:
    """Return the clocks that a new case starts with, as rows to insert without their case."""
    return [row for target in AT_OPENING if (row := clock_row(snapshot, target, start)) is not None]


def clock_row(snapshot: Snapshot, target: Target, start: datetime) -> dict[str, Any] | None:
    """Return one running clock as a row to insert without its case.

    None when the policy has no such target.
    """
    if target not in snapshot.targets:
        return None
    deadline = due_at(snapshot, target, start)
    return {
        "target": target,
        "state": "running",
        "started_at": start,
        "due_at": deadline,
        "next_at": warn_at(snapshot, target, start) or deadline + AFTER,
    }


class Heard(NamedTuple):
    """A word that a clock starts for: when the platform says it was written, and when we saw it."""

    written_at: datetime | None
    seen_at: datetime


def start(
    session: Session, case: Case, target: Target, now: datetime, heard: Heard | None = None
) -> None:
    """Start one clock, unless it runs already or a response clock owns this interval.

    A paused clock goes on instead. `heard` is the word that starts it, if one does: by a policy
    that counts from when something was written, the clock starts then.
    """
    rivals = RESPONSES if target in RESPONSES else (target,)
    alive = _alive(session, case, rivals)
    if alive:
        resume(session, case, rivals, now)
        return
    snapshot = Snapshot.from_json(case.policy.body)
    told: dict[str, Any] = {}
    at = now
    if heard is not None:
        told = {"written_at": heard.written_at, "seen_at": heard.seen_at}
        if snapshot.policy.start == "written":
            begun = start_of(snapshot.policy, now, heard.written_at)
            told["start_reason"], at = begun.reason, begun.at
    row = clock_row(snapshot, target, at)
    if row is not None:
        session.add(Clock(case_id=case.id, **row, **told))
        session.flush()


def pause(
    session: Session, case: Case, targets: Collection[Target], at: datetime, reason: str
) -> None:
    """Stand the running clocks of these targets still from `at` on."""
    for clock in _alive(session, case, targets):
        if clock.state == "running":
            clock.state = "paused"
            clock.next_at = None
            session.add(
                Pause(clock_id=clock.id, started_at=max(at, clock.started_at), reason=reason)
            )
            settle_breach(session, clock, at, at)
            call_off(session, clock, at)
    session.flush()


def resume(session: Session, case: Case, targets: Collection[Target], now: datetime) -> None:
    """Let the paused clocks of these targets go on; their deadlines move by the pause."""
    for clock in _alive(session, case, targets):
        if clock.state != "paused":
            continue
        snapshot = snapshot_of(session, case, clock)
        for row in _pauses(session, clock):
            row.ended_at = row.ended_at or now
        session.flush()
        segments = segments_of(session, clock)
        target: Target = clock.target  # type: ignore[assignment]  # only targets are stored
        moved = due_with_pauses(snapshot, target, clock.started_at, segments)
        assert moved is not None, "every pause has ended"
        clock.state = "running"
        clock.due_at = moved
        clock.next_at = next_look(snapshot, clock, segments)
        go_on(session, clock, now)
    session.flush()


def revive(session: Session, case: Case, targets: Collection[Target], now: datetime) -> None:
    """Let the clock of these targets run on that stopped last: what stopped it did not hold.

    The time in which it stood still is not counted. Where one is alive, it goes on if it stood
    still.
    """
    if _alive(session, case, targets):
        resume(session, case, targets, now)
        return
    clock = session.scalars(
        select(Clock)
        .where(Clock.case_id == case.id, Clock.state == "stopped", Clock.target.in_(targets))
        .order_by(Clock.id.desc())
        .limit(1)
    ).first()
    if clock is not None:
        clock.state = "running"
        clock.stopped_at = clock.business_seconds = None
        clock.reply_id, clock.stopped_by, clock.visible_at = None, "", None
        segments, snapshot = segments_of(session, clock), snapshot_of(session, case, clock)
        target: Target = clock.target  # type: ignore[assignment]  # only targets are stored
        due = due_with_pauses(snapshot, target, clock.started_at, segments)
        assert due is not None, "every pause ended with it"
        clock.due_at = due
        clock.next_at = next_look(snapshot, clock, segments)
        go_on(session, clock, now)
        session.flush()


def stop(
    session: Session,
    case: Case,
    targets: Collection[Target],
    at: datetime,
    reply: Reply | None = None,
) -> None:
    """Stop the clocks of these targets at `at`, and settle whether they were met.

    A clock that stands still stops when its pause began. A deadline that passed before is a
    breach even if no watcher saw it happen. `reply` is the answer that stops them, if one does.
    """
    for clock in _alive(session, case, targets):
        pauses = _pauses(session, clock)
        standing = next((row.started_at for row in pauses if row.ended_at is None), None)
        for row in pauses:
            row.ended_at = row.ended_at or max(at, row.started_at)
        clock.state = "stopped"
        clock.stopped_at = max(standing or at, clock.started_at)
        segments = [_segment(row) for row in pauses]
        clock.business_seconds = elapsed(
            snapshot_of(session, case, clock), clock.started_at, clock.stopped_at, segments
        ).business
        clock.next_at = None
        if reply is not None:
            clock.reply_id, clock.stopped_by = reply.id, approver_of(reply)
            clock.visible_at = reply.visible_at
        settle_breach(session, clock, clock.stopped_at, at)
        call_off(session, clock, at)
    session.flush()


def see_answer(session: Session, reply: Reply) -> None:
    """Note on the clocks that a reply stopped since when the customer can see an answer.

    What it was taken in place of, and nobody ever saw, is answered for the customer by this one.
    """
    same = select(Reply.id).where(Reply.mention_id == reply.mention_id, Reply.id <= reply.id)
    session.execute(
        update(Clock)
        .where(Clock.reply_id.in_(same), Clock.visible_at.is_(None))
        .values(visible_at=reply.visible_at)
        .execution_options(synchronize_session=False)
    )


def void(session: Session, case: Case, targets: Collection[Target], at: datetime) -> None:
    """End clocks whose promise no longer stands: dismissed, deleted, closed without an answer.

    They count neither as met nor as missed.
    """
    for clock in _alive(session, case, targets):
        clock.state = "voided"
        clock.stopped_at = at
        clock.next_at = None
        call_off(session, clock, at)
    session.flush()


def watch(database: Database, now: Now, claim: due.Claim, cause: Cause = no_ladder) -> None:
    """Handle one due clock: warn before the deadline, then note the breach.

    Of several warnings that are due, as after a time without a daemon, one is given: the last.
    Past the deadline none is. `cause` hears of a clock that warned or is late.
    """
    with database.write() as session:
        clock = session.get_one(Clock, claim.id)
        # The case first, as everybody locks it first: two who wait for each other wait for ever.
        lock_case(session, clock.case_id)
        session.refresh(clock)
        at = now()
        following: datetime | None = None
        kind, told = "", dict[str, Any]()
        if clock.state == "running" and at > clock.due_at:
            if clock.breached_at is None:
                clock.breached_at, clock.noticed_at = clock.due_at, at
                kind = "breached"
            cause(session, clock, at)
        elif clock.state == "running":
            following, told = _warn(session, clock, at)
            kind = "warned" if told else ""
        if kind:
            record(
                session,
                clock.case_id,
                kind,
                DAEMON,
                at,
                target=clock.target.replace("_", " "),
                due=clock.due_at.strftime(TIME),
                **told,
            )
            session.flush()
            if kind == "warned":
                cause(session, clock, at)
            touch(session, clock.case_id, at)
        due.finish(session, claim, following)


def _warn(session: Session, clock: Clock, at: datetime) -> tuple[datetime, dict[str, Any]]:
    """Give the latest warning that is due, if one is new.

    Return when to look next, and what the trail tells of the warning: which it is, counted from
    1, and how many before it came to nothing because nobody looked.
    """
    snapshot = snapshot_of(session, session.get_one(Case, clock.case_id), clock)
    target: Target = clock.target  # type: ignore[assignment]  # only targets are stored
    known = warnings_at(snapshot, target, clock.started_at, segments_of(session, clock))
    given = clock.warnings
    due_now = sum(moment <= at for moment, _ in known)
    following = known[due_now][0] if due_now < len(known) else clock.due_at + AFTER
    if due_now <= given:
        return following, {}
    clock.warnings, clock.warned_at = due_now, at
    told = {"warning": due_now, "of": len(known), "which": say(known[due_now - 1][1])}
    missed = due_now - given - 1
    return following, {**told, "missed": missed} if missed else told


def snapshot_of(session: Session, case: Case, clock: Clock) -> Snapshot:
    """Return the version of the policy that a clock is counted by, as it was stored."""
    policy = case.policy
    if clock.policy_id is not None:
        policy = session.get_one(SlaPolicy, clock.policy_id)
    return Snapshot.from_json(policy.body)


def segments_of(session: Session, clock: Clock) -> list[Segment]:
    """Return the stretches in which a clock stood still, as the deadline is counted with them."""
    return [_segment(row) for row in _pauses(session, clock)]


def _alive(session: Session, case: Case, targets: Collection[Target]) -> list[Clock]:
    return list(
        session.scalars(
            select(Clock).where(
                Clock.case_id == case.id, Clock.state.in_(ALIVE), Clock.target.in_(targets)
            )
        )
    )


def _pauses(session: Session, clock: Clock) -> list[Pause]:
    return list(session.scalars(select(Pause).where(Pause.clock_id == clock.id).order_by(Pause.id)))


def _segment(row: Pause) -> Segment:
    return Segment(row.started_at, row.ended_at, row.reason)


def next_look(snapshot: Snapshot, clock: Clock, segments: list[Segment]) -> datetime:
    """Return when a running clock is looked at next: to warn, or to note that it is late."""
    target: Target = clock.target  # type: ignore[assignment]  # only targets are stored
    warnings = warnings_at(snapshot, target, clock.started_at, segments)
    left = warnings[clock.warnings :] if clock.breached_at is None else []
    return left[0][0] if left else clock.due_at + AFTER
