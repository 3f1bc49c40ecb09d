"""Writes one answer and hands it to an SMTP server (RFC 5321), once."""

from __future__ import annotations

import contextlib
import re
import smtplib
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256

from connectors.errors import (
    AuthFailed,
    BadSettings,
    ConnectorError,
    LayoutChanged,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.mailbox.imap import SignIn
from connectors.mailbox.settings import Security, ascii_address, is_address
from connectors.mailbox.wire import Wire
from connectors.text import clip, one_line

SMALL = 200_000
"""Bytes that all answers to one step may have."""
OURS = "rapport."
_LOCAL = re.compile(r"^rapport\.[0-9a-f]{32}\Z")
_ID = re.compile(r"^[^<>\s\x00-\x20\x7f-\U0010ffff]{1,250}\Z")
_ENHANCED = re.compile(r"^\s*([245]\.\d{1,3}\.\d{1,3})\b")
_ANSWERS = re.compile(r"^\s*(?:re|aw|antw|sv|odp|ref|res|rif)(?:\[\d+\])?\s*:", re.I)
_TOO_MUCH = ("4.7.28", "5.4.5", "4.4.5", "5.7.28", "4.7.650", "5.2.121", "4.2.121")


def id_of(key: str, address: str) -> str:
    """Return the Message-ID, without brackets, of the answer with this key: always the same."""
    return f"{OURS}{sha256(key.encode()).hexdigest()[:32]}@{_domain(address)}"


def is_ours(ident: str, address: str) -> bool:
    """Tell whether a Message-ID is one of our answers'."""
    local, _, domain = ident.partition("@")
    return bool(_LOCAL.match(local)) and domain.lower() == _domain(address)


def ours_in(raw: bytes, address: str) -> bool:
    """Tell whether an answer of ours is named anywhere in `raw`, as in the report of a server."""
    found = re.findall(rb"<(rapport\.[0-9a-f]{32}@[^<>\s]{1,255})>", raw)
    return any(is_ours(ident.decode("ascii", "replace"), address) for ident in found)


def _domain(address: str) -> str:
    return ascii_address(address).rpartition("@")[2].lower()


def compose(
    *,
    sender: tuple[str, str],
    recipient: tuple[str, str],
    subject: str,
    text: str,
    message_id: str,
    in_reply_to: str,
    references: Sequence[str],
    now: datetime,
) -> bytes:
    """Return an answer as it travels. Raises `Rejected` for what no mail can carry.

    Everything that the customer chose goes through the library's own encoding, or must be a
    well-formed id: no header can be smuggled in.
    """
    mail = EmailMessage(policy=SMTP)
    try:
        mail["From"] = Address(_name(sender[0]), addr_spec=sender[1])
        mail["To"] = Address(_name(recipient[0]), addr_spec=recipient[1])
        mail["Subject"] = subject_of_answer(subject)
        mail["Date"] = now
        mail["Message-ID"] = f"<{message_id}>"
        mail.set_content(text.replace("\r\n", "\n"), charset="utf-8", cte="quoted-printable")
        raw = mail.as_bytes()
    except (ValueError, UnicodeError, IndexError, TypeError) as error:
        raise Rejected(f"no mail can be made of this: {type(error).__name__}") from None
    return _threading(in_reply_to, references) + raw


def subject_of_answer(subject: str) -> str:
    """Return ``Re:`` and the subject, once."""
    bare = clip(one_line(subject), 200)
    if not bare:
        return "Re:"
    return bare if _ANSWERS.match(bare) else f"Re: {bare}"


def _threading(in_reply_to: str, references: Sequence[str]) -> bytes:
    # The library would encode a long id, and no mail program joins the thread then.
    known = [one for one in dict.fromkeys([*references, in_reply_to]) if _ID.match(one)]
    known = known[:1] + known[1:][-9:]
    lines = []
    if _ID.match(in_reply_to):
        lines.append(f"In-Reply-To: <{in_reply_to}>")
    if known:
        lines.append("References: " + "\r\n ".join(f"<{one}>" for one in known))
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _name(name: str) -> str:
    return clip(one_line(name), 100)


class _Client(smtplib.SMTP):
    """The standard client on a bounded wire."""

    def __init__(self, wire: Wire, name: str) -> None:
        self.wire = wire
        super().__init__(local_hostname=name)
        # The library asks whether there is a connection before it says anything.
        self.sock = wire.sock
        self._host = wire.host

    def send(self, s: bytes | str) -> None:  # type: ignore[override]  # the buffer types differ
        self.wire.send(s.encode("ascii") if isinstance(s, str) else bytes(s))

    def getreply(self) -> tuple[int, bytes]:
        said: list[bytes] = []
        while True:
            line = self.wire.readline()
            if not line[:3].isdigit():
                raise LayoutChanged(f"{self.wire.where} does not speak SMTP")
            said.append(line[4:].strip())
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(said)

    def close(self) -> None:
        self.wire.close()


class Smtp:
    """One signed-in connection for one answer."""

    def __init__(
        self,
        host: str,
        port: int,
        security: Security,
        *,
        allow_private: bool,
        sign_in: SignIn | None,
        called: str,
    ) -> None:
        """`called` is the name that we greet with, a domain of ours.

        Without `sign_in` we do not sign in, for servers that let their own network send.
        """
        wire = Wire(host, port, allow_private=allow_private, plain=security == "plain")
        self._wire = wire
        self.where = wire.where
        try:
            if security == "tls":
                wire.secure()
            self._client = _Client(wire, called)
            with self._told():
                self._expect(self._client.getreply(), 220)
                self._greet()
                if security == "starttls":
                    self._start_tls()
                self._sign_in(sign_in)
        except BaseException:
            wire.close()
            raise

    def send(self, sender: str, recipient: str, raw: bytes) -> None:
        """Hand over one mail.

        Raises `Rejected`, `RateLimited`, `AuthFailed` or `Unavailable` where the server did not
        take it, and `UnknownOutcome` where it got all of it and did not say what became of it.
        """
        if not all(is_address(one) and one.isascii() for one in (sender, recipient)):
            raise Rejected("the address is none that a mail can be sent to")
        size = self._client.esmtp_features.get("size", "")
        with self._told():
            if size.isdigit() and 0 < int(size) < len(raw):
                raise Rejected(f"{self.where} takes no mail that long")
            self._wire.allow(SMALL)
            self._expect(self._client.docmd(f"MAIL FROM:<{sender}>"), 250)
            self._wire.allow(SMALL)
            self._expect(self._client.docmd(f"RCPT TO:<{recipient}>"), 250, 251)
            self._wire.allow(SMALL)
            self._expect(self._client.docmd("DATA"), 354)
            self._client.send(_stuffed(raw))
        try:
            self._wire.allow(SMALL)
            self._client.send(b".\r\n")
            code, said = self._client.getreply()
        except ConnectorError as error:
            raise UnknownOutcome(str(error)) from None
        if not 200 <= code < 300:
            raise self._refusal(code, said)

    def close(self) -> None:
        """Say goodbye where the server still listens, and hang up."""
        with contextlib.suppress(ConnectorError, smtplib.SMTPException, OSError):
            self._wire.allow(SMALL, seconds=2.0)
            self._client.docmd("QUIT")
        self._wire.close()

    def _greet(self) -> None:
        self._wire.allow(SMALL)
        code, said = self._client.ehlo()
        if code != 250:
            raise self._refusal(code, said)

    def _start_tls(self) -> None:
        if not self._client.has_extn("starttls"):
            raise BadSettings(f"{self.where} offers no STARTTLS")
        self._expect(self._client.docmd("STARTTLS"), 220)
        self._wire.secure()
        self._client.sock = self._wire.sock
        self._greet()

    def _sign_in(self, sign_in: SignIn | None) -> None:
        """Sign in (RFC 4954); a server that wants no name offers no method."""
        methods = self._client.esmtp_features.get("auth", "").upper().split()
        self._wire.allow(SMALL)
        if not methods or sign_in is None:
            return
        if sign_in.token:
            words = [f"AUTH XOAUTH2 {_coded(sign_in.xoauth2())}", ""]
        elif "PLAIN" in methods:
            words = [f"AUTH PLAIN {_coded(sign_in.plain())}"]
        elif "LOGIN" in methods:
            name, password = sign_in.user.encode(), sign_in.password.encode()
            words = ["AUTH LOGIN", _coded(name), _coded(password)]
        else:
            raise AuthFailed(f"{self.where} takes no password")
        code, said = 334, b""
        for word in words:
            if code == 334:
                code, said = self._client.docmd(word)
        if code == 235:
            return
        refusal = self._refusal(code, said)
        if isinstance(refusal, Unavailable | RateLimited):
            raise refusal
        raise AuthFailed(f"{self.where} refuses the name or its password")

    def _expect(self, answer: tuple[int, bytes], *codes: int) -> None:
        if answer[0] not in codes:
            raise self._refusal(*answer)

    def _refusal(self, code: int, said: bytes) -> ConnectorError:
        """Name a refusal by its code (RFC 5321, RFC 3463, RFC 4954); its words are not repeated."""
        enhanced = _ENHANCED.match(said.decode("ascii", "replace"))
        told = f"{code} {enhanced[1]}" if enhanced else str(code)
        if enhanced and enhanced[1] in _TOO_MUCH:
            return RateLimited(f"{self.where} takes no more mails for now ({told})")
        if code in (530, 534, 535, 538):
            return AuthFailed(f"{self.where} wants another sign-in ({told})")
        if 400 <= code < 500:
            return Unavailable(f"{self.where} does not take the mail now ({told})")
        return Rejected(f"{self.where} does not take the mail ({told})")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Name what the client raises; until the end of the mail, nothing has been sent."""
        try:
            yield
        except smtplib.SMTPResponseException as error:
            raise self._refusal(error.smtp_code, _bytes(error.smtp_error)) from None
        except smtplib.SMTPException:
            raise Unavailable(f"{self.where} ended the conversation") from None
        except (ValueError, UnicodeError):
            raise LayoutChanged(f"{self.where} does not speak SMTP") from None


def _stuffed(raw: bytes) -> bytes:
    """Return a mail as DATA carries it: CRLF, and a dot before a dot (RFC 5321, 4.5.2)."""
    raw = re.sub(rb"\r\n|\r|\n", b"\r\n", raw)
    raw = re.sub(rb"(?m)^\.", b"..", raw)
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"


def _coded(words: bytes) -> str:
    return b64encode(words).decode("ascii")


def _bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode("utf-8", "replace")
