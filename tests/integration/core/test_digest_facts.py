"""What a digest counts, on both databases: the same figures as the SLA report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor.db import Database
from monitor.models import (
    Account,
    Assessment,
    Base,
    Brand,
    Case,
    Clock,
    Label,
    Mention,
    SlaPolicy,
    Source,
)
from monitor.reports import sla_report
from responders.digest.facts import Digest, Kind
from responders.digest.reading import read_digest
from tests.support.hand_clock import START
from tests.support.postgres import fresh_database

HOUR = timedelta(hours=1)
NOW = START  # a Monday, nine o'clock


class Store:
    """Rows made by hand, so that each figure is known."""

    def __init__(self, db: Database) -> None:
        self.db = db
        with db.write() as session:
            brand = Brand(key="harbour", name="Harbour Coffee")
            account = Account(key="board", platform="demo")
            policy = SlaPolicy(digest="0", key="standard", body={}, first_used_at=NOW)
            session.add_all([brand, account, policy])
            session.flush()
            self._ids = {"brand_id": brand.id, "policy_id": policy.id}
            for key, title in (("board", "Board"), ("feed", "")):
                session.add(
                    Source(
                        key=key,
                        title=title,
                        connector="demo",
                        brand_id=brand.id,
                        account_id=account.id,
                    )
                )

    def case(
        self,
        ago: float,
        *,
        answered_after: float | None = None,
        target: float = 8,
        topics: tuple[str, ...] = ("waiting",),
        source: str = "board",
        state: str = "drafted",
        said: tuple[str, ...] | None = None,
    ) -> int:
        opened = NOW - HOUR * ago
        due = opened + HOUR * target
        with self.db.write() as session:
            source_id = session.scalars(select(Source.id).where(Source.key == source)).one()
            mention = Mention(
                source_id=source_id,
                external_id=f"m{session.query(Mention).count()}",
                kind="review",
                text="cold",
                first_seen_at=opened,
                content_hash="0",
            )
            session.add(mention)
            session.flush()
            session.add(
                Assessment(
                    mention_id=mention.id,
                    revision=1,
                    language="en",
                    sentiment=-0.5,
                    complaint_probability=0.9,
                    complaint=True,
                    urgency="normal",
                    topics=list(topics),
                    spam=False,
                    reasons=[],
                    model="m",
                    assessed_at=opened,
                )
            )
            if said is not None:
                for words in (("wrong",), said):  # the last word counts
                    label = {"origin": "topics", "by": "Mara", "at": NOW, "complaint": None}
                    session.add(
                        Label(mention_id=mention.id, revision=1, topics=list(words), **label)
                    )
                    session.flush()
            case = Case(
                source_id=source_id,
                mention_id=mention.id,
                opened_at=opened,
                state="answered" if answered_after is not None else state,
                **self._ids,
            )
            session.add(case)
            session.flush()
            clock = Clock(case_id=case.id, target="first_response", started_at=opened, due_at=due)
            if answered_after is not None:
                clock.state = "stopped"
                clock.stopped_at = opened + HOUR * answered_after
                clock.business_seconds = answered_after * 3600
                clock.breached_at = due if answered_after > target else None
            session.add(clock)
            return case.id

    def read(self, kind: Kind = "daily", days: float = 1) -> Digest:
        with self.db.read() as session:
            since = NOW - timedelta(days=days)
            return read_digest(session, kind, since, NOW, NOW, "Europe/Berlin")


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "postgresql":
        with fresh_database() as url:
            yield from opened(url)
    else:
        yield from opened(f"sqlite:///{tmp_path}/store.db")


def opened(url: str) -> Iterator[Store]:
    db = Database(url)
    try:
        Base.metadata.create_all(db.engine)
        yield Store(db)
    finally:
        db.close()


def test_an_empty_store_is_quiet(store: Store) -> None:
    made = store.read()
    assert made.is_quiet
    assert (len(made.bars), made.topics, made.waiting) == (14, (), ())


def test_what_came_and_what_was_answered(store: Store) -> None:
    store.case(2, answered_after=1)
    store.case(20, answered_after=10)
    store.case(22)
    store.case(30, answered_after=29)  # of the day before, answered today
    store.case(40, answered_after=1)  # and this one on the day before
    made = store.read()
    assert (made.new, made.new_before, made.answered) == (3, 2, 3)
    assert made.mentions == 3
    with store.db.read() as session:
        report = sla_report(session, NOW - timedelta(microseconds=1), NOW - timedelta(days=1))
    assert made.first == report.targets[0].total
    assert made.first.median_business == 3600
    assert made.sources == (("Board", 3),)


def test_periods_meet_and_do_not_overlap(store: Store) -> None:
    store.case(24)
    store.case(0)
    made = store.read()
    assert (made.new, made.new_before) == (1, 0)
    with store.db.read() as session:
        following = read_digest(session, "daily", NOW, NOW + 24 * HOUR, NOW + 24 * HOUR, "UTC")
    assert (following.new, following.new_before) == (1, 1)


def test_what_waits_is_told_the_overdue_first(store: Store) -> None:
    far = store.case(1, target=100, source="feed")
    over = store.case(50, target=8)
    soon = store.case(2, target=3)
    store.case(90, state="dismissed")
    store.case(90, state="closed")
    for _ in range(4):
        store.case(1, target=200)
    made = store.read()
    assert [one.case_id for one in made.waiting[:3]] == [over, soon, far]
    assert (made.open_count, made.overdue_count, len(made.waiting)) == (7, 1, 5)
    assert made.waiting[0].place == "Board, Harbour Coffee"
    assert made.waiting[2].place == "feed, Harbour Coffee"


def test_topics_are_counted_with_what_people_said_of_them(store: Store) -> None:
    for _ in range(4):
        store.case(3, topics=("delivery", "waiting"))
    store.case(4, topics=("price",), said=("delivery",))
    store.case(4, topics=("price",), said=())
    store.case(30, topics=("delivery", "price"))
    made = store.read()
    told = {topic.name: (topic.count, topic.before, topic.grew) for topic in made.topics}
    assert told == {"delivery": (5, 1, True), "waiting": (4, 0, True)}
    assert made.topics[0].name == "delivery"


def test_bars_are_whole_days_or_weeks_in_the_zone(store: Store) -> None:
    store.case(9.5)  # 23:30 UTC on Sunday is Monday in Berlin, of which less than half is over
    store.case(11, answered_after=1)
    store.case(24 * 7)
    daily = store.read()
    assert [str(bar.begins) for bar in daily.bars[-2:]] == ["2026-02-28", "2026-03-01"]
    assert (daily.bars[-1].met, daily.bars[-1].total) == (1, 1)
    weekly = store.read("weekly", 7)
    assert [str(bar.begins) for bar in weekly.bars[-2:]] == ["2026-02-16", "2026-02-23"]
    assert len(weekly.bars) == 8
    assert weekly.bars[-1].total == 2
