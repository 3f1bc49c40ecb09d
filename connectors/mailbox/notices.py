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
_SIGNED = re.compile(r"(?:^|\s)dkim\s*=\s*pass\b(?P<of>.*)", re.I | re.S)
_DOMAIN = re.compile(
    r"\bheader\.(?:d|i)\s*=\s*\"?(?:[^\s@;\"]{0,64}@)?([A-Za-z0-9.-]{1,253})", re.I
)


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
        server, _, results = _without_comments(value).partition(";")
        if (
            server.split()[:1] != [authentication_server]
            and (server.split()[:1] or [""])[0].lower() != authentication_server.lower()
        ):
            return False
        for result in results.split(";"):
            signed = _SIGNED.search(result)
            if signed and any(
                _within(one.lower(), domain) for one in _DOMAIN.findall(signed["of"])
            ):
                return True
    return False


def _without_comments(value: str) -> str:
    for _ in range(3):
        value = re.sub(r"\([^()]{0,500}\)", " ", value)
    return value


def _within(domain: str, parent: str) -> bool:
    return domain == parent or domain.endswith(f".{parent}")


def _link(mail: Mail, domains: list[str]) -> str:
    """Return the first link to the platform, one that speaks of reviews before any other."""
    links = [web_link(unescape(one)) for one in _LINK.findall(mail.whole[:100_000])]
    there = [one for one in links if any(_within(host_of(one), domain) for domain in domains)]
    return next((one for one in there if _REVIEW.search(one)), next(iter(there), ""))
