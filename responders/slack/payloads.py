"""Reads what Slack sends us, keeps what is needed of it, and gives it a key.

Payloads hold a verification token, names and the whole card; only ids and what the person
entered are stored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from responders.slack import buttons, modals
from responders.slack.message_action import Shortcut, read_message_action

MESSAGE = "message"
HOME_OPENED = "app_home_opened"


@dataclass(frozen=True, slots=True)
class Click:
    """A button pressed: on a card, in a message that one person sees, in a modal or the App Home.

    Only a private message has a `response_url` here, and only a modal a `view_id`.
    """

    key: str
    action_id: str
    value: str
    user: str
    team: str
    channel: str
    message_ts: str
    trigger_id: str
    view_id: str = ""
    response_url: str = ""

    def stored(self) -> dict[str, Any]:
        """Return what is kept of it."""
        return {
            "action": self.action_id,
            "value": self.value,
            "user": self.user,
            "team": self.team,
            "channel": self.channel,
            "ts": "" if self.response_url else self.message_ts,
            **({"view_id": self.view_id} if self.view_id else {}),
            **({"response_url": self.response_url} if self.response_url else {}),
        }


@dataclass(frozen=True, slots=True)
class Submission:
    """A modal sent off, with what the person entered. `view_id` is the modal below it, if any."""

    key: str
    callback_id: str
    private_metadata: str
    user: str
    team: str
    text: str
    reason: str
    note: str
    link: str = ""
    person: str = ""
    span: str = ""
    until: int = 0
    tone: str = ""
    shorter: bool = False
    language: str = ""
    view_id: str = ""

    def stored(self) -> dict[str, Any]:
        """Return what is kept of it."""
        return {
            "action": self.callback_id,
            "value": self.private_metadata,
            "user": self.user,
            "team": self.team,
            "text": self.text,
            "reason": self.reason,
            "note": self.note,
            "link": self.link,
            "person": self.person,
            "span": self.span,
            "until": self.until,
            "tone": self.tone,
            "shorter": self.shorter,
            "language": self.language,
            "view_id": self.view_id,
        }


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of the workspace: a token revoked, a channel archived, a word in a thread.

    Of a message everything is kept that a note needs; of all else only where it happened, and
    who opened their App Home.
    """

    key: str
    kind: str
    team: str
    channel: str
    user: str = ""
    text: str = ""
    thread_ts: str = ""

    def stored(self) -> dict[str, Any]:
        """Return what is kept of it."""
        told = {"user": self.user, "text": self.text, "thread_ts": self.thread_ts}
        return {
            "action": self.kind,
            "team": self.team,
            "channel": self.channel,
            **{name: value for name, value in told.items() if value},
        }


def read_interactive(payload: Mapping[str, Any]) -> Click | Submission | Shortcut | None:
    """Return what an interactive payload says; None for what is not ours to handle."""
    kind = payload.get("type")
    if kind == "block_actions":
        return _click(payload)
    if kind == "view_submission":
        return _submission(payload)
    if kind == "message_action":
        return read_message_action(payload)
    return _closed(payload) if kind == "view_closed" else None


def _closed(payload: Mapping[str, Any]) -> Click | None:
    """Return a modal that was closed without sending it off, as a press that ends it."""
    view, user = _map(payload, "view"), _map(payload, "user")
    if _text(view, "callback_id") != buttons.EDIT_VIEW:
        return None
    return Click(
        key=_key("closed", _text(view, "id"), _text(user, "id")),
        action_id=buttons.CLOSED,
        value=_text(view, "private_metadata"),
        user=_text(user, "id"),
        team=_text(user, "team_id") or _text(_map(payload, "team"), "id"),
        channel="",
        message_ts="",
        trigger_id="",
    )


def read_event(payload: Mapping[str, Any]) -> Happening | None:
    """Return the event in an ``events_api`` payload."""
    event = _map(payload, "event")
    event_id = _text(payload, "event_id")
    if not event_id:
        return None
    channel, kind = event.get("channel"), _text(event, "type")
    said = _text(event, "text") if kind == MESSAGE and _is_of_a_person(event) else ""
    return Happening(
        _key("event", event_id),
        kind,
        _text(payload, "team_id"),
        channel if isinstance(channel, str) else "",
        user=_text(event, "user") if kind in (MESSAGE, HOME_OPENED) else "",
        text=said,
        thread_ts=_text(event, "thread_ts") if said else "",
    )


