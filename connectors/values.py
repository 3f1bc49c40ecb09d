"""The values that travel between a platform and the core."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

Cursor = Mapping[str, Any]
"""Opaque, JSON-serialisable state of one source. The core stores it with the page it belongs to."""

MentionKind = Literal["review", "comment", "post", "message"]
ReplyMode = Literal["replace", "keyed", "append", "manual", "none"]
LengthUnit = Literal["characters", "bytes", "graphemes", "weighted characters"]
ReceiptState = Literal["accepted", "visible", "rejected"]


@dataclass(slots=True)
class FoundMention:
    """One thing a customer said, as the platform tells it now.

    `external_id` is unique and stable within its source. Times are aware; `created_at` is the
    platform's own time and may be missing. `rating` is on the scale `rating_min..rating_max`.
    `parent_external_id` names the mention (or our reply) that this one answers. `our_reply` is
    what stands under it as the brand's answer, given at `our_reply_at`. `locked` says in a few
    words why it takes no answer (any more). `addressed_to_us` tells that the author spoke to
    the brand, not only of it. `author_reach` is how many people follow the author, where the
    platform tells. `raw` keeps the platform's own record, JSON-serialisable, where
    the platform's terms allow storing it.
    """

    external_id: str
    text: str
    kind: MentionKind = "review"
    title: str = ""
    author_name: str = ""
    author_id: str = ""
    author_url: str = ""
    rating: float | None = None
    rating_min: float = 1.0
    rating_max: float = 5.0
    language: str = ""
    url: str = ""
    created_at: datetime | None = None
    edited_at: datetime | None = None
    parent_external_id: str = ""
    location: str = ""
    deleted: bool = False
    addressed_to_us: bool = False
    our_reply: str = ""
    our_reply_at: datetime | None = None
    locked: str = ""
    author_reach: int | None = None
    raw: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One item that could not be read; the rest of its page goes on.

    `where` says it in the words of the source, for example ``reviews.csv:17``.
    """

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """What one `fetch` found. `more` means: ask again at once with `next_cursor`.

    `unchanged` means that the platform told of no change, so nothing was read. The next poll
    comes no sooner than `poll_no_sooner_than`, where the platform says so. `account_rests` is how
    long the whole account has no calls left, by the platform's own headers.
    """

    mentions: tuple[FoundMention, ...]
    next_cursor: Cursor
    more: bool = False
    problems: tuple[Problem, ...] = ()
    unchanged: bool = False
    poll_no_sooner_than: timedelta | None = None
    account_rests: timedelta | None = None


@dataclass(frozen=True, slots=True)
class MentionRef:
    """What a connector needs to answer one mention, taken from its `FoundMention`."""

    external_id: str
    url: str = ""
    author_name: str = ""
    author_id: str = ""
    parent_external_id: str = ""
    language: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform's word on one reply. `text` is what stands there now, where it tells."""

    state: ReceiptState
    external_id: str = ""
    url: str = ""
    at: datetime | None = None
    text: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform lets us do. The core never asks for a platform by name.

    `reply_mode` says what a repeated reply does: ``replace`` overwrites the first, ``keyed`` is
    recognised by its key, ``append`` would stand there twice (so the core looks before it sends
    again), ``manual`` is pasted by a person, ``none`` is impossible. `retention` is how long the
    platform's terms let us keep its text; None means no limit.

    `needs_summons`: we may answer only where `addressed_to_us`. `may_store` False: only the id
    and the link may be kept. `recheck_within`: the terms want deletions honoured within this
    time, so what is kept is read again that often. `listing_window`: what is older can no longer
    be read, so a source that stands still for that long loses mentions. `must_say` is one line
    that each answer has to carry: whom its author works for. `can_withdraw`: a reply of ours that
    stands there can be taken down again.
    """

    can_read: bool = True
    can_reply: bool = False
    can_find_reply: bool = False
    reply_mode: ReplyMode = "none"
    reply_is_public: bool = True
    max_length: int | None = None
    length_unit: LengthUnit = "characters"
    needs_summons: bool = False
    may_store: bool = True
    retention: timedelta | None = None
    may_use_ai: bool = True
    listing_window: timedelta | None = None
    recheck_within: timedelta | None = None
    key_remembered: timedelta | None = timedelta(minutes=45)
    must_say: str = ""
    can_withdraw: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """The answer of `verify`: does the account work, and what may it do."""

    ok: bool
    summary: str
    advice: str = ""
