"""A made-up history of cases, as a shop with regular customers and a few people would have had it.

Complaints come by weekday and hour, a team answers them in opening hours, the one that waits
longest first, some customers write again, some cases are dismissed at a glance. Every clock is
counted with the product's own functions; the rows are written straight into the store, so that a
hundred thousand take seconds. The same seed makes the same history.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from monitor.app import compose, policy_book
from monitor.cases.policies import PolicyBook, keep
from monitor.config import load
from monitor.db import Database
from monitor.hours import Calendar, add, between
from monitor.models import (
    Brand,
    Case,
    CaseMention,
    Clock,
    Draft,
    Event,
    Mention,
    Pause,
    Reply,
    Source,
)
from monitor.sla import Facts, Segment, Snapshot, Target, due_at, due_with_pauses, elapsed
from tests.support.migrated import migrate

CONFIG = """\
version: 1
database: {database}
brands:
  - key: harbour
    name: Harbour Coffee
    timezone: Europe/Berlin
    contact: hello@harbour.example
    signature: Mara, Harbour Coffee
    languages: [en, de]
sources:
  - key: board
    connector: demo
    brand: harbour
    enabled: false
    settings: {{base_url: "http://127.0.0.1:1", board: reviews, allow_private_addresses: true}}
  - key: feed
    connector: demo
    brand: harbour
    account: board
    enabled: false
    settings: {{base_url: "http://127.0.0.1:1", board: feed, allow_private_addresses: true}}
calendars:
  - key: office
    timezone: Europe/Berlin
    hours:
      mon: &daily ["09:00-18:00"]
      tue: *daily
      wed: *daily
      thu: *daily
      fri: *daily
sla:
  - key: urgent
    when: {{urgency: [urgent]}}
    calendar: office
    first_response: 2h
    next_response: 2h
    resolution: 3d
  - key: standard
    calendar: office
    first_response: 8h
    resolution: 5d
"""

HOURS = (1, 1, 1, 1, 1, 2, 3, 5, 8, 9, 9, 8, 9, 8, 7, 7, 7, 8, 9, 9, 8, 6, 4, 2)
WEEKDAYS = (1.2, 1.0, 1.0, 1.0, 1.1, 0.8, 0.6)
NAMES = ("Mara", "Otto", "Ida", "Femi", "Noor", "Juno", "Piet", "Sana")
HANDLING = timedelta(minutes=6)
FACES = ("slack", "web", "terminal")
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Made:
    """What was made. `folder` holds ``config.yaml`` for the command line."""

    folder: Path
    cases: int
    clocks: int
    people: int


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of a customer that wants an answer: the `turn`-th of its case."""

    case: int
    turn: int
    at: datetime
    urgent: bool


