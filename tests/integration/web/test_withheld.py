"""A case whose words may not be kept: it says where they are, and shows them live if asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.base import BaseConnector, FoundMention, MentionRef
from connectors.errors import Unavailable
from monitor.intake.live import read_live
from monitor.intake.purging import withhold
from monitor.models import Mention, Source
from responders.views import CaseView
from tests.support.cases import Desk
from tests.support.web import Browser

SAID = "We waited 40 minutes and the coffee was cold."


class Reading(BaseConnector):
    """Reads whatever it was given, or raises it."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def read(self, ref: MentionRef) -> FoundMention | None:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer and replace(self.answer, external_id=ref.external_id)  # type: ignore[no-any-return]


@pytest.fixture
def shows(desk: Desk) -> Iterator[Any]:
    """Have the board's platform show this to a direct read."""
    platform = desk.app.platforms._platform("board")
    kind = platform.kind

    def show(answer: Any) -> None:
        platform.idle.clear()
        platform.kind = replace(kind, build=lambda _settings, _context: Reading(answer))

    yield show
    platform.kind = kind
    platform.idle.clear()


@pytest.fixture
def view(desk: Desk) -> CaseView:
    found = desk.complain(SAID, author="Ida Holm", title="Cold")
    with desk.app.database.write() as session:
        mention = session.query(Mention).order_by(Mention.id.desc()).first()
        assert mention is not None
        assert withhold(session, mention.source_id, [mention.id], desk.clock()) == 1
    return found


def test_the_page_says_where_to_read_it_and_offers_a_look(
    desk: Desk, mara: Browser, view: CaseView
) -> None:
    page = mara.get(f"/cases/{view.ref}")
    words = page.words(".mention")
    assert SAID not in page.text
    assert "do not let us keep the text" in words
    assert "Show it here" in words
    assert page.find(".mention a[href^='https://board.example/reviews/']") is not None


def test_a_look_shows_the_words_and_keeps_nothing(
    desk: Desk, mara: Browser, view: CaseView, shows: Any
) -> None:
    shows(FoundMention("", SAID, title="Cold", author_name="Ida Holm", rating=1.0))
    page = mara.get(f"/cases/{view.ref}?words=live")
    assert SAID in page.words(".mention")
    assert "read just now, and not kept" in page.words(".mention")
    assert desk.view(view.id).mention.text != SAID
    with desk.app.database.read() as session:
        assert session.query(Mention).filter(Mention.text == SAID).count() == 0


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "no longer there"),
        (Unavailable("the board is down"), "the board is down"),
        (ValueError("odd"), "could not be read"),
    ],
)
def test_a_look_that_fails_says_why(
    mara: Browser, view: CaseView, shows: Any, answer: Any, said: str
) -> None:
    shows(answer)
    page = mara.get(f"/cases/{view.ref}?words=live")
    assert page.status == 200
    assert said in page.words(".banner")


def test_a_slow_platform_holds_nobody_up(desk: Desk, view: CaseView, shows: Any) -> None:
    shows(None)
    live = read_live(desk.app.database, desk.app.platforms, view.id, patience=0.0)
    assert live.found is None
    assert live.problem


def test_a_source_that_is_gone_from_the_configuration_is_told(desk: Desk, view: CaseView) -> None:
    with desk.app.database.write() as session:
        source = session.query(Source).filter(Source.key == "board").one()
        source.key = "gone"
    try:
        live = read_live(desk.app.database, desk.app.platforms, view.id)
    finally:
        with desk.app.database.write() as session:
            session.query(Source).filter(Source.key == "gone").one().key = "board"
    assert live.problem == "the source is no longer configured"
