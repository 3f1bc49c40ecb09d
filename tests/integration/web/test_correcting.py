"""A published reply on the case's page: put right, left as it is, and taken down."""

from __future__ import annotations

from connectors.base import FoundMention
from monitor.models import Case
from tests.support.cases import MARA, Desk
from tests.support.web import Browser

BETTER = "Dear Jonas, we were wrong about the hours. Write to hello@harbour.example. Mara"


def answered(desk: Desk) -> str:
    """Have a case whose approved text a person has posted; return its page."""
    view = desk.complain(source="files")
    assert view.draft is not None
    queue = desk.app.queue
    version, shown = view.draft.version, view.draft.text_hash
    assert queue.approve(view.id, draft_version=version, text_hash=shown, actor=MARA).done
    assert queue.mark_posted(view.id, actor=MARA).done
    return f"/cases/{view.ref}"


def test_a_published_reply_is_put_on_the_table_and_left(desk: Desk, mara: Browser) -> None:
    path = answered(desk)
    page = mara.act(mara.get(path), "/correct")
    assert page.status == 200
    assert "the published text is on the table" in page.words(".banner")
    assert "A published reply is being put right" in page.words(".answer")
    assert "Keep what stands there" in page.words("#reject")
    assert "Dismiss it" not in page.words("#reject")
    assert "Approve the correction" in page.words("#approve")

    page = mara.act(page, "/reject", reason="keep_reply")
    assert "answered by what stands there" in page.words(".banner")
    assert "gave up the correction" in page.words(".trail")


def test_a_correction_is_saved_and_approved(desk: Desk, mara: Browser) -> None:
    path = answered(desk)
    page = mara.act(mara.get(path), "/correct")
    page = mara.act(page, "/approve", text=BETTER)
    assert "Nothing is published yet" in page.words(".banner")
    page = mara.act(page, "/approve")
    assert "Post the text by hand" in page.words(".banner")
    assert BETTER in page.text


def test_a_reply_that_no_program_removes_is_said_to_be_gone(desk: Desk, mara: Browser) -> None:
    path = answered(desk)
    page = mara.get(path)
    assert "remove it there yourself" in page.words(".answer")
    refused = mara.act(page, "/withdraw", why=" ")
    assert refused.status == 422
    page = mara.act(page, "/withdraw", why="the wrong shop", then="close")
    assert "stands there no more" in page.words(".banner")
    assert "It was taken down" in page.words(".answer")
    assert "wants the reply taken down: the wrong shop" in page.words(".trail")
    assert not page.has("form[action$='/withdraw']")


def test_a_raised_rating_is_shown_with_whose_reply_it_followed(desk: Desk, mara: Browser) -> None:
    path = answered(desk)
    desk.clock.move(hours=3)
    with desk.app.database.read() as session:
        external_id = session.get_one(Case, int(path.partition("-")[2])).mention.external_id
    found = FoundMention(external_id, "They made it good.", rating=4.0, edited_at=desk.clock())
    desk.hear(found, source="files")
    page = mara.get(path)
    told = "1 → 4 stars after your reply (Mara replied 3 h before)"
    assert told in page.words(".mention")
    assert f"raised the rating: {told}" in page.words(".trail")
