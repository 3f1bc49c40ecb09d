"""The figures against a recount by hand."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from monitor.db import Database
from monitor.models import Case, Clock, Mention, Misread, Source
from monitor.overview import overview
from monitor.reports import SlaReport, sla_report
from tests.support.core_stores import empty
from tests.support.core_world import POLICY, World, review

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CLOCKS = st.lists(
    st.tuples(
        st.sampled_from(["first_response", "next_response", "resolution"]),
        st.sampled_from(["running", "paused", "stopped", "voided"]),
        st.integers(0, 96),
        st.integers(0, 48),
        st.booleans(),
        st.sampled_from(["board", "other"]),
    ),
    max_size=12,
)


def report_of(world: World, days: float = 30, zone: str = "UTC") -> SlaReport:
    with world.db.read() as session:
        now = world.clock()
        return sla_report(session, now, now - timedelta(days=days), zone)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(made=CLOCKS)
def test_the_report_counts_as_a_recount_does(sqlite_database: Database, made: list) -> None:  # type: ignore[type-arg]
    empty(sqlite_database)
    world = World(sqlite_database)
    world.add_source("other")
    rows = []
    for number, (target, state, begun, took, breached, key) in enumerate(made):
        world.hear(review(f"m{number}", author_id=""), key=key)
        case_id = world.case_of(f"m{number}", key).id
        start = START + timedelta(hours=begun)
        due = start + timedelta(hours=8)
        stopped = start + timedelta(hours=took) if state in ("stopped", "voided") else None
        rows.append((target, state, start, due, stopped, breached, key))
        with world.write() as session:
            session.execute(delete(Clock).where(Clock.case_id == case_id))
            session.add(
                Clock(
                    case_id=case_id,
                    target=target,
                    state=state,
                    started_at=start,
                    due_at=due,
                    stopped_at=stopped,
                    breached_at=due if breached else None,
                    noticed_at=due if breached else None,
                    business_seconds=took * 3600.0 if state == "stopped" else None,
                )
            )
    world.clock.move(hours=100)
    now, zone = world.clock(), ZoneInfo("Pacific/Auckland")

    report = report_of(world, zone="Pacific/Auckland")

    assert report.cases == report.mentions == len(made)
    for told in report.targets:
        mine = [row for row in rows if row[0] == told.target]
        counted = [row for row in mine if row[1] != "voided"]
        met = sum(row[1] == "stopped" and not row[5] for row in counted)
        missed = sum(row[1] == "stopped" and row[5] for row in counted)
        overdue = sum(
            (row[1] == "running" and (row[5] or now > row[3])) or (row[1] == "paused" and row[5])
            for row in counted
        )
        figures = told.total.attainment
        assert told.voided == len(mine) - len(counted)
        assert (figures.met, figures.missed, figures.open_overdue) == (met, missed, overdue)
        assert figures.open_in_time == len(counted) - met - missed - overdue
        assert told.total.answered == met + missed
        took = sorted((row[4] - row[2]).total_seconds() for row in counted if row[1] == "stopped")
        expected = took[(len(took) - 1) // 2] if took else None
        assert told.total.median_wall == told.total.median_business == expected
        days = Counter(row[2].astimezone(zone).date() for row in counted)
        assert {day: figure.received for day, figure in told.by_day} == days
        sources = Counter(row[6] for row in counted)
        assert {key: figure.received for key, figure in told.by_source} == sources
    world.close()


def test_only_cases_of_the_period_are_counted(world: World) -> None:
    world.drafted("m1")
    world.clock.move(days=10)
    world.drafted("m2")
    assert report_of(world, days=5).targets[0].total.received == 1
    assert report_of(world, days=20).targets[0].total.received == 2


def test_how_late_we_hear_leaves_history_and_clocks_ahead_of_ours_out(world: World) -> None:
    now = world.clock()
    world.hear(
        review("m1", created_at=now - timedelta(minutes=10)),
        review("m2", created_at=now + timedelta(minutes=10)),
        review("m3", created_at=now - timedelta(minutes=30)),
        review("m4"),
    )
    assert report_of(world).detection_median_seconds == 600.0


def test_an_empty_store_has_a_report(world: World) -> None:
    report = report_of(world)
    assert (report.mentions, report.cases, report.detection_median_seconds) == (0, 0, None)
    assert [told.total.received for told in report.targets] == [0, 0, 0]
    assert report.targets[0].total.attainment.share is None


def test_an_unknown_zone_is_an_error(world: World) -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        report_of(world, zone="Mars/Olympus")


def test_a_reopened_case_counts_its_first_response_once(world: World) -> None:
    case_id = world.answered()
    world.clock.move(hours=1)
    world.hear(review("m1", "bad again"))
    world.do("prepare")
    assert world.approve(case_id).done
    world.do("publish")
    first, following, _ = report_of(world).targets
    assert (first.total.received, first.total.attainment.met) == (1, 1)
    assert (following.total.received, following.total.attainment.met) == (1, 1)


def test_the_policy_named_here_promises_all_three() -> None:
    assert len(POLICY.targets) == 3


class TestOverview:
    def test_it_counts_what_is_there(self, world: World) -> None:
        world.add_source("other")
        world.hear(review("m1"), review("m2", "fine", rating=5.0), review(""))
        world.answered("m3")
        world.hear(review("m1"), key="other")

        with world.db.read() as session:
            seen = overview(session, world.clock())

        assert seen.mentions == len(world.rows(Mention)) == 4
        board, other = seen.sources
        assert (board.key, board.mentions, board.misread) == ("board", 3, 1)
        assert (other.key, other.mentions, other.misread) == ("other", 1, 0)
        assert seen.cases == Counter(row.state for row in world.rows(Case))
        assert board.misread == len(world.rows(Misread))
        assert board.last_success_at == world.clock()

    def test_it_tells_what_waits_and_for_how_long(self, world: World) -> None:
        world.hear(review("m1"), review("m2"))
        world.clock.move(minutes=7)
        with world.db.read() as session:
            waits = {each.kind: each for each in overview(session, world.clock()).backlog}
        assert waits["prepare"].due == 2
        assert waits["prepare"].oldest == timedelta(minutes=7)
        assert waits["publish"].due == 0
        assert waits["publish"].oldest == timedelta()

    def test_it_names_open_alerts_and_failing_sources(self, world: World) -> None:
        from connectors.errors import AuthFailed

        world.board.fail("fetch", AuthFailed("expired"))
        world.do("poll")
        with world.db.read() as session:
            seen = overview(session, world.clock())
        assert [alert.key for alert in seen.alerts] == ["auth:board"]
        assert (seen.sources[0].state, seen.sources[0].failures) == ("needs_auth", 1)
        assert seen.sources[0].last_error == "AuthFailed: expired"

    def test_it_is_whole_for_a_store_without_anything(self, world: World) -> None:
        with world.write() as session:
            session.execute(delete(Source))
        with world.db.read() as session:
            seen = overview(session, world.clock())
        assert (seen.sources, seen.alerts, seen.cases, seen.mentions) == ((), (), {}, 0)
