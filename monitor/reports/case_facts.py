"""Reads what became of cases: how their promises fared, and how long each stage took."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Row, func, select, union
from sqlalchemy.orm import Session

from monitor.cases.replies import ELSEWHERE
from monitor.models import (
    Brand,
    Case,
    Clock,
    Draft,
    Location,
    Mention,
    Pause,
    Reply,
    SlaPolicy,
    Source,
)
from monitor.reports.fact import ALIVE, Fact, Parts, Stretch, seconds_from, topics_of
from monitor.reports.measures import Verdict


class Cases:
    """The cases of a stretch: those opened in it, and those with a clock that started in it.

    What else there is to read of them is read when it is first asked for. Without `with_topics`
    they are counted under none.
    """

    def __init__(self, session: Session, stretch: Stretch, *, with_topics: bool = True) -> None:
        # One list of ids, and no condition with OR, which no index serves in either database.
        self.ids = union(
            select(Case.id).where(stretch.holds(Case.opened_at)),
            select(Clock.case_id).where(stretch.holds(Clock.started_at)),
        )
        self.rows = {
            row.id: row for row in session.execute(_select_cases().where(Case.id.in_(self.ids)))
        }
        self._session = session
        self._with_topics = with_topics
        self._parts: dict[tuple[int, str, str], Parts] = {}

    def first_answer(self, case: Row[Any]) -> Row[Any] | None:
        """Return the first reply to a case that the platform has taken."""
        return self._first_answers.get(case.id)

    @cached_property
    def _first_answers(self) -> dict[int, Row[Any]]:
        found: dict[int, Row[Any]] = {}
        taken: Any = (
            select(
                Reply.case_id,
                Reply.approved_by,
                Reply.approved_at,
                Reply.submitted_at,
                Reply.visible_at,
                Draft.made_by,
                Draft.version,
            )
            .join(Draft, Draft.id == Reply.draft_id)
            .where(Reply.submitted_at.is_not(None), Reply.case_id.in_(self.ids))
            .order_by(Reply.submitted_at, Reply.id)
        )
        for row in self._session.execute(taken):
            found.setdefault(row.case_id, row)
        return found

    @cached_property
    def first_drafts(self) -> dict[int, datetime]:
        """When the first draft of each case was made."""
        first = select(Draft.case_id, func.min(Draft.created_at)).group_by(Draft.case_id)
        return dict(self._session.execute(first.where(Draft.case_id.in_(self.ids))).all())

    @cached_property
    def _topics(self) -> dict[int, tuple[str, ...]]:
        mentions = select(Case.mention_id).where(Case.id.in_(self.ids))
        return topics_of(self._session, mentions)

    def opened_within(self, stretch: Stretch) -> Iterator[Row[Any]]:
        for row in self.rows.values():
            if stretch.begin <= row.opened_at < stretch.end:
                yield row

    def parts(self, case: Row[Any], person: str, policy: str = "") -> Parts:
        """Return what a case, or what a person did on it, is counted under.

        `policy` is the one that a clock was counted by, where that is not its case's any more.
        """
        key = (case.id, person, policy)
        known = self._parts.get(key)
        if known is None:  # the same for a dozen facts
            known = self._parts[key] = self._make_parts(case, person, policy)
        return known

    def _make_parts(self, case: Row[Any], person: str, policy: str) -> Parts:
        topics: tuple[str, ...] = ()
        if self._with_topics:
            topics = self._topics.get(case.mention_id) or ("",)
        return (
            ("all", ""),
            ("source", case.source_key),
            ("brand", case.brand_key),
            ("location", f"{case.brand_key}/{case.location_key}" if case.location_key else ""),
            ("person", person),
            *(("topic", topic) for topic in topics),
            ("language", case.language),
            ("policy", policy or case.policy_key),
        )


def _select_cases() -> Any:
    return (
        select(
            Case.id,
            Case.opened_at,
            Case.assignee,
            Case.customer_id,
            Case.mention_id,
            Source.key.label("source_key"),
            Brand.key.label("brand_key"),
            func.coalesce(Location.key, "").label("location_key"),
            SlaPolicy.key.label("policy_key"),
            Mention.language,
            Mention.rating,
            Mention.created_at,
            Mention.first_seen_at,
            Mention.history,
        )
        .join(Source, Source.id == Case.source_id)
        .join(Brand, Brand.id == Case.brand_id)
        .outerjoin(Location, Location.id == Case.location_id)
        .join(SlaPolicy, SlaPolicy.id == Case.policy_id)
        .join(Mention, Mention.id == Case.mention_id)
    )


def read_clocks(session: Session, stretch: Stretch, cases: Cases) -> Iterator[Fact]:
    """Yield how every promise fared whose clock started in this time."""
    stood_still = _standing_still(session, stretch)
    policies: dict[int, str] = dict(session.execute(select(SlaPolicy.id, SlaPolicy.key)).all())
    for row in session.execute(
        select(
            Clock.id,
            Clock.case_id,
            Clock.target,
            Clock.state,
            Clock.started_at,
            Clock.stopped_at,
            Clock.breached_at,
            Clock.business_seconds,
            Clock.stopped_by,
            Clock.policy_id,
        ).where(stretch.holds(Clock.started_at))
    ):
        case = cases.rows[row.case_id]
        policy = policies.get(row.policy_id or 0, "")
        parts = cases.parts(case, row.stopped_by or case.assignee, policy)
        if row.state in ("voided", *ALIVE):
            verdict: Verdict = "voided" if row.state == "voided" else "open"
            yield Fact(row.target, parts, verdict, case_id=case.id)
            continue
        assert row.stopped_at is not None, "what is stopped was stopped at some time"
        stood = stood_still.get(row.id, timedelta())
        yield Fact(
            row.target,
            parts,
            "met" if row.breached_at is None else "missed",
            int(row.business_seconds or 0),
            seconds_from(row.started_at, row.stopped_at - stood),
            case.id,
        )


def _standing_still(session: Session, stretch: Stretch) -> Mapping[int, timedelta]:
    """Return for how long each stopped clock stood still before it stopped."""
    total: dict[int, timedelta] = defaultdict(timedelta)
    for clock_id, began, ended, stopped in session.execute(
        select(Clock.id, Pause.started_at, Pause.ended_at, Clock.stopped_at)
        .join(Clock, Clock.id == Pause.clock_id)
        .where(stretch.holds(Clock.started_at), Clock.state == "stopped")
    ):
        assert stopped is not None, "only stopped clocks are asked for"
        until = min(ended or stopped, stopped)
        total[clock_id] += max(timedelta(), until - began)
    return total


def name_of(told: str) -> str:
    """Return the name in ``Mara (web)``, as those who act are written down."""
    return told.rpartition(" (")[0] or told


def read_stages(stretch: Stretch, cases: Cases) -> Iterator[Fact]:
    """Yield how long each stage took of the cases that were opened in this time."""
    for case in cases.opened_within(stretch):
        answer = cases.first_answer(case)
        person = name_of(answer.approved_by) if answer else case.assignee
        parts = cases.parts(case, person)
        hour = case.opened_at.astimezone(stretch.zone).hour
        yield Fact("arrivals", parts, "open", hour, case_id=case.id)
        if case.created_at is not None and not case.history:
            late = seconds_from(case.created_at, case.first_seen_at)
            yield Fact("heard", parts, "met", late, case_id=case.id)
        if answer is None or answer.made_by == ELSEWHERE:
            continue
        drafted = cases.first_drafts.get(case.id)
        if drafted is not None:
            ready = seconds_from(case.opened_at, drafted)
            yield Fact("drafted", parts, "met", ready, case_id=case.id)
            decided = seconds_from(drafted, answer.approved_at)
            yield Fact("approved", parts, "met", decided, case_id=case.id)
        taken = seconds_from(answer.approved_at, answer.submitted_at)
        yield Fact("published", parts, "met", taken, case_id=case.id)
        if answer.visible_at is not None:
            visible = seconds_from(answer.submitted_at, answer.visible_at)
            yield Fact("visible", parts, "met", visible, case_id=case.id)
