"""Decides what a mail is to us: a customer's word, a pointer to a review, or nothing."""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import quote

from connectors.base import FoundMention, Problem
from connectors.mailbox.automatic import is_no_reply, why_automatic, writes_for_somebody
from connectors.mailbox.imap import Letter
from connectors.mailbox.letters import Mail, read_mail
from connectors.mailbox.notices import notice_in
from connectors.mailbox.sending import is_ours, ours_in
from connectors.mailbox.settings import MailboxSettings, is_address


def taken(letter: Letter, settings: MailboxSettings) -> tuple[FoundMention | None, Problem | None]:
    """Return the mention in a mail, or None for what no customer wrote, and what was not read."""
    where = f"{settings.folder}: mail {letter.uid}"
    if not letter.raw.strip():
        return None, Problem(where, "the server shows an empty mail")
    cut = letter.size > len(letter.raw)
    mail = read_mail(letter.raw, letter.arrived_at, cut=cut)
    if is_ours(mail.message_id, settings.address):
        return None, None
    problem = None
    if cut and not mail.complete:
        problem = Problem(where, f"only the first {len(letter.raw):,} bytes were read")
    notice = notice_in(mail, settings.authentication_server)
    if notice is not None:
        found = mention_of(mail, settings)
        found.text, found.title = f"{notice.platform}: {mail.subject}", ""
        found.url = notice.link
        found.addressed_to_us = False
        found.locked = f"a notice of {notice.platform}; answer the review there"
        return found, problem
    if why_automatic(mail, settings.own_addresses, settings.own_lists):
        if mail.content_type == "multipart/report" and ours_in(letter.raw, settings.address):
            return None, Problem(where, "a server reports on an answer of ours: look there")
        return None, None
    return mention_of(mail, settings), problem


def mention_of(mail: Mail, settings: MailboxSettings) -> FoundMention:
    """Return a mail as a mention. Its `raw` keeps what an answer needs."""
    own = settings.own_addresses
    name, address = mail.sender_name, mail.sender
    for_somebody = (
        is_no_reply(address) or address.lower() in own or bool(mail.headers.first("list-id"))
    )
    if for_somebody and writes_for_somebody(mail, own):
        name, address = mail.reply_to_name, mail.reply_to
    answer_to = mail.reply_to if is_address(mail.reply_to) else mail.sender
    if answer_to.lower() in own:
        answer_to = mail.sender
    return FoundMention(
        external_id=_identity(mail.message_id or f"sha256:{mail.digest}", address),
        text=mail.text or mail.subject,
        kind="message",
        title=mail.subject if mail.text else "",
        # A name that looks like an address is shown with the one that an answer goes to.
        author_name=name if name and "@" not in name else address,
        author_id=address.lower(),
        url=_link(mail.message_id, settings.host),
        created_at=mail.written_at,
        parent_external_id=_parent(mail, address, settings),
        addressed_to_us=True,
        raw={
            "message_id": mail.message_id,
            "references": list(mail.references[-20:]),
            "subject": mail.subject,
            "answer_to": answer_to,
        },
    )


def apart(found: FoundMention) -> str:
    """Return the identity of a mail whose id another mail with other words carries already."""
    said = f"{found.title}\0{found.text}\0{found.created_at}"
    digest = sha256(said.encode("utf-8", "replace")).hexdigest()[:12]
    return f"{found.external_id}~{digest}"


def _parent(mail: Mail, author: str, settings: MailboxSettings) -> str:
    """Return what a mail answers: our answer where it names one, else the thread's first mail."""
    named = [*mail.references, mail.in_reply_to]
    for ident in reversed(named):
        if ident and is_ours(ident, settings.address):
            return ident
    first = next((ident for ident in named if ident), "")
    # A customer's own first mail has this customer in its identity.
    return _identity(first, author) if first else ""


def _identity(message_id: str, author: str) -> str:
    """Return what a mail is known by: its id and, shortened, its author.

    Ids are chosen by senders and do repeat; with the author in it, nobody's mail can take the
    place of somebody else's.
    """
    return f"{message_id}~{sha256(author.lower().encode()).hexdigest()[:12]}"


def _link(message_id: str, host: str) -> str:
    if host != "imap.gmail.com" or not message_id:
        return ""
    return f"https://mail.google.com/mail/#search/rfc822msgid:{quote(message_id, safe='')}"
