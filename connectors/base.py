"""The contract between Rapport and a platform.

A connector translates: it turns one platform's answers into `FoundMention` objects and one
approved text into one request. It makes a single attempt per call and never sleeps, retries,
logs or opens a transaction; what goes wrong is raised as one of the errors in
`connectors.errors`, and the core decides what follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict

from connectors.budgets import Budget, FreeMeter, Meter
from connectors.errors import NotSupported
from connectors.hooks import Hook
from connectors.values import (
    Capabilities,
    Cursor,
    FoundMention,
    Health,
    LengthUnit,
    MentionKind,
    MentionRef,
    Page,
    Problem,
    Receipt,
    ReceiptState,
    ReplyMode,
)
from connectors.vault import MemoryVault, Vault

__all__ = [
    "USER_AGENT",
    "BaseConnector",
    "Capabilities",
    "Connector",
    "ConnectorKind",
    "ConnectorSettings",
    "Context",
    "Cursor",
    "FoundMention",
    "Health",
    "LengthUnit",
    "MentionKind",
    "MentionRef",
    "Page",
    "Problem",
    "Receipt",
    "ReceiptState",
    "ReplyMode",
    "Suggest",
]

USER_AGENT = "Rapport/0.1 (customer review monitor)"
"""How we call ourselves to platforms, unless the host says otherwise."""


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

    def withdraw(self, ref: MentionRef, receipt_external_id: str) -> None:
        """Take down our reply to `ref`, which its receipt calls `receipt_external_id`.

        Harmless when repeated: what is not there any more raises `Gone`, or nothing. Where one
        reply has room under a mention, whichever of ours stands there is meant. Raises
        `UnknownOutcome` when the request left and no answer came back, and `NotSupported` where
        the platform has no such call.
        """

    def measure(self, text: str) -> int:
        """Length of `text` in the unit that the platform counts in."""

    def objections(self, text: str) -> tuple[str, ...]:
        """Return why the platform would refuse `text`, its length aside; each a short phrase.

        For what can be known without asking: characters, links, look-alikes.
        """

    def verify(self) -> Health:
        """Prove access without changing anything on the platform."""

    def close(self) -> None:
        """Release connections. Safe to call twice."""


@dataclass(frozen=True, slots=True)
class ConnectorKind:
    """The catalogue entry of one connector: what it is, may do, needs, and how it is made.

    `advice` maps an error's name (`AuthFailed`, `LayoutChanged`, …) to what a person should do.
    Where the settings decide what is possible (a token was given, another board was chosen),
    `capabilities_of` says so; `capabilities` then promises what holds for all,
    and `reply_needs` names what opens the way to replies, such as "an access token".
    `budgets_of` returns what the account of these settings may use; `hook` takes what the
    platform sends by itself; `answer_page` returns the page to open for answering by hand, where
    that is not the mention's own. `begins_with_history` False: what is found at first is news, as
    in a file that a person has just put there. `lists_everything`: each walk lists what stands
    there, not only what is new, so one that lists nothing any more is a changed layout.

    The rest is for people, and printed in docs/reference/platforms.md: `setup` are the steps of
    getting access, `cost`, `limits` and `terms` one sentence each, `tested` says against what it
    was tried, and `checklist` comes from `connectors.checklist.checked`.
    """

    name: str
    title: str
    category: str
    summary: str
    settings: type[ConnectorSettings]
    capabilities: Capabilities
    build: BuildConnector
    docs_url: str = ""
    reply_needs: str = ""
    capabilities_of: Callable[[Any], Capabilities] | None = None
    budgets_of: Callable[[Any], tuple[Budget, ...]] | None = None
    hook: Hook | None = None
    answer_page: Callable[[Any, MentionRef], str] | None = None
    begins_with_history: bool = True
    lists_everything: bool = False
    suggest: Suggest | None = None
    default_every: timedelta = timedelta(minutes=15)
    advice: Mapping[str, str] = field(default_factory=dict)
    setup: tuple[str, ...] = ()
    cost: str = ""
    limits: str = ""
    terms: str = ""
    tested: str = ""
    checklist: Mapping[str, str] = field(default_factory=dict)


class Suggest(Protocol):
    """Find the sources of a platform that hear of a name and need no account."""

    def __call__(
        self, name: str, given: Mapping[str, Any], context: Context, /
    ) -> Iterable[Mapping[str, Any]]:
        """Return the settings of each source; `given` settings go before our own choice.

        May ask the platform, once or twice. Raises `ConnectorError`.
        """


class BuildConnector(Protocol):
    """Make a connector from validated settings. Must not touch the network."""

    def __call__(self, settings: Any, context: Context, /) -> Connector: ...


@dataclass(frozen=True, slots=True)
class Context:
    """What the host gives every connector: who we are, and where relative paths start.

    `meter` counts what the account uses, `vault` keeps its tokens. What was said since
    `news_since` is wanted as news, so a first reading reaches back to it where that is possible.
    """

    source_key: str
    user_agent: str = USER_AGENT
    base_dir: str = "."
    now: NowFunction | None = None
    meter: Meter = field(default_factory=FreeMeter)
    vault: Vault = field(default_factory=MemoryVault)
    news_since: datetime | None = None

    def first_moment(self, now: datetime, days: float) -> datetime:
        """Return where a first reading begins: `days` ago, or at `news_since` if that is sooner."""
        begin = now - timedelta(days=days)
        return begin if self.news_since is None else min(begin, self.news_since)


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

    def withdraw(self, ref: MentionRef, receipt_external_id: str) -> None:
        raise NotSupported("this platform takes no reply down")

    def measure(self, text: str) -> int:
        return len(text)

    def objections(self, text: str) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        return None
