"""Reads what was typed after ``/rapport``: the verb, the case it speaks of, and the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

COMMAND = "/rapport"

READING = {
    "queue": ("queue [words]", "what waits for a decision, what is due first on top"),
    "mine": ("mine", "the open cases that are with you"),
    "late": ("late", "what is overdue"),
    "find": ("find WORDS", "cases whose text or author has these words"),
    "show": ("show C-12", "the card of a case, with its buttons"),
    "why": ("why C-12", "why it is here, why it is due then, why the draft reads so"),
    "report": ("report [7d]", "how promises fared"),
    "duty": ("duty", "who gets new cases"),
    "status": ("status", "what runs and what needs attention"),
    "help": ("help", "this list"),
}
ACTING = {
    "take": ("take C-12", "the case is with you"),
    "ack": ("ack C-12", "you see to what somebody was called for"),
    "assign": ("assign C-12 @somebody", "the case is with somebody else"),
    "release": ("release C-12", "nobody looks after the case"),
    "snooze": ("snooze C-12 2h", "put it off: 2h, tomorrow, 14:30, customer"),
    "wake": ("wake C-12", "bring it back"),
    "note": ("note C-12 TEXT", "a word for the team, never published"),
    "approve": ("approve C-12 2", "approve version 2 of its draft, as `show` shows it"),
    "undo": ("undo C-12", "take an approved reply back before it leaves"),
    "pause": ("pause SOURCE", "stop hearing a source"),
    "resume": ("resume SOURCE", "hear it again"),
}
"""What can be typed, how, and what it does: answered at once, or done by due work."""

PERSONAL = frozenset({"mine"})
"""What is answered by who asks: later, where Slack must first say who that is."""

SEARCHING = frozenset({"find", "report", "status"})
"""What reads much of the store: later, for an acknowledgement may not take long."""

_CASE = re.compile(r"(?:[Cc]-)?([0-9]{1,15})", re.ASCII)
_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


@dataclass(frozen=True, slots=True)
class Order:
    """One command as it was typed, and where its answer goes."""

    key: str
    verb: str
    rest: str
    user: str
    team: str
    channel: str
    response_url: str

    def stored(self) -> dict[str, Any]:
        """Return what is kept of it."""
        return {
            "action": COMMAND,
            "verb": self.verb,
            "rest": self.rest,
            "user": self.user,
            "team": self.team,
            "channel": self.channel,
            "response_url": self.response_url,
        }


def read_order(payload: Mapping[str, Any]) -> Order:
    """Return the command in a payload; nothing typed at all asks for help."""

    def text(name: str) -> str:
        value = payload.get(name)
        return value if isinstance(value, str) else ""

    verb, _, rest = unescape(text("text")).strip().partition(" ")
    return Order(
        key=f"command|{text('trigger_id')[:200]}",
        verb=verb.lower() or "help",
        rest=rest.strip(),
        user=text("user_id"),
        team=text("team_id"),
        channel=text("channel_id"),
        response_url=text("response_url"),
    )


def read_stored(kept: Mapping[str, Any]) -> Order:
    """Return the command that was stored."""
    names = ("verb", "rest", "user", "team", "channel", "response_url")
    return Order("", *(str(kept.get(name, "")) for name in names))


def unescape(text: str) -> str:
    """Return what a person typed, where Slack has escaped its three control characters.

    Mentions of people keep their brackets, which nobody can type.
    """
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def case_of(rest: str) -> tuple[int, str]:
    """Return the number of the case that `rest` begins with, and what follows.

    Raises `ValueError`, which says what a case looks like.
    """
    word, _, following = rest.partition(" ")
    found = _CASE.fullmatch(word)
    if found is None:
        raise ValueError(f"{word[:40]!r} is no case; cases look like C-12" if word else _NO_CASE)
    return int(found[1]), following.strip()


_NO_CASE = "say which case: cases look like C-12"


def person_of(rest: str) -> str:
    """Return the member id of the person that `rest` mentions; raise `ValueError`."""
    found = _PERSON.match(rest)
    if found is None:
        raise ValueError("say who with a mention, such as @mara, chosen from Slack's list")
    return found[1]


def nearest_verb(verb: str) -> str:
    """Return the verb that was probably meant; empty when none is near."""
    return next(iter(get_close_matches(verb, [*READING, *ACTING], n=1)), "")
