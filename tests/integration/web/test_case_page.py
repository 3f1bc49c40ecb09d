"""One case: what it shows, and what a person may do with it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from connectors.base import FoundMention
from monitor.cases import clocks
from monitor.models import Case, Reply
from tests.support.cases import MARA, OTTO, Desk
from tests.support.web import Browser, Page


def path(view) -> str:  # type: ignore[no-untyped-def]
    return f"/cases/{view.ref}"


def shown_text(page: Page) -> str:
    return page.fields("/approve")["text"]


def test_a_case_shows_everything_to_decide_by(desk: Desk, mara: Browser) -> None:
    view = desk.complain(
        "We waited 40 minutes and the coffee was cold.", author="Ida Holm", title="Cold"
    )
    page = mara.get(path(view))
    assert page.status == 200
    mention = page.find(".mention")
    assert mention.select_one("[aria-label='1 of 5 stars']")
    assert "We waited 40 minutes and the coffee was cold." in mention.get_text()
    assert "Ida Holm" in page.words("#case-title")
    assert "Cold" in page.words(".mention .title")
    assert view.draft is not None
    assert shown_text(page) == view.draft.text
    assert page.words("#length") == f"{view.draft.length} of 1,500 characters"
    assert "Passes every check" in page.words("#checks")
    assert page.words("#approve") == "Publish on Demo platform as Harbour Coffee"
    assert "rated 1 of 5" in page.words("[aria-labelledby=flag-title]")
    assert "opened the case" in page.words(".trail")
    assert 'Policy "standard"' in page.words(".why")
    assert "due Mon 2 Mar 2026" in page.find(".why time")["title"]


def test_a_case_tells_what_came_of_each_promise(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    why = mara.get(path(view)).words(".why")
    assert "It holds for every case." in why
    assert "That is when Rapport saw it" in why
    assert "of open time left." in why

    with desk.app.database.write() as session:
        clocks.void(session, session.get_one(Case, view.id), clocks.TARGETS, desk.app.clock())
    why = mara.get(path(view)).words(".why")
    assert why.startswith("Nothing is due")
    assert "it counts neither as kept nor as broken" in why


def test_a_case_is_found_by_its_number_alone(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    assert mara.get(f"/cases/{view.id}").status == 200
    assert mara.get(f"/cases/c-{view.id}").status == 200


@pytest.mark.parametrize(
    "ref", ["C-999999", "x", "C-", "C-1x", "-1", "1" * 40, "%00", "C-1%2F..", "١"]
)
def test_a_case_that_does_not_exist_is_not_found(mara: Browser, ref: str) -> None:
    page = mara.get(f"/cases/{ref}")
    assert page.status == 404
    assert "What to do" in page.text


def test_the_difference_to_an_earlier_text_is_shown(desk: Desk, mara: Browser) -> None:
    view = desk.complain("The soup was cold and salty. Terrible.", external_id="soup", author="Jo")
    desk.clock.move(minutes=5)
    desk.hear(
        FoundMention("soup", "The soup was cold and bitter. Terrible.", author_name="Jo",
                     author_id="a-Jo", rating=1.0, language="en")
    )  # fmt: skip
    desk.prepare()
    older = mara.get(path(view)).find(".older")
    assert [gone.get_text().strip() for gone in older.select("del")] == ["salty."]
    assert [new.get_text().strip() for new in older.select("ins")] == ["bitter."]


def test_later_words_and_the_history_are_shown(desk: Desk, mara: Browser) -> None:
    before = desk.complain("Rude staff, never again.", author="Kit")
    view = desk.complain("Cold food and a rude waiter.", author="Kit", external_id="kit2")
    desk.hear(
        FoundMention("kit3", "And nobody has answered me yet?", kind="comment", author_name="Kit",
                     author_id="a-Kit", parent_external_id="kit2", language="en")
    )  # fmt: skip
    desk.prepare()
    page = mara.get(path(view))
    assert "nobody has answered me" in page.words(".later")
    assert before.ref in page.words("[aria-labelledby=history-title]")


def test_a_very_long_text_shows_its_beginning_and_unfolds(desk: Desk, mara: Browser) -> None:
    view = desk.complain("We waited and the coffee was cold. " * 500 + "Never again.")
    page = mara.get(path(view))
    assert "Never again" not in page.words(".said")
    assert "more characters" in page.words(".rest summary")
    assert page.words(".rest .said").endswith("Never again.")


def test_approving_publishes_what_was_shown_and_offers_the_next(desk: Desk, mara: Browser) -> None:
    woken: list[bool] = []
    desk.app.on_decision.listen(lambda: woken.append(True))
    view, following = desk.complain(), desk.complain()
    assert following.draft is not None
    page = mara.act(mara.get(path(view)), "/approve")
    now = desk.view(view.id)
    assert page.status == 200
    assert now.state == "approved"
    assert now.reply is not None
    assert now.reply.text == view.draft.text  # type: ignore[union-attr]
    assert now.reply.approved_by == "Mara (web)"
    assert f"{view.ref} is approved" in page.words("[role=status].banner")
    assert page.has(".banner a.next")
    assert woken


def test_a_second_press_does_nothing_more(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    page = mara.get(path(view))
    mara.act(page, "/approve")
    again = mara.act(page, "/approve")
    assert again.status == 409
    assert "approved by Mara (web)" in again.words("[role=alert]")
    assert sum(event.kind == "approved" for event in desk.view(view.id).events) == 1


def test_a_changed_text_is_saved_and_shown_before_it_is_published(
    desk: Desk, mara: Browser
) -> None:
    view = desk.complain()
    page = mara.get(path(view))
    page = mara.act(page, "/approve", text=shown_text(page) + "\r\n\r\nP.S. Come by for a coffee.")
    now = desk.view(view.id)
    assert now.state == "drafted"
    assert now.draft is not None
    assert now.draft.version == 2
    assert now.draft.made_by == "Mara"
    assert "Nothing is published yet" in page.words(".banner")
    assert shown_text(page) == now.draft.text
    assert now.draft.text.endswith("P.S. Come by for a coffee.")
    mara.act(page, "/approve")
    assert desk.view(view.id).reply.text == now.draft.text  # type: ignore[union-attr]


def test_line_ends_alone_are_no_change(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    page = mara.get(path(view))
    mara.act(page, "/approve", text=shown_text(page).replace("\n", "\r\n") + "\r\n")
    assert desk.view(view.id).state == "approved"


def test_saving_publishes_nothing(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    page = mara.get(path(view))
    fields = page.fields("/approve") | {
        "text": "Dear Jonas, please write to hello@harbour.example."
    }
    page = mara.post(f"{path(view)}/edit", fields)
    now = desk.view(view.id)
    assert (now.state, now.reply) == ("drafted", None)
    assert "Saved as version 2" in page.words(".banner")
    unchanged = mara.post(f"{path(view)}/edit", page.fields("/approve"))
    assert "Nothing was changed" in unchanged.words(".banner")
    assert desk.view(view.id).draft.version == 2  # type: ignore[union-attr]


def test_who_comes_second_is_told_who_was_first_and_keeps_their_words(
    desk: Desk, mara: Browser
) -> None:
    view = desk.complain()
    page = mara.get(path(view))
    desk.approve(view, OTTO)
    page = mara.act(page, "/approve", text="My own careful words")
    assert page.status == 409
    assert "approved by Otto (slack)" in page.words("[role=alert]")
    assert "My own careful words" in page.find("#kept").get_text()
    assert desk.view(view.id).reply.text == view.draft.text  # type: ignore[union-attr]


def test_a_draft_that_changed_meanwhile_is_shown_and_not_published(
    desk: Desk, mara: Browser
) -> None:
    view = desk.complain()
    page = mara.get(path(view))
    desk.edit(view, "Otto's words. Write to hello@harbour.example.")
    page = mara.act(page, "/approve")
    assert page.status == 409
    assert "version 2 by Otto" in page.words("[role=alert]")
    assert "Otto's words" in shown_text(page)
    assert desk.view(view.id).state == "drafted"


def test_words_typed_on_an_older_draft_are_kept_beside_the_newer(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    page = mara.get(path(view))
    desk.edit(view, "Otto's words. Write to hello@harbour.example.")
    page = mara.act(page, "/approve", text="Mara's words. Write to hello@harbour.example.")
    assert page.status == 409
    assert "Otto's words" in page.words(".answer .table")
    assert shown_text(page).startswith("Mara's words")
    page = mara.act(page, "/approve")
    now = desk.view(view.id)
    assert now.state == "drafted"
    assert now.draft.text.startswith("Mara's words")  # type: ignore[union-attr]
    assert now.draft.version == 3  # type: ignore[union-attr]


def test_a_text_edited_by_the_customer_stops_the_approval(desk: Desk, mara: Browser) -> None:
    view = desk.complain("The tea was cold. Terrible.", external_id="tea", author="Lu")
    page = mara.get(path(view))
    desk.hear(
        FoundMention("tea", "The tea was warm after all, but the staff was rude.",
                     author_name="Lu", author_id="a-Lu", rating=1.0, language="en")
    )  # fmt: skip
    page = mara.act(page, "/approve")
    assert page.status == 409
    assert desk.view(view.id).reply is None


def test_a_text_that_a_rule_forbids_cannot_be_published(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    page = mara.get(path(view))
    page = mara.act(page, "/approve", text="Dear Jonas " + "x" * 2_000)
    assert "Must change" in page.words("#checks")
    assert not page.has("#approve")
    version = str(desk.view(view.id).draft.version)  # type: ignore[union-attr]
    refused = mara.act(page, "/approve", version=version)
    assert refused.status == 422
    assert desk.view(view.id).state == "drafted"


def test_an_empty_text_is_refused_under_its_case(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    page = mara.act(mara.get(path(view)), "/approve", text="  \n ")
    assert page.status == 422
    assert "empty" in page.words("[role=alert]")
    assert desk.view(view.id).draft.version == 1  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("reason", "state"),
    [("another_draft", "opened"), ("no_answer", "closed"), ("not_a_complaint", "dismissed")],
)
def test_rejecting_does_what_its_reason_says(
    desk: Desk, mara: Browser, reason: str, state: str
) -> None:
    view = desk.complain()
    page = mara.act(mara.get(path(view)), "/reject", reason=reason, note="a joke, I think")
    now = desk.view(view.id)
    assert page.status == 200
    assert now.state == state
    assert any(event.kind == "rejected" and "Mara" in event.actor for event in now.events)
    assert view.ref in page.words(".banner")


def test_the_words_that_rules_object_to_are_marked_in_the_text(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    page = mara.get(path(view))
    assert not page.has("#marked")
    text = "We will refund you.\nOur lawyers will <b>write</b>."
    page = mara.act(page, "/approve", text=text)
    marks = {mark.get_text(): mark["class"] for mark in page.find("#marked").find_all("mark")}
    assert marks == {
        "We will refund": ["note"],
        "Our lawyers will": ["bad"],
        "<b>": ["note"],
    }
    assert page.find("#marked").get_text().strip() == text


def test_another_draft_is_asked_for_in_a_tone_a_language_and_shorter(
    desk: Desk, mara: Browser
) -> None:
    view = desk.complain()
    page = mara.get(path(view))
    tones = [option.get_text() for option in page.find("#tone").find_all("option")]
    assert tones == ["any", "warm", "plain", "formal"]
    offered = [option["value"] for option in page.find("#wished-language").find_all("option")]
    assert "de" in offered
    assert view.draft.language not in offered  # type: ignore[union-attr]
    mara.act(page, "/reject", reason="another_draft", tone="warm", shorter="1", language="de")
    assert "(warm, shorter, in de)" in desk.view(view.id).events[-1].summary


def test_a_reason_that_nobody_knows_is_refused_and_the_note_kept(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    page = mara.act(mara.get(path(view)), "/reject", reason="because", note="my note")
    assert page.status == 403
    assert page.find("#note")["value"] == "my note"
    assert page.find("#reject").has_attr("open")
    assert desk.view(view.id).state == "drafted"


def test_what_is_posted_by_hand_can_be_copied_and_ticked_off(desk: Desk, mara: Browser) -> None:
    view = desk.complain(source="files", url="https://guide.example/harbour#r9")
    page = mara.get(path(view))
    assert "to post by hand" in page.words("#approve")
    page = mara.act(page, "/approve")
    assert "Post the text by hand" in page.words(".banner")
    assert page.find("#copy").get_text().strip() == view.draft.text  # type: ignore[union-attr]
    assert page.find(".steps a")["href"] == "https://guide.example/harbour#r9"
    page = mara.act(page, "/posted", url="https://guide.example/harbour#a9")
    now = desk.view(view.id)
    assert now.state == "answered"
    assert now.reply.url == "https://guide.example/harbour#a9"  # type: ignore[union-attr]
    assert "answered" in page.words(".banner")


def test_a_posted_link_that_is_no_link_is_refused_and_kept(desk: Desk, mara: Browser) -> None:
    view = desk.complain(source="files")
    page = mara.act(mara.get(path(view)), "/approve")
    page = mara.act(page, "/posted", url="javascript:alert(1)")
    assert page.status == 422
    assert page.find("#url")["value"] == "javascript:alert(1)"
    assert not page.has("a[href^=javascript]")
    assert desk.view(view.id).state == "approved"


def test_of_many_who_approve_at_once_one_does(desk: Desk, address: str, mara: Browser) -> None:
    view = desk.complain()
    fields = mara.get(path(view)).fields("/approve")
    cookie = {"Cookie": f"rapport={mara.cookies['rapport']}"}
    got: list[int] = []

    def press() -> None:
        browser = Browser(address)
        got.append(
            browser.post(
                f"{path(view)}/approve", fields, headers=cookie, allow_redirects=False
            ).status
        )
        browser.close()

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [303, 409, 409, 409, 409, 409]


def test_an_open_page_can_ask_whether_its_case_changed(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    before = mara.get(f"{path(view)}/revision").answer.json()["revision"]
    desk.approve(view, MARA)
    assert mara.get(f"{path(view)}/revision").answer.json()["revision"] > before
    assert mara.get(path(view)).find(".answer")["data-watch"] == f"{path(view)}/revision"


def test_good_news_is_told_only_while_it_is_true(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    for said in ("approved", "posted", "no_answer", "<b>", "edited%00"):
        assert not mara.get(f"{path(view)}?said={said}").has(".banner.good")


def test_hidden_characters_in_a_draft_are_named(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    desk.edit(view, "Dear Jonas, write to \u202ehello@harbour.example.")
    assert "U+202E" in mara.get(path(view)).words("#checks")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"version": 1}', "application/json", 415),
        (b"", "", 415),
        (b"--x\r\n\r\nbroken", "multipart/form-data; boundary=x", 415),
        (b"version=1&" + b"a=1&" * 100, "application/x-www-form-urlencoded", 400),
        (b"\xff\xfe\x00%zz", "application/x-www-form-urlencoded", 403),
        (b"text=" + b"a" * 1_000_001, "application/x-www-form-urlencoded", 413),
    ],
)
def test_a_body_that_is_no_form_is_refused_in_words(
    desk: Desk, mara: Browser, body: bytes, kind: str, status: int
) -> None:
    view = desk.complain()
    for act in ("approve", "edit", "reject", "posted"):
        page = mara.ask("POST", f"{path(view)}/{act}", data=body, headers={"Content-Type": kind})
        assert page.status == status
        assert "What to do" in page.text
        assert "Traceback" not in page.html
    assert desk.view(view.id).state == "drafted"


@pytest.mark.parametrize("version", ["", "x", "-1", "1.5", "9" * 30, "٣"])
def test_a_version_that_is_no_number_is_refused(desk: Desk, mara: Browser, version: str) -> None:
    view = desk.complain()
    page = mara.act(mara.get(path(view)), "/approve", version=version)
    assert page.status == 400
    assert desk.view(view.id).state == "drafted"


@pytest.mark.parametrize(
    ("method", "where"),
    [
        ("PUT", "/queue"),
        ("DELETE", "/cases/C-1"),
        ("GET", "/cases/C-1/approve"),
        ("POST", "/queue"),
    ],
)
def test_a_wrong_method_is_refused_in_words(mara: Browser, method: str, where: str) -> None:
    page = mara.ask(method, where)
    assert page.status == 405
    assert "What to do" in page.text
    assert page.headers["allow"]


@pytest.mark.parametrize(
    "where",
    ["/nope", "/queue/", "/static/x/y", "/static/../app.py", "/%00", "/docs", "/openapi.json"],
)
def test_an_unknown_page_is_not_found_in_words(mara: Browser, where: str) -> None:
    page = mara.get(where)
    assert page.status == 404
    assert "What to do" in page.text


def test_a_note_too_long_is_cut_at_no_word_unsaid(desk: Desk, mara: Browser) -> None:
    view = desk.complain(source="files")
    page = mara.act(mara.get(path(view)), "/approve")
    page = mara.act(page, "/posted", url="https://x.example/" + "a" * 3_000)
    assert page.status == 400
    assert "at most 2,000 characters" in page.text
    assert desk.view(view.id).state == "approved"


def test_the_deadline_of_an_overdue_case_says_so(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    assert view.next_clock is not None
    desk.clock.move(
        seconds=(view.next_clock.due_at - desk.clock() + timedelta(minutes=3)).total_seconds()
    )
    page = mara.get(path(view))
    assert "overdue by 3 min" in page.words(".why summary")


def test_the_closest_earlier_case_is_shown_with_a_link(desk: Desk, mara: Browser) -> None:
    said = (
        "We waited ninety minutes for a parasol on the roof terrace, and the <b>staff</b> laughed."
    )
    first = desk.complain(said, author="Nils Berg")
    desk.approve(first)
    with desk.app.database.write() as session:
        reply = session.scalars(select(Reply).where(Reply.case_id == first.id)).one()
        reply.state, reply.visible_at, reply.next_at = "published", desk.clock(), None
    view = desk.complain(f"Same here: {said}", author="Ola Lind")
    assert view.closest is not None
    page = mara.get(path(view))
    shown = page.find("[aria-labelledby=closest-title]")
    assert first.ref in shown.select_one("a")["href"]
    assert first.draft is not None
    quotes = [each.get_text() for each in shown.select("blockquote")]
    assert quotes == [said, first.draft.text]
    assert "Answered by Otto" in shown.get_text()
