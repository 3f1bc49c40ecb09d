"""The digest as a mail: read back as a mail program reads it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from xml.etree import ElementTree

import pytest

from responders.digest.facts import Topic, Waiting
from responders.digest.letter import html_of, text_of
from responders.mail.composing import Envelope, compose, id_of
from tests.unit.responders.test_digest_words import digest

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TO = Envelope(
    "rapport@harbour.example", "Rapport", "mara@harbour.example", "digest.1@harbour.example"
)
ROUGH = '<img src=x onerror="alert(1)">\r\nBcc: all@else.example'


def read(raw: bytes) -> EmailMessage:
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_a_mail_has_text_and_html_and_says_that_a_machine_wrote_it() -> None:
    mail = read(compose(digest(), TO, NOW, queue_url="https://r.example"))

    assert mail["Subject"].startswith("Daily digest, ")
    assert mail["To"] == "mara@harbour.example"
    assert mail["Message-ID"] == "<digest.1@harbour.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == NOW
    assert mail.get_content_type() == "multipart/alternative"
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        assert "C-12" in body.get_content()
        assert "https://r.example/cases/C-12" in body.get_content()


def test_the_chart_is_within_the_mail_under_the_name_that_the_page_uses() -> None:
    pytest.importorskip("PIL")
    mail = read(compose(digest(), TO, NOW))

    page = mail.get_body(("html",))
    assert page is not None
    [picture] = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in page.get_content()
    assert picture.get_content().startswith(b"\x89PNG")
    assert 'alt="Bar chart of complaints' in page.get_content()


def test_without_a_picture_its_numbers_stand_there() -> None:
    mail = read(compose(digest(), TO, NOW, pictures=False))

    assert not [part for part in mail.walk() if part.get_content_maintype() == "image"]
    page = mail.get_body(("html",))
    assert page is not None
    assert "Complaints by day" in page.get_content()
    assert "<img" not in page.get_content()


def test_the_figures_are_attached_as_csv_where_that_is_wanted() -> None:
    mail = read(compose(digest(), TO, NOW, attach_csv=True))

    [attached] = list(mail.iter_attachments())
    assert attached.get_filename() == f"complaints-daily-{digest().until:%Y-%m-%d}.csv"
    raw = attached.get_payload(decode=True)
    assert isinstance(raw, bytes)
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows[0] == ["Day", "In time", "Late", "Overdue", "Open"]
    assert len(rows) == 1 + len(digest().bars)


def test_a_quiet_day_is_one_sentence_in_both() -> None:
    quiet = digest(
        new=0, answered=0, open_count=0, overdue_count=0, waiting=(), topics=(), sources=()
    )
    assert "Nothing new: no complaint came" in text_of(quiet)
    assert "Nothing new: no complaint came" in html_of(quiet)


def test_words_from_outside_stay_words_and_never_a_header() -> None:
    rough = digest(
        topics=(Topic(ROUGH, 9, 0),),
        sources=((ROUGH, 3),),
        waiting=(Waiting(12, ROUGH, "urgent", ROUGH, NOW, NOW),),
    )
    raw = compose(rough, replace(TO, name=ROUGH), NOW, pictures=False)
    mail = read(raw)

    assert mail["Bcc"] is None
    page = mail.get_body(("html",))
    assert page is not None
    assert "<img" not in page.get_content()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


def test_the_html_is_well_formed() -> None:
    text = html_of(digest(), "https://r.example", "cid:x")
    bare = text.removeprefix("<!doctype html>")
    for name in ("meta", "img"):
        parts = bare.split(f"<{name} ")
        bare = f"<{name} ".join([parts[0], *(each.replace(">", "/>", 1) for each in parts[1:])])
    ElementTree.fromstring(bare)  # our own page


def test_the_text_reads_from_top_to_bottom() -> None:
    lines = text_of(digest()).splitlines()

    assert lines[0].startswith("Daily digest, ")
    assert any(line.startswith("New complaints:") for line in lines)
    waiting = next(place for place, line in enumerate(lines) if line.startswith("Overdue, and"))
    assert lines[waiting + 1].startswith("- C-12")
    assert lines[waiting - 1] == ""


def test_the_same_key_has_the_same_id_and_none_of_an_answers() -> None:
    assert id_of("a", "x@Harbour.example") == id_of("a", "y@harbour.example")
    assert id_of("a", "x@harbour.example") != id_of("b", "x@harbour.example")
    assert not id_of("a", "x@harbour.example").startswith("rapport.")
