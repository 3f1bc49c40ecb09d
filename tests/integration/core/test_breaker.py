"""An account that must rest, and one whose platform is out of order."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import pytest

from connectors.budgets import Budget
from connectors.errors import LayoutChanged, RateLimited, Unavailable
from monitor.accounts.meter import AccountMeter
from monitor.intake.breaker import LAST_PROBE, TRIES
from monitor.models import Account, Alert, Source
from monitor.overdue import watch_outages
from tests.support.core_world import World, review


def account(world: World) -> Account:
    return world.row(Account, Account.key == "shared")


def due_at(world: World, key: str) -> datetime:
    at = world.row(Source, Source.key == key).next_at
    assert at is not None
    return at


@pytest.fixture
def two(world: World) -> World:
    """Two sources of one account; the first source of every world is out of the way."""
    world.forget_platform("board")
    world.add_source("first", account="shared")
    world.add_source("second", account="shared")
    world.do("poll")
    return world


def break_down(world: World) -> None:
    for key in ("first", "second"):
        world.boards[key].break_down("fetch", Unavailable("the platform is down"))


def mend(world: World) -> None:
    for key in ("first", "second"):
        world.boards[key].mend()


class TestRest:
    def test_no_calls_left_holds_back_every_source_and_is_said_once_each_way(
        self, two: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        first, second = two.boards["first"], two.boards["second"]
        with caplog.at_level(logging.INFO):
            first.list_page(review("m1"), account_rests=timedelta(minutes=10))
            first.list_page(review("m2"))
            two.clock.move(seconds=70)
            two.do("poll")
            assert account(two).paused_until == two.clock() + timedelta(minutes=10)
            before = second.count("fetch")
            two.pass_time(("poll",), minutes=9)
            assert second.count("fetch") == before
            assert two.mention("m1", "first").text == "bad tea"
            two.pass_time(("poll",), minutes=3)
        assert two.mention("m2", "first").text == "bad tea"
        assert second.count("fetch") > before
        assert account(two).paused_until is None
        said = [r.getMessage() for r in caplog.records if "account shared" in r.getMessage()]
        assert [each.split()[2] for each in said] == ["rests", "goes"]

    def test_a_platform_that_goes_on_refusing_is_told_of_once(
        self, two: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        for key in ("first", "second"):
            error = RateLimited("slow down", timedelta(minutes=10))
            two.boards[key].break_down("fetch", error)
        with caplog.at_level(logging.INFO):
            two.pass_time(("poll",), hours=3)
        said = [r.getMessage() for r in caplog.records if "account shared rests" in r.getMessage()]
        assert len(said) == 1
        assert [row.key for row in two.rows(Alert)] == ["breaker:shared"]

    def test_a_rest_that_is_longer_already_stays(self, two: World) -> None:
        until = two.clock() + timedelta(hours=3)
        with two.write() as session:
            session.query(Account).filter(Account.key == "shared").update({"paused_until": until})
        two.boards["first"].list_page(account_rests=timedelta(minutes=1))
        two.poll("first")
        assert account(two).paused_until == until

    def test_our_own_budget_that_is_used_up_is_no_failure_and_stops_nobody_else(
        self, two: World
    ) -> None:
        two.clock.move(seconds=70)
        error = RateLimited("used up", timedelta(minutes=30), budget="search")
        two.boards["first"].fail("fetch", error)
        two.do("poll")
        assert due_at(two, "first") == two.clock() + timedelta(minutes=30)
        assert two.row(Source, Source.key == "first").failures == 0
        assert account(two).paused_until is None
        assert account(two).failures == 0

    def test_the_meter_tells_which_budget_it_was(self, two: World) -> None:
        meter = AccountMeter(two.db, two.clock, "shared", [Budget("calls", 1, timedelta(hours=1))])
        meter.spend("calls")
        with pytest.raises(RateLimited) as refused:
            meter.spend("calls")
        assert refused.value.budget == "calls"


class TestOutage:
    def fail_until_open(self, world: World) -> None:
        break_down(world)
        for _ in range(60):
            world.clock.move(seconds=20)
            world.do("poll")
            if account(world).paused_until is not None:
                return
        raise AssertionError("it never opens")

    def alerts(self, world: World) -> list[tuple[str, bool]]:
        return [(row.key, row.resolved_at is None) for row in world.rows(Alert)]

    def test_failures_in_a_row_over_minutes_open_it_and_are_told_once(self, two: World) -> None:
        self.fail_until_open(two)
        assert account(two).failures >= TRIES
        assert self.alerts(two) == [("breaker:shared", True)]
        assert "has given no answer since" in two.row(Alert).message
        two.pass_time(("poll",), hours=5)
        with two.write() as session:
            watch_outages(session, two.clock())
        assert self.alerts(two) == [("breaker:shared", True)]

    def test_many_failures_in_one_moment_are_no_outage(self, world: World) -> None:
        world.forget_platform("board")
        for number in range(TRIES + 3):
            board = world.add_source(f"s{number}", account="shared")
            board.fail("fetch", Unavailable("a hiccup"))
        world.do("poll")
        assert account(world).failures == TRIES + 3
        assert account(world).paused_until is None
        world.pass_time(("poll",), minutes=2)
        assert account(world).failures == 0
        assert self.alerts(world) == []

    def test_only_one_source_asks_and_ever_less_often(self, two: World) -> None:
        self.fail_until_open(two)
        before = sum(two.boards[key].count("fetch") for key in ("first", "second"))
        two.pass_time(("poll",), hours=3)
        asked = sum(two.boards[key].count("fetch") for key in ("first", "second")) - before
        assert 10 <= asked <= 22
        held = account(two).paused_until
        assert held is not None
        assert held - two.clock() <= LAST_PROBE * 1.2

    def test_the_first_answer_closes_it_for_all(self, two: World) -> None:
        self.fail_until_open(two)
        mend(two)
        two.boards["first"].list_page(review("m1"))
        two.boards["second"].list_page(review("m2"))
        two.pass_time(("poll",), minutes=20)
        assert self.alerts(two) == [("breaker:shared", False)]
        assert two.mention("m1", "first").text == two.mention("m2", "second").text == "bad tea"
        state = account(two)
        assert (state.failures, state.failing_since, state.paused_until) == (0, None, None)

    def test_a_person_who_polls_closes_it_too(self, two: World) -> None:
        self.fail_until_open(two)
        mend(two)
        two.poll("second")
        assert self.alerts(two) == [("breaker:shared", False)]
        assert account(two).paused_until is None

    def test_a_platform_that_answers_something_else_is_not_out_of_order(self, two: World) -> None:
        self.fail_until_open(two)
        for key in ("first", "second"):
            two.boards[key].break_down("fetch", LayoutChanged("odd"))
        two.pass_time(("poll",), minutes=20)
        assert ("breaker:shared", False) in self.alerts(two)
        assert account(two).failures == 0

    def test_one_broken_source_among_working_ones_opens_nothing(self, two: World) -> None:
        two.boards["first"].break_down("fetch", Unavailable("only me"))
        two.pass_time(("poll",), hours=1)
        assert account(two).paused_until is None
        assert self.alerts(two) == []
        assert two.boards["second"].count("fetch") >= 50

    def test_the_others_wait_while_one_asks(self, two: World) -> None:
        self.fail_until_open(two)
        held = account(two).paused_until
        assert held is not None
        two.clock.move(seconds=(held - two.clock()).total_seconds())
        with two.write() as session:
            session.query(Source).update({"next_at": two.clock()})
        before = {key: two.boards[key].count("fetch") for key in ("first", "second")}
        two.do("poll")
        asked = [two.boards[key].count("fetch") - before[key] for key in ("first", "second")]
        assert sorted(asked) == [0, 1]
