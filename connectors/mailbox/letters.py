"""Reads one mail as it came: whoever wrote it, in whatever character set, with whatever date."""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr
from hashlib import sha256
from typing import Any

from connectors.dates import parse_date
from connectors.mailbox.parsing import message_in, parsed
from connectors.mailbox.quotes import said_in, said_in_html
from connectors.mailbox.settings import is_address
from connectors.text import clip, one_line

PARTS_MOST, DEPTH_MOST = 200, 20
TEXTS_MOST = 5
ADDRESSES_MOST, SENDERS_MOST = 1_000, 5
LATE = timedelta(days=7)
"""A mail travels five days at most; a date older than that before its arrival is a wrong clock."""
SLACK = timedelta(days=1)
_ID = re.compile(r"<\s*([^<>\s\x00-\x20\x7f]{1,250})\s*>")
_STANDARDS = {
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "iso-8859-9": "cp1254",
    "iso-8859-8-i": "iso-8859-8",
    "unicode-1-1-utf-7": "utf-7",
}
"""What senders mean where they name the narrower set, as browsers read it too."""
_SLOW = frozenset({"punycode", "idna", "xn--"})
"""Encodings of names, not of texts; they take the square of the length."""
_BOUNDARY = re.compile(
    r"^--([^\s-].{0,200}?|-.{0,200}?)[ \t]*\r?\nContent-[A-Za-z-]{1,40}:", re.M | re.I
)
_META = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{2,40})", re.I)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, read. `text` is what the sender added, `whole` all there is of text.

    `written_at` is the sender's date where it can be right, else when the mail arrived.
    Ids come without brackets. `complete` is False where the text may go on.
    """

    message_id: str
    sender: str
    sender_name: str
    reply_to: str
    reply_to_name: str
    subject: str
    text: str
    whole: str
    written_at: datetime | None
    in_reply_to: str
    references: tuple[str, ...]
    digest: str
    complete: bool
    content_type: str
    headers: Headers


class Headers:
    """The headers of one mail, by name in any case. Nothing in them can raise."""

    def __init__(self, message: Message) -> None:
        self._message = message
        self._raw: list[tuple[str, str]] = []
        for name, value in message.raw_items():
            self._raw.append((str(name).lower(), _readable(str(value))))

    def all(self, name: str) -> list[str]:
        """Return each value of this name on one line, undecoded, without the empty ones."""
        found = [" ".join(value.split()) for key, value in self._raw if key == name.lower()]
        return [value for value in found if value]

    def first(self, name: str) -> str:
        """Return the first value of this name that is not empty, or nothing."""
        return next(iter(self.all(name)), "")

    def text(self, name: str) -> str:
        """Return the first value of this name decoded (RFC 2047)."""
        value = self.first(name)
        text = str(parsed(name, value) or value) if value else ""
        return one_line(_readable(_decoded_words(text) if "=?" in text else text))

    def addresses(self, name: str) -> list[tuple[str, str]]:
        """Return (name, address) of everybody named there, in order."""
        found: list[tuple[str, str]] = []
        for value in self.all(name)[:SENDERS_MOST]:
            for address in _addresses(name, value):
                name_said, bare = (one_line(_readable(part)) for part in address)
                if bare:
                    found.append((clip(name_said, 200), clip(bare, 320)))
        return found

    def ids(self, name: str) -> list[str]:
        """Return the message ids named there, without brackets; broken ones are left out."""
        return [ident for value in self.all(name) for ident in _ID.findall(value)]


def read_mail(raw: bytes, arrived_at: datetime | None = None, *, cut: bool = False) -> Mail:
    """Read the bytes of a mail; any bytes give some mail. `cut`: the mail is longer than these."""
    message = message_in(raw)
    headers = Headers(message)
    texts, complete = _texts(message, cut)
    whole = "\n\n".join(text for text, _ in texts if text)
    said = [said_in_html(text) if is_html else said_in(text) for text, is_html in texts]
    senders = headers.addresses("from") or headers.addresses("sender")
    name, sender = senders[0] if senders else ("", "")
    answers = [pair for pair in headers.addresses("reply-to") if is_address(pair[1])]
    reply_name, reply_to = answers[0] if answers else (name, sender)
    return Mail(
        message_id=next(iter(headers.ids("message-id")), ""),
        sender=sender,
        sender_name=name,
        reply_to=reply_to,
        reply_to_name=reply_name,
        subject=clip(headers.text("subject"), 300),
        text="\n\n".join(text for text in said if text).strip(),
        whole=whole,
        written_at=_written(headers, arrived_at),
        in_reply_to=next(iter(headers.ids("in-reply-to")), ""),
        references=tuple(headers.ids("references")[-50:]),
        digest=sha256(raw).hexdigest(),
        complete=complete,
        content_type=message.get_content_type(),
        headers=headers,
    )


def _written(headers: Headers, arrived_at: datetime | None) -> datetime | None:
    """Return the sender's date, unless it cannot be right: later than, or long before, arrival."""
    said = parse_date(headers.first("date")) or parse_date(str(_date(headers)))
    received = parse_date(headers.first("received").rpartition(";")[2].strip())
    came = received or arrived_at
    if said is None:
        return came
    if came is not None and said > came + SLACK:
        return came
    if received is not None and said < received - LATE:
        return received
    return said


