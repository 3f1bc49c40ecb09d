"""Sources, reports, health, and what is said when something breaks."""

from __future__ import annotations

import logging
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor import due
from monitor.alerts import raise_alert
from monitor.models import Source
from tests.support.cases import Desk, open_desk
from tests.support.web import Browser, Page, served


def card(page: Page, title: str) -> str:
    found = next(card for card in page.soup.select("article.card") if title in card.get_text())
    return " ".join(found.get_text(" ").split())


def test_the_sources_tell_how_they_are_heard(desk: Desk, mara: Browser) -> None:
    desk.complain()
    with desk.app.database.write() as session:
        source = session.scalars(select(Source).where(Source.key == "board")).one()
        source.last_success_at = desk.clock() - timedelta(minutes=2)
        source.next_at = desk.clock() + timedelta(minutes=3)
    page = mara.get("/sources")
    words = card(page, "Review board")
    assert "works" in words
    assert "Last success 2 min ago" in words
    assert "Next poll in 3 min" in words
    assert "Heard after 3 min" in words


def test_a_failing_source_says_what_to_do(desk: Desk, mara: Browser) -> None:
    with desk.app.database.write() as session:
        source = session.scalars(select(Source).where(Source.key == "board")).one()
        source.next_at = desk.clock()
    desk.work("poll")  # nobody listens on that port
    words = card(mara.get("/sources"), "Review board")
    assert "fails, 1 in a row" in words
    assert "What to do: Start it with rapport demo" in words
    assert "Unavailable" not in words


def test_refused_credentials_and_alerts_are_shown(desk: Desk, mara: Browser) -> None:
    with desk.app.database.write() as session:
        source = session.scalars(select(Source).where(Source.key == "files")).one()
        source.state, source.last_error = "needs_auth", "AuthFailed: token <b>expired</b>"
        raise_alert(session, "auth:files", "auth", "files: token <b>expired</b>", desk.clock())
    page = mara.get("/sources")
    assert "credentials refused" in card(page, "Exported files")
    assert "token <b>expired</b>" in page.words(".alerts")
    one = mara.get("/sources/files")
    assert "token <b>expired</b>" in one.words(".alerts")
    assert not mara.get("/sources/board").has(".alerts")
    with desk.app.database.write() as session:
        source = session.scalars(select(Source).where(Source.key == "files")).one()
        source.state, source.last_error = "active", None


def test_what_could_not_be_read_is_listed_with_its_place(desk: Desk, mara: Browser) -> None:
    desk.misread("exports.csv:17", "the rating 'six' is no number")
    page = mara.get("/sources/files")
    assert page.words("table tbody th") == "exports.csv:17"
    assert "the rating 'six' is no number" in page.words("table")
    assert mara.get("/sources").has('article a[href="/sources/files"]')


@pytest.mark.parametrize("key", ["nope", "%00", "a" * 300, "<b>"])
def test_an_unknown_source_is_not_found(mara: Browser, key: str) -> None:
    page = mara.get(f"/sources/{key}")
    assert page.status == 404
    assert "What to do" in page.text


def test_the_report_counts_who_was_answered_in_time(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    with closing(desk.app), served(desk.app) as address, closing(Browser(address)) as browser:
        browser.sign_in(desk.app)
        assert "was received in this time" in browser.get("/reports").text
        views = [desk.complain(source="files") for _ in range(3)]
        for view in views[:2]:
            desk.approve(view)
            desk.clock.move(hours=2.5)
            desk.app.queue.mark_posted(view.id, actor=desk_actor())
        desk.app.keeper.run()
        page = browser.get("/reports?days=7")
        assert page.status == 200
        first = " ".join(page.find("section.card").get_text(" ").split())
        assert "Received 3 Met 1 Missed 1 Overdue 1 Open in time 0" in first
        assert "In time 33.3 % * Received" in first, "three are few"
        assert "Answered 66.7 % *" in first


def desk_actor():  # type: ignore[no-untyped-def]
    from tests.support.cases import OTTO

    return OTTO


@pytest.mark.parametrize("days", ["0", "x", "-7", "99999"])
def test_an_unknown_period_is_refused(mara: Browser, days: str) -> None:
    assert mara.get(f"/reports?days={days}").status == 400


def test_health_needs_no_sign_in_and_tells_how_late_the_work_is(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    with closing(desk.app), served(desk.app) as address, closing(Browser(address)) as browser:
        desk.clock.move(seconds=90)
        page = browser.get("/healthz")
        assert page.status == 200
        assert page.answer.json() == {
            "status": "ok",
            "daemon": "stopped",
            "database": "ok",
            "oldest_due_seconds": 90.0,
        }
        lock = desk.app.lock()
        assert lock is not None
        with lock:
            assert browser.get("/healthz").answer.json()["daemon"] == "running"
        with desk.app.database.write() as session:
            for kind in due.KINDS.values():
                session.execute(kind.table.update().values(next_at=None))
        assert browser.get("/healthz").answer.json()["oldest_due_seconds"] == 0.0


def test_a_store_that_does_not_answer_is_said_in_words(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    desk = open_desk(tmp_path)
    with closing(desk.app), served(desk.app) as address, closing(Browser(address)) as browser:
        browser.sign_in(desk.app)
        desk.app.database.close()
        for file in tmp_path.glob("rapport.db*"):
            file.unlink()
        (tmp_path / "rapport.db").mkdir()
        health = browser.get("/healthz")
        assert health.status == 503
        assert health.answer.json()["database"] == "silent"
        page = browser.get("/queue")
        assert page.status == 503
        assert "The store does not answer" in page.text
        assert "Traceback" not in page.html


def test_a_fault_of_ours_shows_no_traceback_and_leaves_a_line_in_the_log(
    desk: Desk, mara: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("a customer's secret words")

    monkeypatch.setattr(type(desk.app.queue), "lines", lambda self, **_: broken())
    with caplog.at_level(logging.ERROR):
        page = mara.get("/queue")
    assert page.status == 500
    assert "Something went wrong here" in page.text
    assert "secret words" not in page.html
    line = next(
        record.getMessage() for record in caplog.records if record.name == "monitor.web.gate"
    )
    assert "RuntimeError" in line
    assert "secret words" not in line


def test_under_a_path_of_a_proxy_every_link_carries_it(tmp_path: Path) -> None:
    desk = open_desk(tmp_path, web="http://127.0.0.1/care")
    with closing(desk.app), served(desk.app) as address, closing(Browser(address)) as browser:
        from monitor.web.access import make_link

        link = make_link(desk.app.database, address, "Mara", desk.clock(), timedelta(hours=1))
        door = browser.get(link.removeprefix(address))
        form = door.find("form")
        assert str(form["action"]).startswith("/care/sign-in/")
        proof = door.fields(str(form["action"]))
        answer = browser.post(
            link.removeprefix(address),
            proof,
            headers={"Cookie": f"rapport-door={proof['proof']}"},
            allow_redirects=False,
        )
        assert answer.headers["location"] == "/care/queue"
        assert "Path=/care/" in answer.headers["set-cookie"]
        cookie = answer.answer.cookies["rapport"]
        page = browser.get("/queue", headers={"Cookie": f"rapport={cookie}"})
        paths = [
            str(tag.get("href") or tag.get("src")) for tag in page.soup.select("[href], [src]")
        ]
        assert all(path.startswith(("/care/", "#")) for path in paths), paths
