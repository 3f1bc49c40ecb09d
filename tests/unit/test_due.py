from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import event, text, update

from monitor import due
from monitor.db import Database
from monitor.due import BACKOFF_CAP, KINDS, Claim, ClaimLost
from monitor.models import Base, Inbound
from tests.support.due_rows import add_inbound, add_reply, add_sources
from tests.support.hand_clock import START
from tests.support.postgres import fresh_database

LEASE = KINDS["inbound"].lease
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Database]:
    with fresh_database() as url:
        database = Database(url)
        Base.metadata.create_all(database.engine)
        yield database
        database.close()


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('due') / 'rapport.db'}")
    Base.metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    database: Database = request.getfixturevalue(request.param)
    yield database
    with database.engine.execution_options(rapport_write=True).begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())


def add(database: Database, *times: datetime | None) -> list[int]:
    with database.write() as session:
        return add_inbound(session, times)


def claim(database: Database, now: datetime = START, limit: int = 100) -> list[Claim]:
    with database.write() as session:
        return due.claim_due(session, "inbound", now, limit, "one")


def begin(database: Database, claim: Claim, now: datetime = START) -> Claim:
    with database.write() as session:
        begun = due.begin(session, claim, now)
    assert begun is not None
    return begun


def take(database: Database, now: datetime = START) -> Claim:
    [claimed] = claim(database, now, limit=1)
    return begin(database, claimed, now)


def row(database: Database, number: int) -> Inbound:
    with database.read() as session:
        return session.get_one(Inbound, number)


def test_only_due_rows_are_claimed_the_longest_due_first(database: Database) -> None:
    rows = add(database, *(START - SECOND * late for late in (1, 3, 2)), START + SECOND, None)
    assert [found.id for found in claim(database)] == [rows[1], rows[2], rows[0]]


def test_rows_due_at_the_same_time_are_claimed_in_the_order_they_came(database: Database) -> None:
    rows = add(database, *[START] * 10)
    assert [found.id for found in claim(database)] == rows


def test_no_more_are_claimed_than_asked_for(database: Database) -> None:
    rows = add(database, *[START] * 5)
    assert [found.id for found in claim(database, limit=2)] == rows[:2]
    assert [found.id for found in claim(database, limit=2)] == rows[2:4]
    assert claim(database, limit=0) == []
    assert claim(database, limit=-1) == []


def test_a_claimed_row_is_free_again_when_its_lease_ends(database: Database) -> None:
    [number] = add(database, START)
    [first] = claim(database)
    assert claim(database, START + LEASE - SECOND) == []
    [second] = claim(database, START + LEASE)
    assert (second.id, second.kind) == (number, "inbound")
    assert second.token != first.token


def test_work_begins_once_however_many_hints_there_are(database: Database) -> None:
    add(database, START)
    [claimed] = claim(database)
    begun = begin(database, claimed)
    assert begun.token != claimed.token
    with database.write() as session:
        assert due.begin(session, claimed, START) is None


def test_work_does_not_begin_after_its_lease(database: Database) -> None:
    [number] = add(database, START)
    [claimed] = claim(database)
    with database.write() as session:
        assert due.begin(session, claimed, START + LEASE) is None
    assert row(database, number).claim_token is None


def test_a_claim_on_work_that_is_no_longer_due_is_let_go(database: Database) -> None:
    [number] = add(database, START)
    [claimed] = claim(database)
    with database.write() as session:
        session.execute(update(Inbound).values(next_at=START + 5 * SECOND))
        assert due.begin(session, claimed, START) is None
    assert [again.id for again in claim(database, START + 5 * SECOND)] == [number]


def test_begun_work_holds_its_row_for_a_whole_lease(database: Database) -> None:
    add(database, START)
    [claimed] = claim(database)
    begin(database, claimed, START + LEASE / 2)
    assert claim(database, START + LEASE) == []
    assert len(claim(database, START + LEASE * 1.5)) == 1


