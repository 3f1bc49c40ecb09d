"""What accounts use is counted once, whoever counts, and never beyond the budget."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.budgets import Budget
from connectors.errors import RateLimited
from monitor.accounts.cells import Full, book, charge, span
from monitor.accounts.meter import AccountMeter, Meters
from monitor.accounts.usage import used_today
from monitor.db import Database
from monitor.models import Account, Base
from monitor.models import Budget as Row
from tests.support.hand_clock import START, HandClock

MINUTE = timedelta(minutes=1)
TEN = Budget("calls", 10, MINUTE)


@pytest.fixture
def account(database: Database) -> Database:
    with database.write() as session:
        session.add(Account(key="shared", platform="scripted"))
    return database


def meter(database: Database, clock: HandClock, *budgets: Budget) -> AccountMeter:
    return AccountMeter(database, clock, "shared", budgets or (TEN,))


def row(database: Database) -> Row:
    with database.read() as session:
        return session.query(Row).one()


def spend_all(spender: AccountMeter, most: int = 1000) -> int:
    """Spend one call after the other until there is no room."""
    for count in range(most):
        try:
            spender.spend("calls")
        except RateLimited:
            return count
    return most


class TestBudgets:
    def test_the_whole_burst_fits_at_once_and_then_one_after_the_other(
        self, account: Database
    ) -> None:
        clock = HandClock()
        spender = meter(account, clock)
        assert spend_all(spender) == 10
        with pytest.raises(RateLimited) as refused:
            spender.spend("calls")
        assert refused.value.retry_after == timedelta(seconds=6)
        assert "10 calls in a minute" in str(refused.value)
        clock.move(seconds=6)
        assert spend_all(spender) == 1

    def test_the_wait_that_is_told_is_exact(self, account: Database) -> None:
        clock = HandClock()
        spender = meter(account, clock)
        spend_all(spender)
        clock.move(seconds=1)
        with pytest.raises(RateLimited) as refused:
            spender.spend("calls", 3)
        assert refused.value.retry_after is not None
        clock.move(seconds=refused.value.retry_after.total_seconds() - 0.001)
        with pytest.raises(RateLimited):
            spender.spend("calls", 3)
        clock.move(seconds=0.001)
        spender.spend("calls", 3)

    def test_all_sources_and_daemons_of_an_account_share_it(self, account: Database) -> None:
        clock = HandClock()
        first, second = meter(account, clock), meter(account, clock)
        assert spend_all(first, 6) == 6
        first.settle()
        clock.move(seconds=2)
        assert spend_all(second) == 4

    def test_a_small_burst_spreads_a_large_amount(self, account: Database) -> None:
        clock = HandClock()
        spender = meter(account, clock, Budget("calls", 3600, timedelta(hours=1), burst=2))
        assert spend_all(spender) == 2
        clock.move(seconds=1)
        assert spend_all(spender) == 1

    def test_more_than_the_burst_fits_where_nothing_is_booked(self, account: Database) -> None:
        clock = HandClock()
        spender = meter(account, clock, Budget("calls", 60, MINUTE, burst=10))
        spender.spend("calls", 50)
        with pytest.raises(RateLimited) as refused:
            spender.spend("calls")
        assert refused.value.retry_after == timedelta(seconds=41)

    def test_what_is_known_afterwards_is_charged_and_can_be_given_back(
        self, account: Database
    ) -> None:
        spender = meter(account, HandClock())
        spender.charge("calls", 25)
        with pytest.raises(RateLimited) as refused:
            spender.spend("calls", 0)
        assert refused.value.retry_after == timedelta(seconds=91)
        spender.charge("calls", -24)
        assert spend_all(spender) == 9
        spender.settle()
        assert row(account).spent_today == 10

    def test_what_there_is_no_budget_for_is_free_and_writes_nothing(
        self, account: Database
    ) -> None:
        spender = meter(account, HandClock())
        for _ in range(100):
            spender.spend("replies")
        spender.charge("replies", 5)
        with account.read() as session:
            assert session.query(Row).count() == 0

    def test_a_fast_source_writes_once_a_block(self, account: Database) -> None:
        clock = HandClock()
        spender = meter(account, clock, Budget("calls", 2000, timedelta(hours=1)))
        writes = 0
        before = None
        for _ in range(500):
            spender.spend("calls")
            now = row(account).next_slot_at
            writes, before = writes + (now != before), now
            clock.move(seconds=0.01)
        assert writes <= 25

    def test_what_is_reserved_and_not_used_is_given_back(self, account: Database) -> None:
        clock = HandClock()
        spender = meter(account, clock, Budget("calls", 2000, timedelta(days=1)))
        for _ in range(5):
            spender.spend("calls")
        clock.move(seconds=2)
        spender.settle()
        booked = row(account).next_slot_at - START
        assert abs(booked - timedelta(seconds=5 * 43.2)) < timedelta(seconds=1)
        assert row(account).spent_today == 5

    def test_an_account_that_is_not_in_the_store_yet_counts_alone(self, database: Database) -> None:
        assert spend_all(meter(database, HandClock())) == 10

    def test_a_count_starts_anew_each_day(self, account: Database) -> None:
        clock = HandClock(datetime(2026, 3, 2, 23, 59, tzinfo=UTC))
        spender = meter(account, clock)
        declared = {"shared": {"calls": TEN}}
        spender.spend("calls", 4)
        with account.read() as session:
            (use,) = used_today(session, declared, clock())["shared"]
        assert (use.words, use.full_until) == ("4 calls today; at most 10 in a minute", None)
        clock.move(minutes=2)
        with account.read() as session:
            (use,) = used_today(session, declared, clock())["shared"]
        assert use.spent_today == 0

    def test_the_words_are_those_of_the_unit(self, account: Database) -> None:
        day = timedelta(days=1)
        calls, money = Budget("calls", 300, day), Budget("reads", 5, 30 * day, unit="USD")
        clock = HandClock()
        spender = meter(account, clock, calls, money)
        spender.spend("calls", 12)
        spender.charge("reads", 0.125)
        with account.read() as session:
            used = used_today(session, {"shared": {"c": calls, "m": money}}, clock())["shared"]
        assert [each.words for each in used] == [
            "0 of 300 calls today",
            "$0.00 for reads today; at most $5.00 in 30 days",
        ]
        declared = {"shared": {"calls": calls, "reads": money}}
        with account.read() as session:
            used = used_today(session, declared, clock())["shared"]
        assert [each.words for each in used] == [
            "12 of 300 calls today",
            "$0.12 for reads today; at most $5.00 in 30 days",
        ]

    def test_of_two_declarations_the_stricter_counts(self, account: Database) -> None:
        meters = Meters(account, HandClock())
        meters.declare("shared", [TEN])
        meters.declare("shared", [Budget("calls", 5, MINUTE)])
        spender = meters.of("shared")
        assert isinstance(spender, AccountMeter)
        assert spend_all(spender) == 5
        assert meters.of("shared") is spender
        assert not isinstance(meters.of("other"), AccountMeter)


class TestAtOnce:
    def test_eight_threads_never_use_more_than_there_is(self, account: Database) -> None:
        clock = HandClock()
        spenders = [meter(account, clock), meter(account, clock)]
        gate = threading.Barrier(8)
        counts: list[int] = []

        def run(number: int) -> None:
            gate.wait()
            counts.append(spend_all(spenders[number % 2], 20))

        threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(counts) == 10

    def test_two_processes_share_one_budget(self, account: Database) -> None:
        url = account.url.render_as_string(hide_password=False)
        script = (
            "import sys; from datetime import timedelta; from connectors.budgets import Budget;"
            "from connectors.errors import RateLimited; from monitor.clock import utc_now;"
            "from monitor.accounts.meter import AccountMeter; from monitor.db import Database;"
            "from tests.integration.core.test_meter import spend_all;"
            "budget = Budget('calls', 40, timedelta(days=1));"
            "meter = AccountMeter(Database(sys.argv[1]), utc_now, 'shared', [budget]);"
            "print(spend_all(meter))"
        )
        running = [
            subprocess.Popen([sys.executable, "-c", script, url], stdout=subprocess.PIPE)
            for _ in range(2)
        ]
        counts = [int(each.communicate(timeout=60)[0]) for each in running]
        assert 38 <= sum(counts) <= 40  # what the other holds in its block may stay unused


amounts = st.sampled_from([1.0, 1.0, 1.0, 2.0, 5.0, 0.5])
steps = st.lists(
    st.tuples(
        st.integers(0, 1),
        amounts,
        st.sampled_from([0.0, 0.0, 0.0, 0.001, 0.1, 0.7, 3.0, 11.0, 60.0]),
        st.booleans(),
    ),
    max_size=120,
)
budgets = st.builds(
    Budget,
    st.just("calls"),
    st.sampled_from([7.0, 20.0, 60.0, 300.0]),
    st.sampled_from([timedelta(seconds=10), MINUTE]),
    burst=st.sampled_from([None, 5.0, 40.0]),
)


@pytest.fixture(scope="module")
def one_store(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    with closing(Database(f"sqlite:///{tmp_path_factory.mktemp('meter') / 'm.db'}")) as database:
        Base.metadata.create_all(database.engine)
        with database.write() as session:
            session.add(Account(key="shared", platform="scripted"))
        yield database


@settings(max_examples=60, deadline=None)
@given(budget=budgets, steps=steps)
def test_no_span_ever_sees_more_than_burst_and_amount(
    one_store: Database, budget: Budget, steps: list[tuple[int, float, float, bool]]
) -> None:
    """Two daemons with blocks of their own, against a plain count of every window."""
    with one_store.write() as session:
        session.query(Row).delete()
    clock = HandClock()
    daemons = [AccountMeter(one_store, clock, "shared", [budget]) for _ in range(2)]
    used: list[tuple[datetime, float]] = []
    waits: list[timedelta | None] = []
    for which, amount, pause, settles in steps:
        try:
            daemons[which].spend("calls", amount)
        except RateLimited as refused:
            waits.append(refused.retry_after)
        else:
            used.append((clock(), amount))
        if settles:
            daemons[which].settle()
        clock.move(seconds=pause)
    assert all(wait is not None and wait > timedelta() for wait in waits)
    burst = budget.amount if budget.burst is None else budget.burst
    most = (
        burst
        + budget.amount
        + max((amount for _, amount in used), default=0)
        * (
            burst < 5  # a single amount beyond the burst fits an idle budget
        )
    )
    for index, (begin, _) in enumerate(used):
        window = sum(amount for at, amount in used[index:] if at <= begin + budget.per)
        assert window <= most + 1e-3


def test_the_cells_count_as_a_plain_bucket_does() -> None:
    """The oracle refills a bucket step by step; times are random, ties included."""
    dice = random.Random(7)
    budget = Budget("calls", 30, MINUTE, burst=8)
    tat, now, level, refilled = None, START, 8.0, START
    for _ in range(3000):
        now += timedelta(seconds=dice.choice([0, 0.5, 1, 2, 2.5, 9]))
        level = min(8.0, level + (now - refilled) / span(budget, 1))
        refilled = now
        amount = dice.choice([1, 1, 2, 3])
        fits = level >= amount - 1e-6
        if fits:
            tat = book(budget, tat, now, amount)
            level -= amount
            continue
        with pytest.raises(Full) as full:
            book(budget, tat, now, amount)
        told = (amount - level) * span(budget, 1)
        assert abs(full.value.wait - told) < timedelta(milliseconds=1)
    assert charge(budget, START, START, -5) == START
