"""What can be checked of looks and access by measuring: names, sizes, contrast, width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from connectors.base import FoundMention
from tests.support.axe import found_by_axe
from tests.support.cases import MARA, Desk
from tests.support.incidents import copies

Open = Callable[..., Page]
EVERY = ("sideways", "nameless", "small", "shape", "faint")

MEASURES = Path(__file__).with_name("measures.js").read_text(encoding="utf-8")


@pytest.fixture
def pages(desk: Desk) -> list[str]:
    """Every kind of page, with something of everything on it."""
    long_name = "Donaudampfschifffahrtsgesellschaftskapitänswitwenverein" * 3
    first = desk.complain("Terrible. " + "W" * 300 + " https://x.example/" + "y" * 200,
                          author=long_name, title="T" * 200)  # fmt: skip
    desk.complain("رهيب! القهوة باردة والخدمة سيئة جدا", author="ليلى", language="ar")
    handed = desk.complain(source="files")
    desk.approve(handed)
    desk.clock.move(hours=3, minutes=30)
    late = desk.complain(author="Late")
    desk.clock.move(hours=5)
    desk.edit(late, "x" * 2_000)
    changed = desk.complain(f"Terrible, cold and slow. {long_name}", external_id="changed")
    desk.hear(
        FoundMention(
            "changed",
            f"Terrible, cold and slow, never again. {long_name * 2}",
            author_name="Jonas Weber",
            author_id="a-Jonas Weber",
            rating=1.0,
            our_reply="X" * 300 + " somebody has answered " + "y" * 200,
            locked="comments are off " + "z" * 300,
        )
    )
    desk.prepare()
    unseen = desk.complain(source="files")
    desk.approve(unseen)
    desk.app.queue.mark_posted(unseen.id, actor=MARA, url="https://x.example/" + "y" * 500)
    desk.doubt("W" * 300 + " https://x.example/" + "y" * 200, author=long_name, title="T" * 200)
    desk.doubt("Okay.")
    desk.misread("exports.csv:17", "the rating " + "z" * 300 + " is no number")
    copied = copies(desk, author=long_name)[0]
    return [
        "/queue",
        "/queue?state=closed",
        f"/cases/{first.ref}",
        f"/cases/{late.ref}",
        f"/cases/{handed.ref}",
        f"/cases/{changed.ref}",
        f"/cases/{unseen.ref}?state=all",
        f"/cases/{handed.ref}?said=handed&state=all",
        "/looks",
        f"/cases/{copied.ref}?state=all",
        "/incidents",
        "/incidents?all=1",
        "/incidents/I-1",
        "/sources",
        "/sources/files",
        "/reports",
        "/nope",
        "/sign-in",
    ]


def measure(page: Page, address: str, paths: list[str], *names: str) -> dict[str, Any]:
    """Return what `names` of measures.js find wrong, by page, with every detail unfolded."""
    found: dict[str, Any] = {}
    for path in paths:
        page.goto(address + path)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        if wrong := wrong_here(page, names):
            found[path] = wrong
    return found


def wrong_here(page: Page, names: Sequence[str]) -> dict[str, Any]:
    asked = ", ".join(f"{name}: {name}()" for name in names)
    told = page.evaluate(f"() => {{ {MEASURES}\nreturn {{ {asked} }}; }}")
    return {name: wrong for name, wrong in told.items() if wrong}


def test_measuring_finds_what_is_wrong(open_page: Open, address: str) -> None:
    """A measure that never finds anything would prove nothing."""
    page = open_page("/sign-in", signed_in=False, bypass_csp=True)
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', `<h1 style='width: 9999px; color: #fff;"
        " background-color: #fff; height: 1px'>x</h1><button style='width: 2px'></button>`)"
    )
    assert set(wrong_here(page, EVERY)) == set(EVERY)


@pytest.mark.parametrize("width", [320, 768, 1920])
def test_no_page_scrolls_sideways(
    open_page: Open, address: str, pages: list[str], width: int
) -> None:
    page = open_page(viewport={"width": width, "height": 800})
    assert measure(page, address, pages, "sideways") == {}


@pytest.mark.parametrize("width", [390, 1280])
def test_everything_fits_has_a_name_is_large_enough_and_stands_out(
    open_page: Open, address: str, pages: list[str], width: int
) -> None:
    page = open_page(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    assert measure(page, address, pages, *EVERY) == {}


def test_every_text_stands_out_in_the_dark(open_page: Open, address: str, pages: list[str]) -> None:
    page = open_page(color_scheme="dark", reduced_motion="reduce")
    assert measure(page, address, pages, "faint") == {}


def test_nothing_moves_for_those_who_asked_for_less_motion(
    open_page: Open, address: str, pages: list[str]
) -> None:
    page = open_page(reduced_motion="reduce")
    assert measure(page, address, pages, "moving") == {}
    page.emulate_media(reduced_motion="no-preference")
    assert measure(page, address, pages[:1], "moving") != {}


def test_focus_is_seen_and_the_first_key_skips_to_the_content(desk: Desk, open_page: Open) -> None:
    desk.complain()
    page = open_page()
    page.reload()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_axe_finds_nothing(
    open_page: Open, address: str, pages: list[str], width: int, scheme: str
) -> None:
    page = open_page(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        reduced_motion="reduce",
        bypass_csp=True,
    )
    assert found_by_axe(page, [address + path for path in pages]) == {}


def test_what_is_printed_is_dark_on_light_and_narrow_enough(
    open_page: Open, address: str, pages: list[str]
) -> None:
    page = open_page(viewport={"width": 720, "height": 1000}, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert measure(page, address, pages, "faint", "sideways") == {}
