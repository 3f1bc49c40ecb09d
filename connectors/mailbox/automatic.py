"""Tells mails that a machine sent: answering one can start two machines writing for ever."""

from __future__ import annotations

import re
from collections.abc import Collection

from connectors.mailbox.letters import Headers, Mail
from connectors.mailbox.settings import is_address

_MACHINES = re.compile(
    r"^(?:mailer-?daemon|postmaster|bounces?(?:[+_.-].*)?|daemon|listserv|majordomo"
    r"|[\w.+-]*-bounces?)$",
    re.I,
)
_NO_REPLY = re.compile(
    r"(?:^|[+._-])(?:(?:no|not|do[._-]?not|dont|never)[._-]?re(?:ply|spond)"
    r"|(?:ne|nicht|nao|não)[._-]?(?:pas[._-]?)?(?:repondre|antworten|responder)"
    r"|no[._-]?(?:responder|responda|contestar)|noreply|keine[._-]?antwort)(?:$|[+._-])",
    re.I,
)
_BULK = ("bulk", "list", "junk", "auto_reply")


def why_automatic(mail: Mail, own: Collection[str], own_lists: Collection[str]) -> str:
    """Say why `mail` is no word of a customer and must not be answered, or nothing.

    The signs are those of RFC 3834, and lists, bounces and ourselves. A form on a website that
    writes from a no-reply address, or ours, and names the customer under Reply-To is a customer's
    word; so is what came through one of `own_lists`.
    """
    headers = mail.headers
    said = headers.first("auto-submitted").partition(";")[0].partition("(")[0].strip().lower()
    if said and said != "no":
        return "an automatic mail"
    if mail.content_type == "multipart/report" or headers.first("x-failed-recipients"):
        return "a report of a mail server"
    if any(value.replace(" ", "") == "<>" for value in headers.all("return-path")):
        return "a bounce"
    local = mail.sender.partition("@")[0]
    if _MACHINES.match(local):
        return "a mail server's word"
    for_somebody = writes_for_somebody(mail, own)
    if mail.sender.lower() in own and not for_somebody:
        return "our own mail"
    if headers.first("x-autoreply") or headers.first("x-autorespond"):
        return "an automatic answer"
    if not _through(headers, own_lists):
        if headers.first("list-id"):
            return "a mail of a list"
        if headers.first("precedence").strip().lower() in _BULK:
            return "a mail to many"
    if is_no_reply(mail.sender) and not for_somebody:
        return "from an address that takes no answer"
    return ""


def is_no_reply(address: str) -> bool:
    """Tell whether an address says that nobody reads there."""
    return bool(_NO_REPLY.search(address.partition("@")[0]))


def writes_for_somebody(mail: Mail, own: Collection[str]) -> bool:
    """Tell whether Reply-To names a person other than the sender and us."""
    other = mail.reply_to.lower()
    return (
        is_address(other)
        and other != mail.sender.lower()
        and other not in own
        and not is_no_reply(other)
    )


def _through(headers: Headers, own_lists: Collection[str]) -> bool:
    told = headers.first("list-id").lower()
    bare = told[told.rfind("<") + 1 :].strip("<> ")
    return bool(bare) and any(bare == name.lower().strip("<> ") for name in own_lists)
