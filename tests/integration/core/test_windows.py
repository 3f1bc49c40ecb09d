"""A platform that lists only the last days, and a listing that suddenly shows nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from connectors.errors import AuthFailed, LayoutChanged
from monitor.models import Alert, Mention, Source
from monitor.overdue import NOTED_FOR, watch_windows
from tests.support.core_world import World, review


def open_alerts(world: World) -> list[str]:
    return [row.key for row in world.rows(Alert, Alert.resolved_at.is_(None))]


def watch(world: World) -> list[str]:
    with world.write() as session:
        watch_windows(session, world.clock())
    return open_alerts(world)


class TestWindow:
    @pytest.fixture(autouse=True)
    def _a_week(self, world: World) -> None:
        with world.write() as session:
            session.scalars(select(Source)).one().window_seconds = 7 * 86_400.0

    def test_half_a_window_without_success_is_told_once_with_the_time_of_the_loss(
        self, world: World
    ) -> None:
        world.poll()
        world.clock.move(days=3)
        assert watch(world) == []
        world.clock.move(days=1)
        assert watch(world) == watch(world) == ["window:board"]
        message = world.row(Alert).message
        assert "may be lost from 2026-03-09 09:00 UTC on" in message
        assert "only the last 7 days" in message

    def test_refused_credentials_do_not_silence_it(self, world: World) -> None:
        world.board.break_down("fetch", AuthFailed("expired"))
        world.do("poll")
        world.clock.move(days=4)
        assert "window:board" in watch(world)

    def test_a_first_walk_that_takes_days_loses_nothing(self, world: World) -> None:
        with world.write() as session:
            session.scalars(select(Source)).one().watched_since = world.clock()
        world.clock.move(days=5)
        assert watch(world) == []

    def test_a_success_in_time_ends_it_and_nothing_is_missing(self, world: World) -> None:
        world.poll()
        world.clock.move(days=5)
        watch(world)
        world.poll()
        assert open_alerts(world) == []
        assert watch(world) == []

    def test_a_longer_gap_is_noted_with_its_span_and_the_way_to_fill_it(self, world: World) -> None:
        world.poll()
        world.clock.move(days=9)
        watch(world)
        world.poll()
        (key,) = watch(world)
        assert key == "gap:board:2026-03-02T09:00"
        message = world.row(Alert, Alert.kind == "gap").message
        assert "between 2026-03-02 09:00 UTC and 2026-03-04 09:00 UTC" in message
        assert "rapport import --source board FILE" in message
        world.poll()
        assert watch(world) == [key]
        world.clock.move(seconds=NOTED_FOR.total_seconds())
        with world.write() as session:
            session.scalars(select(Source)).one().last_success_at = world.clock()
        assert watch(world) == []
        assert len(world.rows(Alert, Alert.kind == "gap")) == 1

    def test_a_connector_may_say_how_to_fill_it(self, world: World) -> None:
        platform = world._platforms["board"]
        platform.kind = replace(platform.kind, advice={"Gap": "Use the Play Console's CSV."})
        world.poll()
        world.clock.move(days=9)
        world.poll()
        assert world.row(Alert).message.endswith("Use the Play Console's CSV.")

    def test_a_first_poll_has_missed_nothing(self, world: World) -> None:
        world.clock.move(days=30)
        world.poll()
        assert watch(world) == []

    def test_a_platform_that_lists_everything_loses_nothing(self, world: World) -> None:
        with world.write() as session:
            session.scalars(select(Source)).one().window_seconds = None
        world.poll()
        world.clock.move(days=300)
        world.poll()
        assert watch(world) == []


class TestSilentListing:
    @pytest.fixture(autouse=True)
    def _lists_everything(self, world: World) -> None:
        platform = world._platforms["board"]
        platform.kind = replace(platform.kind, lists_everything=True)

    def list_three(self, world: World) -> None:
        world.hear(*[review(f"m{n}", author_id=f"a{n}") for n in range(3)])

    def test_a_full_listing_that_shows_nothing_is_a_changed_layout(self, world: World) -> None:
        self.list_three(world)
        world.board.list_page()
        world.clock.move(minutes=2)
        world.do("poll")
        assert open_alerts(world) == ["layout:board"]
        assert world.row(Source).cursor == {"at": 1}
        assert {row.state for row in world.rows(Mention)} == {"present"}

    def test_it_ends_when_something_is_listed_again(self, world: World) -> None:
        self.list_three(world)
        world.board.list_page()
        world.clock.move(minutes=2)
        world.do("poll")
        world.board.pages[-1] = world.board.pages[0]
        world.clock.move(hours=2)
        world.do("poll")
        assert open_alerts(world) == []

    def test_a_listing_that_had_little_may_be_empty(self, world: World) -> None:
        world.hear(review("m1"))
        world.board.list_page()
        world.poll()
        assert open_alerts(world) == []

    def test_no_change_and_other_kinds_of_listing_are_no_silence(self, world: World) -> None:
        self.list_three(world)
        world.poll()  # the platform says that nothing changed
        platform = world._platforms["board"]
        platform.kind = replace(platform.kind, lists_everything=False)
        world.board.list_page()
        world.poll()
        assert open_alerts(world) == []

    def test_a_person_who_polls_is_told(self, world: World) -> None:
        self.list_three(world)
        world.board.list_page()
        with pytest.raises(LayoutChanged, match="shows none now"):
            world.poll()
