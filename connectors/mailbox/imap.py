"""Reads one mail server by IMAP (RFC 3501), read-only, with the standard library's client."""

from __future__ import annotations

import contextlib
import imaplib
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from connectors.dates import parse_date
from connectors.errors import (
    AuthFailed,
    BadSettings,
    ConnectorError,
    LayoutChanged,
    RateLimited,
    Unavailable,
)
from connectors.mailbox.settings import Security
from connectors.mailbox.wire import CONVERSATION, Wire

SMALL = 1_000_000
SEARCHED = 32_000_000
"""Bytes that an ordinary answer may have, and the list of a folder's mails."""
_CODE = re.compile(rb"\[([A-Z-]+)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UID = re.compile(rb"\bUID (\d{1,10})\b")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,15})\b")
_ARRIVED = re.compile(rb'\bINTERNALDATE "([^"]{10,40})"')
_NONSENSE = ("unexpected response", "unexpected tagged", "unterminated line")
_BUSY = (b"UNAVAILABLE", b"INUSE", b"SERVERBUG")
_FULL = (b"LIMIT", b"OVERQUOTA", b"THROTTLED")


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail as it lies in the folder; `raw` may end early, `size` says how long it is."""

    uid: int
    raw: bytes
    size: int
    arrived_at: datetime | None


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who signs in, and with what: a password, or an OAuth token for XOAUTH2."""

    user: str
    password: str = ""
    token: str = ""

    def plain(self) -> bytes:
        """Return the words of SASL PLAIN (RFC 4616)."""
        return f"\0{self.user}\0{self.password}".encode()

    def xoauth2(self) -> bytes:
        """Return the words of XOAUTH2, as Google and Microsoft have it."""
        return f"user={self.user}\x01auth=Bearer {self.token}\x01\x01".encode()


