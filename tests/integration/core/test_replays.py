"""Replays and forecasts read from real stores agree with the clocks and with the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from monitor.app import policy_book
from monitor.cases.policies import PolicyBook
from monitor.config import load
from monitor.db import Database
from monitor.hours import ALWAYS
from monitor.models import Clock, Pause, SlaPolicy
from monitor.replays.forecasting import read_backtest, read_forecast
from monitor.replays.reading import count_cases, histories
from monitor.replays.whatif import NoModel, OnDuty, WhatIf, usual_hours, what_if
from monitor.reports import sla_report
from monitor.sla import Attainment, Conditions, Policy, make_snapshot
from monitor.sla.history import CaseHistory, Run
from monitor.sla.simulation import as_promised, by_facts
from responders.configured import calendar_of
from tests.support.core_world import MARA, OTTO, World, comment, review
from tests.support.made_history import make_history
from tests.support.postgres import fresh_database

NOW = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a shop with a made history of a hundred days."""
    folder = tmp_path_factory.mktemp("shop")
    if request.param == "sqlite":
        make_history(folder, 6_000, NOW, days=100)
        return folder
    url = request.getfixturevalue("postgres_url")
    make_history(folder, 6_000, NOW, days=100, database=url)
    return folder


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    with fresh_database() as url:
        yield url


@pytest.fixture
def store(shop: Path) -> Iterator[Database]:
    opened = Database(load(shop / "config.yaml").database_url())
    yield opened
    opened.close()


def added(fared: list[Attainment]) -> Attainment:
    return Attainment(
        met=sum(each.met for each in fared),
        missed=sum(each.missed for each in fared),
        open_in_time=sum(each.open_in_time for each in fared),
        open_overdue=sum(each.open_overdue for each in fared),
    )


def test_attainment_now_is_what_the_report_says(store: Database) -> None:
    since = NOW - timedelta(days=90)
    with store.read() as session:
        report = sla_report(session, NOW, since)
        made = what_if(session, since, NOW, as_promised)
        cases = count_cases(session, since, NOW)

    assert made.cases == report.cases == cases > 500
    assert made.voided == sum(target.voided for target in report.targets) > 0
    assert made.comparison.total.now == added([t.total.attainment for t in report.targets])
    told = dict(made.comparison.by("target"))
    for target in report.targets:
        assert told[target.target].now == target.total.attainment
    by_source: dict[str, list[Attainment]] = {}
    for target in report.targets:
        for key, summary in target.by_source:
            by_source.setdefault(key, []).append(summary.attainment)
    assert {key: pair.now for key, pair in made.comparison.by("source")} == {
        key: added(fared) for key, fared in by_source.items()
    }


def test_the_same_policies_reproduce_the_present_exactly(shop: Path, store: Database) -> None:
    book = policy_book(load(shop / "config.yaml"))
    with store.read() as session:
        made = what_if(session, NOW - timedelta(days=150), NOW, by_facts(book.choose))
    found = made.comparison

    assert found.irreproducible == found.saved == found.lost == 0
    assert found.total.now == found.total.then
    assert found.total.now.missed > 0
    assert all(pair.now == pair.then for _, pair in found.by("policy"))
    assert found.newly_promised == found.no_longer_promised == 0


def test_neither_the_size_of_the_pieces_nor_what_is_left_out_changes_the_clocks(
    store: Database,
) -> None:
    since = NOW - timedelta(days=20)
    with store.read() as session:
        whole = list(histories(session, since, NOW))
        pieces = list(histories(session, since, NOW, chunk=7))
        bare = list(histories(session, since, NOW, clocks_only=True))

    assert pieces == whole
    for case, without in zip(whole, bare, strict=True):
        clocked = tuple(run for run in case.runs if run.state is not None)
        assert (without.runs, without.voids, without.answers) == (clocked, case.voids, ())
    assert [case.id for case in whole] == sorted({case.id for case in whole})
    assert len(whole) > 100


