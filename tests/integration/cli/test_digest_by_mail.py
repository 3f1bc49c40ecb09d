"""``rapport digest --mail`` and what ``rapport check`` says of the mail server."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.integration.cli.conftest import CONFIG, Call
from tests.support.mail_server import MailServer

MAIL = """\
reports:
  mail:
    to: [mara@quince.example, otto@quince.example]
    from: rapport@quince.example
    smtp:
      host: 127.0.0.1
      port: {port}
      security: plain
      username: hello@harbour.example
      password: env:TEST_DIGEST_PASSWORD
"""


@pytest.fixture
def server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    with MailServer() as made:
        monkeypatch.setenv("TEST_DIGEST_PASSWORD", made.password)
        told = CONFIG + MAIL.format(port=made.smtp_port)
        (folder / "config.yaml").write_text(told, encoding="utf-8")
        yield made


def test_one_is_sent_now_to_all_or_to_whom_is_named(server: MailServer, rapport: Call) -> None:
    done = rapport("digest", "--mail")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "sent to mara@quince.example",
        "sent to otto@quince.example",
    ]
    done = rapport("digest", "--weekly", "--mail", "--to", "ada@quince.example")
    assert done.returncode == 0, done.stderr
    assert [to for _, to in server.envelopes][2:] == ["ada@quince.example"]
    assert "Weekly digest" in str(message_from_bytes(server.sent[2])["Subject"])


def test_what_did_not_leave_is_said(server: MailServer, rapport: Call) -> None:
    server.smtp["rcpt"] = "550 5.1.1 no such user"
    done = rapport("digest", "--mail")
    assert done.returncode == 1
    assert "not sent to mara@quince.example: Rejected" in done.stdout
    server.smtp = {"end": "drop"}
    done = rapport("digest", "--mail")
    assert done.returncode == 1
    assert "not known whether mara@quince.example got it" in done.stdout


def test_wrong_words_are_refused(server: MailServer, rapport: Call, folder: Path) -> None:
    assert rapport("digest", "--to", "x@y.example").returncode == 2
    done = rapport("digest", "--mail", "--to", "nobody")
    assert done.returncode == 2
    assert "is not a mail address" in done.stderr
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    done = rapport("digest", "--mail")
    assert done.returncode == 2
    assert "no section reports.mail" in done.stderr


def test_check_signs_in_and_sends_nothing(
    server: MailServer, rapport: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = rapport("check")
    assert f"ok   mail: 127.0.0.1:{server.smtp_port} lets us in; 2 get the digest" in done.stdout
    monkeypatch.setenv("TEST_DIGEST_PASSWORD", "wrong")
    done = rapport("check")
    assert done.returncode == 1
    assert "FAIL mail: AuthFailed" in done.stdout
    assert "wrong" not in done.stdout + done.stderr
    assert server.sent == []


def test_a_mistake_in_the_section_is_named_with_its_line(folder: Path, rapport: Call) -> None:
    wrong = CONFIG + MAIL.format(port=25).replace("mara@quince.example", "mara")
    (folder / "config.yaml").write_text(wrong, encoding="utf-8")
    done = rapport("check")
    assert done.returncode != 0
    assert "reports.mail.to[0]" in done.stderr
    assert "is not a mail address" in done.stderr
    assert "config.yaml:" in done.stderr
