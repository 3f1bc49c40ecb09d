"""Second looks with the keyboard and on a phone, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select

from monitor.models import Label, SecondLook
from tests.support.cases import Desk

Open = Callable[..., Page]


def verdicts(desk: Desk) -> list[str]:
    with desk.app.database.read() as session:
        return list(session.scalars(select(SecondLook.verdict).order_by(SecondLook.id)))


def test_a_list_is_judged_without_a_mouse(desk: Desk, open_page: Open) -> None:
    for number in range(4):
        desk.doubt(f"Is it worth the way, {number}?")
    page = open_page("/looks")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert "the way, 1?" in page.evaluate("document.activeElement.innerText")
    page.keyboard.press("n")
    page.wait_for_url("**/looks?said=L-2")
    expect(page.locator(".banner")).to_contain_text("L-2: no complaint, says Mara (web)")
    page.keyboard.press("c")  # the first that is left
    page.wait_for_url("**/looks?said=L-1")
    page.keyboard.press("s")
    page.wait_for_url("**/looks?said=L-3")
    assert verdicts(desk) == ["complaint", "no_complaint", "skipped", ""]
    expect(page.locator(".look")).to_have_count(1)
    with desk.app.database.read() as session:
        assert len(session.scalars(select(Label)).all()) == 2


def test_the_keys_do_nothing_elsewhere(desk: Desk, open_page: Open) -> None:
    desk.complain()
    page = open_page("/queue")
    for key in "cns":
        page.keyboard.press(key)
    assert page.url.endswith("/queue")
    assert page.locator("#keys").is_hidden()


def test_a_press_twice_in_a_hurry_judges_once(desk: Desk, open_page: Open) -> None:
    desk.doubt("One")
    desk.doubt("Two")
    page = open_page("/looks")
    page.locator("[data-key=n]").first.dblclick()
    page.wait_for_url("**/looks?said=L-1")
    assert verdicts(desk) == ["no_complaint", ""]


def test_a_phone_shows_the_three_answers_beside_each_other(desk: Desk, open_page: Open) -> None:
    desk.doubt()
    page = open_page("/looks", viewport={"width": 390, "height": 800})
    tops = page.evaluate(
        "[...document.querySelectorAll('.look button')].map(b => b.getBoundingClientRect().top)"
    )
    assert len(set(tops)) == 1
    page.get_by_role("button", name="No complaint").click()
    page.wait_for_url("**/looks?said=L-1")
    expect(page.locator(".empty")).to_contain_text("Nothing waits for a second look")


def test_topics_are_ticked_and_saved(desk: Desk, open_page: Open) -> None:
    view = desk.complain()
    page = open_page(f"/cases/{view.ref}", viewport={"width": 390, "height": 800})
    page.get_by_text("Correct what it is about").click()
    for box in page.locator("input[name=topic]").all():
        box.set_checked(box.get_attribute("value") == "parking" or box.input_value() == "staff")
    page.get_by_role("button", name="Save topics").click()
    expect(page.locator(".banner")).to_contain_text("what it is about is saved")
    assert desk.view(view.id).topics == ("staff",)
