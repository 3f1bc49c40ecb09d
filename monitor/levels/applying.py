"""Applies the policies of now to open cases, because a person wants it.

A case keeps the policy it was opened with until somebody says otherwise; this is how they do.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitor.cases import clocks, escalations
from monitor.cases.breaches import note_breach
from monitor.cases.life import ENDED
from monitor.cases.policies import PolicyBook, keep
from monitor.cases.trail import lock_case, record, touch
from monitor.db import Database
from monitor.levels.planning import ClockPlan, Plan, plan, segment_of
from monitor.models import Case, Clock, Pause
from monitor.sla import due_at, warnings_at

APPLIED = "policy_applied"
"""The event that a person gave a case another version of its policy, or another policy."""

AT_ONCE = 200
"""Cases that one look at the store takes in."""


def open_case_ids(database: Database, only: int | None = None) -> list[int]:
    """Return the numbers of the cases that are open, or of one if it is."""
    query = select(Case.id).where(Case.state.not_in(ENDED)).order_by(Case.id)
    if only is not None:
        query = query.where(Case.id == only)
    with database.read() as session:
        return list(session.scalars(query))


def rehearse(
    database: Database, book: PolicyBook, case_ids: list[int], now: datetime
) -> Iterator[tuple[int, Plan | None]]:
    """Yield of each case what would become of it; nothing is written."""
    for first in range(0, len(case_ids), AT_ONCE):
        with database.read() as session:
            plans = [
                (case_id, None if case is None else plan(session, book, case, now))
                for case_id in case_ids[first : first + AT_ONCE]
                for case in [_if_open(session.get(Case, case_id))]
            ]
        yield from plans


def apply(
    database: Database,
    book: PolicyBook,
    case_id: int,
    actor: str,
    now: datetime,
    only: str | None = None,
) -> Plan | None:
    """Give one case the policy that it would be opened with now, in one transaction.

    `only` is the key of a policy: a case that neither has nor gets it is left alone. Returns
    what was done; None where nothing was to be done, as when it is called again.
    """
    with database.write() as session:
        case = _if_open(lock_case(session, case_id))
        if case is None:
            return None
        made = plan(session, book, case, now)
        if made is None or (only is not None and not made.concerns(only)):
            return None
        _carry_out(session, case, made, actor, now)
        return made


def _if_open(case: Case | None) -> Case | None:
    return None if case is None or case.state in ENDED else case


def _carry_out(session: Session, case: Case, made: Plan, actor: str, now: datetime) -> None:
    ids = keep(session, {made.after.digest: made.after}, now)
    # What has ended was counted by the old version, and is told by it for good.
    session.execute(
        update(Clock)
        .where(
            Clock.case_id == case.id,
            Clock.state.not_in(clocks.ALIVE),
            Clock.policy_id.is_(None),
        )
        .values(policy_id=case.policy_id)
        .execution_options(synchronize_session=False)
    )
    for planned in made.clocks:
        if planned.clock_id is None:
            _add(session, case, made, planned)
        else:
            clock = session.get_one(Clock, planned.clock_id, populate_existing=True)
            _move(session, made, clock, planned, case.policy_id, now)
    case.policy_id = ids[made.after.digest]
    session.flush()
    record(session, case.id, APPLIED, actor, now, **detail_of(made))
    session.flush()
    touch(session, case.id, now)


def _move(
    session: Session, made: Plan, clock: Clock, planned: ClockPlan, old: int, now: datetime
) -> None:
    if planned.due is None:
        clock.policy_id = clock.policy_id or old
        clock.state, clock.stopped_at, clock.next_at = "voided", now, None
        escalations.call_off(session, clock, now)
        return
    clock.policy_id = None
    clock.due_at = planned.due
    if planned.breach == "recorded":
        clock.breached_at, clock.noticed_at = planned.due, clock.noticed_at or now
    elif planned.breach == "taken_back":
        clock.breached_at = clock.noticed_at = None
    segments = clocks.segments_of(session, clock)
    known = warnings_at(made.after, planned.target, clock.started_at, segments)
    # Those that somebody heard of already are not given again.
    clock.warnings = sum(moment <= now for moment, _ in known) if planned.warned else 0
    if not planned.warned:
        clock.warned_at = None
    if clock.state == "running":
        clock.next_at = clocks.next_look(made.after, clock, segments)
        escalations.go_on(session, clock, now)


def _add(session: Session, case: Case, made: Plan, planned: ClockPlan) -> None:
    row = clocks.clock_row(made.after, planned.target, planned.started_at)
    assert row is not None, "it is promised, for it was planned"
    assert row["due_at"] == due_at(made.after, planned.target, planned.started_at)
    held = segment_of(planned)
    if held is not None:
        row |= {"state": "paused", "next_at": None}
    clock = Clock(case_id=case.id, **row)
    session.add(clock)
    session.flush()
    if held is not None:
        session.add(Pause(clock_id=clock.id, started_at=held.start, reason=held.reason))
        note_breach(clock, held.start, held.start)


def detail_of(made: Plan) -> dict[str, Any]:
    """Return what the trail keeps of a change: both versions, and each deadline in words."""
    return {
        "policy_before": made.before.policy.key,
        "version_before": made.before.version,
        "policy": made.after.policy.key,
        "version": made.after.version,
        "clocks": [
            {
                "target": each.target,
                "due_before": each.due_before.isoformat() if each.due_before else None,
                "due": each.due.isoformat() if each.due else None,
                "breach": each.breach,
            }
            for each in made.clocks
        ],
        "told": "; ".join(clock_words(each) for each in made.clocks) or "no clock runs",
    }


def clock_words(planned: ClockPlan) -> str:
    """Say what becomes of one clock: ``first response due … instead of …``."""
    target = planned.target.replace("_", " ")
    if planned.due is None:
        return f"{target} is promised no more"
    due = f"{target} due {_said(planned.due)}"
    if planned.due_before is None:
        return f"{due}, which was not promised before"
    told = f"{due} instead of {_said(planned.due_before)}"
    if planned.due == planned.due_before:
        told = f"{due}, as before"
    return f"{told}; no longer missed" if planned.breach == "taken_back" else told


def _said(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")
