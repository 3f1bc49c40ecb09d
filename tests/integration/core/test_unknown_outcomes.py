"""A call without an answer, in every mode, whatever a look tells: said once, or a person asked.

The whole matrix: what became of the call, how the platform treats a repetition, what a look
tells. In every cell at most one reply stands there, and the approval comes to an end.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

import pytest

from connectors.errors import UnknownOutcome
from monitor.models import ReplyAttempt
from tests.support.core_stores import on_sqlite
from tests.support.core_world import MARA, World
from tests.support.invariants import check_invariants
from tests.support.scripted_platform import Killed

pytestmark = on_sqlite

Mode = Literal["replace", "keyed", "append"]
MODES: tuple[Mode, ...] = ("replace", "keyed", "append")


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest, world: World) -> Mode:
    world.board.mode = request.param
    return world.board.mode  # type: ignore[return-value]  # one of the three


@pytest.fixture
def case_id(world: World, mode: Mode) -> Iterator[int]:
    case_id = world.drafted()
    assert world.approve(case_id).done
    yield case_id
    with world.db.read() as session:
        check_invariants(session)
    assert len(world.board.standing("m1")) <= 1, "it was said twice"


def lose(world: World, how: str) -> None:
    """Lose the answer of the next call: after it arrived, before, or with the whole daemon."""
    if how == "after":
        world.board.lose_answers()
    elif how == "before":
        world.board.before_write.append(UnknownOutcome("cut off"))
    elif how == "killed after":
        world.board.after_write.append(Killed())
    else:
        world.board.before_write.append(Killed())
    for claim in world.claim("publish"):
        if how.startswith("killed"):
            with pytest.raises(Killed):
                world.handlers["publish"](claim)
        else:
            world.handlers["publish"](claim)


@pytest.mark.parametrize("how", ["after", "killed after"])
class TestItArrived:
    def test_found_as_accepted_it_is_followed(self, world: World, case_id: int, how: str) -> None:
        world.board.moderated = True
        lose(world, how)
        world.pass_time(("publish",), minutes=4)
        reply = world.reply(case_id)
        assert (reply.state, reply.visible_at) == ("accepted", None)
        assert world.case(case_id).state == "answered"
        assert world.board.count("reply") == 1
        world.board.written[0].visible = True
        world.pass_time(("publish",), hours=1)
        assert world.reply(case_id).state == "published"

    def test_found_as_rejected_it_goes_back_to_a_person(
        self, world: World, case_id: int, how: str
    ) -> None:
        world.board.moderated = True
        lose(world, how)
        world.board.written[0].turned_down = "against the rules"
        world.pass_time(minutes=4)
        assert world.reply(case_id).state == "refused"
        assert world.case(case_id).state == "drafted"
        assert world.board.count("reply") == 1
        assert world.clock_states(case_id)["first_response"] == "running"
        world.board.written.clear()
        world.board.moderated = False
        assert world.approve(case_id).done
        world.pass_time(minutes=4)
        assert world.case(case_id).state == "answered"

    def test_a_listing_that_lags_is_looked_at_twice(
        self, world: World, case_id: int, how: str, mode: Mode
    ) -> None:
        world.board.unfound = 1
        lose(world, how)
        world.pass_time(minutes=5)
        assert world.reply(case_id).state == "published"
        # Where a repetition is harmless, nobody waits for the listing.
        assert world.board.count("reply") == (1 if mode == "append" else 2)
        assert len(world.board.standing("m1")) == 1

    def test_where_nobody_can_look(self, world: World, case_id: int, how: str, mode: Mode) -> None:
        world.board.can_find = False
        lose(world, how)
        world.pass_time(minutes=5)
        asked = mode == "append"
        assert world.reply(case_id).state == ("handed_over" if asked else "published")
        assert world.board.count("reply") == (1 if asked else 2)
        if asked:
            assert world.view(case_id).reply.is_unclear  # type: ignore[union-attr]
            assert world.queue.mark_posted(case_id, actor=MARA).done

    def test_where_nobody_can_look_and_time_has_passed(
        self, world: World, case_id: int, how: str, mode: Mode
    ) -> None:
        world.board.can_find = False
        lose(world, how)
        world.clock.move(hours=2)
        world.pass_time(minutes=5)
        harmless = mode == "replace"
        assert world.reply(case_id).state == ("published" if harmless else "handed_over")


@pytest.mark.parametrize("how", ["before", "killed before"])
class TestItDidNotArrive:
    def test_not_found_twice_it_is_sent_again(
        self, world: World, case_id: int, how: str, mode: Mode
    ) -> None:
        lose(world, how)
        world.pass_time(minutes=5)
        assert world.reply(case_id).state == "published"
        assert world.board.count("reply") == 2
        assert len(world.board.standing("m1")) == 1
        if mode == "append":
            assert world.events(case_id).count("not_found") == 1
            assert world.board.count("find_reply") == 2

    def test_each_call_is_looked_for_anew(
        self, world: World, case_id: int, how: str, mode: Mode
    ) -> None:
        lose(world, how)
        world.pass_time(seconds=100)
        if mode != "append":
            return
        # The second call arrives, its answer is lost, and the listing lags again.
        world.board.lose_answers()
        world.board.unfound = 1
        world.pass_time(minutes=10)
        assert world.reply(case_id).state == "published"
        assert len(world.board.standing("m1")) == 1

    def test_where_nobody_can_look(self, world: World, case_id: int, how: str, mode: Mode) -> None:
        world.board.can_find = False
        lose(world, how)
        world.pass_time(minutes=5)
        asked = mode == "append"
        assert world.reply(case_id).state == ("handed_over" if asked else "published")
        if asked:
            assert world.queue.could_not_post(case_id, actor=MARA, reason="not there").done
            assert world.approve(case_id).done
            world.pass_time(minutes=5)
            assert world.reply(case_id).state == "published"


def test_the_second_look_waits_its_time(world: World) -> None:
    case_id = world.drafted()
    world.approve(case_id)
    world.board.lose_answers()
    world.board.unfound = 5
    world.do("publish")
    for _ in range(3):
        world.clock.move(seconds=31)
        world.do("publish")
    # Looked for after 31 and, being early, again after a minute more; then it counts as absent.
    assert world.board.count("find_reply") <= 3
    looked = [row.at for row in world.view(case_id).events if row.kind == "not_found"]
    assert len(looked) == 1
    assert world.rows(ReplyAttempt)[0].started_at + timedelta(seconds=30) <= looked[0]
