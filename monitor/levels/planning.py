"""What another policy would make of the clocks of one open case; nothing is written here.

Apart from `monitor.levels.applying`, so that a rehearsal shows exactly what would be done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.cases import clocks
from monitor.cases.correcting import closed_before, corrected_reply
from monitor.cases.life import WAITING_FOR_CUSTOMER
from monitor.cases.policies import PolicyBook
from monitor.cases.replies import STANDING
from monitor.levels.facts import facts_now
from monitor.models import Case, Clock, Event, Reply
from monitor.sla import Segment, Snapshot, Target, due_at, due_with_pauses, warn_at


@dataclass(frozen=True, slots=True)
class ClockPlan:
    """What becomes of one clock. `clock_id` is None for one that is new.

    `due_before` is None for a new clock, `due` where the promise no longer stands. `breach`
    tells what becomes of a missed deadline: ``recorded`` (it stays missed), ``taken_back`` (the
    new deadline has not passed), or empty.
    """

    clock_id: int | None
    target: Target
    started_at: datetime
    due_before: datetime | None
    due: datetime | None
    breach: str = ""
    warned: bool = False
    paused_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of one case when the policies of now are applied to it."""

    case_id: int
    before: Snapshot
    after: Snapshot
    clocks: tuple[ClockPlan, ...]

    def concerns(self, key: str) -> bool:
        """Tell whether the case goes to, or comes from, the policy called `key`."""
        return key in (self.before.policy.key, self.after.policy.key)


def plan(session: Session, book: PolicyBook, case: Case, now: datetime) -> Plan | None:
    """Return what the policies in `book` would change on an open case; None for nothing.

    Alive clocks keep their start and their pauses. Clocks that have ended stay as they are, with
    the version they were counted by. A target that the new policy promises and the old one did
    not runs from where it would have: the opening of the case, or its last reopening.
    """
    before = Snapshot.from_json(case.policy.body)
    after = book.choose(facts_now(session, case))
    alive = session.scalars(
        select(Clock)
        .where(Clock.case_id == case.id, Clock.state.in_(clocks.ALIVE))
        .order_by(Clock.id)
    ).all()
    foreign = any(clock.policy_id is not None for clock in alive)
    if after.digest == before.digest and not foreign:
        return None
    planned = [_moved(session, after, clock, now) for clock in alive]
    planned += _added(session, case, after, alive)
    return Plan(case.id, before, after, tuple(planned))


def _moved(session: Session, after: Snapshot, clock: Clock, now: datetime) -> ClockPlan:
    target: Target = clock.target  # type: ignore[assignment]  # only targets are stored
    if target not in after.targets:
        return ClockPlan(clock.id, target, clock.started_at, clock.due_at, None)
    segments = clocks.segments_of(session, clock)
    held = next((each.start for each in segments if each.end is None), None)
    # As everywhere, a clock that stands still keeps the deadline it had when it was stopped.
    ended = [each for each in segments if each.end is not None]
    due = due_with_pauses(after, target, clock.started_at, ended)
    warning = warn_at(after, target, clock.started_at, ended)
    assert due is not None, "every pause in it has ended"
    until = held or now
    breach = ""
    if due < until and (clock.breached_at is not None or held is not None):
        breach = "recorded"
    elif due >= until and clock.breached_at is not None:
        breach = "taken_back"
    warned = clock.warned_at is not None and warning is not None and warning <= until
    return ClockPlan(
        clock.id, target, clock.started_at, clock.due_at, due, breach, warned, paused_at=held
    )


def _added(
    session: Session, case: Case, after: Snapshot, alive: Sequence[Clock]
) -> list[ClockPlan]:
    """Return the clocks that the new policy promises and that do not run yet."""
    running = {clock.target for clock in alive}
    said = session.scalars(
        select(func.max(Reply.submitted_at)).where(
            Reply.case_id == case.id, Reply.state.in_(STANDING)
        )
    ).first()
    correcting = corrected_reply(session, case) is not None
    waiting = case.state != "answered" and not correcting
    wanted: list[Target] = []
    if waiting and not running & set(clocks.RESPONSES):
        wanted.append("next_response" if said is not None else "first_response")
    ended = correcting and closed_before(session, case) is not None
    if "resolution" not in running and not ended:
        wanted.append("resolution")
    begun = _begun(session, case)
    return [
        ClockPlan(
            None,
            target,
            begun,
            None,
            due_at(after, target, begun),
            paused_at=None if waiting else max(said or begun, begun),
        )
        for target in wanted
        if target in after.targets
    ]


def _begun(session: Session, case: Case) -> datetime:
    """Return when the case began to wait for what is not promised yet."""
    reopened = session.scalars(
        select(func.max(Event.at)).where(Event.case_id == case.id, Event.kind == "reopened")
    ).first()
    if reopened is not None:
        return reopened.replace(microsecond=0)
    first = session.scalars(
        select(func.min(Clock.started_at)).where(Clock.case_id == case.id)
    ).first()
    return first or case.opened_at.replace(microsecond=0)


def segment_of(planned: ClockPlan) -> Segment | None:
    """Return the pause that a new clock begins with, if it stands still."""
    if planned.clock_id is not None or planned.paused_at is None:
        return None
    return Segment(planned.paused_at, None, WAITING_FOR_CUSTOMER)