class _Client(imaplib.IMAP4):
    """The standard client on a bounded wire."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        super().__init__(wire.host)

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        self.host = host

    def read(self, size: int) -> bytes:
        return self.wire.read(size)

    def readline(self) -> bytes:
        return self.wire.readline()

    def send(self, data: Any) -> None:
        self.wire.send(bytes(data))

    def shutdown(self) -> None:
        self.wire.close()

    def secure(self) -> None:
        """STARTTLS (RFC 3501 section 6.2.1)."""
        typ, _ = self.xatom("STARTTLS")
        if typ != "OK":
            raise BadSettings(f"{self.wire.where} offers no STARTTLS")
        self.wire.secure()
        self._fresh_capabilities()

    def offers(self, word: str) -> bool:
        return word in self.capabilities

    def _fresh_capabilities(self) -> None:
        _, told = self.capability()
        self.capabilities = tuple(bytes(told[-1] or b"").decode("ascii", "replace").upper().split())


class Imap:
    """One signed-in connection."""

    def __init__(
        self,
        host: str,
        port: int,
        security: Security,
        *,
        allow_private: bool,
        sign_in: SignIn,
        lasts: float = CONVERSATION,
    ) -> None:
        """Connect and sign in; everything until `last` is said again takes `lasts` seconds."""
        wire = Wire(host, port, allow_private=allow_private, plain=security == "plain", lasts=lasts)
        self._wire = wire
        self.where = wire.where
        try:
            if security == "tls":
                wire.secure()
            with self._told("greets with a refusal"):
                self._client = _Client(wire)
                if security == "starttls":
                    self._client.secure()
            self._sign_in(sign_in)
        except BaseException:
            wire.close()
            raise

    def last(self) -> None:
        """Let what follows take its own time, on a connection that was kept."""
        self._wire.last()

    def examine(self, folder: str) -> tuple[int, int]:
        """Open `folder` read-only; return its UIDVALIDITY and how many mails it has."""
        with self._told(f"cannot open the folder {folder!r}", missing=True):
            self._wire.allow(SMALL)
            typ, told = self._client.select(quoted(folder), readonly=True)
            if typ != "OK":
                raise self._refusal(told, f"cannot open the folder {folder!r}", missing=True)
            _, validity = self._client.response("UIDVALIDITY")
        try:
            return int(validity[-1] or b""), int(told[-1] or b"")
        except (TypeError, ValueError, IndexError):
            raise LayoutChanged(f"{self.where} numbers no mails in {folder!r}") from None

    def search(self, *criteria: str) -> list[int]:
        """Return the UIDs in the open folder that meet `criteria`, in order."""
        with self._told("cannot search"):
            self._wire.allow(SEARCHED)
            typ, told = self._client.uid("SEARCH", *criteria)
            if typ != "OK":
                raise self._refusal(told, "cannot search")
        words = b" ".join(line for line in told if isinstance(line, bytes)).split()
        if not all(word.isdigit() and len(word) <= 10 for word in words):
            raise LayoutChanged(f"{self.where} answered a search with something else than numbers")
        return sorted({int(word) for word in words})

    def fetch(self, uids: Sequence[int], most: int) -> list[Letter]:
        """Return these mails, the first `most` bytes of each; those gone by now are missing."""
        if not uids:
            return []
        items = f"(UID INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.{most}>)"
        with self._told("cannot fetch mails"):
            self._wire.allow(SMALL + len(uids) * (most + 10_000))
            typ, told = self._client.uid("FETCH", ",".join(map(str, uids)), items)
            if typ != "OK":
                raise self._refusal(told, "cannot fetch mails")
        wanted = set(uids)
        found = {letter.uid: letter for letter in _letters(told) if letter.uid in wanted}
        return [found[uid] for uid in uids if uid in found]

    def append(self, folder: str, raw: bytes) -> None:
        """Put a copy of a mail into `folder`, marked as read."""
        with self._told(f"cannot write into {folder!r}"):
            self._wire.allow(SMALL)
            typ, told = self._client.append(quoted(folder), r"(\Seen)", "", raw)
            if typ != "OK":
                raise self._refusal(told, f"cannot write into {folder!r}")

    def close(self) -> None:
        """Sign out where the server still listens, and hang up."""
        with contextlib.suppress(ConnectorError, imaplib.IMAP4.error, OSError):
            self._wire.allow(SMALL, seconds=2.0)
            self._client.logout()
        self._wire.close()

    def _sign_in(self, sign_in: SignIn) -> None:
        refused = f"{self.where} refuses the name or its password"
        if sign_in.token:
            refused = f"{self.where} refuses the OAuth token"
            self._authenticate("XOAUTH2", sign_in.xoauth2, refused)
        elif self._client.offers("AUTH=PLAIN"):
            self._authenticate("PLAIN", sign_in.plain, refused)
        elif self._client.offers("LOGINDISABLED"):
            raise AuthFailed(f"{self.where} takes no password this way; try `security: tls`")
        else:
            self._login(sign_in, refused)

    def _authenticate(self, mechanism: str, words: Callable[[], bytes], refused: str) -> None:
        said = [words()]

        def answer(_challenge: bytes) -> bytes:
            # After a refusal XOAUTH2 explains itself and wants an empty line before it ends.
            return said.pop() if said else b""

        with self._told(refused, signing_in=True):
            self._wire.allow(SMALL)
            self._client.authenticate(mechanism, answer)

    def _login(self, sign_in: SignIn, refused: str) -> None:
        if not (sign_in.user + sign_in.password).isascii():
            raise AuthFailed(f"{self.where} takes only plain letters in names and passwords")
        if not (sign_in.user + sign_in.password).isprintable():
            raise AuthFailed("the name or the password holds a character that cannot be sent")
        with self._told(refused, signing_in=True):
            self._wire.allow(SMALL)
            self._client.login(quoted_ascii(sign_in.user), sign_in.password)

    @contextmanager
    def _told(
        self, what: str, *, signing_in: bool = False, missing: bool = False
    ) -> Iterator[None]:
        """Name what the client raises. Its texts quote the server, and are not passed on."""
        try:
            yield
        except imaplib.IMAP4.abort as error:
            said = str(error)
            if any(words in said for words in _NONSENSE):
                raise LayoutChanged(f"{self.where} does not speak IMAP") from None
            # What is left is the text of a BYE.
            raise self._refusal([said.encode()], "ended the conversation") from None
        except imaplib.IMAP4.error as error:
            told: Any = error.args[0] if error.args else b""
            raw = told if isinstance(told, bytes) else str(told).encode("utf-8", "replace")
            raise self._refusal([raw], what, signing_in=signing_in, missing=missing) from None
        except (ValueError, UnicodeError, IndexError, TypeError, KeyError):
            # The client trips over what no server should say.
            raise LayoutChanged(f"{self.where} does not speak IMAP") from None

    def _refusal(
        self, told: Any, what: str, *, signing_in: bool = False, missing: bool = False
    ) -> ConnectorError:
        said = b" ".join(line for line in told or () if isinstance(line, bytes))[:2000]
        codes = _CODE.findall(said)
        if any(code in _FULL for code in codes) or b"oo many" in said:
            return RateLimited(f"{self.where} asks us to slow down")
        if any(code in _BUSY for code in codes):
            return Unavailable(f"{self.where} is not available now")
        if signing_in:
            return AuthFailed(what)
        if any(code in (b"NOPERM", b"AUTHORIZATIONFAILED", b"EXPIRED") for code in codes):
            return AuthFailed(f"{self.where} {what}: not allowed")
        if missing:
            return BadSettings(f"{self.where} {what}")
        if b"BAD" in said[:60]:
            return LayoutChanged(f"{self.where} {what}")
        return Unavailable(f"{self.where} {what}")


def quoted_ascii(text: str) -> str:
    """Return `text` as a quoted string of IMAP."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def quoted(folder: str) -> str:
    """Return a folder's name quoted, in the modified UTF-7 of RFC 3501 section 5.1.3."""
    parts: list[str] = []
    for run in re.findall(r"[ -~]+|[^ -~]+", folder):
        if run[0] <= "~" and run[0] >= " ":
            parts.append(run.replace("&", "&-"))
        else:
            code = b64encode(run.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
            parts.append(f"&{code}-")
    return quoted_ascii("".join(parts))


def since(day: date) -> str:
    """Return a day as SEARCH wants it, whatever language this machine speaks."""
    return f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year:04d}"


def _letters(told: Any) -> Iterator[Letter]:
    """Read a FETCH: each mail is a pair of words before its text and the text, then words."""
    head, raw = b"", b""
    for part in told or ():
        if isinstance(part, tuple):
            head += bytes(part[0])
            raw = bytes(part[1])
            continue
        if not isinstance(part, bytes):
            continue
        # What a server says behind the text belongs to the same mail; a lone line is one by itself.
        letter = _letter(head + b" " + part, raw)
        head, raw = b"", b""
        if letter is not None:
            yield letter


def _letter(words: bytes, raw: bytes) -> Letter | None:
    uid = _UID.search(words)
    if uid is None or b"BODY[" not in words:
        return None  # a change of flags that the server tells unasked
    size, arrived = _SIZE.search(words), _ARRIVED.search(words)
    return Letter(
        int(uid[1]),
        raw,
        int(size[1]) if size else len(raw),
        parse_date(arrived[1].decode("ascii", "replace").strip()) if arrived else None,
    )