def test_renewed_work_holds_its_row_for_longer(database: Database) -> None:
    add(database, START)
    begun = take(database)
    with database.write() as session:
        due.renew(session, begun, START + LEASE / 2)
    assert claim(database, START + LEASE) == []
    claim(database, START + LEASE * 2)
    with pytest.raises(ClaimLost), database.write() as session:
        due.renew(session, begun, START + LEASE * 2)


def test_who_works_may_differ_from_who_claimed(database: Database) -> None:
    add(database, START)
    [claimed] = claim(database)
    with database.write() as session:
        begun = due.begin(session, claimed, START, "two")
    assert begun is not None
    assert begun.token.startswith("two:")
    with database.write() as session:
        assert due.release_owner(session, "one") == 0
        assert due.release_owner(session, "two") == 1


def test_finished_work_owes_what_it_says(database: Database) -> None:
    [number] = add(database, START)
    begun = take(database)
    later = START + timedelta(minutes=15)
    with database.write() as session:
        due.finish(session, begun, later)
    found = row(database, number)
    assert (found.next_at, found.claim_token, found.claim_until) == (later, None, None)
    assert (found.failures, found.last_error) == (0, None)
    begun = take(database, later)
    with database.write() as session:
        due.finish(session, begun, None)
    assert row(database, number).next_at is None


def test_a_lost_claim_takes_its_result_with_it(database: Database) -> None:
    [number] = add(database, START)
    slow = take(database)
    quick = take(database, START + LEASE)

    def end_late(fails: bool) -> None:
        with database.write() as session:
            session.execute(update(Inbound).values(kind="result"))
            if fails:
                due.fail(session, slow, START, "too late")
            due.finish(session, slow, None)

    for fails in (False, True):
        with pytest.raises(ClaimLost):
            end_late(fails)
    assert row(database, number).kind == "click"
    with database.write() as session:
        due.finish(session, quick, None)


def test_work_on_a_row_that_is_gone_is_lost(database: Database) -> None:
    [number] = add(database, START)
    begun = take(database)
    with database.write() as session:
        session.delete(session.get_one(Inbound, number))
    with pytest.raises(ClaimLost), database.write() as session:
        due.finish(session, begun, None)
    with pytest.raises(ClaimLost), database.write() as session:
        due.fail(session, begun, START, "gone")
    with database.read() as session:
        assert due.outcome(session, begun) == (False, 0, "")


@pytest.mark.parametrize("meanwhile", [START + SECOND, START + timedelta(days=1), None])
def test_who_changes_the_due_time_during_the_work_has_the_last_word(
    database: Database, meanwhile: datetime | None
) -> None:
    [number] = add(database, START)
    for end in ("finish", "fail"):
        begun = take(database)
        with database.write() as session:
            session.execute(update(Inbound).values(next_at=meanwhile))
        with database.write() as session:
            if end == "finish":
                due.finish(session, begun, None)
            else:
                due.fail(session, begun, START, "no")
        found = row(database, number)
        assert found.next_at == meanwhile
        assert found.claim_token is None
        with database.write() as session:
            session.execute(update(Inbound).values(next_at=START))


def test_failures_are_counted_kept_and_forgotten_by_success(database: Database) -> None:
    [number] = add(database, START)
    now = START
    for failures in range(1, 4):
        begun = take(database, now)
        assert begun.failures == failures - 1
        with database.write() as session:
            now = due.fail(session, begun, now, f"error {failures}" + "!" * 5000)
        found = row(database, number)
        assert found.failures == failures
        assert found.next_at == now
        assert (found.last_error or "").startswith(f"error {failures}!")
        assert len(found.last_error or "") == 2000
    begun = take(database, now)
    assert begun.last_error.startswith("error 3!")
    with database.write() as session:
        due.finish(session, begun, now)
    assert (row(database, number).failures, row(database, number).last_error) == (0, None)


