"""On the web: cases that are put off, notes, replies taken back, and whose word is needed."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from monitor.models import Case
from responders.approval import Approval, Rule
from responders.people import People, Person
from responders.views import Actor, CaseView
from tests.support.cases import Desk
from tests.support.web import Browser


def path(view: CaseView) -> str:
    return f"/cases/{view.ref}"


def test_a_case_is_put_off_shown_among_those_and_brought_back(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    page = mara.get(path(view))
    fields = page.fields("/snooze")
    done = mara.post(f"{path(view)}/snooze", {**fields, "span": "4h", "until": ""})
    assert "put off; its clocks run on" in done.words(".banner")
    now = desk.view(view.id)
    assert now.snoozed_until == desk.clock() + timedelta(hours=4)
    assert view.ref not in mara.get("/queue").words(".list")
    off = mara.get("/queue?state=snoozed")
    assert view.ref in off.words(".rows")
    assert "put off" in off.words(".rows .foot")
    mara.act(done, "/wake")
    assert desk.view(view.id).snooze == ""


def test_a_time_is_read_in_the_zone_of_the_place(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    fields = mara.get(path(view)).fields("/snooze")
    zone = desk.app.config.timezone_of("harbour")
    local = (desk.clock() + timedelta(days=2)).strftime("%Y-%m-%d") + "T09:30"
    mara.post(f"{path(view)}/snooze", {**fields, "until": local, "span": "1h"})
    until = desk.view(view.id).snoozed_until
    assert until is not None
    assert until.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M") == local
    for wrong in ("nonsense", "2026-13-45T09:00", "2020-01-01T09:00", "x" * 300):
        refused = mara.post(f"{path(view)}/snooze", {**fields, "until": wrong})
        assert refused.status == 422
    assert desk.view(view.id).snoozed_until == until


def test_a_note_stands_in_the_trail_as_it_was_written(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    fields = mara.get(path(view)).fields("/note")
    page = mara.post(f"{path(view)}/note", {**fields, "note": "She <b>called</b>."})
    assert "noted: She <b>called</b>." in page.words(".trail")
    assert mara.post(f"{path(view)}/note", {**fields, "note": "  "}).status == 422


def test_an_approved_reply_is_taken_back_before_it_leaves(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    page = mara.act(mara.get(path(view)), "/approve")
    assert "can be taken back" in page.words(".answer")
    back = mara.act(page, "/undo")
    assert "on the table again" in back.words(".banner")
    now = desk.view(view.id)
    assert (now.state, now.draft.version) == ("drafted", 2)  # type: ignore[union-attr]
    late = mara.post(f"{path(view)}/undo", page.fields("/undo"))
    assert late.status == 409


def test_only_mine_are_listed_when_asked(desk: Desk, mara: Browser) -> None:
    first, second = desk.complain(), desk.complain()
    empty = mara.get("/queue?mine=1&state=dismissed")
    assert "No case here is with you" in empty.words(".empty")
    mara.post(f"{path(first)}/assign", {**mara.get(path(first)).fields("/assign"), "how": "take"})
    listed = mara.get("/queue?mine=1")
    assert first.ref in listed.words(".rows")
    assert second.ref not in listed.words(".rows")
    kept = mara.get(f"{path(first)}?mine=1").fields("/approve")
    assert kept["mine"] == "1"


def test_it_says_when_a_second_person_must_approve(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    people = People([Person("Mara"), Person("Otto")])
    approval = Approval([Rule("two_people", because="it may be read in court")], people)
    desk.app.queue._approval = approval
    desk.app.queue._reader._approval = approval
    page = mara.get(path(view))
    assert "Two people must approve this text (it may be read in court)." in page.words(".answer")
    again = mara.act(page, "/approve")
    assert "a second person must approve" in again.words(".banner")
    assert "Mara (web) has approved it" in again.words(".answer")
    refused = mara.act(again, "/approve")
    assert refused.status == 403
    assert "you have approved it" in refused.words(".banner").lower()
    draft = desk.view(view.id).draft
    assert draft is not None
    outcome = desk.app.queue.approve(
        view.id,
        draft_version=draft.version,
        text_hash=draft.text_hash,
        actor=Actor("terminal", "otto", "otto"),
    )
    assert outcome.done
    with desk.app.database.read() as session:
        assert session.get_one(Case, view.id).state == "approved"
