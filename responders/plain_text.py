"""Making outside values fit to stand in a reply: plain text in, plainer text out."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

PLACEHOLDER = re.compile(
    r"\{[^{}\n]{0,60}\}|\$\{|%\(\w+\)s|(?<!\w)%[sd](?!\w)|\[[^\[\]\n\d]{2,40}\]|"
    r"<(?:your |first |last )?(?:name|author|customer|contact|date|brand|location|"
    r"nombre|prénom|nom|nome|naam|vorname|nachname|kunde|cliente|client|klant)>|"
    r"(?<!\w)(?:X{3,}|TODO|TBD|FIXME)(?!\w)|lorem ipsum|(?<![@\w])_{3,}|«[A-Z_ ]{2,}»",
)
"""What templates and people leave behind: {name}, [NAME], %s, XXX, TODO."""

_MARKUP = str.maketrans("", "", "<>{}[]|\\")
_ADDRESS = re.compile(r"https?:|www\.|@|\d(?:\D?\d){5}", re.IGNORECASE)
_EMAIL = re.compile(r"^[^\s@]+@[^\s@]+\.[^\s@]+$")
_LINK = re.compile(r"^(?:https?://|www\.)\S+$|^[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:/\S*)?$", re.I)
_PHONE = re.compile(r"^\+?[\d\s()./-]{6,}$")


@lru_cache(maxsize=2048)
def plain(value: str, longest: int = 200) -> str:
    """Return `value` on one line without control signs, markup and direction tricks.

    A value longer than `longest` is dropped whole: half a name or address is worse than none. So
    is one that looks like a placeholder, which would read as a slip of ours.
    """
    if PLACEHOLDER.search(value):
        return ""
    kept = "".join(
        " " if char.isspace() else char
        for char in value
        if char.isspace() or unicodedata.category(char)[0] != "C"
    )
    line = " ".join(kept.translate(_MARKUP).split())
    # Taking markup away may make a placeholder, too: "%{s" becomes one.
    return "" if len(line) > longest or PLACEHOLDER.search(line) else line


def plain_place(value: str) -> str:
    """Return a place's name; "" when it carries an address, a link or a number instead."""
    name = plain(value, 80)
    return "" if _ADDRESS.search(name) else name.rstrip(".,;: ")


def plain_lines(value: str) -> str:
    """Return a signature: its lines made plain, empty ones dropped."""
    lines = (plain(line) for line in value.splitlines()[:4])
    return "\n".join(line for line in lines if line)


def contact_form(contact: str) -> str:
    """Tell what a contact is: ``email``, ``link``, ``phone`` or ``other``."""
    if _EMAIL.match(contact):
        return "email"
    if _PHONE.match(contact):
        return "phone"
    return "link" if _LINK.match(contact) else "other"
