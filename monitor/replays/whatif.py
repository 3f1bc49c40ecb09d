"""Replays the stored cases under other promises, other hours or with other people on duty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.hours import ALWAYS, Calendar
from monitor.models import Case, SlaPolicy
from monitor.replays.reading import histories
from monitor.sla import Attainment, Snapshot
from monitor.sla.history import Answer, CaseHistory
from monitor.sla.simulation import Choose, Comparison, Replayed, replay
from monitor.sla.staffing import Calibration, Floor, Job, Order, Staffed

MOST_PEOPLE = 10_000
TOLD_EVERY = 1_000
RESPONSES = ("first_response", "next_response")

Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class OnDuty:
    """The question for other people on duty.

    `wanted` are numbers as people say them: ``3`` for so many, ``+1`` and ``-1`` for more and
    fewer than now. They work in the `hours`. `handling_seconds` replaces what the past says.
    """

    wanted: Sequence[str]
    hours: Calendar
    handling_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class People:
    """What the model of the people says.

    `real` is how the response clocks fared in truth under the promise looked at, `present` what
    the model makes of the same with the present number of people, `others` with those asked for.
    They take answers in the `order` that comes nearer to what happened.
    """

    hours: str
    order: Order
    calibration: Calibration
    handling_seconds: float
    real: Attainment
    present: Staffed
    others: tuple[Staffed, ...]


@dataclass
class WhatIf:
    """The answer. `voided` clocks count under neither promise. `people` is None if not asked."""

    since: datetime
    until: datetime
    cases: int = 0
    voided: int = 0
    comparison: Comparison = field(default_factory=Comparison)
    people: People | None = None


class NoModel(ValueError):
    """People cannot be modelled; the message says why and what to do."""


def what_if(
    session: Session,
    since: datetime,
    now: datetime,
    choose: Choose,
    *,
    on_duty: OnDuty | None = None,
    examples: int = 5,
    told: Told | None = None,
) -> WhatIf:
    """Replay the cases opened from `since` until `now` under what `choose` gives.

    `told` hears now and then how many cases are done. Raises `NoModel`.
    """
    made = WhatIf(since, now, comparison=Comparison(examples))
    # Clocks start at the whole second in which the case was opened.
    begun = since - timedelta(seconds=1)
    floor = Floor(on_duty.hours, begun, now) if on_duty is not None else None
    for case in histories(session, since, now):
        made.cases += 1
        made.voided += case.voided
        for run in replay(case, choose, now):
            made.comparison.add(run)
            if floor is not None:
                _put_on(floor, case, run)
        if told is not None and made.cases % TOLD_EVERY == 0:
            told(made.cases)
    if floor is not None and on_duty is not None:
        made.people = _serve(floor, on_duty)
    return made


def usual_hours(session: Session, since: datetime, now: datetime) -> Calendar:
    """Return the calendar that most of the cases count by."""
    counted = (
        select(Case.policy_id, func.count())
        .where(Case.opened_at.between(since, now))
        .group_by(Case.policy_id)
    )
    cases: dict[Calendar, int] = {}
    for policy, number in session.execute(counted).all():
        body = session.get_one(SlaPolicy, policy).body
        calendar = Snapshot.from_json(body).calendar
        cases[calendar] = cases.get(calendar, 0) + number
    return max(cases, key=lambda each: (cases[each], each.key), default=ALWAYS)


def _put_on(floor: Floor, case: CaseHistory, run: Replayed) -> None:
    if run.target not in RESPONSES:
        return
    answer = _answer_of(case, run)
    floor.add(
        Job(
            arrived_at=run.started_at,
            due_at=run.due_after,
            state=run.after,
            approved_at=answer.approved_at if answer else None,
            by=answer.by if answer else "",
        )
    )


def _answer_of(case: CaseHistory, run: Replayed) -> Answer | None:
    """Return the approval that ended a response, or None."""
    found = [
        answer
        for answer in case.answers
        if answer.approved_at >= run.started_at
        and (run.stopped_at is None or answer.approved_at <= run.stopped_at)
    ]
    return max(found, key=lambda answer: answer.approved_at, default=None)


def _serve(floor: Floor, on_duty: OnDuty) -> People:
    found = floor.calibrate()
    handling = on_duty.handling_seconds or found.handling_seconds
    if found.people is None:
        raise NoModel(
            "nobody approved an answer in this time, so there is nothing to model people by; "
            "take a longer --since"
        )
    if handling is None:
        raise NoModel(
            "no two approvals of one person stand close together, so it is not known how long an "
            "answer takes; say it, as in --handling 6m"
        )
    alike = on_duty.handling_seconds is not None
    order, present = floor.fitting_order(found.people, handling, alike=alike)
    return People(
        hours=on_duty.hours.key,
        order=order,
        calibration=found,
        handling_seconds=handling,
        real=floor.real,
        present=present,
        others=tuple(
            floor.serve(_people(wanted, found.people), handling, order=order, alike=alike)
            for wanted in on_duty.wanted
        ),
    )


def _people(wanted: str, present: int) -> int:
    number = int(wanted) + (present if wanted[:1] in "+-" else 0)
    if number < 1:
        raise NoModel(f"--people {wanted} leaves nobody; at present there are {present}")
    if number > MOST_PEOPLE:
        raise NoModel(f"--people {wanted}: more than {MOST_PEOPLE} cannot be modelled")
    return number