def _date(headers: Headers) -> Any:
    return getattr(parsed("date", headers.first("date")), "datetime", None)


def _addresses(name: str, value: str) -> list[tuple[str, str]]:
    try:
        found = [(one.display_name, one.addr_spec) for one in parsed(name, value).addresses]
    except Exception:  # a header that was not read, or reads oddly
        found = []
    found = [pair for pair in found if is_address(pair[1].strip("<> "))] or found
    if not any("@" in address for _, address in found):
        said, bare = _simply(value)
        found = [(said, bare)] if "@" in bare else found
    return [(said, bare if bare not in ("<>", "@") else "") for said, bare in found]


def _decoded_words(text: str) -> str:
    """Return a header with those encoded words decoded, too, that the library left alone."""
    try:
        parts = decode_header(text)
    except (ValueError, HeaderParseError):
        return text
    words = []
    for part, charset in parts:
        if isinstance(part, bytes):
            # What stood there undecoded is escaped by the library.
            words.append(
                decode(part, charset) if charset else part.decode("raw-unicode-escape", "replace")
            )
        else:
            words.append(part)
    return "".join(words)


def _simply(value: str) -> tuple[str, str]:
    try:
        return parseaddr(value[:ADDRESSES_MOST])
    except RecursionError:  # comments within comments within comments
        return "", ""


def _readable(text: str) -> str:
    """Return a header whose raw bytes were kept as surrogates as what they most likely spell."""
    if text.isascii():
        return text
    try:
        raw = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _texts(message: Message, cut: bool) -> tuple[list[tuple[str, bool]], bool]:
    """Return the texts that a reader sees, each with whether it is HTML, and if they are all."""
    leaves = list(_leaves(message, 0, [PARTS_MOST]))
    last = _last(message)
    texts: list[tuple[str, bool]] = []
    complete = not cut or any(leaf is not last for leaf in leaves)
    for leaf in leaves[:TEXTS_MOST]:
        text = _decoded(leaf)
        if text.strip():
            texts.append((text, leaf.get_content_type() == "text/html"))
            if cut and leaf is last:
                complete = False
    return texts, complete


def _last(message: Message) -> Message:
    parts = _children(message)
    depth = 0
    while parts and depth < DEPTH_MOST:
        message, depth = parts[-1], depth + 1
        parts = _children(message)
    return message


def _children(message: Message) -> list[Message]:
    payload = message.get_payload() if message.is_multipart() else []
    return [part for part in payload if isinstance(part, Message)] if payload else []


