"""Reading mails as they are: recorded ones of many programs, and what was cut from them."""

from __future__ import annotations

import re
import time
from base64 import b64encode
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import compat32
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as trial
from hypothesis import strategies as st

from connectors.mailbox.automatic import why_automatic
from connectors.mailbox.imap import Letter
from connectors.mailbox.letters import decode, read_mail, unflowed
from connectors.mailbox.mentions import taken
from connectors.mailbox.quotes import said_in, said_in_html
from connectors.mailbox.settings import MailboxSettings
from tests.support.cassettes import RECORDINGS

MAILS = sorted((RECORDINGS / "email_eml").glob("*.eml"))
REPLIES = RECORDINGS / "email_replies"
SETTINGS = MailboxSettings.model_validate(
    {"address": "hello@harbour.example", "host": "imap.example", "password": "env:P"}
)
here = pytest.mark.skipif(not MAILS, reason="the recordings are not here")


@here
def test_there_are_mails() -> None:
    assert len(MAILS) >= 60


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_a_recorded_mail_says_what_its_headers_say(path: Path) -> None:
    """Beside the older parser of the library, wherever that one reads the header at all."""
    raw = path.read_bytes()
    plain = message_from_bytes(raw, policy=compat32)
    mail = read_mail(raw)
    subject = plain["Subject"]
    if isinstance(subject, str) and "?NONE?" not in subject:
        try:
            wanted = str(make_header(decode_header(re.sub(r"\r?\n", "", subject))))
        except (LookupError, UnicodeDecodeError):
            wanted = ""
        assert " ".join(wanted.split()) == mail.subject or not wanted
    sender = plain["From"]
    if isinstance(sender, str) and "," not in sender:
        assert parseaddr(" ".join(sender.split()))[1] == mail.sender
    try:
        said = parsedate_to_datetime(str(plain["Date"]))
    except (ValueError, TypeError, IndexError):
        said = None
    if said is not None and said.year < 2200:
        said = said if said.tzinfo else said.replace(tzinfo=UTC)
        assert mail.written_at == said.astimezone(UTC)
    ident = plain["Message-ID"]
    assert mail.message_id == (str(ident).strip("<> \n") if ident else "")
    for text in (mail.text, mail.subject, mail.sender_name):
        text.encode()
        assert "Content-Transfer-Encoding" not in text


TEXTS = {
    "attachment_content_disposition": "This is the first part.",
    "bad_encoded_subject": "TEST",
    "double_fields": "double_fields",
    "example02": 'This is a message just to say hello.\nSo, "Hello".',
    "imap1": "Some plain text\nSome second line",
    "japanese": "かきくえこ",
    "ks_c_5601-1987": "스티해",
    "multiple_content_types": "foo",
    "multiple_invalid_content_dispositions": "foo",
    "raw_email_simple": "Hello Mikel",
    "raw_email_reply": "Message body",
    "raw_email_with_illegal_boundary": "Hello\nThis is an outlook test\n\nSo there.\n\nMe.",
    "raw_email_with_quoted_illegal_boundary": "Hello\nThis is an outlook test\n\nSo there.\n\nMe.",
    "raw_email_with_partially_quoted_content_id": "текстовое сообщение с вложением, у которого "
    "есть Content-ID.",
    "utf8_headers": "body",
    "attachment_2_base64": "two attach",
}


@here
@pytest.mark.parametrize("name", TEXTS)
def test_a_recorded_mail_has_its_text(name: str) -> None:
    assert read_mail((RECORDINGS / f"email_eml/{name}.eml").read_bytes()).text == TEXTS[name]


MACHINES = {
    "multi_address_bounce1",
    "multi_address_bounce2",
    "multipart_report_multiple_status",
    "report_530",
}


@here
def test_only_machines_are_passed_over() -> None:
    passed = set()
    for path in MAILS:
        found, _ = taken(Letter(1, path.read_bytes(), path.stat().st_size, None), SETTINGS)
        if found is None:
            passed.add(path.stem)
        else:
            assert found.external_id
            assert found.text or found.title or path.stem == "example03"
    assert passed == MACHINES


@here
def test_a_form_that_writes_from_no_reply_speaks_for_its_customer() -> None:
    mail = read_mail((RECORDINGS / "email_eml/text_with_content_id.eml").read_bytes())
    assert why_automatic(mail, (), ()) == ""
    assert mail.reply_to != mail.sender


ANSWERS = {
    "android.eml": "Hello",
    "apple_mail.eml": "Hello",
    "comcast.eml": "Hello",
    "gmail.eml": "Hello",
    "iphone.eml": "Hello",
    "outlook.eml": "Hello",
    "sparrow.eml": "Hello",
    "thunderbird.eml": "Hello",
    "hotmail.html": "Hi. I am fine.\n\nThanks,\n\nAlex",
    "ms_outlook_2010.html": "Hi. I am fine.\n\nThanks,\n\nAlex",
    "reply-separated-by-hr.html": "Hi\nthere\n\nBob",
    "yandex_ru.html": "Hi. I am fine.\n\nThanks,\nAlex",
    "sparrow_reply_text": "Hello",
}


