"""Slack over signed HTTP: the same clicks into the same queue, and nobody else let in."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
import yaml
from sqlalchemy import func, select

from connectors.secrets import Secret
from monitor import due
from monitor.app import App, compose
from monitor.config import load
from monitor.models import Alert, Case, Inbound, Reply
from responders.slack.conditions import Conditions
from responders.slack.inbound import Ack
from responders.slack.setup import manifest, verify
from responders.slack.signed import SignedRequests
from tests.integration.slack.world import CHANNEL, MARA, OTTO
from tests.support.hand_clock import HandClock
from tests.support.migrated import migrate
from tests.support.slack_server.checks import REFERENCE
from tests.support.slack_server.people import click, event
from tests.support.slack_server.server import SlackServer
from tests.support.slack_server.signed import FORM, JSON, HttpHub, sign
from tests.support.slack_server.workspace import Message
from tests.support.web import served

SECRET = "0123456789abcdef0123456789abcdef"
ROWS = "id,author,rating,text,date\n1,Dana P.,1,The tea was cold.,2026-03-01\n"


@dataclass
class Line:
    """Rapport behind HTTP, Slack in front of it."""

    app: App
    slack: SlackServer
    hub: HttpHub
    clock: HandClock

    def work(self) -> None:
        """Do everything that is due now."""
        for _round in range(20):
            with self.app.database.glance() as connection:
                waiting = due.due_kinds(connection, self.clock(), [*self.app.handlers])
            claims = []
            with self.app.database.write() as session:
                for kind in waiting:
                    claims += due.claim_due(session, kind, self.clock(), 10)
            for claim in claims:
                with self.app.database.write() as session:
                    begun = due.begin(session, claim, self.clock())
                if begun is not None:
                    self.app.handlers[claim.kind](begun)
            if not claims:
                return
            self.clock.move(seconds=2)

    def card(self) -> Message:
        """Hear one complaint; return its card."""
        folder = self.app.config.inbox_dir()
        assert folder is not None
        folder.mkdir(exist_ok=True)
        (folder / "reviews.csv").write_text(ROWS)
        self.work()
        self.clock.move(seconds=10)
        self.work()
        (card,) = self.slack.workspace.messages(CHANNEL)
        return card

    def inbound(self) -> int:
        with self.app.database.read() as session:
            return session.scalars(select(func.count()).select_from(Inbound)).one()

    def replies(self) -> int:
        with self.app.database.read() as session:
            return session.scalars(select(func.count()).select_from(Reply)).one()

    def alerts(self) -> list[str]:
        with self.app.database.read() as session:
            return list(session.scalars(select(Alert.key).where(Alert.resolved_at.is_(None))))


def configuration(folder: Path, api_url: str, **slack: Any) -> Path:
    (folder / "bot").write_text("xoxb-test")
    (folder / "signing").write_text(SECRET)
    told = {
        "database": f"sqlite:///{folder}/rapport.db",
        "brands": [{"key": "harbour", "name": "Harbour Coffee", "signature": "Mara"}],
        "inbox": {"path": "inbox", "brand": "harbour", "every": "5s"},
        "web": {"base_url": "https://rapport.example"},
        "slack": {
            "transport": "http",
            "bot_token": f"file:{folder}/bot",
            "signing_secret": f"file:{folder}/signing",
            "channel": CHANNEL,
            "api_url": api_url,
            "approvers": [MARA, OTTO],
            **slack,
        },
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(told))
    return path


@pytest.fixture
def line(tmp_path: Path, slack: SlackServer) -> Iterator[Line]:
    clock: HandClock = slack.hand_clock
    with ExitStack() as stack:
        app = compose(load(configuration(tmp_path, slack.api_url)), clock)
        stack.callback(app.close)
        migrate(app.database)
        app.sync()
        assert app.slack is not None
        address = stack.enter_context(served(app))
        app.slack.start()
        stack.callback(app.slack.stop)
        hub = HttpHub(f"{address}/slack/events", SECRET, lambda: clock().timestamp())
        stack.enter_context(closing(hub))
        slack.hub = hub
        yield Line(app, slack, hub, clock)


def test_a_click_is_acknowledged_stored_and_done(line: Line) -> None:
    card = line.card()
    sent = line.slack.click(CHANNEL, card.ts, "rapport_approve", MARA)
    assert (sent.answers[0].status_code, sent.answers[0].content) == (200, b"")
    line.work()
    assert line.replies() == 1
    assert "Approved" in str(card.blocks)
    assert line.slack.calls["apps.connections.open"] == 0


def test_a_modal_opens_after_the_answer_and_its_submission_is_answered(line: Line) -> None:
    card = line.card()
    line.slack.fault("views.open", "delay:0.8")
    sent = line.slack.click(CHANNEL, card.ts, "rapport_edit", MARA)
    # The delay is in the call that follows the answer, so the answer did not wait for it.
    assert line.slack.workspace.views == {} or sent.answers[0].elapsed.total_seconds() < 0.8
    view = line.slack.view_of(MARA)
    wrong = line.slack.submit(view.id, {"text": "  "}, MARA)
    assert wrong["response_action"] == "errors"
    assert line.slack.submit(view.id, {"text": "Sorry, Dana. Mara"}, MARA) == {}
    line.work()
    assert "Sorry, Dana. Mara" in str(card.blocks)


def test_what_comes_again_is_taken_once(line: Line) -> None:
    card = line.card()
    sent = line.slack.click(CHANNEL, card.ts, "rapport_approve", MARA)
    line.hub.redeliver(sent)
    told = line.slack.event("channel_archive", channel=CHANNEL)
    line.hub.redeliver(told)
    assert [answer.status_code for answer in (*sent.answers, *told.answers)] == [200] * 4
    assert line.inbound() == 2
    line.work()
    line.hub.redeliver(sent)
    line.work()
    assert (line.replies(), line.inbound()) == (1, 2)


def test_a_recorded_request_sent_by_somebody_else_does_nothing_new(line: Line) -> None:
    card = line.card()
    payload = click(line.slack.workspace, CHANNEL, card.ts, "rapport_approve", MARA)
    raw = urlencode({"payload": json.dumps(payload)}).encode()
    stamp = str(int(line.clock().timestamp()))
    signed = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": sign(SECRET, stamp, raw),
    }
    assert line.hub.post(raw, FORM, **signed).status_code == 200
    assert line.hub.post(raw, FORM, **signed).status_code == 200
    line.clock.move(seconds=301)
    assert line.hub.post(raw, FORM, **signed).status_code == 401
    line.work()
    assert (line.replies(), line.inbound()) == (1, 1)


def test_the_url_is_verified_with_the_challenge(line: Line) -> None:
    asked = {"type": "url_verification", "challenge": "3eZbrw1aB", "token": "x"}
    answer = line.hub.post(json.dumps(asked).encode(), JSON)
    assert (answer.status_code, answer.json()) == (200, {"challenge": "3eZbrw1aB"})
    asked["challenge"] = "x" * 5000
    assert line.hub.post(json.dumps(asked).encode(), JSON).status_code == 400


@pytest.mark.parametrize("skew", [301, -301])
def test_a_stale_or_early_request_is_refused(line: Line, skew: int) -> None:
    payload = event(line.slack.workspace, "tokens_revoked", {})
    body = json.dumps(payload).encode()
    stamp = str(int(line.clock().timestamp()) - skew)
    signed = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": sign(SECRET, stamp, body)}
    answer = line.hub.post(body, JSON, **signed)
    assert (answer.status_code, answer.content) == (401, b"")
    stamp = str(int(line.clock().timestamp()) - (300 if skew > 0 else -300))
    signed = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": sign(SECRET, stamp, body)}
    assert line.hub.post(body, JSON, **signed).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Request-Timestamp": "abc"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "9" * 4000},
        {"X-Slack-Request-Timestamp": "-1"},
        {"X-Slack-Request-Timestamp": "1e9"},
        {"X-Slack-Request-Timestamp": "１２３"},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0="},
        {"X-Slack-Signature": "v0=ä"},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": "v1=" + "0" * 64},
        {"X-Slack-Signature": "v0=" + "0" * 60_000},
    ],
)
def test_hostile_headers_are_refused_in_a_number(line: Line, headers: dict[str, str]) -> None:
    encoded = {name: value.encode("utf-8") for name, value in headers.items()}
    answer = line.hub.post(b"{}", JSON, **encoded)  # type: ignore[arg-type]
    assert answer.status_code in (400, 401)  # the server itself refuses a head that is too long
    assert line.inbound() == 0
    assert SECRET not in answer.text


def test_a_request_without_a_signature_is_refused(line: Line) -> None:
    answer = requests.post(line.hub.url, json={"type": "url_verification"}, timeout=5)
    assert (answer.status_code, answer.content) == (401, b"")
    assert requests.get(line.hub.url, timeout=5).status_code == 405


def test_ten_megabytes_are_refused_whether_announced_or_not(line: Line) -> None:
    big = b"payload=" + b"x" * 10_000_000
    host, _, port = line.hub.url.removeprefix("http://").partition("/")[0].partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        head = (
            f"POST /slack/events HTTP/1.1\r\nHost: {host}\r\nContent-Type: {FORM}\r\n"
            f"Content-Length: {len(big)}\r\n\r\n"
        )
        raw.sendall(head.encode())
        assert raw.recv(4096).startswith(b"HTTP/1.1 413")
    pieces = (big[at : at + 65_536] for at in range(0, len(big), 65_536))
    try:
        answer = requests.post(line.hub.url, data=pieces, headers={"Content-Type": FORM}, timeout=9)
    except requests.exceptions.ConnectionError:
        pass  # refused before the rest was read, which ends the connection under the sender
    else:
        assert answer.status_code == 413
    assert line.inbound() == 0


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"not json", JSON, 400),
        (b"[1]", JSON, 400),
        (b'{"type":"something_new"}', JSON, 400),
        (b"[" * 100_000, JSON, 400),
        (b"", JSON, 400),
        (b"payload=not+json", FORM, 400),
        (b"payload=%5B1%5D", FORM, 400),
        (b"a=1", FORM, 400),
        (b"&".join(b"a%d=1" % number for number in range(500)), FORM, 400),
        (b"\xff\xfe", JSON, 401),  # slack-sdk signs text, and this is none
        (b"ssl_check=1&token=x", FORM, 200),
        (b"{}", "text/xml", 415),
        (b"{}", "", 415),
    ],
)
def test_what_cannot_be_read_is_refused_without_a_word(
    line: Line, body: bytes, kind: str, status: int
) -> None:
    answer = line.hub.post(body, kind)
    assert (answer.status_code, answer.content) == (status, b"")
    assert line.inbound() == 0


def test_another_host_name_may_be_used_for_slack(line: Line) -> None:
    asked = json.dumps({"type": "url_verification", "challenge": "c"}).encode()
    assert line.hub.post(asked, JSON, Host="slack-hooks.example").status_code == 200


def test_what_cannot_be_stored_is_not_acknowledged(line: Line) -> None:
    with line.app.database.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE inbound RENAME TO away")
    payload = event(line.slack.workspace, "tokens_revoked", {})
    body = json.dumps(payload).encode()
    assert line.hub.post(body, JSON).status_code == 503
    with line.app.database.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE away RENAME TO inbound")
    assert line.hub.post(body, JSON, **{"X-Slack-Retry-Num": "1"}).status_code == 200
    assert line.inbound() == 1


def test_a_wrong_secret_is_told_once_and_forgotten_when_mended(line: Line, tmp_path: Path) -> None:
    good, body = line.hub.secret, json.dumps({"type": "url_verification", "challenge": "c"})
    line.hub.secret = "another"
    assert line.hub.post(body.encode(), JSON).status_code == 401
    assert line.hub.post(body.encode(), JSON).status_code == 401
    assert line.alerts() == ["slack:signature"]
    line.hub.secret = good
    assert line.hub.post(body.encode(), JSON).status_code == 200
    assert line.alerts() == []
    line.hub.secret = "a stranger's"
    assert line.hub.post(body.encode(), JSON).status_code == 401
    assert line.alerts() == [], "while Slack itself gets through, this is a stranger's trouble"


def test_health_tells_of_requests_and_of_no_socket(line: Line) -> None:
    address = line.hub.url.removesuffix("/slack/events")
    told = requests.get(f"{address}/healthz", timeout=5).json()
    assert told["slack"] == {"transport": "http", "last_heard_seconds": None}
    line.slack.event("tokens_revoked")
    line.clock.move(seconds=30)
    told = requests.get(f"{address}/healthz", timeout=5).json()
    assert told["slack"] == {"transport": "http", "last_heard_seconds": 30.0}
    assert line.app.slack is not None
    health = line.app.slack.health()
    assert health["http"]["taken"] == 1
    assert "socket" not in health


def test_set_up_is_proven_without_an_app_token(line: Line, tmp_path: Path) -> None:
    assert line.app.slack is not None
    found = verify(line.app.slack.client, line.app.slack.settings)
    assert all(one.ok for one in found), found
    assert "signing secret" in str(found)
    (tmp_path / "signing").write_text("xapp-1-not-a-signing-secret")
    found = verify(line.app.slack.client, line.app.slack.settings)
    assert "Basic Information" in "".join(one.advice for one in found)


def test_many_clicks_at_once_are_all_acknowledged_and_stored_once(line: Line) -> None:
    card = line.card()
    payloads = [
        click(line.slack.workspace, CHANNEL, card.ts, "rapport_take", MARA) for _ in range(60)
    ]
    for number, payload in enumerate(payloads):
        payload["actions"][0]["action_ts"] = f"{number}.0"

    def send(payload: dict[str, Any]) -> int:
        hub = HttpHub(line.hub.url, SECRET, lambda: line.clock().timestamp())
        with closing(hub):
            return int(hub.send(hub.envelope("interactive", payload)).answers[0].status_code)

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(send, payloads)) == {200}
    assert line.inbound() == 60


def test_without_http_nothing_listens_there(tmp_path: Path, slack: SlackServer) -> None:
    (tmp_path / "app").write_text("xapp-test")
    path = configuration(
        tmp_path, slack.api_url, transport="socket", app_token=f"file:{tmp_path}/app"
    )
    app = compose(load(path), slack.hand_clock)
    with closing(app):
        migrate(app.database)
        with served(app) as address:
            hub = HttpHub(f"{address}/slack/events", SECRET, time.time)
            with closing(hub):
                assert hub.post(b"{}", JSON).status_code == 404
        assert app.slack is not None
        assert app.slack.way_in() == {"transport": "socket", "connected": False}


def test_the_signature_that_slack_documents_is_accepted(tmp_path: Path) -> None:
    place = REFERENCE / "payloads" / "signature" / "v0_test_vector.json"
    if not place.exists():
        pytest.skip("Slack's documented example is not beside the repository")
    told = json.loads(place.read_text(encoding="utf-8"))
    secret = tmp_path / "secret"
    secret.write_text(told["signing_secret"])
    clock = HandClock(datetime.fromtimestamp(int(told["timestamp"]), UTC))
    heard: list[tuple[str, str]] = []

    def receive(kind: str, payload: Any) -> Ack:
        heard.append((kind, payload["command"]))
        return Ack({"text": "hello"})

    door = SignedRequests(
        Secret(f"file:{secret}"), receive, clock, Conditions(lambda _key, _told: None)
    )
    headers = {
        "content-type": f"{FORM}; charset=utf-8",
        "x-slack-request-timestamp": told["timestamp"],
        "x-slack-signature": told["signature"],
    }
    reply = door.take(headers, told["body"].encode())
    assert (reply.status, reply.body, heard) == (
        200,
        {"text": "hello"},
        [("slash_commands", "/webhook-collect")],
    )
    assert door.take(headers, told["body"].encode() + b"&x=1").status == 401


def test_the_manifest_for_http_names_the_url_and_passes_slacks_schema() -> None:
    url = "https://rapport.example/slack/events"
    made = manifest(request_url=url)
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["interactivity"]["request_url"] == url
    assert made["settings"]["event_subscriptions"]["request_url"] == url
    assert manifest()["settings"]["socket_mode_enabled"] is True
    schemas = sorted((REFERENCE / "payloads" / "reference" / "manifest").glob("*schema.*.*.*.json"))
    if not schemas:
        pytest.skip("Slack's manifest schemas are not beside the repository")
    jsonschema = pytest.importorskip("jsonschema")
    for schema in schemas:
        jsonschema.validate(made, json.loads(schema.read_text(encoding="utf-8")))


def test_cases_are_the_same_over_either_way_in(line: Line) -> None:
    line.card()
    with line.app.database.read() as session:
        assert session.scalars(select(Case.state)).all() == ["drafted"]
