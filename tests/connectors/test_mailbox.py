"""The mailbox: reading by IMAP, answering by SMTP, against servers of our own."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as trial
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import Context, FoundMention, MentionRef, Page
from connectors.errors import (
    AuthFailed,
    BadSettings,
    ConnectorError,
    LayoutChanged,
    NotSupported,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.mailbox import KIND, MailboxConnector, MailboxSettings
from connectors.mailbox.imap import quoted
from connectors.mailbox.letters import read_mail
from connectors.mailbox.sending import compose, id_of, is_ours
from connectors.testing.http_server import LoopbackServer, Reply, Request
from connectors.vault import MemoryVault
from tests.connectors.peers.mailbox import PASSWORD
from tests.support.mail_server import Folder, MailServer

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OUR = "hello@harbour.example"
Open = Callable[..., MailboxConnector]


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture
def connect(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    monkeypatch.setenv("TEST_MAILBOX_PASSWORD", PASSWORD)
    opened: list[MailboxConnector] = []

    def make(**told: Any) -> MailboxConnector:
        settings = {
            "address": OUR,
            "name": "Harbour Coffee",
            "host": "127.0.0.1",
            "port": server.imap_port,
            "security": "plain",
            "smtp_host": "127.0.0.1",
            "smtp_port": server.smtp_port,
            "smtp_security": "plain",
            "sent_folder": "Sent",
            "sent_copies": "server",
            "allow_private_addresses": True,
        }
        if "token_url" not in told:
            settings["password"] = "env:TEST_MAILBOX_PASSWORD"
        context = Context("mail", now=lambda: NOW, **told.pop("context", {}))
        opened.append(
            MailboxConnector(MailboxSettings.model_validate({**settings, **told}), context)
        )
        return opened[-1]

    yield make
    for connector in opened:
        connector.close()


def letter(text: str = "The coffee was cold.", **headers: str) -> bytes:
    told = {
        "From": "Ada Byron <ada@elsewhere.example>",
        "To": OUR,
        "Subject": "My visit",
        "Date": "Sun, 01 Mar 2026 10:00:00 +0000",
        "Message-ID": "<visit@elsewhere.example>",
    }
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\n" for name, value in told.items() if value)
    return f"{head}\n{text}\n".encode()


def read_all(connector: MailboxConnector, cursor: Any = None) -> tuple[list[Page], Any]:
    pages: list[Page] = []
    cursor = cursor or {}
    for _ in range(100):
        pages.append(connector.fetch(cursor))
        cursor = pages[-1].next_cursor
        if not pages[-1].more:
            return pages, cursor
    raise AssertionError("there is always more")


def mentions(pages: list[Page]) -> list[FoundMention]:
    return [one for page in pages for one in page.mentions]


def only(server: MailServer, connector: MailboxConnector, raw: bytes) -> FoundMention:
    server.deliver(raw)
    (found,) = mentions(read_all(connector)[0])
    return found


def ref_of(found: FoundMention) -> MentionRef:
    return MentionRef(
        found.external_id,
        author_name=found.author_name,
        author_id=found.author_id,
        raw=dict(found.raw or {}),
    )


class TestReading:
    def test_a_mail_is_a_message_to_us(self, server: MailServer, connect: Open) -> None:
        found = only(server, connect(), letter())
        assert found.kind == "message"
        assert (found.author_name, found.author_id) == ("Ada Byron", "ada@elsewhere.example")
        assert (found.title, found.text) == ("My visit", "The coffee was cold.")
        assert found.created_at == datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
        assert found.addressed_to_us
        assert found.external_id.startswith("visit@elsewhere.example~")

    def test_every_mail_of_a_large_folder_is_found_once(
        self, server: MailServer, connect: Open
    ) -> None:
        for number in range(137):
            server.deliver(letter(f"Visit {number}", Message_ID=f"<{number}@elsewhere.example>"))
        pages, cursor = read_all(connect())
        assert len(pages) == 6
        assert {one.text for one in mentions(pages)} == {f"Visit {n}" for n in range(137)}
        assert len(mentions(pages)) == 137
        assert server.commands.count("UID SEARCH UID 1:*") == 1, "one search for all the pages"
        again = connect().fetch(cursor)
        assert (again.mentions, again.next_cursor, again.unchanged) == ((), cursor, True)

    def test_the_mailbox_is_left_as_it_was(self, server: MailServer, connect: Open) -> None:
        only(server, connect(), letter())
        words = {command.split()[0] for command in server.commands}
        assert words == {"CAPABILITY", "AUTHENTICATE", "EXAMINE", "UID", "LOGOUT"}

    def test_a_search_that_names_the_last_mail_again_brings_nothing(
        self, server: MailServer, connect: Open
    ) -> None:
        server.deliver(letter())
        connector = connect()
        _, cursor = read_all(connector)
        page = connector.fetch(cursor)
        assert "UID SEARCH UID 2:*" in server.commands
        assert page.mentions == ()
        assert page.next_cursor == cursor

    def test_new_numbers_are_noticed_and_ids_stay(self, server: MailServer, connect: Open) -> None:
        for number in range(5):
            server.deliver(letter(f"Visit {number}", Message_ID=f"<{number}@elsewhere.example>"))
        before, cursor = read_all(connect())
        server.inbox.renumber()
        server.deliver(letter("Visit 5", Message_ID="<5@elsewhere.example>"))
        after, renumbered = read_all(connect(), cursor)
        ids = {one.external_id for one in mentions(before)}
        assert ids < {one.external_id for one in mentions(after)}
        assert len(mentions(after)) == 6
        assert renumbered["validity"] == cursor["validity"] + 1

    def test_the_same_cursor_gives_the_same_page_also_amid_many(
        self, server: MailServer, connect: Open
    ) -> None:
        for number in range(60):
            server.deliver(letter(f"Visit {number}", Message_ID=f"<{number}@elsewhere.example>"))
        connector = connect()
        first = connector.fetch({})
        second = connector.fetch(first.next_cursor)
        assert connector.fetch({}).mentions == first.mentions
        assert connector.fetch(first.next_cursor).mentions == second.mentions

    def test_the_first_reading_can_begin_some_days_ago(
        self, server: MailServer, connect: Open
    ) -> None:
        old = NOW - timedelta(days=40)
        server.deliver(letter("Old", Message_ID="<1@elsewhere.example>"), old)
        server.deliver(letter("New", Message_ID="<2@elsewhere.example>"))
        pages, cursor = read_all(connect(first_days=30))
        assert [one.text for one in mentions(pages)] == ["New"]
        server.inbox.renumber()
        pages, _ = read_all(connect(first_days=30), cursor)
        assert [one.text for one in mentions(pages)] == ["New"]

    def test_two_mails_with_one_id_stay_two_people(self, server: MailServer, connect: Open) -> None:
        server.deliver(letter("I am Ada."))
        server.deliver(letter("I am not.", From="eve@elsewhere.example"))
        found = mentions(read_all(connect())[0])
        assert len({one.external_id for one in found}) == 2

    def test_a_repeated_id_is_told_apart_and_a_doubled_mail_is_not(
        self, server: MailServer, connect: Open
    ) -> None:
        server.deliver(letter("First."))
        server.deliver(letter("First.", Received="by another way; Sun, 01 Mar 2026 10:01:00 +0000"))
        server.deliver(letter("Second."))
        connector = connect()
        pages, cursor = read_all(connector)
        first, doubled, second = mentions(pages)
        assert first.external_id == doubled.external_id != second.external_id
        server.deliver(letter("Third."))
        server.deliver(letter("First."))
        server.deliver(letter("Another.", Message_ID="<other@x.example>"))
        third, again, other = mentions(read_all(connect(), cursor)[0])
        assert again.external_id == first.external_id
        assert len({one.external_id for one in (first, second, third, other)}) == 4
        told = connector.read(ref_of(second))
        assert told is not None
        assert (told.text, told.external_id) == ("Second.", second.external_id)

    def test_mails_without_an_id_are_known_by_their_bytes(
        self, server: MailServer, connect: Open
    ) -> None:
        server.deliver(letter("One", Message_ID=""))
        server.deliver(letter("Two", Message_ID=""))
        first = {one.external_id for one in mentions(read_all(connect())[0])}
        server.inbox.renumber()
        again = {one.external_id for one in mentions(read_all(connect())[0])}
        assert len(first) == 2
        assert first == again

    def test_a_huge_mail_is_read_in_part_and_told_where_its_text_goes_on(
        self, server: MailServer, connect: Open
    ) -> None:
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Message-ID"] = "ada@elsewhere.example", OUR, "<p@x.example>"
        mail.set_content("See the photograph.")
        mail.add_attachment(b"\xff" * 900_000, maintype="image", subtype="jpeg", filename="a.jpg")
        server.deliver(mail.as_bytes())
        server.deliver(letter("cold " * 200_000, Message_ID="<long@elsewhere.example>"))
        (page,), _ = read_all(connect())
        texts = [one.text for one in page.mentions]
        assert texts[0] == "See the photograph.", "the photograph is behind all the text"
        assert texts[1].startswith("cold cold")
        (problem,) = page.problems
        assert "262,144 bytes" in problem.reason

    def test_words_behind_a_mail_and_unasked_ones_are_understood(
        self, server: MailServer, connect: Open
    ) -> None:
        server.fault = "behind"
        assert only(server, connect(), letter()).text == "The coffee was cold."

    def test_a_folder_in_any_letters(self, server: MailServer, connect: Open) -> None:
        server.folders['Anfragen & "Lob" &APw-'] = Folder()
        assert quoted("Entwürfe") == '"Entw&APw-rfe"'
        assert quoted("台北") == '"&U,BTFw-"'
        assert quoted('a&"b\\') == '"a&-\\"b\\\\"'
        server.folders["Entw&APw-rfe"] = server.folders.pop("INBOX")
        server.folders["Entw&APw-rfe"].put(letter())
        assert len(mentions(read_all(connect(folder="Entwürfe"))[0])) == 1

    def test_our_answer_is_seen_before_we_answer_again(
        self, server: MailServer, connect: Open
    ) -> None:
        connector = connect()
        found = only(server, connector, letter())
        again = connector.read(ref_of(found))
        assert again is not None
        assert (again.text, again.our_reply) == (found.text, "")
        by_hand = letter("Sorry! Mara", From=OUR, In_Reply_To="<visit@elsewhere.example>")
        server.folders["Sent"].put(by_hand)
        again = connector.read(ref_of(found))
        assert again is not None
        assert again.our_reply == "Sorry! Mara"
        assert again.our_reply_at is not None

    def test_a_mail_that_staff_moved_away_is_not_a_deleted_one(
        self, server: MailServer, connect: Open
    ) -> None:
        connector = connect()
        found = only(server, connector, letter())
        server.inbox.mails.clear()
        with pytest.raises(NotSupported):
            connector.read(ref_of(found))


class TestAutomaticMails:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Auto_Submitted": "auto-replied"},
            {"Auto_Submitted": "auto-generated (failure)"},
            {"Precedence": "bulk"},
            {"Precedence": "List"},
            {"Precedence": "junk"},
            {"List_Id": "News <news.elsewhere.example>"},
            {"Return_Path": "<>"},
            {"From": "MAILER-DAEMON@elsewhere.example"},
            {"From": "Mail Delivery <postmaster@elsewhere.example>"},
            {"From": "bounces+17@elsewhere.example"},
            {"From": "no-reply@elsewhere.example"},
            {"From": "Shop <noreply-orders@elsewhere.example>"},
            {"From": "do_not_reply@elsewhere.example"},
            {"From": f"Harbour Coffee <{OUR.upper()}>"},
            {"From": "office@harbour.example"},
            {"X_Autoreply": "yes"},
            {"Message_ID": f"<{id_of('k', OUR)}>"},
        ],
        ids=str,
    )
    def test_it_is_no_mention(
        self, server: MailServer, connect: Open, headers: dict[str, str]
    ) -> None:
        server.deliver(letter(**headers))
        server.deliver(letter("A person", Message_ID="<2@x.example>"))
        pages, _ = read_all(connect(aliases=["office@harbour.example"]))
        assert [one.text for one in mentions(pages)] == ["A person"]
        assert not any(page.problems for page in pages)

    @pytest.mark.parametrize(
        "headers",
        [
            {"Auto_Submitted": "no"},
            {"From": "noreen@elsewhere.example"},
            {"From": "reply@elsewhere.example"},
            {"Return_Path": "<ada@elsewhere.example>"},
            {"Precedence": "first-class"},
        ],
        ids=str,
    )
    def test_a_person_is_not_taken_for_a_machine(
        self, server: MailServer, connect: Open, headers: dict[str, str]
    ) -> None:
        assert only(server, connect(), letter(**headers)).text == "The coffee was cold."

    @pytest.mark.parametrize("sender", ["no-reply@forms.example", OUR])
    def test_a_form_speaks_for_the_customer_it_names(
        self, server: MailServer, connect: Open, sender: str
    ) -> None:
        found = only(
            server, connect(), letter(From=f"Form <{sender}>", Reply_To="Ada <ada@x.example>")
        )
        assert (found.author_name, found.author_id) == ("Ada", "ada@x.example")
        assert (found.raw or {})["answer_to"] == "ada@x.example"

    def test_our_own_group_is_no_list(self, server: MailServer, connect: Open) -> None:
        raw = letter(
            From='"Ada via Support" <support@harbour.example>',
            Reply_To="Ada <ada@x.example>",
            List_Id="Support <support.harbour.example>",
            Precedence="list",
        )
        server.deliver(raw)
        assert mentions(read_all(connect())[0]) == []
        (found,) = mentions(read_all(connect(own_lists=["support.harbour.example"]))[0])
        assert found.author_id == "ada@x.example"

    def test_a_bounce_of_our_answer_is_told(self, server: MailServer, connect: Open) -> None:
        raw = letter(
            f"Could not be delivered\n\nMessage-ID: <{id_of('key', OUR)}>\n",
            From="MAILER-DAEMON@elsewhere.example",
            Content_Type="multipart/report; report-type=delivery-status; boundary=x",
        )
        server.deliver(raw)
        (page,), _ = read_all(connect())
        assert page.mentions == ()
        assert "an answer of ours" in page.problems[0].reason


class TestNotices:
    GOOD = "mx.harbour.example; spf=pass; dkim=pass (2048 bit) header.d=google.com header.s=x"

    def notice(self, **headers: str) -> bytes:
        told = {
            "Authentication_Results": self.GOOD,
            "From": "Google <noreply-local@google.com>",
            "Subject": "Jonas left a review",
            "Precedence": "bulk",
        }
        text = "Read it: https://business.google.com/reviews/1 https://evil.example/reviews"
        return letter(text, **{**told, **headers})

    def test_it_is_a_pointer_that_takes_no_answer(self, server: MailServer, connect: Open) -> None:
        connector = connect(authentication_server="mx.harbour.example")
        found = only(server, connector, self.notice())
        assert found.text == "Google: Jonas left a review"
        assert found.url == "https://business.google.com/reviews/1"
        assert found.locked
        assert not found.addressed_to_us

    @pytest.mark.parametrize(
        "results",
        [
            "",
            "mx.evil.example; dkim=pass header.d=google.com",
            "mx.harbour.example; dkim=fail header.d=google.com",
            "mx.harbour.example; dkim=pass header.d=evil.example",
            "mx.harbour.example; dkim=pass header.d=notgoogle.com",
            "mx.harbour.example; dkim=none (dkim=pass header.d=google.com)",
            "mx.harbour.example; spf=pass smtp.mailfrom=google.com",
        ],
        ids=str,
    )
    def test_nobody_else_is_believed(self, server: MailServer, connect: Open, results: str) -> None:
        server.deliver(self.notice(Authentication_Results=results))
        connector = connect(authentication_server="mx.harbour.example")
        assert mentions(read_all(connector)[0]) == []

    def test_a_header_that_came_with_the_mail_is_not_believed(
        self, server: MailServer, connect: Open
    ) -> None:
        forged = b"Authentication-Results: mx.harbour.example; dkim=fail header.d=google.com\n"
        server.deliver(forged + self.notice())
        connector = connect(authentication_server="mx.harbour.example")
        assert mentions(read_all(connector)[0]) == []

    def test_without_the_servers_name_nothing_is_believed(
        self, server: MailServer, connect: Open
    ) -> None:
        server.deliver(self.notice())
        assert mentions(read_all(connect())[0]) == []


class TestThreads:
    def test_an_answer_to_our_answer_names_it(self, server: MailServer, connect: Open) -> None:
        connector = connect()
        first = only(server, connector, letter())
        receipt = connector.reply(ref_of(first), "We are sorry. Mara", "key-1")
        (sent,) = server.sent
        told = message_from_bytes(sent, policy=default)
        server.deliver(
            letter(
                "Thank you.",
                Message_ID="<2@elsewhere.example>",
                In_Reply_To=told["Message-ID"],
                References=f"{told['References']} {told['Message-ID']}",
            )
        )
        later = mentions(read_all(connector)[0])[-1]
        assert later.parent_external_id == receipt.external_id

    def test_a_further_mail_names_the_customers_first(
        self, server: MailServer, connect: Open
    ) -> None:
        connector = connect()
        first = only(server, connector, letter())
        named = "<visit@elsewhere.example> <by-hand@harbour.example>"
        server.deliver(letter("And", Message_ID="<2@x.example>", References=named))
        assert mentions(read_all(connector)[0])[-1].parent_external_id == first.external_id

    def test_a_stranger_in_the_thread_is_not_the_customer(
        self, server: MailServer, connect: Open
    ) -> None:
        connector = connect()
        first = only(server, connector, letter())
        named = "<visit@elsewhere.example>"
        server.deliver(letter("Me too", From="eve@x.example", Message_ID="<2@x>", References=named))
        assert mentions(read_all(connector)[0])[-1].parent_external_id != first.external_id


class TestAnswering:
    def test_what_leaves_is_a_plain_answer_in_the_thread(
        self, server: MailServer, connect: Open
    ) -> None:
        connector = connect()
        found = only(server, connector, letter(Subject="=?utf-8?q?K=C3=A4lte?="))
        text = "Liebe Ada,\n\n.es tut uns leid – wirklich.\nFrom now on it is hot.\nMara"
        receipt = connector.reply(ref_of(found), text, "key-1")
        (raw,) = server.sent
        mail = message_from_bytes(raw, policy=default)
        assert server.envelopes == [(OUR, "ada@elsewhere.example")]
        assert mail["From"] == f"Harbour Coffee <{OUR}>"
        assert mail["To"] == "Ada Byron <ada@elsewhere.example>"
        assert mail["Subject"] == "Re: Kälte"
        assert mail["In-Reply-To"] == "<visit@elsewhere.example>"
        assert mail["References"] == "<visit@elsewhere.example>"
        assert mail["Message-ID"] == f"<{receipt.external_id}>"
        assert mail["Date"].datetime == NOW
        assert "Auto-Submitted" not in mail, "a person approved it"
        assert mail.get_content_type() == "text/plain"
        assert mail.get_content().replace("\r\n", "\n").rstrip("\n") == text
        assert all(len(line) <= 78 for line in raw.split(b"\r\n"))

    def test_a_repeat_carries_the_same_id(self, server: MailServer, connect: Open) -> None:
        connector = connect()
        found = only(server, connector, letter())
        first = connector.reply(ref_of(found), "Sorry.", "key-1")
        again = connector.reply(ref_of(found), "Sorry.", "key-1")
        other = connector.reply(ref_of(found), "Sorry.", "key-2")
        assert first.external_id == again.external_id != other.external_id
        assert is_ours(first.external_id, OUR)

    def test_a_long_id_is_not_encoded(self) -> None:
        ident = "A" * 200 + "@elsewhere.example"
        raw = compose(
            sender=("", OUR),
            recipient=("", "ada@x.example"),
            subject="",
            text="Sorry.",
            message_id=id_of("key", OUR),
            in_reply_to=ident,
            references=["B" * 120 + "@x.example", ident, "not an id", "<x>"],
            now=NOW,
        )
        assert f"In-Reply-To: <{ident}>\r\n".encode() in raw
        assert message_from_bytes(raw)["References"].split() == [
            "<" + "B" * 120 + "@x.example>",
            f"<{ident}>",
        ]

    @trial(deadline=None)
    @given(
        subject=st.text(),
        name=st.text(),
        ident=st.text(),
        text=st.text(min_size=1),
        key=st.text(),
    )
    def test_no_header_can_be_smuggled_in(
        self, subject: str, name: str, ident: str, text: str, key: str
    ) -> None:
        evil = "\r\nBcc: everybody@x.example\r\n\r\nSurprise"
        try:
            raw = compose(
                sender=(name + evil, OUR),
                recipient=(evil + name, "ada@x.example"),
                subject=subject + evil,
                text=text,
                message_id=id_of(key, OUR),
                in_reply_to=ident + evil,
                references=[evil, ident],
                now=NOW,
            )
        except Rejected:
            return
        mail = message_from_bytes(raw, policy=default)
        assert set(mail.keys()) <= {
            "In-Reply-To", "References", "From", "To", "Subject", "Date", "Message-ID",
            "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
        }  # fmt: skip
        assert [one.addr_spec for one in mail["To"].addresses] == ["ada@x.example"]

    @pytest.mark.parametrize(
        "answer_to",
        [
            "",
            OUR,
            "no-reply@elsewhere.example",
            "a@x.example, b@x.example",
            "a@x.example\r\nRCPT TO:<b@x.example>",
            "<a@x.example>",
            "jdöe@x.example",
        ],
        ids=repr,
    )
    def test_nobody_else_can_be_made_the_recipient(
        self, server: MailServer, connect: Open, answer_to: str
    ) -> None:
        ref = MentionRef("x", author_id="", raw={"answer_to": answer_to})
        with pytest.raises(Rejected):
            connect().reply(ref, "Sorry.", "key")
        assert server.sent == []

    def test_a_domain_in_its_own_letters_is_reached(
        self, server: MailServer, connect: Open
    ) -> None:
        ref = MentionRef("x", raw={"answer_to": "ada@mächine.example"})
        connect().reply(ref, "Sorry.", "key")
        assert server.envelopes[0][1] == "ada@xn--mchine-bua.example"

    @pytest.mark.parametrize(
        ("said", "error"),
        [
            ({"greet": "421 4.3.2 busy"}, Unavailable),
            ({"greet": "554 5.7.1 go away"}, Rejected),
            ({"auth": "454 4.7.0 try later"}, Unavailable),
            ({"auth": "535 5.7.8 no"}, AuthFailed),
            ({"mail": "530 5.7.0 sign in"}, AuthFailed),
            ({"mail": "451 4.3.0 local error"}, Unavailable),
            ({"mail": "452 4.5.3 later"}, Unavailable),
            ({"rcpt": "450 4.2.0 greylisted"}, Unavailable),
            ({"rcpt": "550 5.1.1 no such user"}, Rejected),
            ({"rcpt": "550 5.4.5 daily limit exceeded"}, RateLimited),
            ({"rcpt": "drop"}, Unavailable),
            ({"data": "554 5.5.1 no"}, Rejected),
            ({"data": "451 4.0.0 wait"}, Unavailable),
            ({"end": "552 5.2.2 full"}, Rejected),
            ({"end": "554 5.7.1 spam"}, Rejected),
            ({"end": "451 4.7.1 wait"}, Unavailable),
            ({"end": "421 4.7.28 too many"}, RateLimited),
            ({"end": "drop"}, UnknownOutcome),
            ({"end": "what?"}, UnknownOutcome),
            ({"rcpt": "hello"}, LayoutChanged),
        ],
        ids=str,
    )
    def test_each_refusal_has_its_name(
        self,
        server: MailServer,
        connect: Open,
        said: dict[str, str],
        error: type[ConnectorError],
    ) -> None:
        found = only(server, connect(), letter())
        server.smtp = said
        with pytest.raises(error) as caught:
            connect().reply(ref_of(found), "We are sorry.", "key")
        assert type(caught.value) is error
        assert PASSWORD not in repr(caught.value)
        assert "no such user" not in str(caught.value), "a server's words may quote anything"

    def test_after_an_unknown_outcome_the_sent_mails_tell(
        self, server: MailServer, connect: Open
    ) -> None:
        connector = connect()
        ref = ref_of(only(server, connector, letter()))
        assert connector.find_reply(ref, "Sorry.", "key") is None
        server.smtp = {"end": "drop"}
        with pytest.raises(UnknownOutcome):
            connector.reply(ref, "Sorry.", "key")
        there = connector.find_reply(ref, "Sorry.", "key")
        assert there is not None
        assert there.external_id == id_of("key", OUR)

    def test_a_server_that_gives_ids_of_its_own_is_understood(
        self, server: MailServer, connect: Open
    ) -> None:
        connector = connect()
        ref = ref_of(only(server, connector, letter()))
        connector.reply(ref, "We are sorry.", "key")
        (copy,) = server.folders["Sent"].mails
        copy.raw = copy.raw.replace(id_of("key", OUR).encode(), b"4711@mx.example")
        assert connector.find_reply(ref, "We are sorry.", "key") is not None
        assert connector.find_reply(ref, "Another text.", "key") is None

    def test_where_we_keep_the_copies_a_missing_one_proves_nothing(
        self, server: MailServer, connect: Open
    ) -> None:
        server.keeps_copies = False
        connector = connect(sent_copies="us")
        ref = ref_of(only(server, connector, letter()))
        connector.reply(ref, "Sorry.", "key")
        assert len(server.folders["Sent"].mails) == 1
        assert connector.find_reply(ref, "Sorry.", "key") is not None
        with pytest.raises(NotSupported):
            connector.find_reply(ref, "Another text.", "another")
        settings = connector._settings
        assert not KIND.capabilities_of(settings).can_find_reply  # type: ignore[misc]
        with pytest.raises(NotSupported):
            connect(sent_folder="").find_reply(ref, "Sorry.", "key")

    def test_a_copy_that_cannot_be_kept_changes_nothing(
        self, server: MailServer, connect: Open
    ) -> None:
        server.keeps_copies = False
        connector = connect(sent_copies="us", sent_folder="Nowhere")
        ref = ref_of(only(server, connector, letter()))
        assert connector.reply(ref, "Sorry.", "key").state == "visible"
        assert len(server.sent) == 1

    def test_replies_are_booked_and_given_back_where_none_left(
        self, server: MailServer, connect: Open
    ) -> None:
        booked: list[float] = []

        class Counting:
            def spend(self, budget: str, amount: float = 1.0) -> None:
                assert budget == "replies"
                booked.append(amount)

            def charge(self, budget: str, amount: float) -> None:
                booked.append(amount)

        connector = connect(context={"meter": Counting()})
        ref = ref_of(only(server, connector, letter()))
        connector.reply(ref, "Sorry.", "key-1")
        server.smtp = {"rcpt": "550 5.1.1 no such user"}
        with pytest.raises(Rejected):
            connector.reply(ref, "Sorry.", "key-2")
        server.smtp = {"end": "drop"}
        with pytest.raises(UnknownOutcome):
            connector.reply(ref, "Sorry.", "key-3")
        assert booked == [1, 1, -1, 1]

    def test_without_a_server_answers_are_given_by_hand(
        self, server: MailServer, connect: Open
    ) -> None:
        connector = connect(smtp_host=None)
        ref = ref_of(only(server, connector, letter()))
        with pytest.raises(NotSupported):
            connector.reply(ref, "Sorry.", "key")
        assert KIND.capabilities_of is not None
        assert KIND.capabilities_of(connector._settings).reply_mode == "manual"


class TestSigningIn:
    @pytest.mark.parametrize("offered", [["IMAP4rev1"], ["IMAP4rev1", "AUTH=PLAIN"]], ids=str)
    def test_with_a_password_in_each_way(
        self, server: MailServer, connect: Open, offered: list[str]
    ) -> None:
        server.capabilities = offered
        assert only(server, connect(), letter()).text

    def test_where_no_password_is_taken(self, server: MailServer, connect: Open) -> None:
        server.capabilities = ["IMAP4rev1", "LOGINDISABLED"]
        with pytest.raises(AuthFailed):
            connect().fetch({})

    @pytest.mark.parametrize("methods", ["PLAIN", "LOGIN", "LOGIN PLAIN"])
    def test_for_sending(self, server: MailServer, connect: Open, methods: str) -> None:
        server.smtp_auth = methods
        connect().reply(MentionRef("x", author_id="ada@x.example"), "Sorry.", "key")
        assert len(server.sent) == 1

    def test_a_password_in_any_letters(
        self, server: MailServer, connect: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server.password = 'pässwört "\\'
        monkeypatch.setenv("TEST_MAILBOX_PASSWORD", server.password)
        assert only(server, connect(), letter()).text
        connect().reply(MentionRef("x", author_id="ada@x.example"), "Sorry.", "key")
        server.capabilities = ["IMAP4rev1"]
        with pytest.raises(AuthFailed):
            connect().fetch({})

    def test_with_oauth_and_a_token_that_was_revoked(
        self, server: MailServer, connect: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TEST_MAILBOX_REFRESH", "refresh me")
        vault = MemoryVault()
        with LoopbackServer() as tokens:
            tokens.otherwise(
                lambda request: Reply.json({"access_token": server.token, "expires_in": 3600})
            )

            def oauth() -> MailboxConnector:
                return connect(
                    token_url=f"{tokens.url}/token",
                    client_id="rapport",
                    refresh_token="env:TEST_MAILBOX_REFRESH",
                    context={"vault": vault},
                )

            server.deliver(letter())
            assert len(mentions(read_all(oauth())[0])) == 1
            assert tokens.requests[0].form["refresh_token"] == "refresh me"
            oauth().reply(MentionRef("x", author_id="ada@x.example"), "Sorry.", "key")
            assert len(tokens.requests) == 1, "the token is kept"
            server.token = "an0ther"
            assert len(mentions(read_all(oauth())[0])) == 1
            assert len(tokens.requests) == 2
            vault.put("oauth", {**(vault.get("oauth") or {}), "refresh_token": "rotated"})

            def renewed(request: Request) -> Reply:
                if request.form["refresh_token"] == "rotated":
                    return Reply.json({"error": "invalid_grant"}, 400)
                return Reply.json({"access_token": "the last", "expires_in": "3600"})

            tokens.otherwise(renewed)
            server.token = "the last"
            assert len(mentions(read_all(oauth())[0])) == 1, "a person put a new one there"
            tokens.otherwise(lambda request: Reply.json({"error": "invalid_grant"}, 400))
            server.token = "a third"
            with pytest.raises(AuthFailed) as caught:
                oauth().fetch({})
            assert "refresh me" not in repr(caught.value)

    def test_health_says_what_works(self, server: MailServer, connect: Open) -> None:
        server.deliver(letter())
        health = connect().verify()
        assert health.ok
        assert "INBOX" in health.summary
        assert "1 mails" in health.summary
        server.smtp = {"auth": "535 5.7.8 no"}
        health = connect().verify()
        assert not health.ok
        assert "cannot answer" in health.summary
        server.password = "another"
        with pytest.raises(AuthFailed):
            connect().verify()


class TestTheLine:
    @pytest.fixture
    def certificate(self, tmp_path: Path) -> Path:
        openssl = shutil.which("openssl")
        if openssl is None:
            pytest.skip("openssl is not installed")
        path = tmp_path / "own.pem"
        command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                   "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                   "-keyout", str(path) + ".key", "-out", str(path)]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)
        return path

    @pytest.mark.parametrize("security", ["tls", "starttls"])
    def test_certificates_are_checked(
        self,
        certificate: Path,
        connect: Open,
        monkeypatch: pytest.MonkeyPatch,
        security: str,
    ) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, str(certificate) + ".key")
        with MailServer(context, from_start=security == "tls") as server:
            told = {
                "port": server.imap_port,
                "smtp_port": server.smtp_port,
                "security": security,
                "smtp_security": security,
                "host": "localhost",
                "smtp_host": "localhost",
            }
            server.deliver(letter())
            ref = MentionRef("x", author_id="ada@x.example")
            with pytest.raises(Unavailable, match="certificate that is not trusted"):
                connect(**told).fetch({})
            with pytest.raises(Unavailable, match="certificate that is not trusted"):
                connect(**told).reply(ref, "Sorry.", "key")
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
            assert len(mentions(read_all(connect(**told))[0])) == 1
            connect(**told).reply(ref, "Sorry.", "key")
            assert len(server.sent) == 1
            with pytest.raises(Unavailable, match="certificate that is not trusted"):
                connect(**{**told, "host": "127.0.0.1"}).fetch({})

    def test_a_server_without_starttls_gets_no_password(
        self, server: MailServer, connect: Open
    ) -> None:
        with pytest.raises(BadSettings):
            connect(smtp_security="starttls").reply(
                MentionRef("x", author_id="ada@x.example"), "Sorry.", "key"
            )
        assert not any(command.startswith("AUTH") for command in server.commands)

    def test_private_addresses_need_leave_for_sending_too(
        self, server: MailServer, connect: Open
    ) -> None:
        with pytest.raises(Rejected, match="private"):
            connect(allow_private_addresses=False).reply(
                MentionRef("x", author_id="ada@x.example"), "Sorry.", "key"
            )

    @pytest.mark.parametrize("fault", ["drip", "endless"])
    def test_a_server_that_never_ends_is_left(
        self, server: MailServer, connect: Open, monkeypatch: pytest.MonkeyPatch, fault: str
    ) -> None:
        server.deliver(letter())
        connector = connect()
        monkeypatch.setattr(MailboxConnector, "conversation", 0.5)
        server.fault = fault
        began = time.monotonic()
        with pytest.raises((Unavailable, Rejected)):
            connector.fetch({})
        assert time.monotonic() - began < 5

    def test_a_server_that_is_not_there(self, connect: Open) -> None:
        with pytest.raises(Unavailable):
            connect(port=9).fetch({})
        with pytest.raises(Unavailable, match="does not resolve"):
            connect(host="nowhere.invalid").fetch({})


class TestSettings:
    @pytest.mark.parametrize(
        "told",
        [
            {"address": "not an address"},
            {"address": "a@b.example\r\nBcc: c@d.example"},
            {"host": "https://imap.example.com"},
            {"host": "imap.example.com\r\nQUIT"},
            {"folder": "IN\r\nBOX"},
            {"name": "Harbour\nCoffee"},
            {"password": None},
            {"token_url": "https://x.example/token"},
            {"port": 0},
            {"password": "in plain"},
        ],
        ids=str,
    )
    def test_what_cannot_work_is_refused(self, told: dict[str, Any]) -> None:
        good = {"address": OUR, "host": "imap.example.com", "password": "env:P"}
        MailboxSettings.model_validate(good)
        with pytest.raises(ValidationError):
            MailboxSettings.model_validate({**good, **told})


@trial(deadline=None)
@given(st.binary(max_size=3000))
def test_any_bytes_are_some_mail(raw: bytes) -> None:
    mail = read_mail(raw, NOW)
    for said in (mail.text, mail.subject, mail.sender, mail.sender_name, mail.message_id):
        said.encode("utf-8", "surrogatepass")


@trial(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["From", "To", "Subject", "Date", "Message-ID", "References", "Content-Type",
                 "Content-Transfer-Encoding", "Reply-To", "Received", "List-Id"]
            ),
            st.one_of(st.text(max_size=60), st.sampled_from(
                ["=?utf-8?b?4pyT?=", "=?x?q?=FF?=", "multipart/mixed; boundary=", "text/html",
                 "multipart/alternative; boundary=a", "base64", "<<a@b>", "a@b, c", '"', "x@",
                 "text/plain; charset=nonsense", "text/plain; charset*=x'y'%FF"])),
        ),
        max_size=8,
    ),
    st.text(max_size=300),
)  # fmt: skip
def test_odd_headers_never_raise(headers: list[tuple[str, str]], body: str) -> None:
    raw = "".join(f"{name}: {value}\n" for name, value in headers) + "\n--a\n" + body
    mail = read_mail(raw.encode("utf-8", "surrogatepass"), NOW)
    assert mail.written_at is None or mail.written_at.tzinfo is not None


def test_dates_that_cannot_be_right_give_way_to_the_arrival() -> None:
    arrived = NOW

    def written(date: str, received: str = "") -> datetime | None:
        told = {"Date": date} | ({"Received": f"from x by y; {received}"} if received else {})
        return read_mail(letter(**told), arrived).written_at

    assert written("Sun, 01 Mar 2026 10:00:00 +0000") == NOW - timedelta(hours=2)
    assert written("") == arrived
    assert written("yesterday, I think") == arrived
    assert written("Mon, 30 Jun 3609 15:33:50 +0600") == arrived
    assert written("Sun, 01 Mar 2027 10:00:00 +0000") == arrived
    just = "Sun, 01 Mar 2026 11:00:00 +0000"
    assert written("Sat, 01 Jan 2000 00:00:00 +0000", just) == NOW - timedelta(hours=1)
    assert written("Sat, 01 Jan 2000 00:00:00 +0000") == datetime(2000, 1, 1, tzinfo=UTC), (
        "a folder that was moved to a new server has old mails that arrived today"
    )