@here
@pytest.mark.parametrize("name", ANSWERS)
def test_the_history_of_a_recorded_answer_is_cut(name: str) -> None:
    raw = (REPLIES / name).read_bytes()
    if name.endswith(".eml"):
        assert read_mail(raw).text == ANSWERS[name]
    elif name.endswith(".html"):
        assert said_in_html(raw.decode()) == ANSWERS[name]
    else:
        assert said_in(raw.decode()) == ANSWERS[name]


@here
def test_the_html_of_a_recorded_answer_is_cut_like_its_text() -> None:
    seen = 0
    for path in REPLIES.glob("*.eml"):
        for part in message_from_bytes(path.read_bytes(), policy=compat32).walk():
            if part.get_content_type() != "text/html":
                continue
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            said = said_in_html(decode(payload, part.get_content_charset() or ""))
            assert "wrote:" not in said
            assert "From:" not in said
            assert len(said) < 400
            seen += 1
    assert seen >= 5


HISTORY = [
    "On Mon, Apr 2, 2026 at 6:26 PM, Ada <ada@x.example> wrote:\n> Hi",
    "On Mon, Apr 2, 2026 at 6:26 PM, Ada Byron of Ockham\n<ada@x.example> wrote:\n\n> Hi",
    "Am 2. April 2026 um 18:26 schrieb Ada <ada@x.example>:\n> Hallo",
    "Am 02.04.2026 um 18:26 schrieb Ada:\n> Hallo",
    "Le lun. 2 avr. 2026 à 18:26, Ada <ada@x.example> a écrit :\n> Salut",
    "El lun, 2 abr 2026 a las 18:26, Ada (<ada@x.example>) escribió:\n> Hola",
    "Il giorno lun 2 apr 2026 alle ore 18:26 Ada <ada@x.example> ha scritto:\n> Ciao",
    "Op ma 2 apr. 2026 om 18:26 schreef Ada <ada@x.example>:\n> Hoi",
    "Em seg., 2 de abr. de 2026 às 18:26, Ada <ada@x.example> escreveu:\n> Oi",
    '26.06.2026, 14:41, "Ada" <ada@x.example>:\n> Hi',
    "-----Original Message-----\nFrom: Ada\nHi",
    "-------- Ursprüngliche Nachricht --------\nVon: Ada\nHallo",
    "----- Mensaje original -----\nHola",
    "________________________________\nFrom: Ada\nSent: Monday\nTo: us\nSubject: Hi\n\nHi",
    "Von: Ada\nGesendet: Montag\nAn: uns\nBetreff: Hallo\n\nHallo",
    "De : Ada\nEnvoyé : lundi\nÀ : nous\nObjet : Salut\n\nSalut",
    "*From:* Ada\n*Sent:* Monday\n*To:* us\n*Subject:* Hi\n\nHi",
    "tir. 2. apr. 2026 kl. 18:26 skrev Ada <ada@x.example\n>:\n> Hei",
    'ma. 2. apr. 2026 18:26, "Ada" írta:\n> Szia',
    "-------- Oprindelig besked --------\nFra: Ada\nHej",
    "Fra: Ada\nDato: 02.04.2026\nTil: os\nEmne: Hej\n\nHej",
    "Od: Ada\nWysłano: środa\nDo: nas\nTemat: Kawa\n\nHej",
    "---- On Mon, 02 Apr 2026 18:26:50 +0100 Ada <ada@x.example> wrote ----\n\nHi",
]


@pytest.mark.parametrize("history", HISTORY, ids=range(len(HISTORY)))
def test_history_is_known_in_many_languages(history: str) -> None:
    said = "The coffee was cold.\nAnd late: On Monday it was, too."
    assert said_in(f"{said}\n\n{history}") == said
    assert said_in(f"{said}\n\n{history}\n\nmore of it") in (said, f"{said}\n\nmore of it")


@pytest.mark.parametrize(
    "text",
    [
        "At 10:30 your waiter told my wife:\nwait or leave. We left.",
        "On Monday at 10:30 I wrote:\nwhere is my order? Nobody answered.",
        "From: the door\nit was a long way.",
        "I paid 5 -- and got nothing.",
        "Three things:\n- cold\n- late\n- rude",
        "-- ",
        "> is greater than <",
        "Date: 1 March\nI was there.",
    ],
)
def test_a_customers_own_words_stay(text: str) -> None:
    assert said_in(text) == "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()


