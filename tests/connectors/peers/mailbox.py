"""A mail server with one mailbox, by IMAP and SMTP."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default

from connectors.errors import (
    AuthFailed,
    BadSettings,
    LayoutChanged,
    RateLimited,
    Rejected,
    Unavailable,
)
from connectors.testing.http_server import Reply
from connectors.testing.peers import Peer
from tests.support.mail_server import MailServer

PASSWORD = "s3cret word"


class ThisPeer(Peer):
    secret = PASSWORD
    plays_http = False
    authors_edit = False
    authors_delete = False
    lost_answers = (Reply(fault="drop"),)
    own_faults = {  # noqa: RUF012  read only
        "drop": Unavailable,
        "bye": Unavailable,
        "down": Unavailable,
        "busy": RateLimited,
        "full": RateLimited,
        "throttled": RateLimited,
        "locked out": AuthFailed,
        "forbidden": AuthFailed,
        "nonsense": LayoutChanged,
        "stutter": LayoutChanged,
        "words": LayoutChanged,
        "bad": LayoutChanged,
        "hidden": LayoutChanged,
        "long line": Rejected,
        "huge mail": Rejected,
        "no folder": BadSettings,
    }

    def open(self) -> None:
        self.mail = MailServer()
        self.mail.__enter__()
        self.break_with = self._break
        self.fail_as = self._fail
        self.environment.setenv("TEST_MAILBOX_PASSWORD", PASSWORD)
        self._count = 0
        self.settings = {
            "address": "hello@harbour.example",
            "name": "Harbour Coffee",
            "host": "127.0.0.1",
            "port": self.mail.imap_port,
            "security": "plain",
            "password": "env:TEST_MAILBOX_PASSWORD",
            "smtp_host": "127.0.0.1",
            "smtp_port": self.mail.smtp_port,
            "smtp_security": "plain",
            "sent_folder": "Sent",
            "sent_copies": "server",
            "allow_private_addresses": True,
        }

    def close(self) -> None:
        self.mail.__exit__()

    def add(self, text: str) -> None:
        self._count += 1
        mail = EmailMessage(policy=SMTP)
        mail["From"] = "Ada Byron <ada@elsewhere.example>"
        mail["To"] = "hello@harbour.example"
        mail["Subject"] = f"My visit, part {self._count}"
        mail["Date"] = "Sun, 01 Mar 2026 10:00:00 +0000"
        mail["Message-ID"] = f"<visit-{self._count}@elsewhere.example>"
        mail.set_content(text)
        self.mail.deliver(mail.as_bytes())

    def edit(self, text: str, changed: str) -> None:
        raise AssertionError("a sent mail cannot be changed")

    def remove(self, text: str) -> None:
        """Staff move the mail into another folder; that is all that can happen to it."""
        folder = self.mail.inbox
        folder.mails = [mail for mail in folder.mails if text not in _text(mail.raw)]

    def requests(self) -> int:
        return len(self.mail.commands)

    def published(self) -> list[str]:
        return [_text(raw) for raw in self.mail.sent]

    def revoke(self) -> None:
        self.mail.password = "another"

    def _break(self, reply: Reply | None) -> None:
        assert reply is None or reply.fault == "drop", "this server speaks no HTTP"
        self.mail.smtp = {"end": "drop"} if reply is not None else {}

    def _fail(self, fault: str) -> None:
        self.mail.fault = fault
        folders = self.mail.folders
        if fault == "no folder":
            folders["Elsewhere"] = folders.pop("INBOX")
        elif "Elsewhere" in folders:
            folders["INBOX"] = folders.pop("Elsewhere")


def _text(raw: bytes) -> str:
    content = message_from_bytes(raw, policy=default).get_content()
    return str(content)
