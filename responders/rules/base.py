"""The words of the reply rules: what is checked, what is found, what a rule is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from responders.rules.platforms import PlatformRules, platform_rules

Severity = Literal["block", "warn"]

_URL = re.compile(r"(?:https?://|www\.)\S+")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a reply.

    ``block`` means that it must not be published, ``warn`` that a person should look. `message`
    says what and how to mend it; `source` cites the law or policy and may be empty; `words` are
    the offending words, as they stand in the reply.
    """

    rule: str
    severity: Severity
    message: str
    source: str = ""
    words: str = ""


def _none(_text: str) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class ReplyFacts:
    """What the rules need to know besides the text.

    `measure` counts in `length_unit`. `contact` and `signature` are our own and may hold an
    address or a number. `mention_text` is what is being answered: data out of it must not be
    repeated in public. `sensitive` marks a brand of health or law, where even confirming that
    somebody is known there breaks a duty. `has_lawyers` marks a law firm, whose lawyers are its own
    people and no threat. `objections` are the connector's own: what its platform
    would refuse, apart from length. `never_say` and `may_offer` are the brand's own words.
    """

    language: str = ""
    platform: str = ""
    contact: str = ""
    max_length: int | None = None
    measure: Callable[[str], int] = len
    length_unit: str = "characters"
    reply_is_public: bool = True
    previous_replies: tuple[str, ...] = ()
    brand_name: str = ""
    signature: str = ""
    author_name: str = ""
    mention_text: str = ""
    sensitive: bool = False
    has_lawyers: bool = False
    never_say: tuple[str, ...] = ()
    may_offer: tuple[str, ...] = ()
    objections: Callable[[str], tuple[str, ...]] = _none


@dataclass(frozen=True)
class Reply:
    """A text under check, with what several rules look at worked out once."""

    text: str
    facts: ReplyFacts

    @cached_property
    def plain(self) -> str:
        """The text with one kind of apostrophe and space, and without invisible signs."""
        text = re.sub("[\u200b-\u200f\u2060\ufeff\u00ad]", "", self.text)
        text = re.sub("[’‘ʼ´`]", "'", text)
        return re.sub(r"[^\S\n]+", " ", text)

    @cached_property
    def unlinked(self) -> str:
        """The plain text with a dot for every sign of a link: a number in one is an article's."""
        return _URL.sub(lambda link: "·" * len(link.group()), self.plain)

    @cached_property
    def sentences(self) -> list[str]:
        """The sentences, roughly; a full stop inside an address or number ends none."""
        return [s for s in re.split(r"(?<=[.!?])\s+|\n+", self.plain) if s.strip()]

    @cached_property
    def ours(self) -> str:
        """Everything that is ours to publish: contact, signature and name, small letters."""
        facts = self.facts
        return f"{facts.contact}\n{facts.signature}\n{facts.brand_name}".casefold()

    @cached_property
    def platform(self) -> PlatformRules:
        """What the platform asks of replies."""
        return platform_rules(self.facts.platform)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, how severe it is, what it is for, where it comes from, its check."""

    name: str
    severity: str
    summary: str
    source: str
    check: Callable[[Reply], Iterator[Finding]]


def shorten(words: str, longest: int = 80) -> str:
    """Return `words` on one line, fit to be shown in a message."""
    line = " ".join(words.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
