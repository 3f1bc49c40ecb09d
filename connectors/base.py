"""The contract between Rapport and a platform.

A connector translates: it turns one platform's answers into `FoundMention` objects and one
approved text into one request. It makes a single attempt per call and never sleeps, retries,
logs or opens a transaction; what goes wrong is raised as one of the errors in
`connectors.errors`, and the core decides what follows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal, Protocol

from pydantic import BaseModel, ConfigDict

from connectors.errors import NotSupported

USER_AGENT = "Rapport/0.1 (customer review monitor)"
"""How we call ourselves to platforms, unless the host says otherwise."""

Cursor = Mapping[str, Any]
"""Opaque, JSON-serialisable state of one source. The core stores it with the page it belongs to."""

MentionKind = Literal["review", "comment", "post"]
ReplyMode = Literal["replace", "keyed", "append", "manual", "none"]
LengthUnit = Literal["characters", "bytes"]
ReceiptState = Literal["accepted", "visible", "rejected"]


@dataclass(slots=True)
class FoundMention:
    """One thing a customer said, as the platform tells it now.

    `external_id` is unique and stable within its source. Times are aware; `created_at` is the
    platform's own time and may be missing. `rating` is on the scale `rating_min..rating_max`.
    `parent_external_id` names the mention (or our reply) that this one answers. `our_reply` is
    what stands under it as the brand's answer. `addressed_to_us` tells that the author spoke to
    the brand, not only of it. `raw` keeps the platform's own record, JSON-serialisable, where
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
    comes no sooner than `poll_no_sooner_than`, where the platform says so.
    """

    mentions: tuple[FoundMention, ...]
    next_cursor: Cursor
    more: bool = False
    problems: tuple[Problem, ...] = ()
    unchanged: bool = False
    poll_no_sooner_than: timedelta | None = None


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

    The core acts on `can_reply`, `reply_mode`, `reply_is_public` and the length. The others are
    shown to people and not enforced yet (docs/roadmap.md): no shipped connector needs them to be.
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


@dataclass(frozen=True, slots=True)
class Health:
    """The answer of `verify`: does the account work, and what may it do."""

    ok: bool
    summary: str
    advice: str = ""


class ConnectorSettings(BaseModel):
    """Base of every connector's settings.

    Each field carries a `description`; `monitor.config.describe` turns the class into the
    configuration schema, the questions of ``sources add`` and the reference page.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


class Connector(Protocol):
    """One source, opened with its settings. Instances are used by one thread at a time."""

    def fetch(self, cursor: Cursor) -> Page:
        """Return the next page after `cursor`; the first call gets an empty mapping.

        The page may repeat items: the core recognises them. Raises `ConnectorError`.
        """

    def read(self, ref: MentionRef) -> FoundMention | None:
        """Read one mention directly. None means the platform confirms that it is gone.

        Raises `NotSupported` where the platform has no such call.
        """

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        """Publish `text` under `ref` once. `key` is the same on every try for one reply.

        Raises `UnknownOutcome` when the request left and no answer came back.
        """

    def find_reply(self, ref: MentionRef, text: str, key: str) -> Receipt | None:
        """Look for our reply to `ref`. None means: certainly not there.

        Raises `NotSupported` where the platform cannot tell.
        """

    def measure(self, text: str) -> int:
        """Length of `text` in the unit that the platform counts in."""

    def verify(self) -> Health:
        """Prove access without changing anything on the platform."""

    def close(self) -> None:
        """Release connections. Safe to call twice."""


@dataclass(frozen=True, slots=True)
class ConnectorKind:
    """The catalogue entry of one connector: what it is, may do, needs, and how it is made.

    `advice` maps an error's name (`AuthFailed`, `LayoutChanged`, …) to what a person should do.
    Where the settings decide what is possible (a token was given, another board was chosen),
    `capabilities_of` says so; `capabilities` then promises what holds for all.
    """

    name: str
    title: str
    category: str
    summary: str
    settings: type[ConnectorSettings]
    capabilities: Capabilities
    build: BuildConnector
    docs_url: str = ""
    capabilities_of: Callable[[Any], Capabilities] | None = None
    default_every: timedelta = timedelta(minutes=15)
    advice: Mapping[str, str] = field(default_factory=dict)


class BuildConnector(Protocol):
    """Make a connector from validated settings. Must not touch the network."""

    def __call__(self, settings: Any, context: Context, /) -> Connector: ...


@dataclass(frozen=True, slots=True)
class Context:
    """What the host gives every connector: who we are, and where relative paths start."""

    source_key: str
    user_agent: str = USER_AGENT
    base_dir: str = "."
    now: NowFunction | None = None


class NowFunction(Protocol):
    """Returns the current time, aware, in UTC."""

    def __call__(self) -> datetime: ...


class BaseConnector:
    """Defaults for what most platforms cannot do; a convenience, not part of the contract."""

    name: ClassVar[str] = ""

    def read(self, ref: MentionRef) -> FoundMention | None:
        raise NotSupported("this platform cannot read a single mention")

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        raise NotSupported("this platform takes no replies")

    def find_reply(self, ref: MentionRef, text: str, key: str) -> Receipt | None:
        raise NotSupported("this platform cannot tell whether we replied")

    def measure(self, text: str) -> int:
        return len(text)

    def close(self) -> None:
        return None
