"""What a draft names is what the text complains of; a person's word on it stands."""

from __future__ import annotations

from monitor.assess import make_assessor
from monitor.cases.labels import label
from monitor.models import Draft
from responders.preparing import Preparer
from tests.support.core_world import MARA, World, drafter

TEXT = "bad tea. The room was lovely and clean. But the staff were rude and ignored us."


def newest(world: World, case_id: int) -> Draft:
    return max(world.rows(Draft, Draft.case_id == case_id), key=lambda draft: draft.version)


def test_a_persons_topics_are_named_as_they_are(world: World) -> None:
    assessor = make_assessor()
    preparer = Preparer(world.db, world.desk, drafter(), world.clock, lambda *_: None, assessor)
    world.handlers = {**world.handlers, "prepare": preparer.handle}
    case_id = world.drafted(text=TEXT)
    assert "cleanliness" not in " ".join(newest(world, case_id).reasons)
    assert world.queue.correct_topics(case_id, ["cleanliness"], MARA).done
    assert world.queue.reject(
        case_id, draft_version=1, reason="another_draft", note="", actor=MARA
    ).done
    world.do("prepare")
    assert "complaint about cleanliness" in newest(world, case_id).reasons


def test_what_may_be_no_complaint_is_not_regretted_until_a_person_says_it_is(world: World) -> None:
    case_id = world.drafted(text="Perhaps bad, unsure.", rating=3.0)
    assert "template en/doubtful" in newest(world, case_id).reasons
    with world.write() as session:
        word = world.mention("m1")
        label(session, word.id, 1, complaint=True, origin="case", by="Mara", at=world.clock())
    assert world.queue.reject(
        case_id, draft_version=1, reason="another_draft", note="", actor=MARA
    ).done
    world.do("prepare")
    assert "template en/complaint" in newest(world, case_id).reasons
