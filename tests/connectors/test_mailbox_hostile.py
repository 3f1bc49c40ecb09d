"""Mails that mean harm: made to hold a processor, to end the stack, or to pass for another's."""

from __future__ import annotations

import time

import pytest

from connectors.mailbox.automatic import why_automatic
from connectors.mailbox.imap import Letter
from connectors.mailbox.letters import read_mail
from connectors.mailbox.mentions import taken
from connectors.mailbox.notices import notice_in, signed_by
from connectors.mailbox.settings import MailboxSettings

MOST = 256 * 1024
NAMES = ("From", "Reply-To", "Subject", "Date", "Content-Type", "Content-Transfer-Encoding",
         "Content-Disposition", "Message-ID", "References", "Authentication-Results")  # fmt: skip
MARKS = ("(", "<", '"', "a,", "a@b,", "\\", "a:", "a.", "()", '"" ', "[", "a:b@c;", "é ",
         "=?utf-8?q?a?= ", "a*0=b;")  # fmt: skip


def nested(levels: int, tail: bytes = b"") -> bytes:
    heads = (
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (level, level)
        for level in range(levels)
    )
    return b"".join(heads) + b"Content-Type: text/plain\n\nhello\n" + tail


def many(header: bytes) -> bytes:
    part = b"--b\n" + header + b"\n\nx\n"
    return b'Content-Type: multipart/mixed; boundary="b"\n\n' + part * (MOST // len(part))


BODIES = {
    "parts within parts": nested(4_000),
    "parts within parts, and many lines": nested(900, b"\n" * 180_000),
    "as many parts as are read, and many lines": nested(28, b"\n" * 250_000),
    "mails within mails": b"Content-Type: message/rfc822\n\n" * 8_000,
    "parts with broken types": many(b"Content-Type: " + b'"' * 990),
    "parts with broken encodings": many(b"Content-Transfer-Encoding: " + b"\\" * 980),
    "many senders": b"From: " + b'"' * 990 + (b"\nFrom: " + b'"' * 990) * 250 + b"\n\nhello",
    "an encoding for names": b"Content-Type: text/plain; charset=punycode\n\na-" + b"9" * 250_000,
}


def read_in_time(raw: bytes) -> None:
    begun = time.monotonic()
    mail = read_mail(raw[:MOST])
    why_automatic(mail, (), ())
    notice_in(mail, "mx.example")
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mark", MARKS)
def test_no_header_holds_the_processor(name: str, mark: str) -> None:
    first = "multipart/mixed; " if name == "Content-Type" else ""
    header = f"{name}: {first}{mark * (MOST // len(mark))}"
    read_in_time(header[: MOST - 1000].encode() + b"\nSubject: late\n\nThe coffee was cold.\n")


@pytest.mark.parametrize("raw", BODIES.values(), ids=BODIES.keys())
def test_no_body_holds_the_processor(raw: bytes) -> None:
    read_in_time(raw)


def test_a_header_that_cannot_be_read_costs_no_text() -> None:
    mail = read_mail(b"From: " + b"(" * 5_000 + b"\nSubject: Late\n\nThe coffee was cold.\n")
    assert (mail.subject, mail.text) == ("Late", "The coffee was cold.")


def test_a_mail_of_very_many_parts_still_says_something() -> None:
    mail = read_mail(b"From: ana@customer.example\nSubject: Late\n" + nested(40))
    assert (mail.sender, mail.subject) == ("ana@customer.example", "Late")
    assert mail.text


def signed(results: str) -> bool:
    head = f"Authentication-Results: {results}\nFrom: reviews@google.com\nSubject: A review\n\n"
    return signed_by(read_mail(head.encode()), "mx.example", "google.com")


@pytest.mark.parametrize(
    "results",
    [
        "mx.example; dkim=pass header.d=google.com header.s=x; spf=pass",
        'mx.example 1; dkim=pass (2048-bit key; unprotected) header.i=@google.com header.b="abc"',
        "MX.example; spf=pass (of a@google.com) smtp.mailfrom=a; dkim = pass header.d=google.com",
        "mx.example; dkim/1=pass header.i=@accounts.google.com",
        r"mx.example; spf=pass (a \) b) smtp.mailfrom=a; dkim=pass header.d=google.com",
    ],
)
def test_our_own_server_is_believed(results: str) -> None:
    assert signed(results)


@pytest.mark.parametrize(
    "results",
    [
        'mx.example; spf=fail smtp.mailfrom="x; dkim=pass header.d=google.com"@evil.example',
        'mx.example; spf=fail (domain of "a) ; dkim=pass header.d=google.com ;(b"@evil.example) x',
        r"mx.example; spf=fail (domain of a\) ; dkim=pass header.d=google.com; x) smtp.mailfrom=e",
        "mx.example; spf=fail (((((a) ; dkim=pass header.d=google.com)))) x",
        'mx.example; dkim=fail reason="x; dkim=pass header.d=google.com" header.d=evil.example',
        'mx.example; dkim=pass header.d=evil.example header.i="x header.d=google.com"@evil.example',
        "mx.example; dkim=pass header.d=evil.example header.i=@google.com",
        f"mx.example; dkim=pass header.i=google.com{'_' * 80}@evil.example",
        "mx.example; spf=fail reason=x dkim=pass header.d=google.com",
        "mx.example; dkim=passed header.d=google.com",
        "mx.example; dkim=pass header.d=google.com.evil.example",
        "mx.example; dkim=pass header.d=google.com (",
        "mx.evil.example; dkim=pass header.d=google.com",
        '"mx.example"; dkim=pass header.d=google.com',
    ],
)
def test_a_senders_words_among_the_results_are_not_believed(results: str) -> None:
    assert not signed(results)


def test_nobody_passes_for_another_address_by_name() -> None:
    settings = MailboxSettings.model_validate(
        {"address": "help@harbour.example", "host": "imap.harbour.example",
         "password": "env:TEST_MAIL_PASSWORD"}
    )  # fmt: skip
    raw = b'From: "boss@harbour.example" <mallory@evil.example>\nSubject: Late\n\nPay me.\n'
    found, _ = taken(Letter(1, raw, len(raw), None), settings)
    assert found is not None
    assert (found.author_name, found.author_id) == ("mallory@evil.example", "mallory@evil.example")
