"""Incidents in a real store: opened once, extended, ended, and left by what is forgotten."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from connectors.base import FoundMention
from monitor.db import Database
from monitor.incidents import writing
from monitor.incidents.views import read_incident, read_lines, read_of_case
from monitor.incidents.walk import Walk
from monitor.incidents.writing import WALKED, Walked
from monitor.intake.purging import withhold
from monitor.models import Incident, IncidentMention, Mark, Mention
from tests.support.core_world import World, review
from tests.support.outage import ORDINARY, outage_text

LETTER = (
    "A bad coat from your shop, its lining came apart on the second day and nobody wants to take "
    "it back although I have the receipt."
)


class Town:
    """A world that has been listened to for ten days, with a few complaints a day."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.walk = Walk(world.db, world.clock)
        self.number = 0
        world.poll()
        for day in range(10):
            world.clock.move(days=1)
            self.say(f"{ORDINARY[day]}. Bad, a long wait", f"guest {day % 4}")
            self.say("A fine garden", f"friend {day}", rating=5.0)

    def say(
        self, text: str, author: str = "", *, key: str = "board",
        at: datetime | None = None, rating: float | None = 2.0,
    ) -> str:  # fmt: skip
        self.number += 1
        name = f"m{self.number}"
        self.world.hear(self.found(name, text, author, at=at, rating=rating), key=key)
        return name

    def found(
        self, name: str, text: str, author: str = "", *,
        at: datetime | None = None, rating: float | None = 2.0,
    ) -> FoundMention:  # fmt: skip
        person = author or f"guest of {name}"
        at = at or self.world.clock() - timedelta(seconds=30)
        return review(
            name, text, author_name=person, author_id=person, created_at=at, rating=rating
        )

    def outage(self, people: int) -> list[str]:
        names = []
        for _ in range(people):
            self.world.clock.move(minutes=3)
            names.append(self.say(f"{outage_text(self.number)} Bad, I had to wait"))
        return names

    def incidents(self) -> list[Incident]:
        return self.world.rows(Incident)

    def members(self, incident: Incident) -> set[str]:
        with self.world.db.read() as session:
            return set(
                session.scalars(
                    select(Mention.external_id)
                    .join(IncidentMention, IncidentMention.mention_id == Mention.id)
                    .where(IncidentMention.incident_id == incident.id)
                )
            )


@pytest.fixture
def town(world: World) -> Town:
    return Town(world)


def test_ordinary_days_open_nothing(town: Town) -> None:
    assert town.walk.run().opened == 0
    assert town.walk.run() == Walked(0, 0, 0, 0)
    assert town.incidents() == []


def test_an_outage_opens_one_incident_grows_and_ends(town: Town) -> None:
    town.walk.run()
    first = town.outage(8)
    assert town.walk.run() == Walked(8, 1, 0, 0)
    (incident,) = town.incidents()
    assert incident.kind == "same_cause"
    assert incident.topic == "waiting"
    assert "terminal" in incident.detail["words"]
    assert incident.size == 8
    assert town.members(incident) == set(first)

    town.world.clock.move(hours=9)
    late = town.say("The terminal is bad still and I wait", "a late guest")
    other = town.say("The soup is bad and I wait for it", "guest 1")
    assert town.walk.run().grown == 1
    (incident,) = town.incidents()
    assert (incident.size, incident.ended_at) == (9, None)
    assert late in town.members(incident)
    assert other not in town.members(incident)

    town.world.clock.move(hours=12, minutes=1)
    assert town.walk.run().ended == 1
    (incident,) = town.incidents()
    assert incident.ended_at == town.world.clock()
    assert town.walk.run() == Walked(0, 0, 0, 0)


def test_what_has_ended_is_not_opened_anew_from_the_same_mentions(town: Town) -> None:
    town.outage(8)
    town.walk.run()
    town.world.clock.move(hours=13)
    town.walk.run()
    town.say("The terminal is bad again and we wait", "one more")
    assert town.walk.run().opened == 0
    town.outage(8)
    assert town.walk.run().opened == 1
    assert [each.size for each in town.incidents()] == [8, 9]


def test_one_text_at_two_sources_is_one_incident_and_an_edit_does_not_double_it(
    town: Town,
) -> None:
    town.world.add_source("forum")
    first = town.say(LETTER, "ines")
    town.walk.run()
    assert town.incidents() == []
    town.say(f"{LETTER} Shame!", "ines r", key="forum")
    assert town.walk.run().opened == 1
    (incident,) = town.incidents()
    assert (incident.kind, incident.size) == ("copies", 2)
    assert incident.detail["signs"][1] == "at 2 sources"

    town.world.hear(town.found(first, f"{LETTER} I am still waiting.", "ines"))
    third = town.say(LETTER, "ines again")
    town.walk.run()
    town.walk.run()
    (incident,) = town.incidents()
    assert incident.size == 3
    assert third in town.members(incident)


def test_a_wave_of_lowest_ratings_of_strangers_is_one_incident(town: Town) -> None:
    town.walk.run()
    for at in range(14):
        town.world.clock.move(minutes=20)
        town.say(("Scam!", "", "Avoid", "worst ever")[at % 4], rating=1.0)
    town.say("The bread was bad and I wait since noon for my order", "guest 1", rating=1.0)
    town.walk.run()
    (incident,) = town.incidents()
    assert (incident.kind, incident.size) == ("review_bombing", 14)
    assert incident.detail["signs"][1] == "14 of 15 were never heard before"


