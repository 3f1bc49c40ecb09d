"""What platforms' terms ask: read again in time, forget what cannot be read, keep no words."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from connectors.base import Capabilities
from connectors.errors import (
    AuthFailed,
    Gone,
    LayoutChanged,
    RateLimited,
    Unavailable,
)
from monitor.db import Database
from monitor.intake.rechecks import BATCH, LEASE, Rechecker
from monitor.intake.terms import without_quotes
from monitor.models import (
    Account,
    Assessment,
    Author,
    Case,
    Clock,
    Customer,
    Draft,
    Mention,
    Revision,
    Source,
)
from tests.support.core_world import World, review

DAY = timedelta(days=1)
SECRETS = ("cold tea", "Dana Petrova", "bad bad", "worse than that")


def rechecker(world: World, retention: timedelta | None = None) -> Rechecker:
    return Rechecker(world.db, world.platforms, world.store, world.clock, retention)


def set_terms(world: World, *, keep: timedelta | None = DAY, may_store: bool = True) -> None:
    with world.write() as session:
        source = session.scalars(select(Source)).one()
        source.keep_seconds = keep.total_seconds() if keep else None
        source.may_store = may_store


def everything(database: Database) -> str:
    """Return the whole store as text, to look for what must not be in it."""
    told = []
    with database.read() as session:
        for name in (
            "mention",
            "revision",
            "author",
            "customer",
            "assessment",
            "event",
            "draft",
            "misread",
            "alert",
            "notification",
        ):
            for row in session.execute(text(f'SELECT * FROM "{name}"')):
                told.append(json.dumps(list(row), default=str, ensure_ascii=False))
    return "\n".join(told)


class TestReadingAgain:
    @pytest.fixture(autouse=True)
    def _a_day(self, world: World) -> None:
        set_terms(world)

    def due(self, world: World, external_id: str = "m1") -> tuple[datetime, datetime]:
        row = world.mention(external_id)
        assert row.recheck_at is not None
        assert row.keep_until is not None
        return row.recheck_at, row.keep_until

    def test_what_is_stored_is_due_before_its_time_is_over(self, world: World) -> None:
        world.hear(review("m1"))
        recheck_at, keep_until = self.due(world)
        assert keep_until == world.clock() + DAY
        assert timedelta(hours=17) < recheck_at - world.clock() < timedelta(hours=21)

    def test_what_still_stands_there_may_be_kept_as_long_again(self, world: World) -> None:
        world.hear(review("m1"))
        world.clock.move(hours=22)
        assert rechecker(world).read_again() == 1
        assert self.due(world)[1] == world.clock() + DAY
        assert world.mention("m1").text == "bad tea"
        assert rechecker(world).read_again() == 0

    def test_an_edit_that_is_met_there_is_taken_in(self, world: World) -> None:
        world.hear(review("m1"))
        world.board.edit("m1", text="bad, very bad", listed=False)
        world.clock.move(hours=22)
        rechecker(world).run()
        assert world.mention("m1").revision == 2
        assert self.due(world)[1] == world.clock() + DAY

    def test_a_deletion_that_is_met_there_reaches_the_case(self, world: World) -> None:
        world.hear(review("m1"))
        world.board.delete("m1", listed=False)
        world.clock.move(hours=22)
        rechecker(world).run()
        row = world.mention("m1")
        assert (row.state, row.text, row.recheck_at) == ("deleted", "", None)
        assert world.case_of("m1").state == "closed"
        assert "deleted" in world.events(world.case_of("m1").id)

    def test_a_direct_read_that_says_gone_is_a_deletion(self, world: World) -> None:
        world.hear(review("m1"))
        world.board.fail("read", Gone("no such review"))
        world.clock.move(hours=22)
        rechecker(world).run()
        assert world.mention("m1").state == "deleted"

    def test_what_the_listing_shows_again_needs_no_read(self, world: World) -> None:
        world.hear(review("m1"))
        world.clock.move(hours=10)
        world.hear(review("m1"))
        assert self.due(world)[1] == world.clock() + DAY
        world.clock.move(hours=12)
        assert rechecker(world).read_again() == 0
        assert world.board.count("read") == 0

    @pytest.mark.parametrize(
        "error", [Unavailable("down"), AuthFailed("expired"), LayoutChanged("odd")]
    )
    def test_what_cannot_be_read_is_tried_again_and_forgotten_at_its_end(
        self, world: World, error: Exception
    ) -> None:
        world.hear(review("m1"))
        world.board.break_down("read", error)
        world.clock.move(hours=22)
        again = rechecker(world)
        tries = 0
        while world.mention("m1").state == "present":
            again.run()
            world.clock.move(minutes=5)
            tries += 1
            assert tries < 30
        assert world.clock() <= self.first_heard(world) + DAY + timedelta(minutes=6)
        assert 2 <= world.board.count("read") <= 9

    def first_heard(self, world: World) -> datetime:
        return world.mention("m1").first_seen_at

    def test_a_platform_without_a_direct_read_is_forgotten_at_its_end(self, world: World) -> None:
        world.hear(review("m1"))
        world.board.can_read = False
        world.clock.move(hours=22)
        rechecker(world).run()
        row = world.mention("m1")
        assert (row.state, row.recheck_at) == ("present", row.keep_until)
        world.clock.move(hours=3)
        rechecker(world).run()
        assert world.mention("m1").state == "withheld"

    def test_a_refusal_ends_the_batch_and_loses_nothing(self, world: World) -> None:
        world.hear(*[review(f"m{n}", author_id=f"a{n}") for n in range(5)])
        world.clock.move(hours=22)
        world.board.fail("read", RateLimited("slow down", timedelta(minutes=20)))
        rechecker(world).run()
        assert world.board.count("read") == 1
        assert all(row.state == "present" for row in world.rows(Mention))
        world.clock.move(minutes=45)
        assert rechecker(world).read_again() == 5

    def test_an_account_that_rests_is_not_asked(self, world: World) -> None:
        world.hear(review("m1"))
        world.clock.move(hours=22)
        until = world.clock() + timedelta(minutes=30)
        with world.write() as session:
            session.scalars(select(Account)).one().paused_until = until
        rechecker(world).run()
        assert world.board.count("read") == 0
        assert self.due(world)[0] == until

    def test_a_batch_is_small_and_two_daemons_share_the_work(self, world: World) -> None:
        world.hear(*[review(f"m{n}", author_id=f"a{n}") for n in range(BATCH + 10)])
        world.clock.move(hours=22)
        first, second = rechecker(world), rechecker(world)
        assert first.read_again() == BATCH
        assert second.read_again() == 10
        assert world.board.count("read") == BATCH + 10

    def test_a_daemon_that_dies_in_between_leaves_it_to_the_next(self, world: World) -> None:
        world.hear(review("m1"))
        world.clock.move(hours=22)
        world.board.fail("read", KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            rechecker(world).run()
        world.clock.move(seconds=LEASE.total_seconds())
        assert rechecker(world).read_again() == 1

    def test_a_source_no_longer_configured_is_forgotten_at_its_end(self, world: World) -> None:
        world.hear(review("m1"))
        world.forget_platform("board")
        world.clock.move(hours=22)
        rechecker(world).run()
        assert world.mention("m1").state == "present"
        world.clock.move(hours=3)
        rechecker(world).run()
        assert world.mention("m1").state == "withheld"

    def test_what_is_over_while_the_daemon_was_down_goes_without_asking(self, world: World) -> None:
        world.hear(review("m1"), review("m2", "lovely", rating=5.0, author_id="otto"))
        world.clock.move(days=3)
        assert rechecker(world).forget_overdue() == 2
        assert world.board.count("read") == 0
        assert {row.state for row in world.rows(Mention)} == {"withheld"}


class TestForgetting:
    def forget(self, world: World) -> None:
        world.clock.move(days=2)
        assert rechecker(world).forget_overdue() >= 1

    def test_no_word_and_no_name_is_left_and_the_case_stays(self, world: World) -> None:
        set_terms(world)
        case_id = world.drafted("m1", text="bad bad cold tea", raw={"quote": "cold tea"})
        assert world.queue is not None
        world.hear(review("m1", "worse than that, bad cold tea"))
        world.do("prepare")
        self.forget(world)
        left = everything(world.db)
        row = world.mention("m1")
        assert (row.state, row.text, row.author_name, row.raw) == ("withheld", "", "", None)
        assert (row.rating, row.external_id) == (1.0, "m1")
        assert world.rows(Revision)[0].text == ""
        assert world.row(Author).name == world.row(Customer).name == ""
        proposed = world.rows(Draft, Draft.state == "proposed")[-1].text
        for secret in SECRETS:
            assert secret not in left.replace(json.dumps(proposed, ensure_ascii=False)[1:-1], "")
        assert world.case(case_id).state == "drafted"

    def test_every_face_says_where_to_read_it(self, world: World) -> None:
        set_terms(world)
        case_id = world.drafted("m1", text="bad cold tea", url="https://board.example/m1")
        before = world.case(case_id).revision
        self.forget(world)
        view = world.view(case_id)
        assert "do not let us keep the text" in view.mention.text
        assert view.mention_url == "https://board.example/m1"
        (line,) = world.queue.lines()
        assert "do not let us keep" in line.excerpt
        assert world.case(case_id).revision > before

    def test_a_forgotten_complaint_can_still_be_answered(self, world: World) -> None:
        set_terms(world)
        case_id = world.drafted("m1")
        self.forget(world)
        assert world.approve(case_id).done
        world.do("publish")
        assert world.case(case_id).state == "answered"
        assert len(world.board.standing("m1")) == 1

    def test_a_forgotten_mention_that_is_listed_again_stays_forgotten(self, world: World) -> None:
        set_terms(world)
        world.hear(review("m1"))
        self.forget(world)
        counts = world.hear(review("m1"))
        assert (counts.known, counts.edited) == (1, 0)
        assert world.mention("m1").text == ""
        assert len(world.rows(Case)) == 1

    def test_an_edit_of_a_forgotten_mention_is_news_again(self, world: World) -> None:
        set_terms(world)
        world.hear(review("m1"))
        self.forget(world)
        assert world.hear(review("m1", "bad again")).edited == 1
        row = world.mention("m1")
        assert (row.state, row.text) == ("present", "bad again")

    def test_a_forgotten_mention_that_is_deleted_ends_its_case(self, world: World) -> None:
        set_terms(world)
        world.hear(review("m1"))
        self.forget(world)
        world.board.delete("m1")
        world.poll()
        assert world.mention("m1").state == "deleted"
        assert world.case_of("m1").state == "closed"

    def test_a_name_that_is_kept_with_another_word_stays(self, world: World) -> None:
        other = world.add_source("other", account="board")
        set_terms_of_board = Source.key == "board"
        with world.write() as session:
            session.scalars(select(Source).where(set_terms_of_board)).one().keep_seconds = 86_400.0
        world.hear(review("m1"))
        other.list_page(review("m2"))
        world.poll("other")
        self.forget(world)
        assert world.row(Author).name == "Dana Petrova"


class TestDays:
    def test_old_words_go_when_their_case_has_ended(self, world: World) -> None:
        world.hear(review("m1"), review("m2", "lovely", rating=5.0, author_id="otto"))
        world.clock.move(days=40)
        again = rechecker(world, timedelta(days=30))
        again.run()
        assert world.mention("m2").state == "withheld"
        assert world.mention("m1").state == "present"
        with world.write() as session:
            case = session.scalars(select(Case)).one()
            case.state, case.closed_at = "closed", world.clock()
            for clock in session.scalars(select(Clock)):
                clock.state, clock.next_at = "voided", None
                clock.stopped_at = world.clock()
        again.run()
        assert world.mention("m1").state == "present"  # it looks once an hour
        world.clock.move(hours=1)
        again.run()
        assert world.mention("m1").state == "withheld"

    def test_without_days_nothing_grows_old(self, world: World) -> None:
        world.hear(review("m1", "lovely", rating=5.0))
        world.clock.move(days=9999)
        rechecker(world).run()
        assert world.mention("m1").state == "present"


class TestNothingMayBeStored:
    @pytest.fixture(autouse=True)
    def _only_the_link(self, world: World) -> None:
        set_terms(world, keep=None, may_store=False)

    def found(self, words: str = "bad bad cold tea", **values: object):  # type: ignore[no-untyped-def]
        given = {
            "title": "worse than that",
            "raw": {"text": "cold tea"},
            "url": "https://board.example/m1",
            "our_reply": "cold tea answer",
        }
        return review("m1", words, **(given | values))

    def test_no_word_reaches_the_store_or_a_log_and_the_case_opens(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            world.hear(self.found())
            world.do("prepare")
        left = everything(world.db) + caplog.text
        for secret in SECRETS:
            assert secret not in left
        row = world.mention("m1")
        assert (row.state, row.rating, row.author_id) == ("withheld", None, None)
        assert row.url == "https://board.example/m1"
        judged = world.row(Assessment)
        assert judged.complaint
        assert world.case_of("m1").state == "drafted"

    def test_known_and_edited_are_told_apart_all_the_same(self, world: World) -> None:
        world.hear(self.found())
        assert world.hear(self.found()).known == 1
        assert world.hear(self.found("bad bad bad")).edited == 1
        row = world.mention("m1")
        assert (row.state, row.text, row.revision) == ("withheld", "", 2)
        assert "cold tea" not in everything(world.db)

    def test_a_listing_that_repeats_an_answer_writes_nothing(self, world: World) -> None:
        world.hear(self.found())
        revision = world.case_of("m1").revision
        world.hear(self.found())
        assert world.case_of("m1").revision == revision

    def test_a_deletion_ends_the_case(self, world: World) -> None:
        world.hear(self.found())
        world.board.delete("m1")
        world.poll()
        assert world.case_of("m1").state == "closed"


class TestStanding:
    def test_whom_it_speaks_to_a_lock_and_an_answer_are_stored(self, world: World) -> None:
        at = world.clock() - DAY
        world.hear(
            review(
                "m1", addressed_to_us=True, locked="archived", our_reply="Sorry", our_reply_at=at
            )
        )
        row = world.mention("m1")
        assert (row.addressed_to_us, row.locked) == (True, "archived")
        assert (row.our_reply, row.our_reply_at) == ("Sorry", at)

    def test_they_change_without_an_edit(self, world: World) -> None:
        world.hear(review("m1"))
        case = world.case_of("m1")
        counts = world.hear(review("m1", locked="archived", addressed_to_us=True))
        assert (counts.known, counts.edited) == (1, 0)
        assert world.mention("m1").locked == "archived"
        assert world.case_of("m1").revision > case.revision
        world.hear(review("m1"))
        assert world.mention("m1").locked == ""
        assert world.mention("m1").addressed_to_us

    def test_an_answer_given_beside_us_is_heard_and_a_bare_listing_takes_none_away(
        self, world: World
    ) -> None:
        case_id = world.drafted("m1")
        world.hear(review("m1", our_reply="Sorry, says the owner", our_reply_at=world.clock()))
        assert world.mention("m1").our_reply == "Sorry, says the owner"
        assert "answered_elsewhere" in world.events(case_id)
        world.hear(review("m1"))
        assert world.mention("m1").our_reply == "Sorry, says the owner"

    def test_they_come_with_an_edit_too(self, world: World) -> None:
        world.hear(review("m1"))
        world.hear(review("m1", "bad, edited", locked="closed", our_reply="Sorry"))
        row = world.mention("m1")
        assert (row.revision, row.locked, row.our_reply) == (2, "closed", "Sorry")


def test_reasons_lose_the_words_they_quote() -> None:
    assert without_quotes(
        [
            'words: "cold", "late"',
            "rated 1 of 5",
            'the words taken together, most of all "never", "again"',
            "looks like spam: http://x",
            "signs: 😡",
        ]
    ) == ["words", "rated 1 of 5", "the words taken together", "looks like spam", "signs"]


@pytest.mark.parametrize("may", [True, False])
def test_a_drafter_knows_whether_language_models_may_see_the_words(world: World, may: bool) -> None:
    case_id = world.drafted("m1")
    platform = world._platforms["board"]
    platform.kind = replace(platform.kind, capabilities_of=lambda _: Capabilities(may_use_ai=may))
    with world.db.read() as session:
        facts = world.desk.facts(session, session.get_one(Case, case_id), 1)
    assert facts.drafting.may_use_ai is may
