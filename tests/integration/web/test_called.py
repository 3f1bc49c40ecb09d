"""On the web: who was called for a case that is late, and acknowledging it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from responders.views import CaseView
from tests.support.cases import Desk, open_desk
from tests.support.web import Browser, served

MORE = """
people:
  - {name: Mara, manager: true}
escalation:
  - key: usual
    acknowledge_within: 20m
    steps:
      - {at: warning, notify: assignee}
      - {at: due, notify: channel}
      - {at: +30m, notify: managers}
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = open_desk(tmp_path_factory.mktemp("called"), more=MORE)
    with closing(desk.app):
        yield desk


@pytest.fixture
def late(desk: Desk) -> CaseView:
    """A case that has just become late, with the team told of it."""
    view = desk.complain()
    for hours in (3.1, 1):
        desk.clock.move(hours=hours)
        for kind in ("clock", "escalate"):
            desk.work(kind)
    return desk.view(view.id)


@pytest.fixture
def mara(desk: Desk) -> Iterator[Browser]:
    with served(desk.app) as address, closing(Browser(address)) as browser:
        assert browser.sign_in(desk.app).status == 200
        yield browser


def test_the_page_says_who_was_told_and_who_is_next(
    desk: Desk, late: CaseView, mara: Browser
) -> None:
    page = mara.get(f"/cases/{late.ref}")

    told = page.words("[aria-labelledby=called-title]")
    assert "told the team, instead of the assignee" in told
    assert "Next: the managers" in told
    assert "escalated" in page.words(".casehead")
    assert "escalated" in mara.get("/queue").words(".rows .foot")


def test_the_button_acknowledges_and_is_gone_then(
    desk: Desk, late: CaseView, mara: Browser
) -> None:
    page = mara.get(f"/cases/{late.ref}")

    done = mara.act(page, "/ack")

    assert "is acknowledged; nobody else is called for a while" in done.words(".banner")
    told = done.words("[aria-labelledby=called-title]")
    assert "Acknowledged by" in told
    assert "I see to it" not in told
    assert [e.kind for e in desk.view(late.id).events][-1] == "acknowledged"


def test_a_case_that_nobody_was_called_for_has_no_such_part(desk: Desk, mara: Browser) -> None:
    view = desk.complain()

    page = mara.get(f"/cases/{view.ref}")

    assert "Who was told" not in page.words("body")
    assert mara.post(f"/cases/{view.ref}/ack", page.fields("/note")).status != 200
