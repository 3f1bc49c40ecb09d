"""New cases are given to people: by turns, by load, to who is on duty."""

from __future__ import annotations

from monitor.models import Event
from monitor.sla import Conditions
from responders.assignment import Assignment, Turn
from responders.criteria import Criteria
from tests.support.core_world import MARA, World

NAMES = ("Mara", "Otto", "Ida")


def given(world: World, count: int, start: int = 1) -> list[str]:
    cases = [world.drafted(f"m{number}") for number in range(start, start + count)]
    return [world.case(case_id).assignee for case_id in cases]


def test_by_turns_goes_on_over_restarts(world: World) -> None:
    turns = Assignment([Turn("round_robin", NAMES)])
    world.give_away(turns)
    assert given(world, 2) == ["Mara", "Otto"]
    world.give_away(Assignment([Turn("round_robin", NAMES)]))
    assert given(world, 3, start=3) == ["Ida", "Mara", "Otto"]
    event = world.rows(Event, Event.kind == "assigned")[0]
    assert (event.actor, event.detail) == ("Rapport", {"to": "Mara", "held": "nobody"})


def test_by_load_goes_to_who_has_fewest_open(world: World) -> None:
    world.give_away(Assignment([Turn("load", NAMES)]))
    assert given(world, 4) == ["Mara", "Otto", "Ida", "Mara"]
    otto = world.case_of("m2").id
    assert world.approve(otto).done
    world.do("publish")
    assert given(world, 1, start=5) == ["Otto"]  # his only case is answered


def test_only_who_is_on_duty_gets_cases(world: World) -> None:
    rosters: dict[str, tuple[str, ...] | None] = {"S1": ("Otto", "A stranger")}
    turn = Turn("round_robin", NAMES, duty="S1")
    world.give_away(Assignment([turn], rosters.get))
    assert given(world, 2) == ["Otto", "Otto"]
    for nobody in ((), None):
        rosters["S1"] = nobody
        assert turn.candidates(rosters["S1"]) == NAMES
    assert set(given(world, 3, start=3)) == set(NAMES)


def test_the_first_turn_that_matches_decides(world: World) -> None:
    low = Criteria(Conditions(rating_at_most=1))
    world.give_away(Assignment([Turn("load", ("Mara",), criteria=low), Turn("load", ("Otto",))]))
    one = world.case(world.drafted("m1", rating=1.0)).assignee
    three = world.case(world.drafted("m2", text="bad", rating=3.0)).assignee
    assert (one, three) == ("Mara", "Otto")


def test_who_let_go_of_a_case_does_not_get_it_again_with_the_next_draft(world: World) -> None:
    world.give_away(Assignment([Turn("load", ("Otto",))]))
    case_id = world.drafted()
    assert world.queue.assign(case_id, to="", actor=MARA).done
    assert world.queue.reject(
        case_id, draft_version=1, reason="another_draft", note="", actor=MARA
    ).done
    world.do("prepare")
    assert world.case(case_id).assignee == ""


def test_without_turns_nobody_is_given_anything(world: World) -> None:
    assert given(world, 1) == [""]
