"""What a poll does when the platform fails, when nothing comes, and when two poll at once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from connectors.errors import (
    AuthFailed,
    BadSettings,
    ConnectorError,
    Gone,
    LayoutChanged,
    RateLimited,
    Rejected,
    Unavailable,
)
from monitor.alerts import raise_alert, resolve_alert
from monitor.models import Account, Alert, Author, Case, Customer, Mention, SlaPolicy, Source
from monitor.silence import watch_silence
from monitor.sources import pause
from tests.support.core_world import World, review


def source(world: World, key: str = "board") -> Source:
    return world.row(Source, Source.key == key)


def open_alerts(world: World) -> list[str]:
    return [row.key for row in world.rows(Alert, Alert.resolved_at.is_(None))]


class TestFailures:
    def test_a_rate_limit_holds_back_both_sources_of_its_account(self, world: World) -> None:
        first = world.add_source("first", account="shared")
        second = world.add_source("second", account="shared")
        with world.write() as session:
            session.execute(
                update(Source)
                .where(Source.key == "second")
                .values(next_at=world.clock() + timedelta(seconds=1))
            )
        first.fail("fetch", RateLimited("slow down", timedelta(minutes=10)))

        world.do("poll")
        world.clock.move(seconds=2)
        world.do("poll")

        assert second.count("fetch") == 0
        until = world.row(Account, Account.key == "shared").paused_until
        assert until is not None
        assert source(world, "second").next_at == until
        world.clock.move(minutes=10)
        world.do("poll")
        assert second.count("fetch") == 1
        assert first.count("fetch") == 2

    def test_a_rate_limit_without_a_time_holds_the_account_back_too(self, world: World) -> None:
        world.board.fail("fetch", RateLimited("slow down"))
        world.do("poll")
        assert world.row(Account).paused_until == source(world).next_at
        assert source(world).next_at > world.clock()

    def test_an_outage_is_tried_again_and_raises_no_alert(self, world: World) -> None:
        world.board.fail("fetch", Unavailable("down"), Unavailable("down"))
        world.do("poll")
        row = source(world)
        assert (row.failures, row.last_error) == (1, "Unavailable: down")
        world.pass_time(("poll",), minutes=2)
        assert source(world).failures == 0
        assert world.rows(Alert) == []

    @pytest.mark.parametrize(
        ("error", "key"),
        [
            (AuthFailed("expired"), "auth:board"),
            (LayoutChanged("no reviews where they were"), "layout:board"),
            (Gone("closed"), "gone:board"),
            (BadSettings("no such file"), "settings:board"),
            (Rejected("no"), "refused:board"),
        ],
    )
    def test_what_a_person_must_mend_raises_one_alert_until_it_works(
        self, world: World, error: ConnectorError, key: str
    ) -> None:
        world.board.break_down("fetch", error)
        world.do("poll")
        world.pass_time(("poll",), hours=3)

        (alert,) = world.rows(Alert)
        assert (alert.key, alert.resolved_at) == (key, None)
        assert str(error) in alert.message
        assert world.board.count("fetch") <= 4
        assert source(world).state == ("needs_auth" if key == "auth:board" else "active")

        world.board.mend()
        world.pass_time(("poll",), hours=2)
        assert open_alerts(world) == []
        assert source(world).state == "active"

    def test_the_alert_tells_how_to_mend_it(self, world: World) -> None:
        world.board.fail("fetch", AuthFailed("expired"))
        world.do("poll")
        assert world.row(Alert).message == "board: expired (renew the token)"

    def test_another_condition_is_another_alert(self, world: World) -> None:
        world.board.fail("fetch", AuthFailed("expired"), LayoutChanged("odd"))
        world.do("poll")
        world.pass_time(("poll",), minutes=61)
        assert open_alerts(world) == ["auth:board", "layout:board"]

    def test_one_source_that_fails_does_not_keep_another_from_being_polled(
        self, world: World
    ) -> None:
        other = world.add_source("other")
        world.board.break_down("fetch", Unavailable("down"))
        other.list_page(review("m1"))
        world.do("poll")
        assert world.mention("m1", "other").text == "bad tea"

    def test_a_source_no_longer_configured_is_let_alone(self, world: World) -> None:
        world.forget_platform("board")
        world.do("poll")
        assert source(world).next_at is None

    def test_a_platform_that_shows_the_same_page_for_ever_is_told(self, world: World) -> None:
        board = world.board
        for _ in range(10):
            board.list_page(review("m1"), review("m2"), more=True)
        world.do("poll")
        assert open_alerts(world) == ["layout:board"]
        assert "same items on every page" in world.row(Alert).message
        assert board.count("fetch") == 4
        assert len(world.rows(Mention)) == 2

    def test_pages_that_overlap_are_no_circle(self, world: World) -> None:
        board = world.board
        for number in range(10):
            board.list_page(review(f"m{number}"), review(f"m{number + 1}"), more=True)
            board.list_page(review(f"m{number}"), more=True)
        world.do("poll")
        assert open_alerts(world) == []
        assert len(world.rows(Mention)) == 11

    def test_a_poll_on_a_persons_word_raises_what_went_wrong(self, world: World) -> None:
        world.board.fail("fetch", AuthFailed("expired"))
        with pytest.raises(AuthFailed):
            world.poll()
        assert world.rows(Alert) == []

    def test_a_poll_on_a_persons_word_ends_the_condition(self, world: World) -> None:
        world.board.fail("fetch", AuthFailed("expired"))
        world.do("poll")
        world.poll()
        assert open_alerts(world) == []
        assert source(world).state == "active"

    def test_a_platform_may_ask_for_a_slower_pace(self, world: World) -> None:
        world.board.list_page(poll_no_sooner_than=timedelta(hours=2))
        world.do("poll")
        assert source(world).next_at > world.clock() + timedelta(hours=1)


class TestSilence:
    def watch(self, world: World) -> list[str]:
        with world.write() as session:
            watch_silence(session, world.clock())
        return open_alerts(world)

    @pytest.fixture(autouse=True)
    def _expects_news(self, world: World) -> None:
        with world.write() as session:
            session.execute(update(Source).values(expect_update_seconds=86_400.0))

    def test_a_source_that_falls_silent_is_told_once_and_ends_with_news(self, world: World) -> None:
        world.hear(review("m1"))
        world.clock.move(hours=23)
        world.poll()
        assert self.watch(world) == []
        world.clock.move(hours=2)
        world.poll()
        assert self.watch(world) == ["silence:board"]
        assert self.watch(world) == ["silence:board"]

        world.hear(review("m2"))
        assert self.watch(world) == []
        assert len(world.rows(Alert)) == 1

    def test_a_source_that_never_found_anything_falls_silent_too(self, world: World) -> None:
        for _ in range(13):
            world.poll()
            world.clock.move(hours=2)
        assert self.watch(world) == ["silence:board"]
        assert "since 2026-03-02 09:00 UTC" in world.row(Alert).message

    def test_a_source_that_never_worked_falls_silent_too(self, world: World) -> None:
        world.board.break_down("fetch", Unavailable("down"))
        world.do("poll")
        world.clock.move(hours=25)
        assert self.watch(world) == ["silence:board"]

    def test_a_source_not_polled_yet_is_not_silent(self, world: World) -> None:
        world.clock.move(days=9)
        assert self.watch(world) == []

    def test_known_items_are_no_news(self, world: World) -> None:
        world.hear(review("m1"))
        world.clock.move(hours=25)
        world.hear(review("m1"))
        assert self.watch(world) == ["silence:board"]

    def test_a_source_of_which_nothing_is_expected_is_never_silent(self, world: World) -> None:
        with world.write() as session:
            session.execute(update(Source).values(expect_update_seconds=None))
        world.hear(review("m1"))
        world.clock.move(days=99)
        assert self.watch(world) == []


class TestAlerts:
    def test_two_who_raise_it_at_once_raise_it_once(self, world: World) -> None:
        gate = threading.Barrier(4)
        raised: list[bool] = []

        def run() -> None:
            gate.wait()
            with world.write() as session:
                raised.append(raise_alert(session, "auth:board", "auth", "no", world.clock()))

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(raised) == [False, False, False, True]
        assert open_alerts(world) == ["auth:board"]

    def test_a_condition_that_comes_back_is_a_new_alert(self, world: World) -> None:
        with world.write() as session:
            assert raise_alert(session, "k", "auth", "no", world.clock())
            assert resolve_alert(session, "k", world.clock())
            assert not resolve_alert(session, "k", world.clock())
            assert raise_alert(session, "k", "auth", "no again", world.clock())
        assert len(world.rows(Alert)) == 2

    def test_a_message_without_end_is_cut(self, world: World) -> None:
        with world.write() as session:
            raise_alert(session, "k", "auth", "x" * 5000, world.clock())
        assert len(world.row(Alert).message) == 2000


class TestTwoAtOnce:
    def together(self, *acts) -> None:  # type: ignore[no-untyped-def]
        gate = threading.Barrier(len(acts))
        failed: list[BaseException] = []

        def run(act) -> None:  # type: ignore[no-untyped-def]
            gate.wait()
            try:
                act()
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=run, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failed:
            raise failed[0]

    def test_two_intakes_of_one_source_store_each_mention_once(self, world: World) -> None:
        for page in range(4):
            world.board.list_page(
                *[review(f"m{page}-{n}", f"bad {n}", author_id=f"a{n}") for n in range(10)]
            )

        self.together(world.poll, world.poll, world.poll)

        mentions = [row.external_id for row in world.rows(Mention)]
        assert len(mentions) == len(set(mentions)) == 40
        assert len(world.rows(Case)) == 40
        assert source(world).cursor == {"at": 4}

    def test_two_intakes_of_one_edit_make_one_revision(self, world: World) -> None:
        world.hear(*[review(f"m{n}", f"bad {n}") for n in range(5)])
        world.board.list_page(*[review(f"m{n}", f"bad {n}, edited") for n in range(5)])
        self.together(world.poll, world.poll)
        assert {row.revision for row in world.rows(Mention)} == {2}

    def test_two_sources_of_one_account_may_meet_the_same_new_people(self, world: World) -> None:
        world.add_source("first", account="shared")
        world.add_source("second", account="shared")
        for key, step in (("first", 1), ("second", -1)):
            found = [review(f"m{n}", author_id=f"a{n}") for n in range(20)][::step]
            world.boards[key].list_page(*found)

        self.together(lambda: world.poll("first"), lambda: world.poll("second"))

        assert len(world.rows(Case)) == 40
        assert len(world.rows(Author)) == 20
        with world.db.read() as session:
            known = set(session.scalars(select(Author.customer_id)))
        assert len(known) == 20
        assert None not in known

    def test_two_sources_may_open_the_first_cases_of_a_policy_at_once(self, world: World) -> None:
        world.add_source("other")
        world.board.list_page(review("m1"))
        world.boards["other"].list_page(review("m1"))
        self.together(world.poll, lambda: world.poll("other"))
        assert len(world.rows(SlaPolicy)) == 1
        assert len(world.rows(Case)) == 2

    def test_a_customer_is_one_person_in_two_cases(self, world: World) -> None:
        world.hear(review("m1"), review("m2"))
        assert len(world.rows(Customer)) == 1


class TestPausing:
    """A person has a source rest while a poll of it is under way."""

    def pause(self, world: World) -> None:
        with world.write() as session:
            pause(session, "board", "Mara", world.clock())

    def test_what_is_under_way_is_kept_and_nothing_is_asked_again(self, world: World) -> None:
        world.board.list_page(review("m1"))
        world.board.during["fetch"] = lambda: self.pause(world)
        world.do("poll")
        world.clock.move(hours=3)
        assert world.do("poll") == 0
        assert (source(world).state, source(world).next_at) == ("paused", None)
        assert [row.external_id for row in world.rows(Mention)] == ["m1"]

    def test_a_refusal_that_comes_after_it_changes_nothing(self, world: World) -> None:
        world.board.break_down("fetch", AuthFailed("no"))
        world.board.during["fetch"] = lambda: self.pause(world)
        world.do("poll")
        assert (source(world).state, source(world).next_at) == ("paused", None)
        assert open_alerts(world) == []