@pytest.mark.parametrize("failures", [1, 2, 5, 12, 13, 14, 40, 10_000])
def test_backoff_grows_to_six_hours_and_never_vanishes(failures: int) -> None:
    ceiling = min(BACKOFF_CAP, timedelta(seconds=5 * 2 ** min(failures - 1, 30)))
    delays = [due.backoff(failures) for _ in range(200)]
    assert ceiling * 0.2 <= min(delays) < max(delays) <= ceiling


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (timedelta(minutes=7), timedelta(minutes=7)),
        (timedelta(0), timedelta(seconds=1)),
        (timedelta(seconds=-30), timedelta(seconds=1)),
        (timedelta(days=90), timedelta(days=1)),
    ],
)
def test_a_platform_says_how_long_to_wait_within_reason(
    database: Database, asked: timedelta, given: timedelta
) -> None:
    add(database, START)
    begun = take(database)
    with database.write() as session:
        assert due.fail(session, begun, START, "wait", not_before=asked) == START + given


def test_unbegun_claims_can_be_released_and_begun_ones_cannot(database: Database) -> None:
    add(database, START, START)
    claims = claim(database)
    begin(database, claims[0])
    with database.write() as session:
        due.release(session, claims)
    assert [again.id for again in claim(database)] == [claims[1].id]


def test_an_owner_frees_only_its_own_rows_of_every_kind(database: Database) -> None:
    with database.write() as session:
        add_sources(session, 2, START)
        add_reply(session, START)
        add_inbound(session, [START])
        due.claim_due(session, "poll", START, 1, "a_b")
        due.claim_due(session, "publish", START, 1, "a_b")
        due.claim_due(session, "poll", START, 1, "axb")  # "_" must not stand for any letter
        due.claim_due(session, "inbound", START, 1, "a_b:c")
        assert due.release_owner(session, "a_b:c") == 1
        assert due.release_owner(session, "a_b") == 2
        assert due.release_owner(session, "axb") == 1


def test_a_lease_given_by_a_clock_that_was_set_back_holds_nobody_up(database: Database) -> None:
    [number] = add(database, START)
    claim(database, START + timedelta(days=1))
    assert [again.id for again in claim(database, START)] == [number]


def test_daemons_whose_clocks_differ_a_little_take_nothing_from_each_other(
    database: Database,
) -> None:
    add(database, START)
    assert len(claim(database, START + LEASE * 0.9)) == 1
    assert claim(database, START) == []


def test_a_look_names_the_kinds_that_have_something_to_claim(database: Database) -> None:
    kinds = list(KINDS)
    with database.glance() as connection:
        assert due.due_kinds(connection, START, kinds) == []
    with database.write() as session:
        add_sources(session, 1, START)
        add_inbound(session, [START + SECOND])
    with database.glance() as connection:
        assert due.due_kinds(connection, START, kinds) == ["poll"]
        later = START + SECOND
        assert set(due.due_kinds(connection, later, kinds)) == {"poll", "inbound"}
        assert due.due_kinds(connection, later, ["inbound"]) == ["inbound"]
    with database.write() as session:
        due.claim_due(session, "poll", START, 1)
    with database.glance() as connection:
        assert due.due_kinds(connection, START, kinds) == []


def test_workers_on_postgresql_do_not_wait_for_each_others_rows(postgres: Database) -> None:
    with postgres.write() as session:
        rows = add_inbound(session, [START] * 4)
    try:
        with postgres.write() as one, postgres.write() as two:
            two.execute(text("SET LOCAL lock_timeout = '5s'"))
            first = due.claim_due(one, "inbound", START, 2)
            second = due.claim_due(two, "inbound", START, 2)
        assert [found.id for found in first + second] == rows
    finally:
        with postgres.write() as session:
            session.execute(Inbound.__table__.delete())  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["sqlite", "postgres"])
