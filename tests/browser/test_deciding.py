"""What a person does all day, with mouse, keyboard and phone, with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from connectors.base import FoundMention
from tests.support.cases import OTTO, Desk

Open = Callable[..., Page]
PHONE = {"width": 390, "height": 844}


def test_a_complaint_is_approved_by_button(desk: Desk, open_page: Open) -> None:
    view, following = desk.complain(author="Ada"), desk.complain(author="Bo")
    page = open_page()
    page.get_by_role("button", name="Publish on Demo platform as Harbour Coffee").click()
    expect(page.get_by_role("status").filter(has_text="is approved")).to_be_visible()
    assert desk.view(view.id).state == "approved"
    page.get_by_role("link", name=re.compile(f"Next: {following.ref} Bo")).click()
    expect(page.get_by_role("heading", name=re.compile("Bo"))).to_be_visible()


def test_a_complaint_is_approved_by_keyboard(desk: Desk, open_page: Open) -> None:
    first, second = desk.complain(author="Ada"), desk.complain(author="Bo")
    page = open_page()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("a.row:focus")).to_contain_text("Bo")
    page.keyboard.press("k")
    expect(page.locator("a.row:focus")).to_contain_text("Ada")
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url(f"**/cases/{second.ref}")
    page.keyboard.press("a")
    expect(page.locator("#approve")).to_be_focused()
    assert desk.view(second.id).state == "drafted", "one key alone publishes nothing"
    page.keyboard.press("Enter")
    expect(page.locator(".banner")).to_contain_text("is approved")
    assert desk.view(second.id).state == "approved"
    assert desk.view(first.id).state == "drafted"


def test_a_draft_is_edited_and_then_approved(desk: Desk, open_page: Open) -> None:
    view = desk.complain()
    page = open_page(f"/cases/{view.ref}")
    page.keyboard.press("e")
    text = page.get_by_label("Text of the answer")
    expect(text).to_be_focused()
    before = int(page.locator("#length b").inner_text())
    page.keyboard.press("Control+End")
    page.keyboard.type(" Come by!")
    expect(page.locator("#length b")).to_have_text(str(before + len(" Come by!")))
    button = page.locator("#approve")
    expect(button).to_have_text("Save as version 2 and read it once more")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    expect(page.locator(".banner")).to_contain_text("Nothing is published yet")
    assert desk.view(view.id).state == "drafted"
    page.get_by_role("button", name="Publish on Demo platform").click()
    expect(page.locator(".banner")).to_contain_text("is approved")
    reply = desk.view(view.id).reply
    assert reply is not None
    assert reply.text.endswith("Come by!")


def test_keys_typed_into_a_text_are_text(desk: Desk, open_page: Open) -> None:
    view = desk.complain()
    page = open_page(f"/cases/{view.ref}")
    text = page.get_by_label("Text of the answer")
    text.fill("")
    text.type("jkaero?/")
    expect(text).to_have_value("jkaero?/")
    expect(page.locator("#keys")).not_to_be_visible()
    page.close(run_before_unload=False)


def test_a_draft_is_rejected_by_keyboard(desk: Desk, open_page: Open) -> None:
    view = desk.complain()
    page = open_page(f"/cases/{view.ref}")
    page.keyboard.press("r")
    expect(page.get_by_label("Make another draft")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.get_by_label("A word for the trail").fill("a joke")
    page.get_by_role("button", name="Reject version 1").click()
    expect(page.locator(".banner")).to_contain_text("not a complaint")
    assert desk.view(view.id).state == "dismissed"


def test_the_list_of_keys_opens_and_closes(desk: Desk, open_page: Open) -> None:
    desk.complain()
    page = open_page()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_on_a_phone_the_list_comes_first_and_then_the_case(desk: Desk, open_page: Open) -> None:
    view = desk.complain(author="Ada")
    page = open_page(viewport=PHONE, has_touch=True, is_mobile=True)
    expect(page.locator("article.case")).to_be_hidden()
    page.get_by_role("link", name=re.compile("Ada")).tap()
    page.wait_for_url(f"**/cases/{view.ref}")
    expect(page.locator(".list")).to_be_hidden()
    page.get_by_role("button", name="Publish on Demo platform").tap()
    expect(page.locator(".banner")).to_contain_text("is approved")
    assert desk.view(view.id).state == "approved"
    page.locator(".return a").tap()
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()


def test_everything_works_without_javascript(desk: Desk, open_page: Open) -> None:
    edited, by_hand = desk.complain(author="Ada"), desk.complain(author="Bo", source="files")
    page = open_page(java_script_enabled=False)
    page.get_by_role("link", name=re.compile("Ada")).click()
    page.get_by_label("Text of the answer").fill(
        "Dear Ada, please write to us at hello@harbour.example.\n\nMara, Harbour Coffee"
    )
    page.get_by_role("button", name="Publish on Demo platform").click()
    expect(page.locator(".banner")).to_contain_text("Saved as version 2")
    page.get_by_role("button", name="Publish on Demo platform").click()
    expect(page.locator(".banner")).to_contain_text("is approved")
    assert desk.view(edited.id).reply.text.startswith("Dear Ada")  # type: ignore[union-attr]
    page.get_by_role("link", name=re.compile("Next: ")).click()
    page.get_by_role("button", name="Approve, to post by hand").click()
    expect(page.get_by_role("button", name="Copy the text")).to_be_hidden()
    page.get_by_role("button", name="I posted it").click()
    expect(page.locator(".banner")).to_contain_text("is answered")
    assert desk.view(by_hand.id).state == "answered"
    page.get_by_label("Which cases").select_option("answered")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("link", name=re.compile("Bo"))).to_be_visible()


def test_the_text_to_post_is_copied_by_one_press(desk: Desk, open_page: Open) -> None:
    view = desk.complain(source="files")
    desk.approve(view)
    page = open_page(f"/cases/{view.ref}", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the text").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == view.draft.text  # type: ignore[union-attr]


def test_without_javascript_an_answer_is_left_and_a_posting_called_off(
    desk: Desk, open_page: Open
) -> None:
    posted = desk.complain(source="files")
    desk.approve(posted)
    page = open_page(f"/cases/{posted.ref}", java_script_enabled=False)
    page.get_by_text("I could not post it…").click()
    page.get_by_label("Why?").fill("the form is closed")
    page.get_by_role("button", name="Put it back on the table").click()
    expect(page.locator(".banner").first).to_contain_text("on the table again")

    answered = desk.complain(external_id="theirs")
    desk.hear(
        FoundMention(
            "theirs",
            "We waited 40 minutes and the coffee was cold. Never again.",
            author_name="Jonas Weber",
            author_id="a-Jonas Weber",
            rating=1.0,
            our_reply="We have called you.",
        )
    )
    page.goto(page.url.replace(posted.ref, answered.ref))
    page.get_by_role("button", name="Leave it").click()
    expect(page.locator(".banner").first).to_contain_text("answered by what stands")
    assert desk.view(answered.id).state == "answered"


def test_who_comes_second_sees_who_was_first_and_keeps_their_words(
    desk: Desk, open_page: Open
) -> None:
    view = desk.complain()
    page = open_page(f"/cases/{view.ref}")
    desk.approve(view, OTTO)
    page.get_by_label("Text of the answer").fill("My own careful words")
    page.locator("#approve").click()
    expect(page.get_by_role("alert")).to_contain_text("approved by Otto (slack)")
    expect(page.get_by_label("What you typed, not saved")).to_have_value("My own careful words")


def test_new_cases_are_announced_and_move_nothing(desk: Desk, open_page: Open) -> None:
    desk.complain(author="Ada")
    page = open_page(signed_in=True)
    page.clock.install()
    page.reload()
    desk.complain(author="Bo")
    desk.complain(author="Cy")
    page.clock.fast_forward(11_000)
    hint = page.locator(".hint")
    expect(hint).to_have_text("2 new: show")
    expect(page.locator("a.row")).to_have_count(1)
    hint.click()
    expect(page.locator("a.row")).to_have_count(3)


def test_deadlines_go_on_while_the_page_is_open(desk: Desk, open_page: Open) -> None:
    desk.complain()
    page = open_page()
    page.clock.install()
    page.reload()
    due = page.locator(".row time")
    expect(due).to_have_text("in 4 h")
    page.clock.fast_forward("01:30:20")
    expect(due).to_have_text("in 2 h 29 min")
    page.clock.fast_forward("02:45:00")
    expect(due).to_have_text(re.compile("overdue by 1[45] min"))
    expect(due).to_have_class(re.compile("overdue"))


def test_leaving_with_unsaved_words_asks_first(desk: Desk, open_page: Open) -> None:
    view = desk.complain()
    page = open_page(f"/cases/{view.ref}")
    asked: list[str] = []

    def stay(dialog) -> None:  # type: ignore[no-untyped-def]
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_label("Text of the answer").press_sequentially("Words")
    page.get_by_role("link", name="Sources").click()
    page.wait_for_timeout(200)
    assert asked == ["beforeunload"]
    assert page.url.endswith(view.ref)


def test_a_case_under_way_is_drawn_anew_when_it_changes(desk: Desk, open_page: Open) -> None:
    view = desk.complain(ready=False)
    page = open_page(f"/cases/{view.ref}")
    expect(page.locator(".answer")).to_contain_text("A draft is being made")
    desk.prepare()
    expect(page.locator("#approve")).to_be_visible(timeout=10_000)
