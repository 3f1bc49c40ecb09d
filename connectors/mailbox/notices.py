"""Recognises the mails in which a platform tells of a review: a pointer, never the review.

Anybody can write such a mail. It is believed only where the mailbox's own server says, in its
``Authentication-Results`` (RFC 8601), that the platform signed it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from connectors.addresses import host_of, web_link
from connectors.mailbox.letters import Mail
from connectors.text import unescape

_PLATFORMS = (
    ("Google", ("google.com",)),
    ("Yelp", ("yelp.com",)),
    ("Tripadvisor", ("tripadvisor.com",)),
    ("Booking.com", ("booking.com",)),
)
_REVIEW = re.compile(
    r"review|rating|bewert|rezension|avis\b|évaluation|reseñ|opini|recension|valutaz|beoordel"
    r"|avalia|comentari",
    re.I,
)
_LINK = re.compile(r"https://[^\s<>\"')\]]{4,1900}")
_SIGNED = re.compile(r"\s*dkim(?:\s*/\s*\d+)?\s*=\s*pass(?=\s|\Z)", re.I)
_DOMAIN = re.compile(r"\sheader\.(d|i)\s*=\s*(\S+)", re.I)
_MARKUP = re.compile(r'["()\\;]')


@dataclass(frozen=True, slots=True)
class Notice:
    """A platform's word that there is a review, and where to look."""

    platform: str
    link: str


def notice_in(mail: Mail, authentication_server: str) -> Notice | None:
    """Return the notice that `mail` is, or None where it is none or not certainly the platform's.

    `authentication_server` is the name of the mailbox's own server; nothing is believed without.
    """
    domain = mail.sender.rpartition("@")[2].lower()
    for platform, domains in _PLATFORMS:
        ours = [one for one in domains if _within(domain, one)]
        if not ours or not _REVIEW.search(f"{mail.subject} {mail.text[:2000]}"):
            continue
        if not any(signed_by(mail, authentication_server, one) for one in ours):
            return None
        return Notice(platform, _link(mail, ours))
    return None


def signed_by(mail: Mail, authentication_server: str, domain: str) -> bool:
    """Tell whether our own server found a valid signature of `domain`.

    A sender can write the header as well, so only the topmost block counts: our server puts its
    own above everything that came with the mail.
    """
    if not authentication_server:
        return False
    for value in mail.headers.all("authentication-results")[:1]:
        server, *results = _results(value) or [""]
        if server.lower().split()[:1] != [authentication_server.lower()]:
            return False
        for result in results:
            if _SIGNED.match(result):
                named: dict[str, list[str]] = {"d": [], "i": []}
                for which, said in _DOMAIN.findall(result):
                    named[which.lower()].append(said.rpartition("@")[2].lower())
                if any(_within(one, domain) for one in named["d"] or named["i"]):
                    return True
    return False


def _results(value: str) -> list[str] | None:
    """Return the parts of an ``Authentication-Results`` header, without comments; or None.

    Senders choose words that stand in it: an address may be a quoted string with results of its
    own. Quoted strings are emptied. Where servers do not write such a word as they should, it
    could end a comment, so a header with a quotation mark in a comment is not believed at all.
    """
    parts, depth, quoted, at = [""], 0, False, 0
    while at < len(value):
        found = _MARKUP.search(value, at)
        end = found.start() if found else len(value)
        if not depth and not quoted:
            parts[-1] += value[at:end]
        mark, at = (found[0], end + 1) if found else ("", end)
        if mark == "\\":
            at += 1
        elif quoted:
            quoted = mark != '"'
        elif mark == '"':
            if depth:
                return None
            quoted = True
            parts[-1] += '""'
        elif mark == "(":
            depth += 1
        elif mark == ")":
            depth -= 1
            parts[-1] += " "
            if depth < 0:
                return None
        elif mark == ";" and not depth:
            parts.append("")
    return None if depth or quoted else parts


def _within(domain: str, parent: str) -> bool:
    return domain == parent or domain.endswith(f".{parent}")


def _link(mail: Mail, domains: list[str]) -> str:
    """Return the first link to the platform, one that speaks of reviews before any other."""
    links = [web_link(unescape(one)) for one in _LINK.findall(mail.whole[:100_000])]
    there = [one for one in links if any(_within(host_of(one), domain) for domain in domains)]
    return next((one for one in there if _REVIEW.search(one)), next(iter(there), ""))
