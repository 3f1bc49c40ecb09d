"""The list: what it holds, in which order, and what it says when it holds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.cases import Desk, open_desk
from tests.support.web import Browser, Page, served


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = open_desk(tmp_path)
    with closing(desk.app):
        yield desk


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    with served(desk.app) as address:
        yield address


def refs(page: Page) -> list[str]:
    return [
        str(row["href"]).partition("?")[0].rpartition("/")[2] for row in page.soup.select("a.row")
    ]


def test_the_start_leads_to_the_queue(mara: Browser, address: str) -> None:
    assert mara.get("/").url == f"{address}/queue"


def test_an_empty_queue_says_what_comes_next(mara: Browser) -> None:
    page = mara.get("/queue")
    assert page.status == 200
    assert "Nothing waits for you" in page.words(".empty")
    assert page.has('.empty a[href="/sources"]')


def test_an_empty_search_offers_to_search_everywhere(mara: Browser) -> None:
    page = mara.get("/queue?q=teapot")
    assert "teapot" in page.words(".empty")
    assert page.has('.empty a[href="/queue?state=all&q=teapot"]')


def test_what_is_due_first_stands_first_and_its_case_beside(desk: Desk, mara: Browser) -> None:
    first = desk.complain(author="Ada First")
    desk.clock.move(minutes=30)
    second = desk.complain(author="Bo Second")
    page = mara.get("/queue")
    assert refs(page) == [first.ref, second.ref]
    assert "Ada First" in page.words("#case-title")
    assert page.words(".tally").startswith("2 cases")
    assert page.words("option[selected]") == "To approve (2)"


def test_a_deadline_is_told_by_distance_and_by_time_with_its_zone(
    desk: Desk, mara: Browser
) -> None:
    desk.complain()  # at 09:00 UTC, with four hours by the policy, in Berlin
    desk.clock.move(minutes=90)
    due = mara.get("/queue").find(".row time")
    assert due.get_text() == "in 2 h 30 min"
    assert due["title"] == "due Mon 2 Mar 2026, 14:00 CET"
    assert due["datetime"] == "2026-03-02T13:00:00Z"


def test_times_are_those_of_the_place(desk: Desk, mara: Browser) -> None:
    desk.complain(source="files")  # the Old Mill is in London
    assert mara.get("/queue").find(".row time")["title"] == "due Mon 2 Mar 2026, 13:00 GMT"


def test_overdue_is_a_word_and_a_colour(desk: Desk, mara: Browser) -> None:
    desk.complain()
    desk.clock.move(hours=5)
    page = mara.get("/queue")
    due = page.find(".row time")
    assert due.get_text() == "overdue by 1 h"
    assert "overdue" in due["class"]
    assert "1 overdue" in page.words(".tally")


def test_the_filter_lives_in_the_address_and_goes_along(desk: Desk, mara: Browser) -> None:
    desk.complain("The cake was stale and dry. Terrible.", author="Cy")
    wanted = desk.complain("The teapot was broken and burnt me. Awful.", author="Di")
    page = mara.get("/queue?state=all&q=teapot")
    assert refs(page) == [wanted.ref]
    assert page.find("#q")["value"] == "teapot"
    assert page.words("option[selected]").startswith("All cases")
    row = page.find("a.row")
    case = mara.get(str(row["href"]))
    assert refs(case) == [wanted.ref]
    assert case.find(".return a")["href"] == "/queue?state=all&q=teapot"
    assert case.fields("/approve")["q"] == "teapot"


def test_a_long_list_says_that_there_is_more(desk: Desk, mara: Browser) -> None:
    for _ in range(3):
        desk.complain()
    page = mara.get("/queue?n=2")
    assert len(refs(page)) == 2
    assert "or more" in page.words(".tally")
    assert page.find(".more a")["href"] == "/queue?n=4"


@pytest.mark.parametrize(
    "query", ["state=nonsense", "n=0", "n=-1", "n=9999999999", "n=x", "q=" + "a" * 201]
)
def test_a_list_that_does_not_exist_is_refused_in_words(mara: Browser, query: str) -> None:
    page = mara.get(f"/queue?{query}")
    assert page.status == 400
    assert "What to do" in page.text


@pytest.mark.parametrize(
    "query", ["q=%00", "q=%ff%fe", "q=%25_%27%22", "q=%E2%80%AE", "state=", "x=1&x=2"]
)
def test_odd_words_in_the_address_harm_nothing(desk: Desk, mara: Browser, query: str) -> None:
    desk.complain()
    assert mara.get(f"/queue?{query}").status == 200


def test_the_list_can_be_asked_for_what_is_new(desk: Desk, mara: Browser) -> None:
    first = desk.complain()
    assert mara.get("/queue/ids").answer.json() == {"ids": [first.id]}
    second = desk.complain()
    assert mara.get("/queue/ids").answer.json() == {"ids": [first.id, second.id]}


def test_what_people_wrote_is_text_and_nothing_else(desk: Desk, mara: Browser) -> None:
    nasty = (
        "<script>alert(1)</script><img src=x onerror=alert(2)> "
        "\u202eneve reven\u202c terrible {{ 7 * 7 }}"
    )
    view = desk.complain(
        nasty, author="<b>Eve</b>\u2066", title="</textarea><h1>", url="javascript:alert(3)"
    )
    for path in ("/queue", f"/cases/{view.ref}"):
        page = mara.get(path)
        assert page.status == 200
        assert not page.has("img, b:-soup-contains('Eve') > b")
        assert len(page.soup.select("script")) == 1
        assert nasty.partition("\u202e")[0].strip() in page.text
        assert "{{ 7 * 7 }}" in page.text
        assert "\\u202e" in page.text
        assert not set("\u202e\u202c\u2066") & set(page.find("main").get_text())
        assert "javascript:" not in page.html


def test_links_outward_tell_nothing_and_open_elsewhere(desk: Desk, mara: Browser) -> None:
    view = desk.complain(url="https://board.example/reviews/7?a=1&b=2")
    link = mara.get(f"/cases/{view.ref}").find(".byline .link a")
    assert link["href"] == "https://board.example/reviews/7?a=1&b=2"
    assert set(link["rel"]) == {"noopener", "noreferrer", "nofollow"}