def test_a_policy_with_more_time_saves_what_it_says_it_saves(store: Database) -> None:
    with store.read() as session:
        hours = usual_hours(session, NOW - timedelta(days=60), NOW)
        other = make_snapshot(
            Policy("patient", "office", first_response=16 * 3600, next_response=16 * 3600), hours
        )
        made = what_if(
            session, NOW - timedelta(days=60), NOW, lambda case, run: other, examples=100_000
        )
        due = dict(session.execute(select(Clock.case_id, Clock.due_at)).all())
    found = made.comparison

    assert (hours.key, found.lost) == ("office", 0)
    assert found.saved == len(found.saved_examples) > 0
    assert all(
        run.due_before is not None and run.due_after is not None and run.due_before < run.due_after
        for run in found.saved_examples
    )
    assert {run.case_id for run in found.saved_examples} <= due.keys()
    # Nothing resolves any more, and `standard` never promised a next response.
    assert found.no_longer_promised > 0
    assert dict(found.by("target"))["resolution"].then == Attainment(0, 0, 0, 0)


def test_people_are_modelled_beside_what_really_happened(shop: Path, store: Database) -> None:
    config = load(shop / "config.yaml")
    office = calendar_of(config, "office")
    with store.read() as session:
        made = what_if(
            session,
            NOW - timedelta(days=90),
            NOW,
            as_promised,
            on_duty=OnDuty(("+1", "1", "-1", "2"), office),
        )
        again = what_if(
            session,
            NOW - timedelta(days=90),
            NOW,
            as_promised,
            on_duty=OnDuty(("+1", "1", "-1", "2"), office),
        )
    told = made.people
    assert told is not None
    assert told == again.people  # nothing in it is left to chance

    assert (told.calibration.people, told.present.people) == (2, 2)
    assert [each.people for each in told.others] == [3, 1, 1, 2]
    assert told.others[3] == told.present
    assert not told.calibration.small
    responses = [pair for name, pair in made.comparison.by("target") if name != "resolution"]
    assert told.real == added([pair.then for pair in responses])
    one, three = told.others[1].attainment, told.others[0].attainment
    assert (one.share_with_overdue or 0) < (three.share_with_overdue or 0)
    sizes = {
        each.met + each.missed + each.open_in_time + each.open_overdue
        for each in (told.real, one, three)
    }
    assert sizes == {told.calibration.jobs}


def test_people_who_cannot_be_are_refused_with_the_reason(store: Database) -> None:
    def ask(wanted: str, days: float, handling: float | None = None) -> WhatIf:
        with store.read() as session:
            since = NOW - timedelta(days=days)
            hours = usual_hours(session, since, NOW)
            on_duty = OnDuty((wanted,), hours, handling)
            return what_if(session, since, NOW, as_promised, on_duty=on_duty)

    with pytest.raises(NoModel, match="--people -2 leaves nobody; at present there are 2"):
        ask("-2", 90)
    with pytest.raises(NoModel, match="nobody approved an answer"):
        ask("3", 0.001)
    told = ask("3", 90, handling=60.0).people
    assert told is not None
    assert told.handling_seconds == 60.0


def naive_breaches(store: Database, begin: datetime, end: datetime) -> int:
    with store.read() as session:
        clocks = session.scalars(select(Clock).where(Clock.state != "voided")).all()
    return sum(
        begin <= clock.due_at < end and clock.due_at < (clock.stopped_at or NOW)
        for clock in clocks
        if clock.state != "paused"
    )


def test_a_forecast_counts_what_happened_and_every_week_of_its_past(store: Database) -> None:
    monday = datetime(2026, 5, 31, 22, 0, tzinfo=UTC)  # Berlin's, in summer
    with store.read() as session:
        made = read_forecast(session, NOW, BERLIN)
        tried = read_backtest(session, NOW, BERLIN, 8)
    open_due = naive_breaches(store, NOW, NOW)
    assert made.breached == naive_breaches(store, monday, NOW)
    assert made.last_week == naive_breaches(store, monday - timedelta(weeks=1), monday)
    happened = [
        naive_breaches(store, monday - timedelta(weeks=back), monday - timedelta(weeks=back - 1))
        for back in range(8, 0, -1)
    ]

    assert open_due == 0
    assert (made.week_start, made.enough, made.weeks) == (monday, True, 8)
    assert made.open_due > 0
    assert made.arrivals > 0
    assert made.low <= made.expected <= made.high
    assert [each.happened for each in tried.weeks] == happened
    assert sum(happened) > 50
    assert len(tried.counted) == 8
    assert tried.error is not None
    assert tried.held >= 5


def test_an_empty_store_has_nothing_to_replay_and_too_little_to_forecast(world: World) -> None:
    now = world.clock()
    with world.db.read() as session:
        made = what_if(session, now - timedelta(days=90), now, as_promised)
        forecast = read_forecast(session, now, BERLIN)
        tried = read_backtest(session, now, BERLIN, 2)
    assert (made.cases, made.comparison.total.change) == (0, None)
    assert forecast.reason == "not enough history: 0 whole weeks, 4 are needed"
    assert tried.error is None


