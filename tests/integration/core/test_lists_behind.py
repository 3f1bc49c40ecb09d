"""The list behind a number holds as many as the number says, on both databases."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from monitor.reports.behind import CaseRow, list_cases, place_of
from monitor.reports.heard import HEARD, list_mentions
from monitor.reports.keeping import Keeper
from monitor.reports.measures import MEASURES, PARTS
from monitor.reports.period import Period
from monitor.reports.reading import Reader
from monitor.reports.report import Behind
from monitor.reports.scope import Scope
from monitor.sla import TARGETS
from tests.integration.core.test_rollups import live_through
from tests.support.core_world import World

BERLIN = "Europe/Berlin"
Place = tuple[datetime, int]


def by_twos(world: World, behind: Behind) -> list[CaseRow]:
    found: list[CaseRow] = []
    after: Place | None = None
    with world.db.read() as session:
        while page := list_cases(session, behind, world.clock(), 2, after):
            found += page
            after = place_of(page[-1], behind)
    return found


@pytest.fixture
def lived(world: World) -> Period:
    live_through(world, cases=10)
    Keeper(world.db, world.clock, BERLIN).run()
    return Period.back(world.clock(), 40, ZoneInfo(BERLIN))


def test_it_is_as_long_as_the_number_says_whatever_is_asked(world: World, lived: Period) -> None:
    lengths: set[int] = set()
    with world.db.read() as session:
        reader = Reader(session, lived, world.clock())
        for part in PARTS:
            values = {value for value, _ in reader.counts("arrivals", part)}
            scopes = [Scope(part, (value,)) for value in sorted(values)]
            if part != "topic":  # a case of two topics counts under both, and stands in one list
                scopes.append(Scope(part, ("board", "Mara"), others=True))
            for scope in scopes:
                for measure in set(MEASURES) - set(HEARD):
                    told = reader.sum(measure, scope)
                    for verdict, number in (("", told.counted), ("met", told.met)):
                        behind = Behind(measure, verdict, lived, scope)
                        rows = list_cases(session, behind, world.clock(), 500, None)
                        assert len(rows) == number, behind
                        lengths.add(number)
    assert max(lengths) > 5


@pytest.mark.parametrize("measure", [*TARGETS, "arrivals", "silent"])
def test_pages_follow_each_other_without_a_gap(world: World, lived: Period, measure: str) -> None:
    behind = Behind(measure, "", lived)
    with world.db.read() as session:
        whole = list_cases(session, behind, world.clock(), 500, None)
    assert by_twos(world, behind) == whole
    assert whole == sorted(whole, key=lambda row: place_of(row, behind), reverse=True)


def test_a_small_source_is_looked_up_and_gives_the_same(
    world: World, lived: Period, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind = Behind("first_response", "", lived, Scope("source", ("board",)))
    looked_up = by_twos(world, behind)
    monkeypatch.setattr("monitor.reports.behind.FEW", 1)
    assert by_twos(world, behind) == looked_up != []


def test_mentions_are_listed_as_they_are_counted(world: World, lived: Period) -> None:
    with world.db.read() as session:
        reader = Reader(session, lived, world.clock())
        for verdict in ("", "met"):
            told = reader.sum("mentions")
            found: list[int] = []
            after: Place | None = None
            while page := list_mentions(session, Behind("mentions", verdict, lived), 2, after):
                found += [row.mention_id for row in page]
                after = page[-1].at, page[-1].mention_id
            assert len(set(found)) == len(found) == (told.met if verdict else told.counted) > 0
