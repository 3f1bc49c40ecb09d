"""The forecast that pages show is made by the daemon now and then, and kept."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from monitor.models import ReportForecast
from monitor.replays.keeping import ForecastKeeper
from monitor.reports.catalog import make_report
from monitor.reports.period import Period
from monitor.reports.report import Asked, Section
from tests.support.core_world import World

ZONE = "Europe/Berlin"


def backlog_of(world: World) -> dict[str, Section]:
    asked = Asked(Period.back(world.clock(), 7, ZoneInfo(ZONE)), "day")
    with world.db.read() as session:
        made = make_report(session, "backlog", asked, world.clock())
    return {section.key: section for section in made.sections}


def test_no_forecast_is_shown_before_one_was_made(world: World) -> None:
    assert "forecast" not in backlog_of(world)


def test_a_breach_of_this_week_is_told_where_history_is_too_short(world: World) -> None:
    world.drafted()
    world.clock.move(hours=30)
    world.do("clock")
    keeper = ForecastKeeper(world.db, world.clock, ZONE)
    assert keeper.run()
    section = backlog_of(world)["forecast"]
    assert [(each.key, each.value) for each in section.figures] == [("breached", 1)]
    assert "only what is known" in section.note


def test_it_is_made_anew_only_when_it_is_old(world: World) -> None:
    keeper = ForecastKeeper(world.db, world.clock, ZONE)
    assert keeper.run()
    world.clock.move(minutes=30)
    assert not keeper.run()
    world.clock.move(minutes=31)
    assert keeper.run()
    assert world.row(ReportForecast).made_at == world.clock()
