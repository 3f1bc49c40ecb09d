"""A brand's own way with the reply rules holds for drafts, edits and approvals."""

from __future__ import annotations

from monitor.models import Draft
from responders.desk import Desk
from responders.preparing import Preparer
from responders.queue import Queue
from responders.reading import Reader
from responders.rules import Strictness
from responders.views import DraftView, Outcome
from responders.voices import Voice
from tests.support.core_stores import on_sqlite
from tests.support.core_world import MARA, World, drafter

pytestmark = on_sqlite


def strict(world: World, strictness: Strictness) -> None:
    voice = Voice("Harbour Coffee", "Mara", "hello@harbour.example", strictness=strictness)
    desk = Desk(world.platforms, {"harbour": voice})
    preparer = Preparer(world.db, desk, drafter(), world.clock, lambda *_: None)
    world.handlers = {**world.handlers, "prepare": preparer.handle}
    world.queue = Queue(world.db, desk, Reader(desk), world.clock)


def shown(world: World, case_id: int) -> DraftView:
    draft = world.view(case_id).draft
    assert draft is not None
    return draft


def edit(world: World, case_id: int, text: str) -> Outcome:
    draft = shown(world, case_id)
    return world.queue.edit(
        case_id, base_version=draft.version, base_hash=draft.text_hash, text=text, actor=MARA
    )


def test_a_rule_that_the_brand_has_block_keeps_a_text_from_being_approved(world: World) -> None:
    strict(world, Strictness(levels={"promise": "block"}))
    case_id = world.drafted()
    assert edit(world, case_id, "We will refund you.").done
    assert shown(world, case_id).is_blocked
    assert world.approve(case_id).code == "blocked"


def test_a_rule_that_the_brand_has_warn_blocks_nothing(world: World) -> None:
    strict(world, Strictness(levels={"shouting": "warn"}))
    case_id = world.drafted()
    assert edit(world, case_id, "WE ARE VERY SORRY ABOUT THIS.").done
    assert not shown(world, case_id).is_blocked
    assert world.approve(case_id).done


def test_a_brand_of_health_does_not_say_who_is_known_there(world: World) -> None:
    text = "We are sorry about your visit."
    case_id = world.drafted()
    assert [finding.rule for finding in world.queue.check(case_id, text)] == []
    strict(world, Strictness(sensitive=True))
    (finding,) = world.queue.check(case_id, text)
    assert (finding.rule, finding.severity, finding.words) == ("confirms", "block", "your visit")


def test_no_draft_holds_what_the_brand_never_says(world: World) -> None:
    strict(world, Strictness(never_say=("sorry", "hello|dear", "frank*")))
    for number in range(6):
        case_id = world.drafted(f"m{number}")
        assert not shown(world, case_id).is_blocked, shown(world, case_id).text


def test_a_case_that_is_not_there_is_asked_nothing_about(world: World) -> None:
    assert world.queue.check(99, "Our lawyers will write.") == ()


def test_a_text_mended_by_hand_is_no_copy_of_the_draft_it_was(world: World) -> None:
    case_id = world.drafted()
    draft = shown(world, case_id)
    assert edit(world, case_id, draft.text.replace("Mara", "Mara B.")).done
    assert [finding.rule for finding in shown(world, case_id).findings] == []
    other = world.drafted("m2", author_name="Otto Berg", author_id="otto")
    assert "similar" in {finding.rule for finding in world.queue.check(other, draft.text)}


def test_what_was_said_in_the_case_before_is_not_said_again(world: World) -> None:
    case_id = world.answered()
    said = world.row(Draft, Draft.case_id == case_id).text
    assert "similar" in {finding.rule for finding in world.queue.check(case_id, said)}


def test_a_law_firm_may_speak_of_its_lawyers(world: World) -> None:
    text = "Our lawyers will take the time to listen."
    case_id = world.drafted()
    assert [finding.rule for finding in world.queue.check(case_id, text)] == ["threat"]
    strict(world, Strictness(sensitive=True, has_lawyers=True))
    assert world.queue.check(case_id, text) == ()
    (finding,) = world.queue.check(case_id, "Our lawyers will sue you.")
    assert finding.rule == "threat"
