"""On the web: what stands against an answer, what changed, and replies that people post."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from connectors.base import FoundMention
from monitor.cases.trail import record
from monitor.models import Case, Mention, Reply, ReplyAttempt
from responders.views import CaseView
from tests.support.cases import MARA, Desk
from tests.support.web import Browser

THEIRS = "We <b>called</b> you.\u202e The manager"


def path(view: CaseView) -> str:
    return f"/cases/{view.ref}"


def stand(desk: Desk, view: CaseView, **values: Any) -> None:
    """Have a mention stand as it does at the platform."""
    with desk.app.database.write() as session:
        mention = session.get_one(Mention, session.get_one(Case, view.id).mention_id)
        for name, value in values.items():
            setattr(mention, name, value)


def change_reply(desk: Desk, view: CaseView, **values: Any) -> None:
    with desk.app.database.write() as session:
        reply = session.scalars(select(Reply).where(Reply.case_id == view.id)).one()
        for name, value in values.items():
            setattr(reply, name, value)


def test_both_answers_are_shown_and_theirs_may_be_left(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    stand(desk, view, our_reply=THEIRS, our_reply_at=desk.clock() - timedelta(minutes=2))
    page = mara.get(path(view))
    assert page.words(".theirs .said") == "We <b>called</b> you.\\u202e The manager"
    assert view.draft.text in page.find("#text").get_text()  # type: ignore[union-attr]
    assert "all the same" in page.words("#approve") or "ours" in page.words("#approve")
    page = mara.act(page, "/keep")
    now = desk.view(view.id)
    assert now.state == "answered"
    assert now.reply.text == THEIRS  # type: ignore[union-attr]
    assert "answered by what stands on the platform" in page.words(".banner")


def test_going_on_is_a_button_of_its_own_that_carries_what_was_seen(
    desk: Desk, mara: Browser
) -> None:
    view = desk.complain()
    stand(desk, view, our_reply=THEIRS)
    page = mara.get(path(view))
    stand(desk, view, our_reply="Another one")
    late = mara.act(page, "/approve")
    assert late.status == 409
    assert "something else by now" in late.words(".banner")
    assert late.words(".theirs .said") == "Another one"
    done = mara.act(late, "/approve")
    assert done.status == 200
    assert desk.view(view.id).state == "approved"


def test_a_locked_thread_is_told_with_its_reason(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    stand(desk, view, locked="<i>comments</i> are off.")
    page = mara.get(path(view))
    assert "The platform takes no answer there: <i>comments</i> are off." in page.words(
        ".answer .banner"
    )
    assert page.words("#approve").startswith("Try all the same: publish on ")
    assert not page.has(".theirs")


def test_what_changed_since_the_draft_is_marked(desk: Desk, mara: Browser) -> None:
    view = desk.complain("We waited 40 minutes & the <coffee> was cold.", external_id="edited-1")
    mention = FoundMention(
        "edited-1",
        "We waited 50 minutes & the <coffee> was cold.",
        author_name="Jonas Weber",
        author_id="a-Jonas Weber",
        rating=1.0,
        language="en",
    )
    desk.hear(mention)
    desk.prepare()
    page = mara.get(path(view))
    assert "What changed since version 1 of the draft" in page.words(".changed")
    assert page.words(".changed del") == "40"
    assert page.words(".changed ins") == "50"
    assert "<coffee>" in page.words(".changed .said")
    mara.act(page, "/approve")
    assert not mara.get(path(view)).has(".changed")


def test_a_reply_by_hand_says_why_and_can_be_called_off(desk: Desk, mara: Browser) -> None:
    view = desk.complain(source="files", url="https://guide.example/harbour#r9")
    page = mara.get(path(view))
    assert "By hand, because" in page.words(".acts")
    page = mara.act(page, "/approve")
    assert "no program can publish on" in page.words(".answer")
    assert page.has("details.reject")
    refused = mara.act(page, "/unposted", reason=" ")
    assert refused.status == 422
    page = mara.act(page, "/unposted", reason="the form is closed")
    now = desk.view(view.id)
    assert (now.state, now.draft.version) == ("drafted", 2)  # type: ignore[union-attr]
    assert "the text is on the table again" in page.words(".banner")
    assert "could not post the reply: the form is closed" in page.words(".trail")


def test_one_that_may_stand_there_already_is_looked_for_first(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    desk.approve(view)
    change_reply(desk, view, state="handed_over", next_at=None)
    with desk.app.database.write() as session:
        reply = session.scalars(select(Reply).where(Reply.case_id == view.id)).one()
        now = desk.clock()
        session.add(
            ReplyAttempt(reply_id=reply.id, started_at=now, ended_at=now, outcome="unknown")
        )
    page = mara.get(path(view))
    assert "look before you post it by hand" in page.words(".status")
    assert "It is not there…" in page.words("details.reject")


def test_a_reply_nobody_has_seen_is_looked_for_by_a_person(desk: Desk, mara: Browser) -> None:
    view = desk.complain(source="files")
    desk.approve(view)
    assert desk.app.queue.mark_posted(view.id, actor=MARA).done
    page = mara.get(path(view))
    assert "does not tell Rapport whether it is visible" in page.words(".status")
    page = mara.act(page, "/seen")
    assert page.status == 200
    assert desk.view(view.id).reply.visible_at is not None  # type: ignore[union-attr]
    assert not mara.get(path(view)).has("form[action$=seen]")


def test_one_that_is_missing_opens_the_case_again(desk: Desk, mara: Browser) -> None:
    view = desk.complain(source="files")
    desk.approve(view)
    desk.app.queue.mark_posted(view.id, actor=MARA)
    page = mara.act(mara.get(path(view)), "/unposted", reason="not there after a day")
    assert desk.view(view.id).state == "opened"
    assert "is open again" in page.words(".banner")


def test_a_reply_that_waits_says_until_when(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    desk.approve(view)
    change_reply(
        desk,
        view,
        failures=1,
        next_at=desk.clock() + timedelta(hours=5),
        last_error="RateLimited: the budget of 5 replies in 1 d is used up",
    )
    page = mara.get(path(view))
    told = page.words(".status")
    assert "it waits and goes out by itself: the budget of 5 replies in 1 d is used up" in told
    assert ", about " in told
    assert "CE" in told


def test_a_refused_reply_may_be_posted_by_hand(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    desk.approve(view)
    change_reply(desk, view, state="refused", next_at=None)
    with desk.app.database.write() as session:
        case = session.get_one(Case, view.id)
        case.state, case.next_at = "opened", desk.clock()
        record(session, view.id, "publish_refused", "Rapport", desk.clock(), error="no <links>")
    desk.prepare()
    page = mara.get(path(view))
    assert "The platform refused the last reply: no <links>" in page.words(".answer")
    assert page.has("button[name=by_hand]")
    done = mara.act(page, "/approve", by_hand="1")
    assert "Post the text by hand" in done.words(".banner")
    assert "the platform refused the last reply: no <links>" in done.words(".answer")
