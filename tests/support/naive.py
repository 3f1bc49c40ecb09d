"""The figures of reports, counted again in the plainest way: every row read, every group by hand.

Nothing of `monitor.reports` is used here, and nothing is clever.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from monitor.models import (
    Assessment,
    Brand,
    Case,
    Clock,
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


class Recount:
    """All rows of a store, and the figures of the days from `first` to `last` at a moment."""

    def __init__(
        self,
        session: Session,
        now: datetime,
        first: date,
        last: date,
        zone: str,
        teams: dict[str, str] | None = None,
    ) -> None:
        self.now, self.first, self.last, self.zone = now, first, last, ZoneInfo(zone)
        self.teams = teams or {}
        every = lambda model: session.query(model).order_by(text("1")).all()  # noqa: E731
        self.cases: list[Case] = every(Case)
        self.clocks: list[Clock] = every(Clock)
        self.replies: list[Reply] = every(Reply)
        self.events: list[Event] = every(Event)
        self.mentions: list[Mention] = every(Mention)
        self.drafts: list[Draft] = every(Draft)
        self.pauses: list[Pause] = every(Pause)
        self.labels: list[Label] = every(Label)
        self.sources = {row.id: row for row in every(Source)}
        self.brands = {row.id: row.key for row in every(Brand)}
        self.places = {row.id: row.key for row in every(Location)}
        self.policies = {row.id: row.key for row in every(SlaPolicy)}
        self.judged = {(row.mention_id, row.revision): row for row in every(Assessment)}
        self.case_of = {case.id: case for case in self.cases}
        self.mention_of = {mention.id: mention for mention in self.mentions}

    def within(self, at: datetime | None) -> bool:
        return at is not None and self.first <= at.astimezone(self.zone).date() <= self.last

    def topics(self, mention: Mention) -> list[str]:
        found = list(self.judged[mention.id, mention.revision].topics or [])
        for label in self.labels:
            if (label.mention_id, label.revision) == (mention.id, mention.revision):
                found = label.topics if label.topics is not None else found
        return found or [""]

    def answers(self, case: Case) -> list[Reply]:
        taken = [r for r in self.replies if r.case_id == case.id and r.submitted_at]
        return sorted(taken, key=lambda reply: reply.submitted_at or self.now)

    def values(self, case: Case, part: str, person: str) -> list[str]:
        """What a case is called under a part; several topics are several names."""
        mention = self.mention_of[case.mention_id]
        brand = self.brands[case.brand_id]
        told = {
            "all": [""],
            "source": [self.sources[case.source_id].key],
            "brand": [brand],
            "location": [f"{brand}/{self.places[case.location_id]}" if case.location_id else ""],
            "team": [self.teams.get(person, "")],
            "person": [person],
            "topic": self.topics(mention),
            "language": [mention.language],
            "policy": [self.policies[case.policy_id]],
        }
        return told[part]

    # Promises

    def promises(self, measure: str, part: str = "all") -> dict[str, dict[str, Any]]:
        """Each group's figures, by its name."""
        groups: dict[str, list[Clock]] = {}
        for clock in self.clocks:
            if clock.target != measure or clock.state == "voided":
                continue
            if not self.within(clock.started_at):
                continue
            case = self.case_of[clock.case_id]
            person = (clock.stopped_by if clock.state == "stopped" else "") or case.assignee
            for value in self.values(case, part, person):
                groups.setdefault(value, []).append(clock)
        return {value: self._fared(clocks) for value, clocks in groups.items()}

    def voided(self, measure: str) -> int:
        return sum(
            each.target == measure and each.state == "voided" and self.within(each.started_at)
            for each in self.clocks
        )

    def by_day(self, measure: str) -> dict[date, int]:
        found: dict[date, int] = {}
        for clock in self.clocks:
            counts = clock.target == measure and clock.state != "voided"
            if counts and self.within(clock.started_at):
                day = clock.started_at.astimezone(self.zone).date()
                found[day] = found.get(day, 0) + 1
        return found

    def _fared(self, clocks: list[Clock]) -> dict[str, Any]:
        stopped = [each for each in clocks if each.state == "stopped"]
        met = sum(each.breached_at is None for each in stopped)
        late = [
            each
            for each in clocks
            if each.state != "stopped"
            and (each.breached_at or (each.state == "running" and each.due_at < self.now))
        ]
        business = [int(each.business_seconds or 0) for each in stopped]
        wall = [self._wall(each) for each in stopped]
        decided = len(stopped) + len(late)
        return {
            "received": len(clocks),
            "met": met,
            "missed": len(stopped) - met,
            "overdue": len(late),
            "open": len(clocks) - len(stopped) - len(late),
            "in_time": met / decided if decided else None,
            "answered": len(stopped) / len(clocks),
            "median_business": at_rank(business, 0.5),
            "p90_business": at_rank(business, 0.9),
            "median_wall": at_rank(wall, 0.5),
            "p90_wall": at_rank(wall, 0.9),
        }

    def _wall(self, clock: Clock) -> int:
        assert clock.stopped_at is not None
        taken = clock.stopped_at - clock.started_at
        for pause in self.pauses:
            if pause.clock_id == clock.id:
                until = min(pause.ended_at or clock.stopped_at, clock.stopped_at)
                taken -= max(timedelta(), until - pause.started_at)
        return max(0, int(taken.total_seconds()))

    # Stages and what came after

    def opened(self) -> list[Case]:
        return [case for case in self.cases if self.within(case.opened_at)]

    def stages(self, only: Callable[[Case], bool] = lambda case: True) -> dict[str, list[int]]:
        """The seconds that each stage took."""
        found: dict[str, list[int]] = {
            name: [] for name in ("heard", "drafted", "approved", "published", "visible")
        }

        def note(stage: str, begin: datetime | None, end: datetime | None) -> None:
            if begin is not None and end is not None:
                found[stage].append(max(0, int((end - begin).total_seconds())))

        for case in filter(only, self.opened()):
            mention = self.mention_of[case.mention_id]
            if not mention.history:
                note("heard", mention.created_at, mention.first_seen_at)
            answer = next(iter(self.answers(case)), None)
            if answer is None or self._is_elsewhere(answer):
                continue
            first = min((d.created_at for d in self.drafts if d.case_id == case.id), default=None)
            note("drafted", case.opened_at, first)
            note("approved", first, answer.approved_at)
            note("published", answer.approved_at, answer.submitted_at)
            note("visible", answer.submitted_at, answer.visible_at)
        return found

    def after(self) -> dict[str, tuple[int, int]]:
        """Out of how many, and how many, by what customers did."""
        told: dict[str, list[bool]] = {
            name: []
            for name in (
                "raised",
                "lowered",
                "raised_alone",
                "wrote_again",
                "returned",
                "silent",
                "edited",
                "reopened",
            )
        }
        for case in self.opened():
            happened = [event for event in self.events if event.case_id == case.id]
            rated = self.mention_of[case.mention_id].rating is not None
            answers = self.answers(case)
            if not answers:
                if rated:
                    told["raised_alone"].append(any(e.kind == "rating_raised" for e in happened))
                continue
            at = answers[0].submitted_at
            assert at is not None
            later = [event for event in happened if event.at >= at]
            raised = any(event.kind == "rating_raised" for event in later)
            lowered = any(
                event.kind == "edited"
                and (event.detail.get("stars_now") or 9) < (event.detail.get("stars_before") or 0)
                for event in later
            )
            wrote = any(event.kind == "customer_wrote" for event in later)
            returned = case.customer_id is not None and any(
                other.customer_id == case.customer_id
                and other.id != case.id
                and other.opened_at > at
                for other in self.cases
            )
            if rated:
                told["raised"].append(raised)
                told["lowered"].append(lowered)
            told["wrote_again"].append(wrote)
            if case.customer_id is not None:
                told["returned"].append(returned)
            told["silent"].append(not (raised or lowered or wrote or returned))
            told["reopened"].append(any(event.kind == "reopened" for event in later))
            if not self._is_elsewhere(answers[0]):
                version = next(d.version for d in self.drafts if d.id == answers[0].draft_id)
                told["edited"].append(
                    any(
                        event.kind == "draft_edited" and event.detail.get("version") == version
                        for event in happened
                    )
                )
        return {name: (len(each), sum(each)) for name, each in told.items()}

    def _is_elsewhere(self, reply: Reply) -> bool:
        draft = next(draft for draft in self.drafts if draft.id == reply.draft_id)
        return draft.made_by == "elsewhere"

    def by_person(self, clock_target: str) -> dict[str, int]:
        """How many each person answered."""
        found: dict[str, int] = {}
        for clock in self.clocks:
            stopped = clock.target == clock_target and clock.state == "stopped"
            if stopped and self.within(clock.started_at):
                person = clock.stopped_by or self.case_of[clock.case_id].assignee
                found[person] = found.get(person, 0) + 1
        return found

    # What customers say

    def heard(self) -> list[Mention]:
        ours = {
            (self.case_of[reply.case_id].source_id, reply.external_id) for reply in self.replies
        }
        return [
            mention
            for mention in self.mentions
            if not (mention.parent_external_id and (mention.source_id, mention.external_id) in ours)
            and self.within(
                (mention.created_at if mention.history else None) or mention.first_seen_at
            )
        ]

    def is_complaint(self, mention: Mention) -> bool:
        judged = self.judged[mention.id, mention.revision]
        found = bool(judged.complaint) and not judged.spam
        for label in self.labels:
            if (label.mention_id, label.revision) == (mention.id, mention.revision):
                found = label.complaint if label.complaint is not None else found
        return found

    # What is open now

    def waiting(self) -> tuple[int, int]:
        """How many cases are open at this moment, and how many of them are overdue."""
        open_ = [case for case in self.cases if case.state in ("opened", "drafted", "approved")]
        late = {
            clock.case_id
            for clock in self.clocks
            if clock.state == "running" and clock.due_at < self.now
        }
        return len(open_), sum(case.id in late for case in open_)


def at_rank(values: Iterable[int], share: float) -> int | None:
    """The smallest that `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[math.ceil(round(share * len(ordered), 6)) - 1] if ordered else None
