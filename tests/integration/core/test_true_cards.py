"""What a card shows changes with what it shows: its case says so each time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.errors import Unavailable, UnknownOutcome
from monitor.models import Reply
from tests.support.core_stores import on_sqlite
from tests.support.core_world import MARA, World

pytestmark = on_sqlite


@pytest.fixture
def case_id(world: World) -> int:
    case_id = world.drafted()
    assert world.approve(case_id).done
    return case_id


def test_the_card_says_at_once_that_an_answer_was_lost(world: World, case_id: int) -> None:
    """Looking may take hours while the platform is away."""
    world.board.before_write.append(UnknownOutcome("cut off on the way there"))
    before = world.case(case_id).revision
    world.do("publish")
    assert world.reply(case_id).state == "unknown"
    assert world.case(case_id).revision > before


def test_the_time_on_a_card_that_waits_does_not_grow_old(world: World, case_id: int) -> None:
    world.board.before_write.append(Unavailable("closed", retry_after=timedelta(minutes=30)))
    world.do("publish")
    first, before = world.view(case_id).reply, world.case(case_id).revision
    assert first is not None
    assert first.goes_out_at is not None
    world.clock.move(minutes=31)
    world.board.before_write.append(Unavailable("closed", retry_after=timedelta(hours=2)))
    world.do("publish")
    second = world.view(case_id).reply
    assert second is not None
    assert second.goes_out_at is not None
    assert second.goes_out_at > first.goes_out_at
    assert world.case(case_id).revision > before


def test_what_is_decided_is_not_held_against_later_drafts(world: World, case_id: int) -> None:
    world.work()
    said = world.view(case_id).draft
    assert said is not None
    later = world.drafted("m2", text="The soup was cold and nobody cared.")
    draft = world.view(later).draft
    assert draft is not None
    assert world.queue.edit(
        later,
        base_version=draft.version,
        base_hash=draft.text_hash,
        text=said.text,
        actor=MARA,
    ).done
    copied, decided = world.view(later).draft, world.view(case_id).draft
    assert copied is not None
    assert decided is not None
    assert copied.findings, "two answers alike"
    assert decided.findings == ()


def test_what_is_said_of_a_posted_reply_is_said_of_the_text_that_was_shown(
    world: World,
) -> None:
    """Somebody who has posted the first text says so after a second was approved."""
    case_id = world.drafted()
    assert world.approve(case_id, by_hand=True).done
    with world.write() as session:
        session.get_one(Reply, world.reply(case_id).id).state = "handed_over"
    shown = world.view(case_id).draft
    assert shown is not None
    queue = world.queue
    assert queue.could_not_post(case_id, actor=MARA, reason="the page is down").done
    draft = world.view(case_id).draft
    assert draft is not None
    other = f"{draft.text}\nCome again."
    edited = queue.edit(
        case_id, base_version=draft.version, base_hash=draft.text_hash, text=other, actor=MARA
    )
    assert edited.done
    assert world.approve(case_id).done
    with world.write() as session:
        session.get_one(Reply, world.reply(case_id).id).state = "handed_over"

    late = queue.mark_posted(case_id, actor=MARA, draft_version=shown.version)
    assert (late.code, world.reply(case_id).state) == ("stale", "handed_over")
    late = queue.could_not_post(case_id, actor=MARA, reason="gone", draft_version=shown.version)
    assert (late.code, world.reply(case_id).state) == ("stale", "handed_over")
    now = world.view(case_id).draft
    assert now is not None
    assert queue.mark_posted(case_id, actor=MARA, draft_version=now.version).done
