"""Second looks in the browser, and topics set right on the page of a case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.base import FoundMention
from monitor.models import Case, Label
from tests.support.cases import OTTO, Desk, open_desk
from tests.support.web import Browser, Page, served

HOSTILE = '<script>alert("x")</script> & "quotes" </article>'


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = open_desk(tmp_path, own_topics="[{key: parking, words: [parking]}]")
    with closing(desk.app):
        yield desk


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    with served(desk.app) as address:
        yield address


def labels(desk: Desk) -> list[tuple[bool | None, str, str]]:
    with desk.app.database.read() as session:
        rows = session.scalars(select(Label).order_by(Label.id))
        return [(row.complaint, row.origin, row.by) for row in rows]


def press(mara: Browser, page: Page, number: int, verdict: str) -> Page:
    return mara.act(page, f"/looks/L-{number}", verdict=verdict)


def test_an_empty_list_says_what_comes_here(mara: Browser) -> None:
    page = mara.get("/looks")
    assert page.status == 200
    assert "Nothing waits for a second look" in page.words(".empty")
    assert page.has('.empty a[href="/queue"]')
    assert page.words('nav a[href="/looks"]') == "Looks"
    assert page.find('nav a[href="/looks"]')["aria-current"] == "page"


def test_a_look_shows_what_was_said_and_why_a_person_is_asked(desk: Desk, mara: Browser) -> None:
    number = desk.doubt(external_id="m1", title="A title")
    page = mara.get("/looks")
    card = page.words(".look")
    for told in (
        "Kim Able",
        "Is it worth the way?",
        "A title",
        "Review board · Quay Street",
        "Too close to call: 44 % likely a complaint; cases open from 50 %.",
        "two of five",
        f"L-{number}",
    ):
        assert told in card, told
    assert page.find(".look .stars")["aria-label"] == "3 of 5 stars"
    assert page.find(".look .link a")["href"] == "https://board.example/reviews/m1"
    assert [str(each["value"]) for each in page.soup.select(".look button")] == [
        "complaint",
        "no_complaint",
        "skipped",
    ]


def test_how_many_wait_stands_on_every_page(desk: Desk, mara: Browser) -> None:
    desk.doubt(external_id="m1")
    desk.doubt(external_id="m2")
    for path in ("/queue", "/sources", "/reports", "/looks"):
        assert mara.get(path).words('nav a[href="/looks"]') == "Looks 2 waiting", path


def test_words_from_outside_stay_words(desk: Desk, mara: Browser) -> None:
    desk.doubt(HOSTILE, author=HOSTILE)
    page = mara.get("/looks")
    assert HOSTILE in page.text
    assert not page.has(".look script")


def test_a_complaint_is_one_press_and_leads_to_its_case(desk: Desk, mara: Browser) -> None:
    number = desk.doubt(external_id="m1")
    page = press(mara, mara.get("/looks"), number, "complaint")
    with desk.app.database.read() as session:
        case = session.scalars(select(Case)).one()
    assert page.status == 200
    assert page.words(".banner.good").startswith(f"L-{number}: a complaint, says Mara (web).")
    assert page.has(f'.banner a[href="/cases/{case.ref}"]')
    assert not page.has(".look")
    assert labels(desk) == [(True, "look", "Mara (web)")]
    desk.prepare()
    assert mara.get(f"/cases/{case.ref}").has("#approve")


@pytest.mark.parametrize(("verdict", "said"), [("no_complaint", [False]), ("skipped", [])])
def test_no_complaint_and_skipping_open_nothing(
    desk: Desk, mara: Browser, verdict: str, said: list[bool]
) -> None:
    number = desk.doubt(external_id="m1")
    page = press(mara, mara.get("/looks"), number, verdict)
    assert page.has(".banner.good")
    assert [each[0] for each in labels(desk)] == said
    with desk.app.database.read() as session:
        assert session.scalars(select(Case)).first() is None


def test_the_second_is_told_who_was_first(desk: Desk, mara: Browser) -> None:
    number = desk.doubt(external_id="m1")
    page = mara.get("/looks")
    desk.app.looks.judge(number, "no_complaint", OTTO)
    late = press(mara, page, number, "complaint")
    assert late.status == 409
    assert "was judged no complaint by Otto (slack)" in late.words(".banner.bad")
    assert labels(desk) == [(False, "look", "Otto (slack)")]


def test_what_was_edited_or_deleted_since_is_not_judged(desk: Desk, mara: Browser) -> None:
    edited, deleted = desk.doubt(external_id="m1"), desk.doubt(external_id="m2")
    page = mara.get("/looks")
    desk.hear(FoundMention("m1", "Lovely, all of it. Great.", rating=5.0))
    desk.hear(FoundMention("m2", "", deleted=True))
    assert "edited" in press(mara, page, edited, "complaint").words(".banner.bad")
    assert "deleted" in press(mara, page, deleted, "complaint").words(".banner.bad")
    assert labels(desk) == []


def test_one_that_is_not_there_and_a_verdict_that_is_none(desk: Desk, mara: Browser) -> None:
    number = desk.doubt(external_id="m1")
    page = mara.get("/looks")
    token = page.fields(f"/looks/L-{number}")["token"]
    for ref in ("L-999999", "L-x", "9" * 400):
        missing = mara.post(f"/looks/{ref}", {"token": token, "verdict": "complaint"})
        assert missing.status == 404
        assert "no such second look" in missing.text
    assert press(mara, page, number, "perhaps").status == 400
    assert mara.post(f"/looks/L-{number}", {"verdict": "complaint"}).status == 403
    assert mara.get("/looks?said=L-999").status == 200
    assert labels(desk) == []


def test_a_stranger_sees_nothing_and_decides_nothing(desk: Desk, stranger: Browser) -> None:
    number = desk.doubt(external_id="m1")
    assert stranger.get("/looks").status == 401
    assert stranger.post(f"/looks/L-{number}", {"verdict": "complaint"}).status == 401
    assert labels(desk) == []


def test_topics_are_set_right_on_the_case(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    page = mara.get(f"/cases/{view.ref}")
    boxes = {str(box["value"]): box for box in page.soup.select("input[name=topic]")}
    assert {"waiting", "staff", "parking"} <= set(boxes)
    assert {name for name, box in boxes.items() if box.has_attr("checked")} == set(view.topics)
    form = {**page.fields("/topics"), "topic": ["staff", "parking"]}
    after = mara.post(f"/cases/{view.ref}/topics", form)
    assert after.status == 200
    assert "what it is about is saved" in after.words(".banner")
    assert "About: staff, parking" in after.text
    assert desk.view(view.id).topics == ("staff", "parking")
    cleared = mara.post(f"/cases/{view.ref}/topics", {"token": form["token"]})
    assert "About: nothing known" in cleared.text
    assert "said what it is about: staff, parking" in cleared.words(".trail")


def test_a_topic_that_nobody_knows_is_refused(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    token = mara.get(f"/cases/{view.ref}").fields("/topics")["token"]
    page = mara.post(f"/cases/{view.ref}/topics", {"token": token, "topic": "<b>tea</b>"})
    assert page.status == 422
    assert "unknown topic <b>tea</b>" in page.words(".banner.bad").replace("Unknown", "unknown")
    assert desk.view(view.id).topics == view.topics


def test_a_case_is_taken_given_away_and_let_go(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    page = mara.get(f"/cases/{view.ref}")
    assert "Nobody yet." in page.text
    fields = page.fields("/assign")
    taken = mara.post(f"/cases/{view.ref}/assign", {**fields, "how": "take"})
    assert "who looks after it is saved" in taken.words(".banner")
    assert desk.view(view.id).assignee == "Mara"
    assert "Take it" not in taken.text
    fields = taken.fields("/assign")
    given = mara.post(f"/cases/{view.ref}/assign", {**fields, "how": "give", "to": "<b>Otto</b>"})
    assert desk.view(view.id).assignee == "<b>Otto</b>"
    assert "<b>Otto</b>" not in str(given.soup)
    assert "Take it over" in given.text
    late = mara.post(f"/cases/{view.ref}/assign", {**fields, "how": "take"})
    assert late.status == 409
    assert "by now" in late.words(".banner.bad")
    nobody = mara.post(f"/cases/{view.ref}/assign", {**fields, "how": "give", "to": " "})
    assert nobody.status == 422
    token = {"token": fields["token"], "revision": fields["revision"]}
    assert mara.post(f"/cases/{view.ref}/assign", token).status == 422
    mara.post(f"/cases/{view.ref}/assign", {**late.fields("/assign"), "how": "release"})
    assert desk.view(view.id).assignee == ""


def test_decisions_on_drafts_are_kept_as_words_on_the_judgement(desk: Desk, mara: Browser) -> None:
    yes, no = desk.complain(), desk.complain(author="Other")
    mara.act(mara.get(f"/cases/{yes.ref}"), "/approve")
    mara.act(mara.get(f"/cases/{no.ref}"), "/reject", reason="not_a_complaint")
    assert labels(desk) == [(True, "draft", "Mara (web)"), (False, "case", "Mara (web)")]