def live_through(world: World) -> None:
    """A case answered, reopened, answered late, closed; one dismissed; one waiting."""
    case = world.drafted("m1")
    world.pass_time(hours=2)
    world.approve(case)
    world.work(("publish",))
    world.pass_time(hours=6)
    world.hear(comment("c1", "m1", "still bad", author_id="dana"))
    world.pass_time(hours=5)
    world.approve(case, OTTO)
    world.work(("publish",))
    world.pass_time(days=4)
    gone = world.drafted("m2", author_id="eve")
    world.queue.reject(gone, draft_version=1, reason="not_a_complaint", note="", actor=MARA)
    world.drafted("m3", author_id="finn")
    world.pass_time(hours=9)


def test_what_real_cases_lived_through_is_read_as_their_clocks_have_it(world: World) -> None:
    begun = world.clock()
    live_through(world)
    with world.db.read() as session:
        read = {case.id: case for case in histories(session, begun, world.clock())}
        made = what_if(session, begun, world.clock(), as_promised)
        report = sla_report(session, world.clock(), begun)
    assert made.comparison.irreproducible == 0
    assert made.comparison.total.now == made.comparison.total.then
    assert made.comparison.total.now == added([t.total.attainment for t in report.targets])

    first = next(case for case in read.values() if case.answers)
    assert [answer.by for answer in first.answers] == ["Mara", "Otto"]
    told = first.facts
    assert (told.source, told.brand, told.location) == ("board", "harbour", "")
    assert (told.rating, told.urgency, told.language) == (1.0, "normal", "en")
    assert Counter((run.target, run.state) for run in first.runs) == Counter(
        {
            ("first_response", "met"): 1,
            ("next_response", "breached"): 1,
            ("resolution", "met"): 1,
        }
    )
    assert [case.voided for case in read.values()] == [0, 2, 0]


def test_unpromised_targets_are_measured_as_their_clocks_would_have_been(world: World) -> None:
    begun = world.clock()
    live_through(world)
    with world.db.read() as session:
        clocked = list(histories(session, begun, world.clock()))
    runs = [(case.id, *plain(run)) for case in clocked for run in case.runs]
    derived = [
        (case.id, *plain(run))
        for kept in ("first_response", "resolution")
        for case in without_clocks(world, begun, kept)
        for run in case.runs
        if run.target != "next_response" or kept == "resolution"
    ]
    assert {each[1] for each in runs} == {"first_response", "next_response", "resolution"}
    assert sorted(derived, key=str) == sorted(runs, key=str)


def plain(
    run: Run,
) -> tuple[str, datetime, datetime | None, list[tuple[datetime, datetime | None]]]:
    """A run without what was recorded of its promise; a pause at its end is no pause in it."""
    return (
        run.target,
        run.started_at,
        run.stopped_at,
        [(p.start, p.end) for p in run.pauses if p.start != run.stopped_at],
    )


def without_clocks(world: World, begun: datetime, kept: str) -> list[CaseHistory]:
    """The same cases, had only one target been promised; nothing of it is stored."""
    policy = Policy("bare", **{kept: 3600})
    with Session(world.db.engine) as session:
        session.execute(delete(Pause))
        session.execute(delete(Clock))
        session.execute(update(SlaPolicy).values(body=make_snapshot(policy, ALWAYS).to_json()))
        read = list(histories(session, begun, world.clock()))
        session.rollback()
    return read


def test_a_replay_knows_topics_and_when_something_was_written(world: World) -> None:
    begun = world.clock()
    written = begun - timedelta(hours=3)
    world.hear(review("m1", "bad wait", created_at=written))
    world.pass_time(hours=7)
    waiting = Policy(
        "waiting", "always", 8 * 3600, when=Conditions(topic=("waiting",)), start="written"
    )
    choose = by_facts(PolicyBook((waiting,), {}).choose)
    with world.db.read() as session:
        (case,) = histories(session, begun, world.clock())
        made = what_if(session, begun, world.clock(), choose)
    assert case.facts.topics == ("waiting",)
    # Eight hours from the writing are over; eight from our first sight were not.
    (run,) = made.comparison.lost_examples
    assert (run.before, run.after) == ("running", "overdue")
    assert run.due_after == written.replace(microsecond=0) + timedelta(hours=8)
    assert made.comparison.irreproducible == 0
