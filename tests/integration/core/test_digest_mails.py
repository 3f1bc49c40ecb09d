"""Digests by mail: one for each moment and address, late ones merged, none sent twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes

import pytest
from sqlalchemy import select

from connectors.secrets import Secret
from monitor.config.digest import parse_moment
from monitor.models import Alert, Notification
from monitor.overdue import watch_backlog
from responders.mail.mailer import Mailer
from responders.mail.settings import MailSettings
from responders.slack.owed import owe_notice
from tests.support.core_world import World
from tests.support.mail_server import MailServer

MARA, OTTO = "mara@harbour.example", "otto@harbour.example"
HOUR = timedelta(hours=1)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as made:
        yield made


class Post:
    """A mailer on a world: its clock stands at nine on a Monday, digests are told at ten."""

    def __init__(self, world: World, server: MailServer, **changes: object) -> None:
        self.world = world
        self.server = server
        given = MailSettings(
            to=(MARA,),
            sender="rapport@harbour.example",
            name="Rapport",
            host="127.0.0.1",
            port=server.smtp_port,
            security="plain",
            username=server.user,
            password=Secret("env:TEST_MAIL_PASSWORD"),
            daily=parse_moment("10:00"),
            weekly=None,
            zone="UTC",
            pictures=False,
            attach_csv=False,
            queue_url="",
        )
        now = world.clock()
        world.clock.move(seconds=(now.replace(hour=9, minute=0, second=0) - now).total_seconds())
        self.configure(replace(given, **changes))  # type: ignore[arg-type]

    def configure(self, settings: MailSettings | None) -> None:
        self.settings = settings
        self.mailer = Mailer(self.world.db, settings, self.world.clock)
        self.world.handlers = {**self.world.handlers, "mail": self.mailer.handle}

    def look(self) -> int:
        with self.world.write() as session:
            return self.mailer.owe_digests(session, self.world.clock())

    def after(self, **by: float) -> None:
        """Let time pass, look once as a daemon does, and do what is due."""
        self.world.clock.move(**by)
        self.look()
        self.world.work(("mail",))

    def rows(self) -> list[Notification]:
        return self.world.rows(Notification, Notification.surface == "mail")

    def alerts(self) -> list[str]:
        with self.world.db.read() as session:
            found = session.scalars(select(Alert).where(Alert.resolved_at.is_(None)))
            return sorted(alert.key.rpartition(":")[0] for alert in found if alert.kind == "mail")


@pytest.fixture
def post(world: World, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> Post:
    monkeypatch.setenv("TEST_MAIL_PASSWORD", server.password)
    return Post(world, server)


def test_a_digest_is_mailed_once_at_its_time(post: Post) -> None:
    post.after(minutes=59)
    assert post.server.sent == []
    post.after(minutes=1)
    [raw] = post.server.sent
    mail = message_from_bytes(raw)
    assert mail["To"] == MARA
    assert "Daily digest" in str(mail["Subject"])
    assert post.server.envelopes == [("rapport@harbour.example", MARA)]
    for _again in range(3):
        post.after(minutes=20)
    assert len(post.server.sent) == 1
    post.after(days=1)
    assert len(post.server.sent) == 2


def test_each_address_has_a_mail_and_a_row_of_its_own(post: Post) -> None:
    assert post.settings is not None
    post.configure(replace(post.settings, to=(MARA, OTTO)))
    post.after(hours=1)
    assert [recipient for _, recipient in post.server.envelopes] == [MARA, OTTO]
    assert [row.state for row in post.rows()] == ["sent", "sent"]
    idents = {message_from_bytes(raw)["Message-ID"] for raw in post.server.sent}
    assert idents == {f"<{row.message_ts}>" for row in post.rows()}
    assert len(idents) == 2


def test_two_daemons_owe_one(post: Post) -> None:
    post.world.clock.move(hours=1)
    assert post.look() == 1
    other = Mailer(post.world.db, post.settings, post.world.clock)
    with post.world.write() as session:
        assert other.owe_digests(session, post.world.clock()) == 0


def test_what_the_server_did_not_take_is_tried_again_and_late_ones_become_one(post: Post) -> None:
    post.server.smtp["mail"] = "451 4.3.0 try later"
    post.after(hours=1)
    assert [row.state for row in post.rows()] == ["owed"]
    assert post.server.sent == []
    post.after(days=1)
    post.server.smtp.clear()
    post.after(days=1)
    assert [row.state for row in post.rows()] == ["merged", "merged", "sent"]
    first, _, last = post.rows()
    assert last.detail["begins"] == first.detail["begins"]
    assert len(post.server.sent) == 1
    assert post.alerts() == []


@pytest.mark.parametrize("step", ["end"])
def test_a_lost_answer_is_not_answered_by_a_second_mail(post: Post, step: str) -> None:
    post.server.smtp[step] = "drop"
    post.after(hours=1)
    assert len(post.server.sent) == 1, "the server had it"
    assert [row.state for row in post.rows()] == ["unknown"]
    assert post.alerts() == ["mail:unknown"]
    post.server.smtp.clear()
    post.after(hours=2)
    assert len(post.server.sent) == 1
    post.after(days=1)
    assert len(post.server.sent) == 2
    assert post.alerts() == [], "the next mail ends the alert"


def test_a_process_that_ended_while_it_sent_sends_no_second_mail(post: Post) -> None:
    post.world.clock.move(hours=1)
    post.look()
    [claim] = post.world.claim("mail")
    post.mailer._begin(claim, "digest.x@harbour.example")
    post.world.clock.move(minutes=10)  # nobody came back
    post.world.work(("mail",))
    assert [row.state for row in post.rows()] == ["unknown"]
    assert post.server.sent == []
    assert post.alerts() == ["mail:unknown"]


def test_a_refused_address_holds_up_no_other(post: Post) -> None:
    assert post.settings is not None
    post.configure(replace(post.settings, to=(MARA, OTTO)))
    post.server.smtp["rcpt"] = "550 5.1.1 no such user"
    post.after(hours=1)
    assert [row.state for row in post.rows()] == ["failed", "failed"]
    assert post.alerts() == ["mail:refused", "mail:refused"]
    post.server.smtp.clear()
    post.after(days=1)
    assert [row.state for row in post.rows()] == ["failed", "failed", "sent", "sent"]
    assert post.alerts() == []


def test_a_wrong_password_is_told_at_once_and_nothing_is_lost(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_MAIL_PASSWORD", "wrong")
    post.after(hours=1)
    assert [row.state for row in post.rows()] == ["owed"]
    assert post.alerts() == ["mail"]
    monkeypatch.setenv("TEST_MAIL_PASSWORD", post.server.password)
    post.after(minutes=10)
    assert len(post.server.sent) == 1
    assert post.alerts() == []


def test_who_is_no_longer_written_to_gets_nothing(post: Post) -> None:
    post.world.clock.move(hours=1)
    post.look()
    assert post.settings is not None
    post.configure(replace(post.settings, to=(OTTO,)))
    post.world.work(("mail",))
    assert post.server.sent == []
    post.configure(None)
    post.after(days=1)
    assert post.server.sent == []
    assert [row.next_at for row in post.rows()] == [None]


def test_mails_and_cards_are_work_of_two_kinds(post: Post) -> None:
    with post.world.write() as session:
        owe_notice(session, "C0CARDS", "x", "title", "text", post.world.clock())
    post.world.clock.move(hours=1)
    post.look()
    [card] = post.world.claim("notify")
    [mail] = post.world.claim("mail")
    assert card.id != mail.id
    post.world.clock.move(hours=1)
    with post.world.write() as session:
        watch_backlog(session, post.world.clock())
    told = {alert.key: alert.message for alert in post.world.rows(Alert)}
    assert told["overdue:mail"].startswith("1 rows of mail work")
    assert told["overdue:notify"].startswith("1 rows of notify work")
