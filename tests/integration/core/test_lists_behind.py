"""The list behind a number holds as many as the number says, on both databases."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from monitor.db import Database
from monitor.reports.behind import list_cases
from monitor.reports.case_rows import CaseRow, place_of
from monitor.reports.heard import HEARD, list_mentions
from monitor.reports.keeping import Keeper
from monitor.reports.measures import MEASURES, PARTS
from monitor.reports.period import Period
from monitor.reports.reading import Reader
from monitor.reports.report import Behind
from monitor.reports.scope import Scope
from monitor.sla import TARGETS
from tests.integration.core.test_rollups import live_through
from tests.support.core_stores import empty
from tests.support.core_world import World

BERLIN = "Europe/Berlin"
Place = tuple[datetime, int]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def lived(request: pytest.FixtureRequest) -> Iterator[Lived]:
    database: Database = request.getfixturevalue(f"{request.param}_database")
    empty(database)
    world = World(database)
    live_through(world, cases=10)
    Keeper(world.db, world.clock, BERLIN).run()
    yield Lived(world, Period.back(world.clock(), 40, ZoneInfo(BERLIN)))
    world.close()


@dataclass(frozen=True)
class Lived:
    """Some weeks that are over, and what can be asked of them: nothing changes any more."""

    world: World
    period: Period

    def listed(self, behind: Behind, session: Session, limit: int = 500) -> list[CaseRow]:
        return list_cases(session, behind, self.world.clock(), limit, None)

    def by_twos(self, behind: Behind) -> list[CaseRow]:
        found: list[CaseRow] = []
        after: Place | None = None
        with self.world.db.read() as session:
            while page := list_cases(session, behind, self.world.clock(), 2, after):
                found += page
                after = place_of(page[-1], behind)
        return found


def asked_of(reader: Reader) -> Iterator[tuple[str, Scope]]:
    """Yield what a list can be asked for: every measure, of everything, one thing, and the rest."""
    for part in PARTS:
        values = {value for value, _ in reader.counts("arrivals", part)}
        scopes = [Scope(part, (value,)) for value in sorted(values)]
        if part != "topic":  # a case of two topics counts under both, and stands in one list
            scopes.append(Scope(part, ("board", "Mara"), others=True))
        for scope in scopes:
            for measure in sorted(set(MEASURES) - set(HEARD)):
                yield measure, scope


def test_it_is_as_long_as_the_number_says_whatever_is_asked(lived: Lived) -> None:
    lengths: set[int] = set()
    chance = random.Random(7)
    with lived.world.db.read() as session:
        reader = Reader(session, lived.period, lived.world.clock())
        for measure, scope in asked_of(reader):
            told = reader.sum(measure, scope)
            verdict, number = chance.choice([("", told.counted), ("met", told.met)])
            behind = Behind(measure, verdict, lived.period, scope)
            assert len(lived.listed(behind, session)) == number, behind
            lengths.add(number)
    assert max(lengths) > 5


@pytest.mark.parametrize("measure", [*TARGETS, "arrivals", "silent"])
def test_pages_follow_each_other_without_a_gap(lived: Lived, measure: str) -> None:
    behind = Behind(measure, "", lived.period)
    with lived.world.db.read() as session:
        whole = lived.listed(behind, session)
    assert lived.by_twos(behind) == whole
    assert whole == sorted(whole, key=lambda row: place_of(row, behind), reverse=True)


def test_a_small_source_is_looked_up_and_gives_the_same(
    lived: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind = Behind("first_response", "", lived.period, Scope("source", ("board",)))
    looked_up = lived.by_twos(behind)
    monkeypatch.setattr("monitor.reports.behind.FEW", 1)
    assert lived.by_twos(behind) == looked_up != []


def test_mentions_are_listed_as_they_are_counted(lived: Lived) -> None:
    with lived.world.db.read() as session:
        told = Reader(session, lived.period, lived.world.clock()).sum("mentions")
        for verdict in ("", "met"):
            behind = Behind("mentions", verdict, lived.period)
            found: list[int] = []
            after: Place | None = None
            while page := list_mentions(session, behind, 2, after):
                found += [row.mention_id for row in page]
                after = page[-1].at, page[-1].mention_id
            assert len(set(found)) == len(found) == (told.met if verdict else told.counted) > 0


@pytest.mark.parametrize("measure", ["first_response", "silent"])
@pytest.mark.parametrize("topic", ["", "price"])
def test_a_list_of_several_batches_has_each_once(
    lived: Lived, monkeypatch: pytest.MonkeyPatch, measure: str, topic: str
) -> None:
    scope = Scope("topic", (topic,), others=True) if topic else Scope()
    behind = Behind(measure, "", lived.period, scope)
    with lived.world.db.read() as session:
        whole = lived.listed(behind, session)
        monkeypatch.setattr("monitor.reports.behind.AT_FIRST", 1)
        monkeypatch.setattr("monitor.reports.behind.AT_ONCE", 2)
        assert lived.listed(behind, session) == whole
    assert len({row.case_id for row in whole}) == len(whole) > 3
