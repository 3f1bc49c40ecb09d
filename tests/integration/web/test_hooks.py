"""Deliveries over real HTTP, on both databases: taken, stored, opened, and kept in order."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from monitor import due
from monitor.app import App, compose
from monitor.config import load
from monitor.intake import deliveries as module
from monitor.models import Alert, Case, Delivery, Mention, Misread, Revision, Source
from monitor.work import Worker
from tests.support.cassettes import RECORDINGS
from tests.support.hand_clock import HandClock
from tests.support.migrated import migrate, migrated_database
from tests.support.web import served

SECRET, VERIFY = "the shop's long secret", "say this"
CONFIG = """
version: 1
database: {database}
brands:
  - {{key: harbour, name: Harbour Coffee, timezone: Europe/Berlin}}
sources:
  - {{key: shop, connector: webhook, brand: harbour,
     settings: {{secret: "env:TEST_HOOK_SECRET", verify_token: "env:TEST_HOOK_VERIFY"}}}}
  - {{key: tracker, connector: webhook, brand: harbour, settings: {{
     secret: "env:TEST_HOOK_SECRET", id: /comment/id, text: /comment/body, title: /issue/title,
     author: /comment/user/login, author_id: /comment/user/id, rating: null,
     url: /comment/html_url, created_at: /comment/created_at,
     updated_at: /comment/updated_at, kind: comment}}}}
  - {{key: board, connector: demo, brand: harbour}}
  - {{key: asleep, connector: webhook, brand: harbour, enabled: false,
     settings: {{secret: "env:TEST_HOOK_SECRET"}}}}
web: {{listen: "127.0.0.1:0", base_url: "https://rapport.harbour.example"}}
sla:
  - {{key: standard, calendar: always, first_response: 4h, next_response: 4h, resolution: 3d}}
