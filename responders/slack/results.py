"""What may come of one call to Slack. The outbox decides by these; nothing here is raised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """Slack did it. `headers` have lower-case names."""

    data: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limited:
    """Slack asks this method to wait. Nothing was done."""

    retry_after: timedelta


@dataclass(frozen=True, slots=True)
class Refused:
    """Slack refused this request for good, and says why. Nothing was done."""

    error: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AuthDead:
    """The token is missing, revoked or lacks a scope. Nothing was done; a person must act."""

    error: str
    needed: str = ""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The request never left this machine. Nothing was done."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The request left and no usable answer came back: it may or may not have happened."""

    reason: str


Result = Answer | Limited | Refused | AuthDead | Unreachable | Unknown
Failure = Limited | Refused | AuthDead | Unreachable | Unknown


# What a refusal of a message means for the message.
TOO_BIG = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
)
CARD_GONE = frozenset(
    {"message_not_found", "cant_update_message", "edit_window_closed", "is_inactive"}
)
THREAD_GONE = frozenset(
    {
        "cannot_reply_to_message",
        "message_not_found",
        "thread_not_found",
        "restricted_action_thread_locked",
        "restricted_action_non_threadable_channel",
    }
)
CHANNEL_ERRORS = frozenset(
    {"channel_not_found", "not_in_channel", "is_archived", "restricted_action"}
)


def describe(result: Result) -> str:
    """Return one line for a log or for `last_error`, without any text of a customer."""
    match result:
        case Answer():
            return "done"
        case Limited(retry_after):
            return f"Slack asks to wait {retry_after.total_seconds():g} s"
        case Refused(error, detail):
            return f"Slack refused: {error}" + (f" ({detail})" if detail else "")
        case AuthDead(error, needed):
            return f"Slack does not accept the token: {error}" + (
                f" (needs {needed})" if needed else ""
            )
        case Unreachable(reason):
            return f"Slack cannot be reached: {reason}"
        case Unknown(reason):
            return f"Slack's answer was lost: {reason}"
