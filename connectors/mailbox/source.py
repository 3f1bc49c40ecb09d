"""A mailbox as a source: reads what customers write to it, and answers them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors import dates
from connectors.base import (
    BaseConnector,
    Context,
    Cursor,
    FoundMention,
    Health,
    MentionRef,
    Page,
    Problem,
    Receipt,
)
from connectors.errors import (
    BadSettings,
    ConnectorError,
    LayoutChanged,
    NotSupported,
    Rejected,
    UnknownOutcome,
)
from connectors.mailbox.access import Access
from connectors.mailbox.automatic import is_no_reply
from connectors.mailbox.imap import Imap, Letter, quoted_ascii, since
from connectors.mailbox.letters import read_mail
from connectors.mailbox.mentions import apart, taken
from connectors.mailbox.quotes import said_in
from connectors.mailbox.sending import compose, id_of
from connectors.mailbox.settings import MailboxSettings, ascii_address
from connectors.mailbox.wire import CONVERSATION
from connectors.text import normalised

PAGE = 25
MOST = 256 * 1024
"""Mails in one page, and bytes of each that are read; photographs come behind the text."""
REMEMBERED = 20_000
"""Mails of one walk whose words are kept in mind, to tell repeated ids apart."""
COPYING = 20.0
"""Seconds in which the copy of an answer is put among the sent mails, or is not."""
REPLIES = "replies"


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What a search has named and no page has shown yet: a cache, the cursor alone counts.

    `said` is what the mails of this walk said, by their identity.
    """

    validity: int
    after: int
    uids: list[int]
    said: dict[str, tuple[str, str]] = field(default_factory=dict)