"""


@dataclass
class Shop:
    """One application behind a real server, and a shop that posts to it."""

    app: App
    clock: HandClock
    address: str

    def post(self, body: Any, source: str = "shop", **headers: str) -> requests.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        signature = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
        told = {
            "Content-Type": "application/json",
            "X-Hub-Signature-256": f"sha256={signature}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return self.ask("POST", f"/hooks/{source}", data=raw, headers=told)

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, self.address + path, timeout=20, **options)

    def open(self) -> int:
        """Open what is due, as workers do; whatever a handler raises puts its row off."""
        worker = Worker(self.app.database, self.clock, self.app.handlers, "worker:1")
        with self.app.database.write() as session:
            claims = due.claim_due(session, "delivery", self.clock(), 100, "worker:1")
        for claim in claims:
            worker.perform(claim)
        return len(claims)

    def rows(self, model: Any, *where: Any) -> list[Any]:
        with self.app.database.read() as session:
            return list(session.scalars(select(model).where(*where).order_by(model.id)))


def review(
    ident: str = "r1", text: str = "The coffee was cold and late, never again.", **told: Any
) -> Any:
    return {
        "action": "created",
        "id": ident,
        "author": "Jonas Weber",
        "text": text,
        "rating": 1,
        "created_at": "2026-03-01T09:00:00Z",
        **told,
    }


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'rapport.db'}"
        return
    with migrated_database() as url:
        yield url


@pytest.fixture
def shop(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("TEST_HOOK_SECRET", SECRET)
    monkeypatch.setenv("TEST_HOOK_VERIFY", VERIFY)
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG.format(database=json.dumps(database)), encoding="utf-8")
    clock = HandClock()
    app = compose(load(path), clock)
    with closing(app):
        migrate(app.database)
        app.sync()
        with served(app) as address:
            yield Shop(app, clock, address)


def test_a_delivery_is_stored_answered_and_becomes_a_case(shop: Shop) -> None:
    began = time.monotonic()
    answer = shop.post(review())
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    assert time.monotonic() - began < 1
    (row,) = shop.rows(Delivery)
    assert row.body is not None
    assert shop.rows(Mention) == []
    assert shop.open() == 1
    (mention,) = shop.rows(Mention)
    assert (mention.external_id, mention.author_name, mention.rating) == ("r1", "Jonas Weber", 1)
    assert not mention.history, "what is delivered is news"
    assert len(shop.rows(Case)) == 1
    (row,) = shop.rows(Delivery)
    assert (row.body, row.headers, row.next_at) == (None, {}, None)
    assert shop.open() == 0


def test_platforms_need_neither_our_host_nor_a_session_but_pages_do(shop: Shop) -> None:
    told = {"Host": "hooks.elsewhere.example", "Origin": "https://shop.example"}
    assert shop.post(review(), Host=told["Host"], Origin=told["Origin"]).status_code == 202
    assert shop.ask("GET", "/queue", headers={"Host": told["Host"]}).status_code == 421
    for path in ("/hooks", "/hooksx/shop", "/hooks/../queue", "/hooks/shop/more"):
        answer = shop.ask("POST", path, data=b"{}", headers={"Host": told["Host"]})
        assert answer.status_code in (404, 421), path


def test_who_cannot_prove_to_be_the_sender_is_sent_away(shop: Shop) -> None:
    assert shop.post(review(), X_Hub_Signature_256="sha256=" + "0" * 64).status_code == 401
    assert shop.post(review(), X_Hub_Signature_256="").status_code == 401
    assert SECRET not in shop.post(review(), X_Hub_Signature_256="x").text
    assert shop.rows(Delivery) == []


def test_what_is_no_delivery_is_refused(shop: Shop) -> None:
    assert shop.post(review(), "nobody").status_code == 404
    assert shop.post(review(), "board").status_code == 404, "this platform sends nothing"
    assert shop.post(review(), "asleep").status_code == 404
    assert shop.post(review(), Content_Type="text/plain").status_code == 415
    form = "application/x-www-form-urlencoded"
    assert shop.post(b"payload=%7B%7D", Content_Type=form).status_code == 415
    assert shop.ask("PUT", "/hooks/shop", data=b"{}").status_code == 405
    assert shop.ask("DELETE", "/hooks/shop").status_code == 405
    assert shop.post(b'"' + b"x" * 1_000_000 + b'"').status_code == 413
    assert shop.rows(Delivery) == []
    assert shop.post(review(), Content_Type="application/vnd.shop+json").status_code == 202


def test_a_body_of_no_told_length_is_read_no_further_than_its_limit(shop: Shop) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(400):
            yield b"x" * 65_536

    kind = {"Content-Type": "application/json"}
    try:
        status = shop.ask("POST", "/hooks/shop", data=endless(), headers=kind).status_code
    except requests.ConnectionError:
        status = 413  # it hung up while we were still sending
    assert status == 413
    assert shop.rows(Delivery) == []


def test_a_body_that_drips_is_given_up(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.web.hooks.BODY_SECONDS", 0.2)
    host, _, port = shop.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(
            b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000\r\n\r\n{"
        )
        assert b" 408 " in line.recv(1000).split(b"\r\n")[0]


def test_a_challenge_is_answered_to_who_knows_the_word(shop: Shop) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "<b>1158</b>"}
    answer = shop.ask("GET", "/hooks/shop", params=asked)
    assert (answer.status_code, answer.text) == (200, "<b>1158</b>")
    assert answer.headers["Content-Type"].startswith("text/plain")
    asked["hub.verify_token"] = "another"
    assert shop.ask("GET", "/hooks/shop", params=asked).status_code == 403
    assert shop.ask("GET", "/hooks/nobody", params=asked).status_code == 404


def test_a_repeated_delivery_is_known_by_its_id_or_its_body(shop: Shop) -> None:
    assert shop.post(review()).status_code == 202
    assert shop.post(review()).status_code == 200
    assert shop.post(review(), X_GitHub_Delivery="one").status_code == 202
    assert shop.post(review("r2"), X_GitHub_Delivery="one").status_code == 200
    shop.open()
    assert shop.post(review()).status_code == 200, "also after it was opened"
    assert len(shop.rows(Delivery)) == 2
    assert len(shop.rows(Mention)) == 1
    shop.clock.move(days=8)
    assert shop.post(review("r3")).status_code == 202
    assert len(shop.rows(Delivery)) == 1, "after a week it is forgotten"


def test_the_same_delivery_at_the_same_moment_is_stored_once(shop: Shop) -> None:
    together = threading.Barrier(6)
    said: list[int] = []

    def send() -> None:
        together.wait()
        said.append(shop.post(review()).status_code)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [200] * 5 + [202]
    assert len(shop.rows(Delivery)) == 1


def test_secrets_and_addresses_are_not_stored(shop: Shop) -> None:
    shop.post(
        review(),
        Authorization="Bearer s3cret",
        Cookie="a=s3cret",
        X_Forwarded_For="203.0.113.9",
        X_GitHub_Event="issue_comment",
    )
    (row,) = shop.rows(Delivery)
    kept = {name for name in row.headers if name.startswith("x-")}
    assert kept == {"x-github-event"}
    assert "s3cret" not in json.dumps(row.headers)
    assert "203.0.113.9" not in json.dumps(row.headers)


def test_an_edit_is_a_revision_and_an_older_word_never_replaces_a_newer(shop: Shop) -> None:
    old = review()
    new = review(action="edited", text="They made it good since.", updated_at="2026-03-01T11:00Z")
    newest = review(action="edited", text="Splendid now.", updated_at="2026-03-01T12:00Z")
    for body in (newest, new, old):
        shop.post(body)
        shop.open()
    (mention,) = shop.rows(Mention)
    assert mention.text == "Splendid now."
    assert shop.rows(Revision) == []
    last = review(action="edited", text="Cold again.", updated_at="2026-03-01T13:00Z")
    shop.post(last)
    shop.open()
    assert shop.rows(Mention)[0].text == "Cold again."
    assert [row.text for row in shop.rows(Revision)] == ["Splendid now."]


def test_a_deletion_is_honoured_and_older_words_do_not_bring_it_back(shop: Shop) -> None:
    shop.post(review("r1"))
    shop.open()
    shop.post({"action": "deleted", "id": "r1"})
    shop.post({"action": "deleted", "id": "r2"})
    shop.open()
    (mention,) = shop.rows(Mention)
    assert (mention.state, mention.text) == ("deleted", "")
    shop.post(review("r1", text="An edit that was late."))
    shop.post(review("r2", text="The first word, which was late."))
    shop.open()
    (mention,) = shop.rows(Mention)
    assert (mention.state, mention.text) == ("deleted", "")
    assert len(shop.rows(Misread)) == 2, "nothing is dropped in silence"


def test_an_unreadable_delivery_is_told_once_put_off_and_blocks_nobody(shop: Shop) -> None:
    assert shop.post(b"[broken").status_code == 202, "we say so to staff, not to the sender"
    assert shop.post(review()).status_code == 202
    assert shop.open() == 2
    assert len(shop.rows(Mention)) == 1
    (row,) = shop.rows(Delivery, Delivery.next_at.is_not(None))
    assert (row.failures, row.body) == (1, b"[broken")
    # The readable one came after it and ended the alarm; the next failure raises it again.
    shop.clock.move(hours=1)
    shop.open()
    shop.clock.move(hours=7)
    shop.open()
    open_alerts = shop.rows(Alert, Alert.resolved_at.is_(None), Alert.kind == "layout")
    assert [alert.key for alert in open_alerts] == ["delivery:shop"]
    shop.clock.move(days=8)
    shop.open()
    (row,) = shop.rows(Delivery, Delivery.id == row.id)
    assert (row.next_at, row.body) == (None, None)
    assert len(shop.rows(Misread)) == 1


def test_items_that_cannot_be_mapped_are_problems_and_the_rest_goes_on(shop: Shop) -> None:
    shop.post({"action": "created", "text": "I have no id"})
    shop.open()
    assert shop.rows(Mention) == []
    (misread,) = shop.rows(Misread)
    assert "no id" in misread.reason


def test_too_many_that_wait_are_turned_away_until_there_is_room(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAITING_MOST", 2)
    assert [shop.post(review(f"r{n}")).status_code for n in range(3)] == [202, 202, 503]
    assert shop.post(review("r9")).headers["Retry-After"] == "60"
    assert shop.post(review("r0")).status_code == 200, "a repetition needs no room"
    assert shop.post({"comment": {"id": 1}}, "tracker").status_code == 202, "other sources have"
    shop.open()
    assert shop.post(review("r9")).status_code == 202
    monkeypatch.setattr(module, "WAITING_SIZE", 100)
    assert shop.post(review("r10", text="x" * 200)).status_code == 503


def test_a_source_that_left_the_configuration_keeps_nothing_waiting(shop: Shop) -> None:
    shop.post(review())
    with shop.app.database.write() as session:
        session.scalars(select(Source).where(Source.key == "shop")).one().state = "removed"
    assert shop.post(review("r2")).status_code == 503
    shop.open()
    (row,) = shop.rows(Delivery)
    assert (row.next_at, row.body) == (None, None)
    assert shop.rows(Mention) == []


def test_a_missing_secret_of_ours_is_our_fault_and_the_sender_tries_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEST_HOOK_SECRET")
    answer = shop.post(review())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")


def test_two_daemons_open_each_delivery_once(shop: Shop) -> None:
    for number in range(20):
        shop.post(review(f"r{number}"))
    threads = [threading.Thread(target=shop.open) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(shop.rows(Mention)) == 20
    assert shop.rows(Delivery, Delivery.next_at.is_not(None)) == []
    assert shop.rows(Misread) == []


def test_an_account_that_rests_is_not_asked_whether_something_is_gone(shop: Shop) -> None:
    shop.post(review())
    shop.open()
    with shop.app.database.write() as session:
        source = session.scalars(select(Source).where(Source.key == "shop")).one()
        source.account.paused_until = shop.clock() + timedelta(minutes=30)
    shop.post({"action": "deleted", "id": "r1"})
    shop.post(review("r2"))
    shop.open()
    assert [row.state for row in shop.rows(Mention)] == ["present", "present"]
    shop.clock.move(minutes=31)
    shop.open()
    assert [row.state for row in shop.rows(Mention)] == ["deleted", "present"]


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not here")
def test_recorded_deliveries_of_a_platform_become_one_comment_with_its_revision(
    shop: Shop,
) -> None:
    for number, name in enumerate(("created", "edited", "created")):
        body = (RECORDINGS / f"webhook_inbound/issue_comment_{name}.payload.json").read_bytes()
        answer = shop.post(body, "tracker", X_GitHub_Delivery=f"delivery-{number}")
        assert answer.status_code == 202
        shop.open()
    (mention,) = shop.rows(Mention)
    told = json.loads(body)["comment"]
    assert mention.external_id == str(told["id"])
    assert mention.url == told["html_url"]
    assert mention.kind == "comment"
    assert shop.rows(Misread) == []
