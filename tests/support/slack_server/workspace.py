"""What a Slack workspace remembers: people, channels, messages, modals, triggers."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

SCOPES = "chat:write,commands,users:read,channels:read,groups:read,channels:history,groups:history"
TRIGGER_SECONDS = 3.0


@dataclass
class Message:
    """One message. `body` holds text, blocks, metadata and so on, as they were sent."""

    ts: str
    channel: str
    body: dict[str, Any]
    thread_ts: str = ""
    edits: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return str(self.body.get("text", ""))

    @property
    def blocks(self) -> list[dict[str, Any]]:
        return self.body.get("blocks") or []


@dataclass
class Channel:
    """A channel and whether the bot is in it."""

    id: str
    name: str
    is_member: bool = True
    is_archived: bool = False
    is_private: bool = False
    messages: list[Message] = field(default_factory=list)


@dataclass
class View:
    """An open modal."""

    id: str
    user: str
    body: dict[str, Any]
    hash: str
    is_open: bool = True


class Workspace:
    """The state behind the Web API. Every method takes the lock; tests read the fields."""

    team_id = "T0TEAM"
    app_id = "A0APP"
    bot_id = "B0BOT"
    bot_user = "U0BOT"

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.bot_token = "xoxb-test"
        self.app_token = "xapp-test"
        self.scopes = SCOPES
        self.dead_token = ""
        self.channels: dict[str, Channel] = {}
        self.users: dict[str, dict[str, Any]] = {}
        self.views: dict[str, View] = {}
        self.groups: dict[str, list[str]] = {}
        self.homes: dict[str, dict[str, Any]] = {}
        self.ephemerals: list[dict[str, Any]] = []
        self.responses: list[dict[str, Any]] = []
        self.violations: list[str] = []
        self._triggers: dict[str, tuple[float, str]] = {}
        self._used: set[str] = set()
        self._counter = itertools.count(1)
        self._last_ts = 0.0
        self.add_user(self.bot_user, "rapport", is_bot=True)

    def add_channel(self, channel: str, name: str = "complaints", **flags: Any) -> Channel:
        """Add a channel; `is_member=False` leaves the bot outside."""
        self.channels[channel] = Channel(channel, name, **flags)
        return self.channels[channel]

    def add_user(self, user: str, name: str, **flags: Any) -> dict[str, Any]:
        """Add a person; flags such as ``deleted``, ``is_bot``, ``is_restricted``."""
        self.users[user] = {
            "id": user,
            "team_id": self.team_id,
            "name": name.lower().replace(" ", "."),
            "real_name": name,
            "deleted": False,
            "is_bot": False,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "profile": {"real_name": name, "display_name": name},
            **flags,
        }
        return self.users[user]

    def direct(self, user: str) -> Channel:
        """Return the conversation of a person with the app."""
        return self.channels.setdefault(f"D{user}", Channel(f"D{user}", user))

    def next_ts(self) -> str:
        """Return a timestamp that no message has had."""
        with self.lock:
            self._last_ts = max(self.clock(), self._last_ts + 0.000_001)
            return f"{self._last_ts:.6f}"

    def number(self) -> int:
        """Return the next number."""
        return next(self._counter)

    def message(self, channel: str, ts: str) -> Message | None:
        """Return the message, if it is there."""
        found = self.channels.get(channel)
        with self.lock:
            messages = found.messages if found else []
            return next((one for one in messages if one.ts == ts), None)

    def messages(self, channel: str, *, threads: bool = False) -> list[Message]:
        """Return what stands in a channel, oldest first."""
        with self.lock:
            return [one for one in self.channels[channel].messages if threads or not one.thread_ts]

    def say(self, channel: str, text: str, **more: Any) -> Message:
        """Have somebody write in a channel; `more` tells who, as in Slack's own messages."""
        with self.lock:
            message = Message(self.next_ts(), channel, {"text": text, **more})
            self.channels[channel].messages.append(message)
            return message

    def thread(self, channel: str, ts: str) -> list[Message]:
        """Return the replies in a thread, oldest first."""
        with self.lock:
            return [one for one in self.channels[channel].messages if one.thread_ts == ts]

    def new_trigger(self, user: str) -> str:
        """Hand out a trigger: one use, three seconds."""
        with self.lock:
            trigger = f"{self.number()}.{self.number()}.trigger"
            self._triggers[trigger] = (time.monotonic() + TRIGGER_SECONDS, user)
            return trigger

    def expire_triggers(self) -> None:
        """Make every trigger too old."""
        with self.lock:
            self._triggers = {key: (0.0, user) for key, (_, user) in self._triggers.items()}

    def use_trigger(self, trigger: str) -> tuple[str, str]:
        """Return (user, error); exactly one of them is set."""
        with self.lock:
            if trigger in self._used:
                return "", "exchanged_trigger_id"
            if trigger not in self._triggers:
                return "", "invalid_trigger_id"
            expires, user = self._triggers[trigger]
            if time.monotonic() > expires:
                return "", "expired_trigger_id"
            self._used.add(trigger)
            return user, ""

    def open_view(self, user: str, body: dict[str, Any]) -> View:
        """Show a modal to a person."""
        with self.lock:
            view = View(f"V{self.number():08d}", user, body, self.new_hash())
            self.views[view.id] = view
            return view

    def new_hash(self) -> str:
        """Return a view's new hash."""
        return f"{time.time():.0f}.{self.number():08x}"