def test_claiming_reads_the_index_of_owed_rows_and_nothing_else(
    name: str, request: pytest.FixtureRequest
) -> None:
    database: Database = request.getfixturevalue(name)
    seen: list[tuple[str, object]] = []

    def watch(_c: object, _cursor: object, sql: str, values: object, *_: object) -> None:
        if "inbound" in sql:
            seen.append((sql, values))

    with database.write() as session:
        add_inbound(session, [None] * 20_000)
        add_inbound(session, [START + SECOND * n for n in range(2_000)])
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("ANALYZE inbound"))
    event.listen(database.engine, "before_cursor_execute", watch)
    try:
        with database.glance() as connection:
            due.due_kinds(connection, START, list(KINDS))
        claim(database, START + SECOND * 5, limit=4)
    finally:
        event.remove(database.engine, "before_cursor_execute", watch)
    assert len(seen) == 2
    explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
    for sql, values in seen:
        with database.engine.connect() as connection:
            if not database.is_sqlite:  # the worst that a prepared statement may come to
                connection.exec_driver_sql("SET plan_cache_mode = force_generic_plan")
            plan = connection.exec_driver_sql(explain + sql, values).all()
            connection.rollback()
        lines = [" ".join(map(str, line)) for line in plan]
        about = [line for line in lines if "inbound" in line]
        assert any("ix_inbound_due" in line for line in about), lines
        assert not any("SCAN inbound" in line or "Seq Scan on inbound" in line for line in about)
        assert not any("TEMP B-TREE" in line for line in lines), "the index gives the order"
    with database.write() as session:
        session.execute(Inbound.__table__.delete())  # type: ignore[attr-defined]


class DueWork(RuleBasedStateMachine):
    """Daemons that claim, work, fail, die and hear old hints, in any order."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.claimed: list[Claim] = []
        self.begun: list[tuple[Claim, datetime]] = []
        self.ended: set[str] = set()

    @initialize(count=st.integers(1, 4))
    def rows(self, count: int) -> None:
        with self.database.write() as session:
            session.execute(Inbound.__table__.delete())  # type: ignore[attr-defined]
            add_inbound(session, [self.now] * count)

    @rule(limit=st.integers(1, 3))
    def claims(self, limit: int) -> None:
        with self.database.write() as session:
            self.claimed += due.claim_due(session, "inbound", self.now, limit)

    @rule(data=st.data())
    def begins(self, data: st.DataObject) -> None:
        if not self.claimed:
            return
        hint = data.draw(st.sampled_from(self.claimed))  # kept: a hint may come again
        with self.database.write() as session:
            begun = due.begin(session, hint, self.now)
        if begun is not None:
            self.begun.append((begun, self.now + LEASE))

    @rule(data=st.data(), again=st.sampled_from([None, 0, 30]), fails=st.booleans())
    def ends(self, data: st.DataObject, again: int | None, fails: bool) -> None:
        if not self.begun:
            return
        work, until = data.draw(st.sampled_from(self.begun))
        try:
            with self.database.write() as session:
                if fails:
                    due.fail(session, work, self.now, "no")
                else:
                    next_at = None if again is None else self.now + SECOND * again
                    due.finish(session, work, next_at)
        except ClaimLost:
            assert until <= self.now or work.token in self.ended, "lost within its lease"
        else:
            assert work.token not in self.ended, "ended twice"
            self.ended.add(work.token)

    @rule(seconds=st.sampled_from([1, 20, 61, 600]))
    def time_passes(self, seconds: int) -> None:
        self.now += SECOND * seconds

    @rule()
    def everything_becomes_due(self) -> None:
        with self.database.write() as session:
            session.execute(update(Inbound).values(next_at=self.now))

    @invariant()
    def no_row_has_two_holders(self) -> None:
        holding = [
            work.id
            for work, until in self.begun
            if until > self.now and work.token not in self.ended
        ]
        assert len(holding) == len(set(holding))


def test_no_row_ever_has_two_holders(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'rapport.db'}")
    Base.metadata.create_all(database.engine)
    machine = type("Machine", (DueWork,), {"database": database})
    machine.TestCase.settings = settings(  # type: ignore[attr-defined]
        max_examples=40, stateful_step_count=25, deadline=None
    )
    try:
        machine.TestCase().runTest()  # type: ignore[attr-defined]
    finally:
        database.close()