class MailboxConnector(BaseConnector):
    """One folder of one mailbox.

    The cursor holds the folder's UIDVALIDITY and the last UID. UIDs only ascend (RFC 3501 section
    2.3.1.1), so nothing can come late below the last one; where the server numbers anew, all is
    read again, and known by its Message-ID. A mail is immutable and cannot be taken back, so there
    are no edits, and a mail that staff move away is not deleted.
    """

    name = "mailbox"
    conversation: ClassVar[float] = CONVERSATION

    def __init__(self, settings: MailboxSettings, context: Context) -> None:
        self._settings = settings
        self._now = context.now or dates.utc_now
        self._meter = context.meter
        self._imap: Imap | None = None
        self._ahead: _Ahead | None = None
        self._access = Access(settings, context)

    def fetch(self, cursor: Cursor) -> Page:
        page = None
        try:
            page = self._fetch(cursor)
            return page
        finally:
            if page is None or not page.more:
                self._hang_up()

    def read(self, ref: MentionRef) -> FoundMention | None:
        """Read the mail again. Raises `NotSupported` where staff have moved it away."""
        with contextlib.closing(self._open()) as imap:
            imap.examine(self._settings.folder)
            wanted = str(ref.raw.get("message_id") or "")
            for uid in self._with_id(imap, wanted)[:5]:
                for letter in imap.fetch([uid], MOST):
                    found, _ = taken(letter, self._settings)
                    if found is not None and ref.external_id in (found.external_id, apart(found)):
                        found.external_id = ref.external_id
                        self._see_answer(imap, found, wanted)
                        return found
        raise NotSupported("the mail is no longer in its folder; no mail can be taken back")

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        """Answer `ref` by mail. The Message-ID comes from `key`, so a repeat can be recognised."""
        if self._settings.smtp_host is None:
            raise NotSupported("no SMTP server is configured, so answers are sent by hand")
        if not text.strip():
            raise Rejected("the answer is empty")
        recipient = self._recipient(ref)
        message_id = id_of(key, self._settings.address)
        raw = compose(
            sender=(self._settings.name, ascii_address(self._settings.address)),
            recipient=recipient,
            subject=str(ref.raw.get("subject") or ""),
            text=text,
            message_id=message_id,
            in_reply_to=str(ref.raw.get("message_id") or ""),
            references=[one for one in ref.raw.get("references") or () if isinstance(one, str)],
            now=self._now(),
        )
        self._meter.spend(REPLIES)
        try:
            with contextlib.closing(self._access.smtp()) as smtp:
                smtp.send(ascii_address(self._settings.address), recipient[1], raw)
        except UnknownOutcome:
            raise
        except ConnectorError:
            self._meter.charge(REPLIES, -1)
            raise
        if self._settings.sent_folder and self._settings.sent_copies == "us":
            # The answer has left; whether its copy can be kept changes nothing about that.
            with (
                contextlib.suppress(ConnectorError),
                contextlib.closing(self._open(COPYING)) as imap,
            ):
                imap.append(self._settings.sent_folder, raw)
        return Receipt("visible", message_id, at=self._now(), text=text)

    def find_reply(self, ref: MentionRef, text: str, key: str) -> Receipt | None:
        """Look for our answer among the sent mails.

        Where we put the copies there ourselves, a missing one proves nothing, and `NotSupported`
        is raised.
        """
        folder = self._settings.sent_folder
        if self._settings.smtp_host is None or not folder:
            raise NotSupported("no folder of sent mails is configured")
        message_id = id_of(key, self._settings.address)
        with contextlib.closing(self._open()) as imap:
            imap.examine(folder)
            uids = self._with_id(imap, message_id)
            if not uids:
                uids = self._same_answer(imap, str(ref.raw.get("message_id") or ""), text)
            if uids:
                letter = next(iter(imap.fetch(uids[:1], 2000)), None)
                at = letter.arrived_at if letter else None
                return Receipt("visible", message_id, at=at, text=text)
        if self._settings.sent_copies == "us":
            raise NotSupported("no copy was kept, so nobody can tell whether the answer left")
        return None

    def objections(self, text: str) -> tuple[str, ...]:
        return ("a character that no mail can carry",) if "\0" in text else ()

    def verify(self) -> Health:
        settings = self._settings
        with contextlib.closing(self._open()) as imap:
            if settings.sent_folder:
                imap.examine(settings.sent_folder)
            _, count = imap.examine(settings.folder)
        summary = f"reads {settings.folder} of {settings.address}, {count:,} mails"
        if settings.smtp_host is None:
            return Health(True, f"{summary}; answers are sent by hand")
        try:
            self._access.smtp().close()
        except ConnectorError as error:
            advice = "Mend the `smtp_…` settings; Google and Microsoft want them allowed apart."
            return Health(False, f"{summary}, but cannot answer: {error}", advice)
        return Health(True, f"{summary}; answers as {settings.address}")

    def close(self) -> None:
        self._hang_up()
        self._access.close()

    def _fetch(self, cursor: Cursor) -> Page:
        settings = self._settings
        kept = self._ahead
        if self._imap is None or kept is None:
            self._hang_up()
            self._imap = self._open()
            validity, count = self._imap.examine(settings.folder)
        else:
            self._imap.last()
            validity, count = kept.validity, len(kept.uids)
        known = cursor.get("validity") == validity
        last = int(cursor.get("uid") or 0) if known else 0
        begun = str(cursor.get("since") or self._first_day())
        if kept is None or last < kept.after:
            found = self._later(self._imap, last, "" if known else begun) if count else []
            kept = self._ahead = _Ahead(validity, last, found)
        uids = [uid for uid in kept.uids if uid > last]
        mentions: list[FoundMention] = []
        problems: list[Problem] = []
        for letter in self._fetched(self._imap, uids[:PAGE], problems):
            mention, problem = taken(letter, self._settings)
            mentions += [mention] if mention is not None else []
            problems += [problem] if problem is not None else []
        self._tell_apart(self._imap, kept, mentions)
        state: dict[str, Any] = {"validity": validity, "uid": max([last, *uids[:PAGE]])}
        if begun:
            state["since"] = begun
        return Page(
            tuple(mentions),
            state,
            more=len(uids) > PAGE,
            problems=tuple(problems),
            unchanged=not uids and state == dict(cursor),
        )

    def _tell_apart(self, imap: Imap, ahead: _Ahead, mentions: list[FoundMention]) -> None:
        """Give a mail that repeats another one's id, and says something else, an id of its own.

        The same mail delivered twice stays one. What was read before this walk is looked up.
        """
        said = ahead.said
        if ahead.after and mentions:
            ids = [str((one.raw or {}).get("message_id") or "") for one in mentions]
            for other in self._known_by(imap, ids, ahead.after):
                said.setdefault(other.external_id, (other.title, other.text))
        for one in mentions:
            before = said.get(one.external_id)
            if before is None and len(said) < REMEMBERED:
                said[one.external_id] = (one.title, one.text)
            elif before is not None and before != (one.title, one.text):
                one.external_id = apart(one)

    def _known_by(self, imap: Imap, ids: list[str], last: int) -> list[FoundMention]:
        """Return the mails up to `last` that carry one of these ids, the earliest first."""
        wanted = [f"HEADER Message-ID {quoted_ascii(f'<{one}>')}" for one in ids if _plain(one)]
        if not wanted:
            return []
        either = " ".join([*(f"OR {one}" for one in wanted[:-1]), wanted[-1]])
        uids = imap.search(f"UID 1:{last}", either)
        found = [taken(letter, self._settings)[0] for letter in imap.fetch(uids[:PAGE], MOST)]
        return [one for one in found if one is not None]

    def _fetched(self, imap: Imap, uids: list[int], problems: list[Problem]) -> list[Letter]:
        """Return these mails; those that are there and not shown are told, not passed over."""
        letters = imap.fetch(uids, MOST)
        missing = set(uids) - {letter.uid for letter in letters}
        if missing:
            still = imap.search("UID " + ",".join(map(str, sorted(missing))))
            if still and not letters:
                raise LayoutChanged(f"{imap.where} shows none of the mails that it lists")
            where = self._settings.folder
            problems += [Problem(f"{where}: mail {uid}", "the server hides it") for uid in still]
        return letters

    def _later(self, imap: Imap, last: int, begun: str) -> list[int]:
        """Return the UIDs above `last`: the search names the last mail even where it is older."""
        criteria = [f"UID {last + 1}:*"]
        if begun:
            criteria.append(f"SINCE {since(datetime.fromisoformat(begun).date())}")
        return [uid for uid in imap.search(*criteria) if uid > last]

    def _first_day(self) -> str:
        days = self._settings.first_days
        return (self._now() - timedelta(days=days)).date().isoformat() if days else ""

    def _see_answer(self, imap: Imap, found: FoundMention, message_id: str) -> None:
        """Fill in the newest answer among the sent mails, also one that staff sent by hand."""
        folder = self._settings.sent_folder
        if not folder or not found.addressed_to_us:
            return
        with contextlib.suppress(BadSettings):
            imap.examine(folder)
            uids = self._answering(imap, message_id)
            for letter in imap.fetch(uids[-1:], MOST):
                found.our_reply = read_mail(letter.raw).text
                found.our_reply_at = letter.arrived_at

    def _recipient(self, ref: MentionRef) -> tuple[str, str]:
        address = ascii_address(str(ref.raw.get("answer_to") or ref.author_id))
        if not address:
            raise Rejected("the mail names no address that can be answered")
        if address.lower() in self._settings.own_addresses:
            raise Rejected("the mail came from one of our own addresses")
        if is_no_reply(address):
            raise Rejected("the mail came from an address that takes no answer")
        name = ref.author_name if ref.author_name != address else ""
        return name, address

    def _with_id(self, imap: Imap, message_id: str) -> list[int]:
        if not _plain(message_id):
            return []
        return imap.search("HEADER", "Message-ID", quoted_ascii(f"<{message_id}>"))

    def _answering(self, imap: Imap, message_id: str) -> list[int]:
        if not _plain(message_id):
            return []
        return imap.search("HEADER", "In-Reply-To", quoted_ascii(f"<{message_id}>"))

    def _same_answer(self, imap: Imap, answered: str, text: str) -> list[int]:
        """Find our answer where a server has given it an id of its own."""
        uids = self._answering(imap, answered)[-10:]
        wanted = normalised(said_in(text))
        return [
            letter.uid
            for letter in imap.fetch(uids, MOST)
            if normalised(read_mail(letter.raw).text) == wanted
        ]

    def _open(self, lasts: float | None = None) -> Imap:
        return self._access.imap(lasts or self.conversation)

    def _hang_up(self) -> None:
        imap, self._imap, self._ahead = self._imap, None, None
        if imap is not None:
            imap.close()


def _plain(message_id: str) -> bool:
    return bool(message_id) and message_id.isascii() and message_id.isprintable()
