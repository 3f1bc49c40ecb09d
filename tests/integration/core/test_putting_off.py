"""Cases that are put off: they leave the queue, and come back when they should."""

from __future__ import annotations

from datetime import timedelta

from monitor.models import Event
from responders.views import CaseLine
from tests.support.core_world import MARA, OTTO, World, comment, review


def waiting(world: World) -> list[CaseLine]:
    return world.queue.lines()


def test_a_case_is_out_of_the_queue_until_its_time(world: World) -> None:
    case_id = world.drafted()
    until = world.clock() + timedelta(hours=2)

    outcome = world.queue.snooze(case_id, until=until, actor=MARA)

    assert outcome.done
    assert (waiting(world), [line.id for line in world.queue.lines(state="snoozed")]) == (
        [],
        [case_id],
    )
    assert world.queue.counts() == {"drafted": 0, "snoozed": 1}
    view = world.view(case_id)
    assert (view.snooze, view.snoozed_until) == ("until", until)
    world.pass_time(minutes=119)
    assert waiting(world) == []
    world.pass_time(minutes=1)
    assert [line.id for line in waiting(world)] == [case_id]
    assert world.view(case_id).snooze == ""
    assert world.events(case_id)[-2:] == ["snoozed", "woken"]


def test_the_clock_runs_on_and_that_is_told(world: World) -> None:
    case_id = world.drafted()
    due = world.clock_of(case_id, "first_response").due_at
    later = world.queue.snooze(case_id, until=due + timedelta(hours=1), actor=MARA)
    assert f"the answer is due {due:%Y-%m-%d %H:%M} UTC" in later.message
    sooner = world.queue.snooze(case_id, until=due - timedelta(hours=1), actor=MARA)
    assert "due" not in sooner.message
    assert world.clock_states(case_id)["first_response"] == "running"


def test_the_customers_next_word_wakes_it(world: World) -> None:
    case_id = world.drafted()
    assert world.queue.snooze(case_id, until=None, actor=MARA).done
    world.pass_time(days=3)
    assert waiting(world) == []
    world.hear(review("m1"), comment("c1", "m1", "bad again"))
    world.work(("prepare",))
    assert [line.id for line in waiting(world)] == [case_id]
    assert world.view(case_id).snooze == ""


def test_an_edit_of_the_customer_wakes_it(world: World) -> None:
    case_id = world.drafted()
    assert world.queue.snooze(case_id, until=None, actor=MARA).done
    world.hear(review("m1", "bad in another way"))
    world.work(("prepare",))
    assert [line.id for line in waiting(world)] == [case_id]


def test_what_is_put_off_can_still_be_approved(world: World) -> None:
    case_id = world.drafted()
    until = world.clock() + timedelta(days=1)
    assert world.queue.snooze(case_id, until=until, actor=MARA).done
    assert world.approve(case_id, OTTO).done
    world.do("publish")
    world.pass_time(days=2)
    assert world.case(case_id).state == "answered"
    assert "woken" not in world.events(case_id)


def test_a_later_time_replaces_an_earlier_one(world: World) -> None:
    case_id = world.drafted()
    for hours in (1, 5):
        until = world.clock() + timedelta(hours=hours)
        assert world.queue.snooze(case_id, until=until, actor=MARA).done
    world.pass_time(hours=4)
    assert waiting(world) == []
    world.pass_time(hours=1)
    assert [line.id for line in waiting(world)] == [case_id]
    assert world.events(case_id).count("woken") == 1


def test_a_person_wakes_it(world: World) -> None:
    case_id = world.drafted()
    assert world.queue.snooze(case_id, until=None, actor=MARA).done
    assert world.queue.wake(case_id, actor=OTTO).done
    assert [line.id for line in waiting(world)] == [case_id]
    assert world.row(Event, Event.kind == "woken").actor == "Otto (terminal)"
    assert world.queue.wake(case_id, actor=OTTO).done  # twice harms nothing
    assert world.events(case_id).count("woken") == 1


def test_what_cannot_be_put_off_says_why(world: World) -> None:
    case_id = world.drafted()
    past = world.queue.snooze(case_id, until=world.clock(), actor=MARA)
    far = world.queue.snooze(case_id, until=world.clock() + timedelta(days=400), actor=MARA)
    assert (past.code, far.code) == ("blocked", "blocked")
    assert world.approve(case_id).done
    late = world.queue.snooze(case_id, until=None, actor=MARA)
    assert (late.code, "approved" in late.message) == ("taken", True)


def test_a_note_is_kept_and_never_said(world: World) -> None:
    case_id = world.drafted()
    assert world.queue.note(case_id, text="She is <b>right</b>\0.", actor=MARA).done
    assert world.view(case_id).events[-1].summary == "noted: She is <b>right</b>."
    assert world.queue.note(case_id, text="  \n", actor=MARA).code == "blocked"
    long = world.queue.note(case_id, text="x" * 5_000, actor=MARA)
    assert long.done
    kept = world.rows(Event, Event.kind == "noted")[-1].detail["text"]
    assert (len(kept), kept[-1]) == (2_000, "…")
    assert world.approve(case_id).done
    world.do("publish")
    assert "<b>" not in world.reply(case_id).text
