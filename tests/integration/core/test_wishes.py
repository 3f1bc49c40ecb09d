"""Another draft can be asked for differently, and the wish holds for the next draft only."""

from __future__ import annotations

from dataclasses import replace

from monitor.models import Draft, Event
from responders.desk import Desk
from responders.phrases import load_language
from responders.preparing import Preparer
from responders.voices import Voice
from responders.wishes import Wish
from tests.support.core_stores import on_sqlite
from tests.support.core_world import MARA, World, drafter, review

pytestmark = on_sqlite


def ask(world: World, case_id: int, wish: Wish, reason: str = "another_draft") -> Draft:
    draft = world.view(case_id).draft
    assert draft is not None
    outcome = world.queue.reject(
        case_id, draft_version=draft.version, reason=reason, note="", actor=MARA, wish=wish
    )
    assert outcome.done
    world.do("prepare")
    return newest(world, case_id)


def newest(world: World, case_id: int) -> Draft:
    return max(world.rows(Draft, Draft.case_id == case_id), key=lambda draft: draft.version)


def reasons(draft: Draft) -> str:
    return " · ".join(draft.reasons)


def test_the_next_draft_is_as_it_was_wished(world: World) -> None:
    case_id = world.drafted()
    first = newest(world, case_id)
    second = ask(world, case_id, Wish("formal", shorter=True, language="de"))
    assert second.language == "de"
    assert len(second.text) < len(first.text)
    assert "written in German, as asked" in second.reasons
    assert "formal in tone" in second.reasons
    assert "shorter, as asked" in second.reasons
    rejected = world.row(Event, Event.kind == "rejected")
    assert rejected.detail["wish"] == {"tone": "formal", "shorter": True, "language": "de"}
    told = [event.summary for event in world.view(case_id).events if event.kind == "rejected"]
    assert told == ["rejected version 1: another draft, please (formal, shorter, in de)"]


def test_a_wish_holds_for_one_draft(world: World) -> None:
    case_id = world.drafted()
    ask(world, case_id, Wish("warm", language="fr"))
    third = ask(world, case_id, Wish())
    assert third.language == "en"
    assert "in tone" not in reasons(third)
    assert "as asked" not in reasons(third)


def test_shorter_twice_is_shorter_than_the_second(world: World) -> None:
    case_id = world.drafted()
    lengths = [len(newest(world, case_id).text)]
    lengths += [len(ask(world, case_id, Wish(shorter=True)).text) for _ in range(3)]
    assert lengths == sorted(set(lengths), reverse=True)


def test_an_edit_in_between_ends_the_wish(world: World) -> None:
    case_id = world.drafted()
    second = ask(world, case_id, Wish("warm"))
    world.queue.edit(
        case_id,
        base_version=second.version,
        base_hash=second.text_hash,
        text="We are sorry about the tea, Dana.",
        actor=MARA,
    )
    world.hear(review("m1", "bad in another way"))
    world.do("prepare")
    assert "in tone" not in reasons(newest(world, case_id))


def test_an_edit_of_the_customer_while_the_draft_is_made_leaves_the_wish(world: World) -> None:
    case_id = world.drafted()
    world.queue.reject(
        case_id,
        draft_version=1,
        reason="another_draft",
        note="",
        actor=MARA,
        wish=Wish(language="nl"),
    )
    world.hear(review("m1", "bad in another way"))
    world.do("prepare")
    assert newest(world, case_id).language == "nl"


def test_closing_a_case_wishes_for_nothing(world: World) -> None:
    case_id = world.drafted()
    world.queue.reject(
        case_id, draft_version=1, reason="no_answer", note="", actor=MARA, wish=Wish("warm")
    )
    assert "wish" not in world.row(Event, Event.kind == "rejected").detail


def test_a_brands_own_tone_holds_until_another_is_wished(world: World) -> None:
    voice = Voice("Harbour Coffee", "Mara", "hello@harbour.example", tone="formal")
    desk = Desk(world.platforms, {"harbour": voice})
    preparer = Preparer(world.db, desk, drafter(), world.clock, lambda *_: None)
    world.handlers = {**world.handlers, "prepare": preparer.handle}
    case_id = world.drafted()
    first = newest(world, case_id)
    assert "formal in tone" in first.reasons
    openings = load_language("en").pools["open_complaint"]["name"]
    assert {openings.sentences[n].tone for n in openings.used_in(first.text)} == {"formal"}
    assert "plain in tone" in ask(world, case_id, Wish("plain")).reasons
    assert "formal in tone" in ask(world, case_id, Wish(shorter=True)).reasons
    assert replace(Wish("plain"), tone="") == Wish()
