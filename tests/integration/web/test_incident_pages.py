"""The incidents page, one incident with its cases, and what a case says of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor.intake.purging import withhold
from monitor.models import Case, Mention
from tests.support.cases import Desk, open_desk
from tests.support.incidents import copies, outage
from tests.support.web import Browser, served


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[tuple[Desk, Browser]]:
    """A desk of this test's own, with a browser that is signed in."""
    desk = open_desk(tmp_path)
    with closing(desk.app), served(desk.app) as address, closing(Browser(address)) as browser:
        browser.sign_in(desk.app)
        yield desk, browser


def test_without_incidents_the_page_says_what_comes_here(quiet: tuple[Desk, Browser]) -> None:
    _, browser = quiet
    page = browser.get("/incidents")
    assert page.status == 200
    assert "No incident is open." in page.words(".empty")
    assert page.has('.empty a[href="/queue"]')
    assert page.words('nav [aria-current="page"]') == "Incidents"
    assert "There was no incident yet." in browser.get("/incidents?all=1").text


def test_an_outage_is_listed_shown_and_named_on_its_cases(quiet: tuple[Desk, Browser]) -> None:
    desk, browser = quiet
    views = outage(desk)
    card = browser.get("/incidents").words("article.card")
    assert card.startswith("I-1 ")
    assert "terminal" in card
    assert "One cause · 8 mentions · Harbour Coffee" in card

    page = browser.get("/incidents/I-1")
    assert "8 people within 6 hours, where next to none are usual" in page.text
    members = page.soup.select(".members li")
    assert len(members) == 8
    assert views[0].ref in members[0].get_text()
    assert "to approve" in members[0].get_text()

    case = browser.get(f"/cases/{views[3].ref}")
    assert case.words(".part").startswith("One of 8 about the same thing: I-1 ")
    assert case.has('.part a[href="/incidents/I-1"]')
    other = desk.complain("The soup was cold and the waiter rude. Never again.", author="Olga")
    assert not browser.get(f"/cases/{other.ref}").has(".part")


def test_copies_tell_their_sources_and_end(quiet: tuple[Desk, Browser]) -> None:
    desk, browser = quiet
    copies(desk)
    page = browser.get("/incidents/1")
    assert "at 2 sources" in page.text
    assert page.words("h1 .chip") == "open"
    desk.clock.move(days=8)
    desk.app.incidents.run()
    assert "No incident is open." in browser.get("/incidents").text
    assert browser.get("/incidents?all=1").words("article .chip") == "ended"
    assert browser.get("/incidents/1").words("h1 .chip") == "ended"


def test_what_is_said_is_shown_and_never_run(quiet: tuple[Desk, Browser]) -> None:
    desk, browser = quiet
    evil = (
        "<script>alert(1)</script> the coat came apart on the second day and nobody \u202e wants "
        "to take it back, although I have the receipt"
    )
    desk.complain(evil, author="<b>Eve</b>")
    desk.complain(evil, author="<b>Eva</b>", source="files")
    desk.app.incidents.run()
    page = browser.get("/incidents/I-1")
    assert "<script>alert" not in page.html
    assert "<b>Eve</b>" not in page.html
    assert "\u202e" not in page.html
    assert "<b>Eve</b>" in page.words(".members")


def test_what_is_forgotten_is_gone_from_its_incident(quiet: tuple[Desk, Browser]) -> None:
    desk, browser = quiet
    views = copies(desk)
    with desk.app.database.write() as session:
        for view in views:
            mention = session.scalars(
                select(Mention).join(Case, Case.mention_id == Mention.id).where(Case.id == view.id)
            ).one()
            withhold(session, mention.source_id, [mention.id], desk.clock() + timedelta(days=1))
    page = browser.get("/incidents/I-1")
    assert page.status == 200
    assert "Nothing of it can be read any more." in page.text
    assert not browser.get(f"/cases/{views[0].ref}").has(".part")


@pytest.mark.parametrize("ref", ["I-999", "x", "%00", "9" * 40, "C-1"])
def test_an_unknown_incident_is_not_found(mara: Browser, ref: str) -> None:
    page = mara.get(f"/incidents/{ref}")
    assert page.status == 404
    assert "What to do" in page.text


def test_a_stranger_sees_no_incident(stranger: Browser) -> None:
    assert stranger.get("/incidents").status == 401
    assert stranger.get("/incidents/I-1").status == 401
