"""The reports in a real browser: widths, contrast, keyboard, print, and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.test_looks import EVERY, measure
from tests.support.axe import found_by_axe
from tests.support.cases import MARA, OTTO, Desk

Open = Callable[..., Page]
REPORTS = ("promises", "stages", "backlog", "voice", "after", "people")
LISTS = (
    "/reports/cases?of=first_response",
    "/reports/cases?of=mentions&fared=met",
    "/reports/cases?of=open_now&fared=overdue",
    "/reports/cases?of=silent&fared=met&days=7",
)
LARGEST = 300_000
"""Bytes of a page with everything that it needs."""


@pytest.fixture
def lived(desk: Desk) -> Desk:
    """A desk with some days of work behind it: little, and with names that are hard to fit."""
    for number in range(5):
        view = desk.complain(
            source="files", author=f"Author {number}", language=("en", "de")[number % 2]
        )
        desk.clock.move(hours=2.5)
        if number < 3:
            desk.approve(view)
            desk.app.queue.mark_posted(view.id, actor=OTTO)
    name = "Donaudampfschifffahrtsgesellschaftskapitän"
    desk.app.queue.assign(view.id, to=name, actor=MARA)
    desk.complain("We waited an hour. " + "W" * 200, title="T" * 120)
    desk.clock.move(hours=9)
    desk.app.keeper.run()
    return desk


@pytest.fixture
def paths(lived: Desk) -> list[str]:
    return [
        *(f"/reports/{key}?days=7" for key in REPORTS),
        "/reports/promises?days=365&measure=resolution&by=person",
        "/reports/promises?days=90&by=topic&clock=wall",
        "/reports/promises?first=2026-01-01&last=2026-01-31",
        "/reports/people?only=source:files",
        "/reports/voice?only=person:Otto",
        "/reports/stages?only=location:harbour/mill",
        *LISTS,
    ]


def test_no_report_scrolls_sideways(open_page: Open, address: str, paths: list[str]) -> None:
    page = open_page(viewport={"width": 320, "height": 800})
    assert measure(page, address, paths, "sideways") == {}


@pytest.mark.parametrize("width", [390, 1280])
def test_everything_fits_has_a_name_is_large_enough_and_stands_out(
    open_page: Open, address: str, paths: list[str], width: int
) -> None:
    page = open_page(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    assert measure(page, address, paths, *EVERY) == {}


@pytest.mark.parametrize("width", [390, 1280])
def test_every_text_stands_out_in_the_dark(
    open_page: Open, address: str, paths: list[str], width: int
) -> None:
    page = open_page(
        viewport={"width": width, "height": 800}, color_scheme="dark", reduced_motion="reduce"
    )
    assert measure(page, address, paths, "faint") == {}


def test_charts_and_marks_have_names(open_page: Open, address: str, paths: list[str]) -> None:
    page = open_page()
    for path in paths:
        page.goto(address + path)
        nameless = page.locator("[role=img]:not([aria-label])").count()
        assert nameless == 0, path
    page.goto(address + "/reports/promises?days=7")
    assert page.locator("svg[role=img]").count() == 2
    told = page.locator("svg[role=img]").first.get_attribute("aria-label") or ""
    assert "Met" in told
    assert "Overdue" in told


def test_the_keyboard_reaches_filters_numbers_and_tables(
    lived: Desk, open_page: Open, address: str
) -> None:
    page = open_page("/reports/promises?days=7")
    reached: set[str] = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "(e => e.matches('.ask > summary') ? 'filters' : e.matches('.figures a') ? 'number'"
                " : e.matches('.scroll') ? 'table' : e.matches('.means > summary') ? 'meaning'"
                " : e.matches('.files a') ? 'file' : e.tagName)(document.activeElement)"
            )
        )
    assert {"filters", "number", "table", "meaning", "file"} <= reached
    page.locator(".ask > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "first"


def test_a_filter_is_asked_for_by_a_form_and_stands_in_the_address(
    lived: Desk, open_page: Open, address: str
) -> None:
    page = open_page("/reports/promises?days=7&measure=resolution", java_script_enabled=False)
    page.locator(".ask > summary").click()
    page.locator("select[name=only]").select_option("source:files")
    page.locator("select[name=by]").select_option("person")
    page.get_by_role("button", name="Show").click()
    assert "only=source%3Afiles" in page.url
    assert "measure=resolution" in page.url
    assert "only source files" in page.inner_text("h1")
    page.get_by_role("link", name="Show everything").click()
    assert "only=" not in page.url


def test_every_number_opens_its_list_without_javascript(
    lived: Desk, open_page: Open, address: str
) -> None:
    page = open_page("/reports/promises?days=7", java_script_enabled=False)
    links = page.locator(".figures dd a, td a").evaluate_all("all => all.map(a => a.href)")
    assert len(links) > 10
    for link in dict.fromkeys(links):
        answer = page.goto(link)
        assert answer is not None
        assert answer.status == 200, link
        assert page.locator("table.cases tbody tr").count() > 0, link
    page.get_by_role("link", name="To the report").click()
    assert page.locator("h1").inner_text().startswith("Response times")
    page.goto(links[0])
    page.locator("table.cases tbody th a").first.click()
    assert "/cases/C-" in page.url


def test_what_the_words_mean_is_seen_without_a_mouse(
    lived: Desk, open_page: Open, address: str
) -> None:
    page = open_page("/reports/promises?days=7", viewport={"width": 390, "height": 844})
    meaning = page.locator(".means").first
    assert not meaning.locator("dl").is_visible()
    meaning.locator("summary").press("Enter")
    assert "leaving late cases unanswered cannot raise it" in meaning.inner_text()


def test_overdue_and_few_are_told_in_words(lived: Desk, open_page: Open, address: str) -> None:
    page = open_page("/reports/promises?days=7")
    figures = page.locator(".figures").first.inner_text()
    assert "Overdue\n3" in figures
    assert "Open in time\n0" in figures
    assert page.get_by_role("img", name="only 6 stand behind it").count() > 0
    assert "fewer than 20" in page.locator(".foot").inner_text()


def test_a_year_is_never_drawn_by_day(lived: Desk, open_page: Open, address: str) -> None:
    page = open_page("/reports/promises?days=365&grain=day")
    assert page.locator("summary", has_text="By week received").count() == 1
    page.goto(address + "/reports/promises?days=3000&grain=week")
    assert page.locator("summary", has_text="By month received").count() == 1


def test_paper_shows_the_tables_and_no_controls(
    lived: Desk, open_page: Open, address: str, paths: list[str]
) -> None:
    page = open_page(viewport={"width": 690, "height": 1000}, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(address + "/reports/promises?days=7")
    assert page.locator("section > details table").first.is_visible()
    assert page.locator(".means dl").first.is_visible()
    assert not page.locator(".asked").is_visible()
    assert not page.locator(".files").is_visible()
    assert measure(page, address, paths, "faint", "sideways") == {}


def test_pages_are_small_and_ask_nobody_else(lived: Desk, open_page: Open, address: str) -> None:
    page = open_page()
    for key in REPORTS:
        sizes: list[int] = []
        asked: list[str] = []
        page.on("response", lambda answer: sizes.append(len(answer.body())))  # noqa: B023
        page.on("request", lambda request: asked.append(request.url))  # noqa: B023
        page.goto(f"{address}/reports/{key}?days=90", wait_until="networkidle")
        assert sum(sizes) < LARGEST
        assert all(url.startswith(address) for url in asked)


def test_an_empty_store_says_so_on_every_report(desk: Desk, open_page: Open, address: str) -> None:
    desk.app.keeper.run()
    page = open_page()
    for key in REPORTS:
        page.goto(f"{address}/reports/{key}")
        assert page.locator(".empty").count() >= 1, key
        assert page.locator("svg.chart").count() == 0, key


def test_a_day_without_anything_is_a_gap(desk: Desk, open_page: Open, address: str) -> None:
    desk.complain()
    desk.clock.move(hours=72)
    desk.complain()
    desk.app.keeper.run()
    page = open_page("/reports/promises?days=7")
    page.locator("figure summary").first.click()
    rows = page.locator("figure").first.locator("tbody tr").all_inner_texts()
    assert len(rows) == 7
    assert sum("–" in row for row in rows) == 5


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_axe_finds_nothing(
    open_page: Open, address: str, paths: list[str], width: int, scheme: str
) -> None:
    page = open_page(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        reduced_motion="reduce",
        bypass_csp=True,
    )
    assert found_by_axe(page, [address + path for path in paths]) == {}