def _is_of_a_person(event: Mapping[str, Any]) -> bool:
    """Tell whether a message is a person's, and new: not a bot's, nor an edit or a deletion."""
    kind = _text(event, "subtype")
    return not event.get("bot_id") and kind in ("", "thread_broadcast", "file_share")


def app_of(payload: Mapping[str, Any]) -> str:
    """Return the id of the app that a payload is meant for."""
    return _text(payload, "api_app_id")


def _click(payload: Mapping[str, Any]) -> Click | None:
    actions = payload.get("actions")
    if not isinstance(actions, list) or not actions or not isinstance(actions[0], dict):
        return None
    action, container = actions[0], _map(payload, "container")
    user, place = (
        _map(payload, "user"),
        _text(container, "message_ts") or _text(container, "view_id"),
    )
    action_id = _text(action, "action_id")
    is_private = container.get("is_ephemeral") is True
    is_modal = _text(_map(payload, "view"), "type") == "modal"
    return Click(
        key=_key("click", _text(user, "id"), place, action_id, _text(action, "action_ts")),
        action_id=action_id,
        value=_text(action, "value") or _text(_map(action, "selected_option"), "value"),
        user=_text(user, "id"),
        team=_text(user, "team_id") or _text(_map(payload, "team"), "id"),
        channel=_text(container, "channel_id") or _text(_map(payload, "channel"), "id"),
        message_ts=_text(container, "message_ts"),
        trigger_id=_text(payload, "trigger_id"),
        view_id=_text(container, "view_id") if is_modal else "",
        response_url=_text(payload, "response_url") if is_private else "",
    )


def _submission(payload: Mapping[str, Any]) -> Submission | None:
    view, user = _map(payload, "view"), _map(payload, "user")
    if not view:
        return None
    values = _map(_map(view, "state"), "values")
    until = _input(values, modals.UNTIL_BLOCK, modals.UNTIL_ACTION)
    # A modal whose answer was lost stays open: what is sent off next may be another text.
    entered = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
    return Submission(
        key=_key("submit", _text(view, "id"), _text(view, "hash"), _text(user, "id"), entered),
        callback_id=_text(view, "callback_id"),
        private_metadata=_text(view, "private_metadata"),
        user=_text(user, "id"),
        team=_text(user, "team_id") or _text(_map(payload, "team"), "id"),
        text=_text(_input(values, modals.TEXT_BLOCK, modals.TEXT_ACTION), "value"),
        reason=_chosen(values, modals.REASON_BLOCK, modals.REASON_ACTION),
        note=_text(_input(values, modals.NOTE_BLOCK, modals.NOTE_ACTION), "value"),
        link=_text(_input(values, modals.LINK_BLOCK, modals.LINK_ACTION), "value"),
        person=_text(_input(values, modals.PERSON_BLOCK, modals.PERSON_ACTION), "selected_user"),
        span=_chosen(values, modals.SPAN_BLOCK, modals.SPAN_ACTION),
        tone=_chosen(values, modals.TONE_BLOCK, modals.TONE_ACTION),
        shorter=bool(
            _input(values, modals.SHORTER_BLOCK, modals.SHORTER_ACTION).get("selected_options")
        ),
        language=_chosen(values, modals.LANGUAGE_BLOCK, modals.LANGUAGE_ACTION),
        view_id=_text(view, "previous_view_id"),
        until=_number(until, "selected_date_time"),
    )


def _chosen(values: Mapping[str, Any], block_id: str, action_id: str) -> str:
    return _text(_map(_input(values, block_id, action_id), "selected_option"), "value")


def _input(values: Mapping[str, Any], block_id: str, action_id: str) -> Mapping[str, Any]:
    return _map(_map(values, block_id), action_id)


def _map(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def _number(holder: Mapping[str, Any], name: str) -> int:
    value = holder.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _key(*parts: str) -> str:
    # The column holds 255 characters; ids are short, but nothing promises it.
    key = "|".join(parts)
    return key if len(key) <= 255 else f"{parts[0]}|{hashlib.sha256(key.encode()).hexdigest()}"