def make_history(
    folder: Path,
    clocks: int,
    now: datetime,
    *,
    days: int = 120,
    seed: int = 2026,
    load_factor: float = 0.93,
    database: str = "sqlite:///history.db",
) -> Made:
    """Write a configuration and a store with about `clocks` clocks, the last `days` before `now`.

    `load_factor` is the share of their opening hours that the people spend on answers.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(CONFIG.format(database=database), encoding="utf-8")
    config = load(folder / "config.yaml")
    app = compose(config)
    try:
        migrate(app.database)
        app.sync()
        return _fill(
            app.database, policy_book(config), folder, clocks, now, days, seed, load_factor
        )
    finally:
        app.close()


def _fill(
    database: Database,
    book: PolicyBook,
    folder: Path,
    clocks: int,
    now: datetime,
    days: int,
    seed: int,
    load_factor: float,
) -> Made:
    chance = random.Random(seed)
    cases = max(1, round(clocks / 2.1))
    begin = now - timedelta(days=days)
    opened = sorted(_moments(chance, begin, now, cases))
    office = book.choose(Facts()).calendar
    span = between(office, begin, now)
    work = cases * 1.1 / (load_factor * span)
    people = max(2, round(work * HANDLING.total_seconds()))
    handling = min(4 * HANDLING.total_seconds(), people / work)
    dismissed = frozenset(case for case in range(cases) if chance.random() < 0.05)
    answered = _answer(chance, office, begin, opened, people, handling, dismissed)
    snapshots = {
        urgent: book.choose(Facts(urgency="urgent" if urgent else "normal"))
        for urgent in (True, False)
    }
    with database.write() as session:
        ids = keep(session, {each.digest: each for each in snapshots.values()}, begin)
        brand = session.scalars(select(Brand.id)).one()
        sources = session.scalars(
            select(Source.id).where(Source.key.in_(("board", "feed"))).order_by(Source.key)
        ).all()
    writer = _Writer(chance, now, snapshots, ids, brand, sources, answered, dismissed)
    for first in range(0, cases, BATCH):
        with database.write() as session:
            writer.write(session, range(first, min(first + BATCH, cases)), opened)
    with database.read() as session:
        made = session.scalar(select(func.count()).select_from(Clock)) or 0
    return Made(folder, cases, made, people)


def _moments(
    chance: random.Random, begin: datetime, now: datetime, number: int
) -> Iterator[datetime]:
    days = [begin + timedelta(days=at) for at in range((now - begin).days)]
    shares = [WEEKDAYS[day.weekday()] * chance.uniform(0.7, 1.5) for day in days]
    for day in chance.choices(days, shares, k=number):
        hour = chance.choices(range(24), HOURS)[0]
        at = day.replace(hour=hour, minute=0, second=0, microsecond=0)
        yield min(max(begin, at + timedelta(seconds=chance.randrange(3600))), now)


Answers = dict[tuple[int, int], tuple[datetime, datetime, str]]


def _answer(
    chance: random.Random,
    office: Calendar,
    begin: datetime,
    opened: Sequence[datetime],
    people: int,
    handling: float,
    dismissed: frozenset[int],
) -> Answers:
    """Return when each word came and was approved, and by whom, by case and turn."""
    names = [NAMES[at % len(NAMES)] + ("" if at < len(NAMES) else f" {at}") for at in range(people)]
    free = [(0.0, name) for name in names]
    coming = [(between(office, begin, at), case, 0, at) for case, at in enumerate(opened)]
    heapq.heapify(coming)
    waiting: list[tuple[float, int, int, datetime]] = []
    done: Answers = {}
    while coming or waiting:
        start, name = heapq.heappop(free)
        if not waiting:
            start = max(start, coming[0][0])
        while coming and coming[0][0] <= start:
            heapq.heappush(waiting, heapq.heappop(coming))
        _, case, turn, at = heapq.heappop(waiting)
        took = 20 if case in dismissed else handling * chance.lognormvariate(-0.15, 0.55)
        end = round(start + took, 3)
        heapq.heappush(free, (end, name))
        approved = add(office, begin, end)
        done[case, turn] = at, approved, name
        if turn < 3 and case not in dismissed and chance.random() < 0.1:
            again = approved + timedelta(hours=chance.uniform(0.5, 60))
            heapq.heappush(coming, (between(office, begin, again), case, turn + 1, again))
    return done


class _Writer:
    """Writes the rows of some cases at a time."""

    def __init__(
        self,
        chance: random.Random,
        now: datetime,
        snapshots: dict[bool, Snapshot],
        policies: dict[str, int],
        brand: int,
        sources: Sequence[int],
        answers: Answers,
        dismissed: frozenset[int],
    ) -> None:
        self._chance = chance
        self._now = now
        self._snapshots = snapshots
        self._policies = policies
        self._brand = brand
        self._sources = sources
        self._answers = answers
        self._dismissed = dismissed
        self._words = 0
        self._clocks = 0
        self._replies = 0

    def write(self, session: Session, cases: range, opened: Sequence[datetime]) -> None:
        rows: dict[type[Any], list[dict[str, Any]]] = {
            model: [] for model in (Mention, Case, CaseMention, Clock, Pause, Draft, Reply, Event)
        }
        for case in cases:
            self._case(rows, case, opened[case])
        for model, made in rows.items():
            if made:
                session.execute(insert(model.__table__), made)

    def _case(self, rows: dict[type[Any], list[dict[str, Any]]], case: int, at: datetime) -> None:
        urgent = self._chance.random() < 0.15
        snapshot = self._snapshots[urgent]
        source = self._sources[case % 3 == 0]
        dismissed = case in self._dismissed
        number = case + 1
        mention = self._mention(rows, source, at)
        story: list[tuple[datetime, str]] = []
        turn, word = 0, at
        while turn < 4 and (case, turn) in self._answers:
            came, approved, name = self._answers[case, turn]
            if came > self._now:
                break
            if turn:
                word = came
                rows[CaseMention].append(
                    {"mention_id": self._mention(rows, source, came), "case_id": number}
                )
                story.append((came, "reopened"))
            if dismissed or approved + timedelta(seconds=20) > self._now:
                break
            self._reply(rows, number, mention, turn, approved, name)
            story.append((approved + timedelta(seconds=20), "replied"))
            turn += 1
        closed = story[-1][0] + timedelta(days=3) if story and story[-1][1] == "replied" else None
        if closed is not None and closed <= self._now:
            story.append((closed, "closed"))
        ended = dismissed or bool(story and story[-1][1] == "closed")
        self._run_clocks(rows, number, snapshot, at, story, dismissed)
        for moment, kind in story:
            if kind != "replied":
                rows[Event].append(
                    {
                        "case_id": number,
                        "at": moment,
                        "actor": "rapport",
                        "kind": kind,
                        "detail": {},
                    }
                )
        rows[Case].append(
            {
                "id": number,
                "source_id": source,
                "brand_id": self._brand,
                "mention_id": mention,
                "policy_id": self._policies[snapshot.digest],
                "state": "dismissed" if dismissed else "closed" if ended else "drafted",
                "urgency": "urgent" if urgent else "normal",
                "opened_at": at,
                "closed_at": (closed or word) if ended else None,
            }
        )

    def _mention(
        self, rows: dict[type[Any], list[dict[str, Any]]], source: int, at: datetime
    ) -> int:
        self._words += 1
        rows[Mention].append(
            {
                "id": self._words,
                "source_id": source,
                "external_id": f"w{self._words}",
                "kind": "review",
                "text": "The queue was long and the soup cold.",
                "rating": float(self._chance.choice((1, 1, 2, 2, 3))),
                "language": self._chance.choice(("en", "en", "de")),
                "first_seen_at": at,
                "content_hash": f"{self._words:032d}",
            }
        )
        return self._words

    def _reply(
        self,
        rows: dict[type[Any], list[dict[str, Any]]],
        case: int,
        mention: int,
        turn: int,
        approved: datetime,
        name: str,
    ) -> None:
        self._replies += 1
        rows[Draft].append(
            {
                "id": self._replies,
                "case_id": case,
                "version": turn + 1,
                "mention_revision": 1,
                "text": "We are sorry.",
                "text_hash": "0" * 16,
                "language": "en",
                "made_by": "template",
                "reasons": [],
                "state": "approved",
                "created_at": approved,
            }
        )
        rows[Reply].append(
            {
                "id": self._replies,
                "case_id": case,
                "draft_id": self._replies,
                "mention_id": mention,
                "text": "We are sorry.",
                "key": f"k{self._replies}",
                "state": "published",
                "approved_by": f"{name} ({self._chance.choice(FACES)})",
                "approved_at": approved,
                "submitted_at": approved + timedelta(seconds=20),
            }
        )

    def _run_clocks(
        self,
        rows: dict[type[Any], list[dict[str, Any]]],
        case: int,
        snapshot: Snapshot,
        at: datetime,
        story: Sequence[tuple[datetime, str]],
        dismissed: bool,
    ) -> None:
        response: tuple[Target, datetime] | None = ("first_response", at)
        pauses: list[Segment] = []
        waiting: datetime | None = None
        for moment, kind in story:
            if kind == "replied":
                if response is not None:
                    self._clock(rows, case, snapshot, *response, stopped=moment)
                response, waiting = None, moment
            elif kind == "reopened":
                if waiting is not None:
                    pauses.append(Segment(waiting, moment))
                response, waiting = ("next_response", moment), None
        closed = story[-1][0] if story and story[-1][1] == "closed" else None
        if response is not None:
            self._clock(
                rows, case, snapshot, *response, stopped=response[1] if dismissed else None,
                voided=dismissed,
            )  # fmt: skip
        if waiting is not None:
            pauses.append(Segment(waiting, closed))
        self._clock(
            rows, case, snapshot, "resolution", at,
            stopped=at if dismissed else waiting if closed else None,
            voided=dismissed, pauses=pauses,
        )  # fmt: skip

    def _clock(
        self,
        rows: dict[type[Any], list[dict[str, Any]]],
        case: int,
        snapshot: Snapshot,
        target: Target,
        start: datetime,
        *,
        stopped: datetime | None,
        voided: bool = False,
        pauses: Sequence[Segment] = (),
    ) -> None:
        if target not in snapshot.targets:
            return
        due = due_with_pauses(snapshot, target, start, pauses)
        still = due is None
        if due is None:
            due = due_at(snapshot, target, start)
        end = stopped or self._now
        late = due < end and not voided and not still
        self._clocks += 1
        rows[Clock].append(
            {
                "id": self._clocks,
                "case_id": case,
                "target": target,
                "state": "voided" if voided
                else "stopped" if stopped else "paused" if still else "running",
                "started_at": start,
                "due_at": due,
                "stopped_at": stopped,
                "breached_at": due if late else None,
                "business_seconds": elapsed(snapshot, start, stopped, pauses).business
                if stopped and not voided else None,
            }
        )  # fmt: skip
        rows[Pause] += [
            {"clock_id": self._clocks, "started_at": p.start, "ended_at": p.end, "reason": "w"}
            for p in pauses
        ]
