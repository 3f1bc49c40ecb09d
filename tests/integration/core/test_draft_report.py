"""What became of drafts, by template, and what people took out of them and put in."""

from __future__ import annotations

from datetime import timedelta

from monitor.models import Draft
from responders.draft_report import DraftReport, TemplateLine, draft_report
from tests.support.core_world import MARA, World, review

PUT_IN = "Come and have a cup on us next time."


def report(world: World) -> DraftReport:
    now = world.clock() + timedelta(seconds=1)
    with world.db.read() as session:
        return draft_report(session, now - timedelta(days=7), now)


def line(world: World) -> TemplateLine:
    (only,) = report(world).lines
    return only


def newest(world: World, case_id: int) -> Draft:
    return max(world.rows(Draft, Draft.case_id == case_id), key=lambda draft: draft.version)


def edit(world: World, case_id: int, text: str) -> None:
    draft = newest(world, case_id)
    assert world.queue.edit(
        case_id, base_version=draft.version, base_hash=draft.text_hash, text=text, actor=MARA
    ).done


def reject(world: World, case_id: int, reason: str) -> None:
    version = newest(world, case_id).version
    assert world.queue.reject(
        case_id, draft_version=version, reason=reason, note="", actor=MARA
    ).done


def test_without_a_draft_there_is_nothing_to_tell(world: World) -> None:
    made = report(world)
    assert (made.lines, made.removed, made.added) == ((), (), ())


def test_what_was_sent_as_it_was_changed_refused_or_waits_is_counted(world: World) -> None:
    assert world.approve(world.drafted("m1")).done
    changed = world.drafted("m2")
    edit(world, changed, newest(world, changed).text + f" {PUT_IN}")
    edit(world, changed, newest(world, changed).text + " Mara")
    assert world.approve(changed).done
    refused = world.drafted("m3")
    reject(world, refused, "another_draft")
    closed = world.drafted("m4")
    reject(world, closed, "no_answer")
    edited_and_refused = world.drafted("m5")
    edit(world, edited_and_refused, "Something else.")
    reject(world, edited_and_refused, "another_draft")
    world.drafted("m6")
    overtaken = world.drafted("m7")
    world.hear(review("m7", "bad in another way"))
    found = line(world)
    assert newest(world, overtaken).state == "superseded"
    assert found.template == "en/complaint"
    assert (found.made, found.unchanged, found.changed) == (9, 1, 1)
    # Two wait in place of the refused ones.
    assert (found.refused, found.waiting, found.unused) == (2, 3, 2)
    assert found.distance is not None
    assert 0.0 < found.distance < 0.5


def test_an_edit_that_was_taken_back_changed_nothing(world: World) -> None:
    case_id = world.drafted()
    text = newest(world, case_id).text
    edit(world, case_id, "Something else.")
    edit(world, case_id, text)
    assert world.approve(case_id).done
    assert (line(world).unchanged, line(world).changed) == (1, 0)


def test_sentences_are_told_from_two_answers_on(world: World) -> None:
    for number in range(3):
        case_id = world.drafted(f"m{number}")
        first = newest(world, case_id).text.split("\n\n")
        edit(world, case_id, "\n\n".join([f"Dear Dana. {PUT_IN}", *first[1:]]))
        assert world.approve(case_id).done
    made = report(world)
    assert (PUT_IN, 3) in made.added
    assert all(count >= 2 for _, count in (*made.removed, *made.added))
    assert all("Dana" not in sentence for sentence, _ in made.removed)


def test_what_was_made_before_is_left_out(world: World) -> None:
    world.drafted()
    world.clock.move(days=8)
    assert report(world).lines == ()