def test_answers_between_and_below_the_quotation_stay() -> None:
    text = "> Was it cold?\nYes, very.\n> And late?\nForty minutes.\n"
    assert said_in(text) == "Yes, very.\nForty minutes."
    assert said_in("On 01/02/2026 06:26 PM, Ada wrote:\n> Hi\nBelow") == "Below"


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nAda Byron\n+44 20 7946 0000",
        "--\nAda",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Gesendet mit der Telekom Mail App",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Inviato da iPhone",
        "Verzonden vanaf mijn iPhone",
        "Get Outlook for iOS",
        "Envoyé à partir de Outlook pour iOS<https://x.example/o>",
    ],
)
def test_a_signature_is_cut(signature: str) -> None:
    assert said_in(f"It was cold.\n\n{signature}\n") == "It was cold."


LINE = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["> quoted", "--", "-- ", "On Mon, Apr 2, 2026 at 6:26 PM, Ada <a@x.example> wrote:",
         "From: a@x.example", "Sent: Monday", "To: us", "Subject: Hi", "-----Original Message-----",
         "Sent from my iPhone", "___________", "", "<blockquote>", "</blockquote>", "<hr>",
         '<div id="appendonsend">', "\ue000", "\ue002"]
    ),
)  # fmt: skip


@trial(deadline=None)
@given(st.lists(LINE, max_size=12).map("\n".join))
def test_something_is_always_left(text: str) -> None:
    if any(char.isalnum() for char in text):
        assert any(char.isalnum() for char in said_in(text))
    assert len(said_in(text)) <= len(text)


@trial(deadline=None)
@given(st.lists(LINE, max_size=12).map("\n".join))
def test_something_is_always_left_of_html(text: str) -> None:
    bare = said_in_html(f"<p>Cold.</p>{text}")
    assert any(char.isalnum() for char in bare)


@pytest.mark.parametrize(
    "hostile",
    ["<blockquote" * 20_000, "<div " * 50_000, "From:\n" * 40_000, "-" * 200_000, "a@" * 100_000,
     "On Monday\n" * 30_000, "<blockquote>" * 20_000, "> " * 100_000, "\n" * 200_000,
     "On 2026 " * 40_000, "-- \n" * 50_000],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_hostile_texts_take_no_time(hostile: str) -> None:
    began = time.monotonic()
    said_in(hostile)
    said_in_html(hostile)
    read_mail(b"Content-Type: text/html\n\n" + hostile.encode())
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        ("Käse".encode(), "us-ascii", "Käse"),
        ("Käse".encode("cp1252"), "us-ascii", "Käse"),
        ("“Käse” 5 €".encode("cp1252"), "iso-8859-1", "“Käse” 5 €"),
        ("Käse".encode("cp1252"), "utf-8", "Käse"),
        ("Käse".encode(), "x-unknown", "Käse"),
        ("Käse".encode(), "", "Käse"),
        ("한국말".encode("cp949"), "ks_c_5601-1987", "한국말"),
        ("日本".encode("cp932"), "shift_jis", "日本"),
        ("日本".encode("iso-2022-jp"), "iso-2022-jp", "日本"),
        ("中国".encode("gb18030"), '"gb2312"', "中国"),
        (b"plain", "base64", "plain"),
        (b"plain", "hex", "plain"),
    ],
)
def test_character_sets_are_taken_for_what_they_are(raw: bytes, charset: str, text: str) -> None:
    assert decode(raw, charset) == text


def test_lines_broken_for_the_journey_are_joined() -> None:
    flowed = "The coffee \nwas cold.\n> it \n> was\n-- \nAda\n"
    assert unflowed(flowed, delete=False) == "The coffee was cold.\n> it was\n-- \nAda\n"
    assert unflowed("日本 \n語\n", delete=True) == "日本語\n"


def test_an_html_mail_without_plain_text_is_read() -> None:
    raw = (
        b"From: ada@x.example\nContent-Type: text/html; charset=utf-8\n\n"
        b"<style>p{}</style><p>It was <b>cold</b>.</p><blockquote>Older</blockquote>"
    )
    assert read_mail(raw).text == "It was cold."


def test_the_date_of_a_recorded_mail_from_the_future_is_its_arrival() -> None:
    arrived = datetime(2026, 3, 1, tzinfo=UTC)
    raw = b"From: a@x.example\nDate: Mon, 30 Jun 3609 15:33:50 +0600\n\nHi"
    assert read_mail(raw, arrived).written_at == arrived


def test_signs_that_only_the_wider_japanese_set_has() -> None:
    word = b64encode(b"\x1b$B-!\x1b(B 8.30").decode()
    head = (
        f"Subject: \u0416 =?iso-2022-jp?B?{word}?=\nContent-Type: text/plain; charset=iso-2022-jp"
    )
    mail = read_mail(f"{head}\n\n".encode() + b"\x1b$B-!%3!<%R!<\x1b(B")
    assert mail.subject == "\u0416 \u2460 8.30"
    assert mail.text == "\u2460\u30b3\u30fc\u30d2\u30fc"