def _leaves(part: Message, depth: int, left: list[int]) -> Iterator[Message]:
    """Yield the parts that hold the text, the best of each set of alternatives."""
    left[0] -= 1
    if left[0] < 0 or depth > DEPTH_MOST:
        return
    kind = part.get_content_type()
    if depth and (part.get_content_disposition() == "attachment" or _file_name(part)):
        return
    if kind.startswith("message/"):
        return  # somebody else's words, attached
    children = _children(part) or _mended(part)
    if children:
        if kind == "multipart/alternative":
            yield from _best([list(_leaves(child, depth + 1, left)) for child in children])
        elif kind in ("multipart/related", "multipart/signed"):
            yield from _leaves(children[0], depth + 1, left)
        else:
            for child in children:
                yield from _leaves(child, depth + 1, left)
    elif kind in ("text/plain", "text/html") or kind.startswith(("multipart/", "text/enriched")):
        yield part


def _mended(part: Message) -> list[Message]:
    """Return the parts of a multipart whose boundary is named wrongly, or not at all."""
    body = part.get_payload()
    if part.get_content_maintype() != "multipart" or not isinstance(body, str):
        return []
    found = _BOUNDARY.search(body)
    if found is None:
        return []
    parts = re.split(rf"^--{re.escape(found[1])}(?:--)?[ \t]*\r?\n?", body, flags=re.M)[1:]
    raw = [each.encode("utf-8", "surrogateescape") for each in parts[:PARTS_MOST] if each.strip()]
    return [message_in(each) for each in raw]


def _best(alternatives: list[list[Message]]) -> list[Message]:
    """Return the plain text if it says anything, else the last one that does."""
    saying = [leaves for leaves in alternatives if any(_decoded(one).strip() for one in leaves)]
    plain = [each for each in saying if all(one.get_content_type() != "text/html" for one in each)]
    return next(iter(plain or saying[::-1]), [])


def _file_name(part: Message) -> bool:
    try:
        return bool(part.get_filename())
    except Exception:  # a name that cannot be read is still a name
        return True


def _decoded(part: Message) -> str:
    try:
        payload = part.get_payload(decode=True)
    except Exception:  # an encoding that the library cannot undo
        payload = None
    if not isinstance(payload, bytes):
        raw = part.get_payload()
        payload = raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else b""
    try:
        charset = part.get_content_charset() or ""
    except Exception:  # a broken parameter
        charset = ""
    html = part.get_content_type() == "text/html"
    if not charset and html and (told := _META.search(payload[:4000])):
        charset = told[1].decode("ascii")
    text = decode(payload, charset)
    if not html and (part.get_param("format") or "") == "flowed":
        text = unflowed(text, delete=str(part.get_param("delsp") or "").lower() == "yes")
    return text


def decode(raw: bytes, charset: str) -> str:
    """Return text in the character set it names, or in the one it is more likely in."""
    name = charset.strip("\"' ").lower()
    wider = _STANDARDS.get(name, "")
    if name.startswith("iso-2022-jp"):
        # Many write signs that only the wider set of 2004 has, and name the old one.
        with contextlib.suppress(UnicodeDecodeError):
            return raw.decode("iso2022_jp")
        raw, name = raw.replace(b"\x1b$B", b"\x1b$(Q"), "iso2022_jp_2004"
    for each in ("utf-8" if name.endswith("ascii") else "", wider or name, "utf-8"):
        try:
            if each and each not in _SLOW and codecs.lookup(each)._is_text_encoding:
                return raw.decode(each)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return raw.decode(_STANDARDS.get(name, "cp1252"), "replace")


def unflowed(text: str, *, delete: bool) -> str:
    """Join the lines that were broken for the journey (RFC 3676)."""
    lines: list[str] = []
    open_depth = -1
    for line in text.replace("\r\n", "\n").split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        mark = ">" * depth + (" " if depth else "")
        if open_depth == depth and lines and bare != "-- ":
            lines[-1] += bare
        else:
            lines.append(mark + bare)
        open_depth = -1
        if bare.endswith(" ") and bare != "-- ":
            open_depth = depth
            if delete:
                lines[-1] = lines[-1][:-1]
    return "\n".join(lines)
