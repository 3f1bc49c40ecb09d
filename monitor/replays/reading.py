"""Reads what happened on cases, some thousands at a time, for replays and forecasts.

What a policy may ask of a case is read as it stands now: a rating or text that its author
changed since is the changed one. Memory stays the same however many cases there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from monitor.cases.replies import ELSEWHERE, STANDING
from monitor.intake.sighting import stars
from monitor.models import (
    Assessment,
    Author,
    Brand,
    Case,
    Clock,
    Customer,
    Draft,
    Event,
    Label,
    Location,
    Mention,
    Pause,
    Reply,
    SlaPolicy,
    Source,
)
from monitor.sla import TARGETS, Facts, Segment, Snapshot, State, Target
from monitor.sla.history import Answer, CaseHistory, Run, Step, runs_without_clock

CHUNK = 2_000
"""So many cases are in memory at once."""

ENDED = ("closed", "dismissed")
Rows = dict[int, list[Any]]


def count_cases(session: Session, since: datetime, now: datetime) -> int:
    """Return how many cases were opened from `since` until `now`."""
    counted = select(func.count()).select_from(Case).where(_opened(since, now))
    return session.scalar(counted) or 0


def histories(
    session: Session,
    since: datetime,
    now: datetime,
    *,
    chunk: int = CHUNK,
    clocks_only: bool = False,
) -> Iterator[CaseHistory]:
    """Yield the cases opened from `since` until `now`, by number, each with all its clocks.

    The same cases as in `rapport report sla`. Hold the session's transaction open meanwhile, so
    that all is of one moment. With `clocks_only` they come sooner, without answers and without
    runs of targets that were not promised.
    """
    yield from _read(session, _cases(_opened(since, now)), now, chunk, clocks_only)


def open_histories(
    session: Session, before: datetime, now: datetime, *, chunk: int = CHUNK
) -> Iterator[CaseHistory]:
    """Yield the cases opened before `before` on which a clock ran at that time or later.

    With their clocks only, as `histories` gives them.
    """
    lasting = select(Clock.case_id).where(
        Clock.case_id == Case.id, Clock.stopped_at.is_(None) | (Clock.stopped_at >= before)
    )
    wanted = _cases((Case.opened_at < before) & lasting.exists())
    yield from _read(session, wanted, now, chunk, clocks_only=True)


def state_of(state: str, breached_at: datetime | None, due_at: datetime, now: datetime) -> State:
    """Return the state of a stored clock that is not voided, as of `now`."""
    if state == "stopped":
        return "met" if breached_at is None else "breached"
    if state == "paused":
        return "paused" if breached_at is None else "overdue"
    return "overdue" if breached_at is not None or now > due_at else "running"


def _opened(since: datetime, until: datetime) -> ColumnElement[bool]:
    return Case.opened_at.between(since, until)


def _read(
    session: Session, wanted: Select[*tuple[Any, ...]], now: datetime, chunk: int, clocks_only: bool
) -> Iterator[CaseHistory]:
    reader = _Reader(session, now, clocks_only)
    last = 0
    while True:
        cases = session.execute(wanted.where(Case.id > last).limit(chunk)).all()
        if not cases:
            return
        yield from reader.read(cases)
        last = cases[-1].id


def _cases(condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Case.id,
            Case.opened_at,
            Case.state,
            Case.urgency,
            Case.policy_id,
            Source.key.label("source"),
            Brand.key.label("brand"),
            Location.key.label("location"),
            Mention.rating,
            Mention.rating_min,
            Mention.rating_max,
            Mention.language,
            Case.mention_id,
            Mention.revision,
            Assessment.topics,
            Customer.tier,
            Author.reach,
        )
        .join(Source, Source.id == Case.source_id)
        .join(Brand, Brand.id == Case.brand_id)
        .join(Mention, Mention.id == Case.mention_id)
        .outerjoin(
            Assessment,
            (Assessment.mention_id == Mention.id) & (Assessment.revision == Mention.revision),
        )
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .outerjoin(Author, Author.id == Mention.author_id)
        .outerjoin(Location, Location.id == Case.location_id)
        .where(condition)
        .order_by(Case.id)
    )


class _Reader:
    """Reads what belongs to some cases, with one statement for each table."""

    def __init__(self, session: Session, now: datetime, clocks_only: bool) -> None:
        self._session = session
        self._now = now
        self._clocks_only = clocks_only
        self._snapshots: dict[int, Snapshot] = {}

    def read(self, cases: Sequence[Row[Any]]) -> Iterator[CaseHistory]:
        ids = [row.id for row in cases]
        clocks = self._of_cases(
            select(
                Clock.case_id,
                Clock.id,
                Clock.target,
                Clock.state,
                Clock.started_at,
                Clock.stopped_at,
                Clock.due_at,
                Clock.breached_at,
                Clock.policy_id,
                Clock.seen_at,
                Clock.written_at,
            )
            .where(Clock.case_id.in_(ids))
            .order_by(Clock.id)
        )
        pauses = self._of_cases(
            select(Pause.clock_id, Pause.started_at, Pause.ended_at, Pause.reason)
            .join(Clock, Clock.id == Pause.clock_id)
            .where(Clock.case_id.in_(ids))
            .order_by(Pause.id)
        )
        answers = self._answers(ids)
        turns = self._turns(ids)
        told = self._topics(cases)
        self._learn_policies(
            {row.policy_id for row in cases}
            | {each.policy_id for rows in clocks.values() for each in rows if each.policy_id}
        )
        for row in cases:
            said = [each.topics for each in told[row.mention_id] if each.revision == row.revision]
            yield self._history(row, clocks[row.id], pauses, answers[row.id], turns[row.id], said)

    def _answers(self, ids: Sequence[int]) -> Rows:
        if self._clocks_only:
            return defaultdict(list)
        return self._of_cases(
            select(
                Reply.case_id,
                Reply.approved_at,
                Reply.approved_by,
                Reply.submitted_at,
                Draft.made_by,
            )
            .join(Draft, Draft.id == Reply.draft_id)
            .where(Reply.case_id.in_(ids), Reply.state.in_((*STANDING, "replaced", "removed")))
            .order_by(Reply.id)
        )

    def _turns(self, ids: Sequence[int]) -> Rows:
        if self._clocks_only:
            return defaultdict(list)
        return self._of_cases(
            select(Event.case_id, Event.at, Event.kind)
            .where(Event.case_id.in_(ids), Event.kind.in_(("reopened", "closed")))
            .order_by(Event.id)
        )

    def _topics(self, cases: Sequence[Row[Any]]) -> Rows:
        """Return what people said the cases are about, by mention, their last word last."""
        if self._clocks_only:
            return defaultdict(list)
        return self._of_cases(
            select(Label.mention_id, Label.revision, Label.topics)
            .where(
                Label.mention_id.in_([row.mention_id for row in cases]), Label.topics.is_not(None)
            )
            .order_by(Label.id)
        )

    def _of_cases(self, statement: Select[*tuple[Any, ...]]) -> Rows:
        """Return the rows by their first column."""
        found: Rows = defaultdict(list)
        for row in self._session.execute(statement):
            found[row[0]].append(row)
        return found

    def _history(
        self,
        row: Row[Any],
        clocks: list[Any],
        pauses: Rows,
        answers: list[Any],
        turns: list[Any],
        said: list[Any],
    ) -> CaseHistory:
        snapshot = self._snapshots[row.policy_id]
        runs = [self._run(clock, pauses) for clock in clocks]
        # A target for which a clock was ever started needs none made up, nor does a promised one.
        unknown = [
            target
            for target in TARGETS
            if target not in snapshot.targets and all(run.target != target for run in runs)
        ]
        kept = [run for run, clock in zip(runs, clocks, strict=True) if clock.state != "voided"]
        if unknown and not self._clocks_only:
            kept += runs_without_clock(
                row.opened_at.replace(microsecond=0),
                _steps(answers, turns),
                ended=row.state in ENDED,
                wanted=unknown,
            )
        return CaseHistory(
            id=row.id,
            # A person's word on its topics counts before what was judged.
            facts=_facts(row, said[-1] if said else row.topics),
            snapshot=snapshot,
            opened_at=row.opened_at,
            runs=tuple(kept),
            answers=tuple(
                Answer(each.approved_at, _person(each.approved_by), each.submitted_at)
                for each in answers
                if each.made_by != ELSEWHERE
            ),
            voids=tuple(
                run for run, clock in zip(runs, clocks, strict=True) if clock.state == "voided"
            ),
        )

    def _run(self, clock: Any, pauses: Rows) -> Run:
        return Run(
            target=cast(Target, clock.target),
            started_at=clock.started_at,
            stopped_at=clock.stopped_at,
            pauses=tuple(
                Segment(each.started_at, each.ended_at, each.reason)
                for each in pauses.get(clock.id, ())
            ),
            state=(
                None
                if clock.state == "voided"
                else state_of(clock.state, clock.breached_at, clock.due_at, self._now)
            ),
            due_at=clock.due_at,
            snapshot=self._snapshots[clock.policy_id] if clock.policy_id else None,
            seen_at=clock.seen_at,
            written_at=clock.written_at,
        )

    def _learn_policies(self, wanted: set[int]) -> None:
        missing = wanted - self._snapshots.keys()
        if missing:
            found = select(SlaPolicy.id, SlaPolicy.body).where(SlaPolicy.id.in_(missing))
            for number, body in self._session.execute(found):
                self._snapshots[number] = Snapshot.from_json(body)


def _steps(answers: list[Any], turns: list[Any]) -> Iterator[tuple[datetime, Step]]:
    for answer in answers:
        if answer.submitted_at is not None:
            yield answer.submitted_at, "replied"
    for turn in turns:
        yield turn.at, turn.kind


def _facts(row: Any, topics: Sequence[str] | None) -> Facts:
    return Facts(
        source=row.source,
        brand=row.brand,
        location=row.location or "",
        rating=stars(row.rating, row.rating_min, row.rating_max),
        urgency=row.urgency,
        language=row.language,
        topics=tuple(topics or ()),
        tier=row.tier or "",
        reach=row.reach,
    )


def _person(approved_by: str) -> str:
    """Return the name alone: one person approves in Slack, in the browser and at a terminal."""
    return approved_by.rpartition(" (")[0] or approved_by
