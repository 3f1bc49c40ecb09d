"""Climbs ladders: due work of the kind ``escalate``, one row for each clock.

What is told, and that it was told, is committed together, and what Slack is owed is a row with a
key of its own. So however many daemons run, and whatever dies, each call is given once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor import due
from monitor.cases.clocks import segments_of
from monitor.cases.escalations import begin, has_begun, redraw_calls
from monitor.cases.trail import DAEMON, lock_case, record, touch
from monitor.clock import Clock as Now
from monitor.db import Database
from monitor.hours import ALWAYS, Calendar, NeverOpen, next_open
from monitor.log import logger
from monitor.models import Case, Clock, Escalation, EscalationCall
from monitor.models.upsert import insert_once
from monitor.sla import Snapshot, Target
from monitor.sla.ladder import Call, Opens, climb, plan
from responders.assignment import OnDuty
from responders.criteria import everything_of
from responders.escalation.ladders import Ladder, choose
from responders.escalation.whom import Rosters, Whom, find_from, groups_of
from responders.people import People

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """One call as it is given, for whoever carries it to people.

    `key` is its own for ever. `instead_of` is whom it was meant for where there is no such person,
    `missed` how many calls before it nobody gave, `again` that an acknowledgement ran out.
    """

    key: str
    escalation_id: int
    case_id: int
    whom: Whom
    instead_of: str = ""
    missed: int = 0
    again: bool = False


Carry = Callable[[Session, Told, datetime], None]
"""Owes people the message of a call, in the transaction in which it is given."""

CalendarOf = Callable[[str], Calendar]
"""Returns a calendar by its key; raises `KeyError`."""


def _always(_key: str) -> Calendar:
    return ALWAYS


def _nobody_can_tell(_group: str) -> tuple[str, ...] | None:
    return None


@dataclass(frozen=True, slots=True)
class Staff:
    """Whom ladders may call, in which hours and by what.

    `carry` is None where there is no Slack: then user groups are nobody.
    """

    people: People = field(default_factory=People)
    calendar_of: CalendarOf = _always
    on_duty: OnDuty = _nobody_can_tell
    carry: Carry | None = None


class Climber:
    """Begins the ladders of clocks, and gives their calls."""

    def __init__(
        self, database: Database, now: Now, ladders: Sequence[Ladder] = (), staff: Staff = Staff()
    ) -> None:
        self._database = database
        self._now = now
        self._ladders = tuple(ladders)
        self._staff = staff

    def begin(self, session: Session, clock: Clock, now: datetime) -> None:
        """Begin the ladder of a clock that gave cause, unless it has one or none matches."""
        if not self._ladders or has_begun(session, clock):
            return
        ladder = choose(self._ladders, everything_of(session, session.get_one(Case, clock.case_id)))
        if ladder is not None:
            begin(session, clock, ladder.to_json(), now)

    def handle(self, claim: due.Claim) -> None:
        """Give the calls of one ladder that are due, and say when the next one is."""
        rosters = self._rosters(claim)
        with self._database.write() as session:
            row = session.get_one(Escalation, claim.id)
            # The case first, as everybody locks it first.
            case = lock_case(session, row.case_id)
            session.refresh(row)
            next_at = self._climb(session, row, case, rosters)
            session.flush()
            due.finish(session, claim, next_at)

    def _rosters(self, claim: due.Claim) -> Rosters:
        """Ask who is in the user groups of a ladder, before any transaction that writes."""
        with self._database.read() as session:
            ladder = Ladder.from_json(session.get_one(Escalation, claim.id).ladder)
        if self._staff.carry is None:
            return {}
        return {group: self._staff.on_duty(group) for group in sorted(groups_of(ladder.steps))}

    def _climb(
        self, session: Session, row: Escalation, case: Case, rosters: Rosters
    ) -> datetime | None:
        now = self._now()
        clock = session.get_one(Clock, row.clock_id, populate_existing=True)
        if clock.state != "running":
            return None
        look = _Look(session, row, case, clock, Ladder.from_json(row.ladder), rosters, now)
        calls = planned(session, case, clock, look.ladder)
        move = climb(calls, _known(session, row), now, self._opens(look), row.held_until)
        if move.is_released:
            row.held_until = None
            row.changes += 1
            record(session, case.id, "acknowledgement_ended", DAEMON, now, by=row.acknowledged_by)
            redraw_calls(session, case.id, now)
        for call in move.missed:
            look.keep(call, "missed")
        for call in move.calls:
            self._give(look, call, missed=len(move.missed), again=move.again)
        if move.is_released or move.calls:
            session.flush()
            touch(session, case.id, now)
        return move.next_at

    def _give(self, look: _Look, call: Call, *, missed: int, again: bool) -> None:
        row, case, clock = look.row, look.case, look.clock
        whom, instead_of = find_from(
            look.ladder.steps,
            call.rung,
            case.assignee,
            self._staff.people,
            look.rosters,
            has_slack=self._staff.carry is not None,
        )
        number = row.acknowledgements if again else 0
        who = whom.words if whom is not None else ""
        state = "told" if whom is not None else "nobody"
        if not look.keep(call, state, again=number, who=who, instead_of=instead_of):
            return
        target = clock.target.replace("_", " ")
        record(
            look.session,
            case.id,
            "escalated" if whom is not None else "escalated_to_nobody",
            DAEMON,
            look.now,
            who=who,
            target=target,
            tense="is" if look.now <= clock.due_at else "was",
            due=clock.due_at.strftime("%Y-%m-%d %H:%M UTC"),
            ladder=look.ladder.key,
            step=call.rung + 1,
            turn=call.turn + 1,
            **({"instead_of": instead_of} if instead_of else {}),
            **({"missed": missed} if missed else {}),
        )
        if whom is None:
            log.warning("%s: %s: nobody is there to be told", case.ref, target)
        elif self._staff.carry is None:
            log.warning("%s: %s: told %s, without Slack", case.ref, target, who)
        else:
            told = Told(
                key=f"call:{row.id}:{call.rung}:{call.turn}:{number}",
                escalation_id=row.id,
                case_id=case.id,
                whom=whom,
                instead_of=instead_of,
                missed=missed,
                again=again,
            )
            self._staff.carry(look.session, told, look.now)

    def _opens(self, look: _Look) -> Opens:
        """Return when each rung may call: at once where the case is excepted, else in its hours."""
        excepted = look.ladder.excepted
        waits = excepted is None or not excepted.hold_for(everything_of(look.session, look.case))

        def opens(rung: int, at: datetime) -> datetime:
            if not waits:
                return at
            try:
                return next_open(self._staff.calendar_of(look.ladder.steps[rung].hours), at)
            except (KeyError, NeverOpen):
                return at  # the calendar is gone from the configuration

        return opens


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at a ladder, in the transaction that has locked its case."""

    session: Session
    row: Escalation
    case: Case
    clock: Clock
    ladder: Ladder
    rosters: Rosters
    now: datetime

    def keep(
        self, call: Call, state: str, *, again: int = 0, who: str = "", instead_of: str = ""
    ) -> bool:
        """Write a call down; tell whether it is new."""
        return insert_once(
            self.session,
            EscalationCall,
            escalation_id=self.row.id,
            rung=call.rung,
            turn=call.turn,
            again=again,
            state=state,
            due_at=call.at,
            told_at=self.now,
            who=who[:500],
            instead_of=instead_of[:500],
        )


def _known(session: Session, row: Escalation) -> set[tuple[int, int]]:
    """Return the rung and turn of each call that was given or missed."""
    kept = select(EscalationCall.rung, EscalationCall.turn).where(
        EscalationCall.escalation_id == row.id
    )
    return {(rung, turn) for rung, turn in session.execute(kept)}


def planned(session: Session, case: Case, clock: Clock, ladder: Ladder) -> list[Call]:
    """Return every call of a clock's ladder, in order."""
    target: Target = clock.target  # type: ignore[assignment]  # only targets are stored
    return plan(
        [step.rung for step in ladder.steps],
        Snapshot.from_json(case.policy.body),
        target,
        clock.started_at,
        segments_of(session, clock),
    )