def test_history_opens_nothing(world: World) -> None:
    town = Town(world)
    old = town.world.add_source("old", begins_with_history=True)
    at = world.clock() - timedelta(hours=3)
    old.list_page(
        *(town.found(f"h{each}", f"{outage_text(each)} Bad, a wait", at=at) for each in range(9))
    )
    world.poll("old")
    assert world.mention("h1", "old").history
    assert town.walk.run().opened == 0


def test_a_source_that_is_new_knows_no_usual(town: Town) -> None:
    town.world.add_source("fresh")
    for each in range(10):
        town.world.clock.move(minutes=2)
        town.say(f"{outage_text(each)} Bad, a wait", key="fresh")  # fmt: skip
    assert town.walk.run().opened == 0


def test_rows_without_a_time_are_no_wave(town: Town) -> None:
    found = [town.found(f"f{each}", f"{outage_text(each)} Bad, a wait") for each in range(20)]
    for each in found:
        each.created_at = None
    town.world.hear(*found)
    town.walk.run()
    assert town.incidents() == []


def test_deleted_and_withheld_mentions_leave_and_the_last_one_takes_its_words_along(
    town: Town,
) -> None:
    names = town.outage(6)
    town.walk.run()
    (incident,) = town.incidents()
    ids = [town.world.mention(name).id for name in names]
    town.world.board.delete(names[0])
    town.world.poll()
    assert town.world.mention(names[0]).state == "deleted"
    assert town.incidents()[0].size == 5
    assert names[0] not in town.members(incident)
    with town.world.write() as session:
        withhold(session, town.world.source_id(), ids[1:3], town.world.clock())
    assert town.incidents()[0].size == 3
    town.walk.run()
    assert town.incidents()[0].size == 3
    with town.world.write() as session:
        withhold(session, town.world.source_id(), ids[3:], town.world.clock())
    (incident,) = town.incidents()
    assert (incident.size, incident.title, incident.detail) == (0, "", {})
    assert town.walk.run().ended == 1


def test_two_daemons_at_once_open_one_incident(town: Town, database: Database) -> None:
    town.outage(9)
    walks = [Walk(database, town.world.clock) for _ in range(4)]
    gate = threading.Barrier(len(walks))
    done: list[Walked] = []

    def run(walk: Walk) -> None:
        gate.wait()
        done.append(walk.run())

    threads = [threading.Thread(target=run, args=(walk,)) for walk in walks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 4
    assert sum(each.opened for each in done) == 1
    assert [each.size for each in town.incidents()] == [9]


def test_what_was_decided_on_an_older_state_is_dropped(town: Town) -> None:
    town.outage(7)
    slow, quick = Walk(town.world.db, town.world.clock), Walk(town.world.db, town.world.clock)
    with town.world.db.read() as session:
        decided = slow._decide(session, town.world.clock())
    assert quick.run().opened == 1
    with town.world.write() as session:
        assert writing.write_round(session, decided, town.world.clock()) is None
    assert len(town.incidents()) == 1


def test_a_kill_before_the_end_leaves_everything_to_the_next_run(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.outage(7)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(writing, "_add", killed)
        with pytest.raises(KeyboardInterrupt):
            town.walk.run()
    assert town.incidents() == []
    assert town.walk.run().opened == 1


def test_what_is_forgotten_between_deciding_and_writing_stays_out(town: Town) -> None:
    names = town.outage(7)
    with town.world.db.read() as session:
        decided = town.walk._decide(session, town.world.clock())
    gone = town.world.mention(names[0])
    with town.world.write() as session:
        withhold(session, gone.source_id, [gone.id], town.world.clock())
    with town.world.write() as session:
        assert writing.write_round(session, decided, town.world.clock()) is not None
    (incident,) = town.incidents()
    assert incident.size == 6
    assert names[0] not in town.members(incident)


def test_a_store_that_was_filled_before_is_not_walked_from_its_beginning(town: Town) -> None:
    town.world.clock.move(days=30)
    assert town.walk.run() == Walked(0, 0, 0, 0)
    name = town.say("Bad soup", "guest 1")
    assert town.walk.run().mentions == 1
    with town.world.db.read() as session:
        assert session.get_one(Mark, WALKED).value == town.world.mention(name).id


def test_the_faces_see_the_cases_and_how_many_they_are(town: Town) -> None:
    names = town.outage(6)
    town.walk.run()
    case = town.world.case_of(names[2])
    with town.world.db.read() as session:
        (line,) = read_lines(session)
        (mine,) = read_of_case(session, case.id)
        view = read_incident(session, line.id)
        assert read_incident(session, 999_999) is None
    assert mine == line
    assert line.one_of == "one of 6 about the same thing"
    assert view is not None
    assert [each.case_ref for each in view.members] == [
        town.world.case_of(name).ref for name in names
    ]
    assert view.signs[0] == "6 people within 6 hours, where next to none are usual"
    town.world.clock.move(days=1)
    town.walk.run()
    with town.world.db.read() as session:
        assert read_lines(session) == []
        assert [each.ref for each in read_lines(session, ended=True)] == [line.ref]
