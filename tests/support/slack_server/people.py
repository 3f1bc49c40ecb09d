"""People at Slack: what their clicks and modals look like to an app."""

from __future__ import annotations

import copy
import json
import time
from typing import Any

from tests.support.slack_server.checks import Checker
from tests.support.slack_server.workspace import Workspace


def click(
    workspace: Workspace,
    channel: str,
    ts: str,
    action_id: str,
    user: str,
    choice: str = "",
    block_id: str = "",
) -> dict[str, Any]:
    """Return the payload of a pressed button; raise `LookupError` when it is not there.

    In a menu, `choice` is the words of what is chosen. `block_id` tells which of several buttons.
    """
    message = workspace.message(channel, ts)
    if message is None:
        raise LookupError(f"no message {ts} in {channel}")
    for block in message.blocks:
        if block_id and block.get("block_id") != block_id:
            continue
        for element in [*block.get("elements", []), block.get("accessory")]:
            if isinstance(element, dict) and element.get("action_id") == action_id:
                return _click(workspace, channel, ts, block["block_id"], element, user, choice)
    raise LookupError(f"the message has no button {action_id}")


def click_in_view(
    workspace: Workspace,
    view: dict[str, Any],
    view_id: str,
    block_id: str,
    action_id: str,
    user: str,
) -> dict[str, Any]:
    """Return the payload of a button pressed in a modal or an App Home."""
    block = next(one for one in view["blocks"] if one.get("block_id") == block_id)
    elements = [*block.get("elements", []), block.get("accessory") or {}]
    element = next((one for one in elements if one.get("action_id") == action_id), None)
    if element is None:
        raise LookupError(f"the view has no button {action_id}")
    return {
        "type": "block_actions",
        "team": {"id": workspace.team_id, "domain": "sample"},
        "user": _user(workspace, user),
        "api_app_id": workspace.app_id,
        "token": "verification",
        "container": {"type": "view", "view_id": view_id},
        "trigger_id": workspace.new_trigger(user),
        "view": {**view, "id": view_id},
        "actions": [
            {
                "type": element["type"],
                "action_id": action_id,
                "block_id": block_id,
                "value": element.get("value"),
                "action_ts": f"{time.time():.6f}",
            }
        ],
    }


def message_action(
    workspace: Workspace, channel: str, ts: str, user: str, url: str
) -> dict[str, Any]:
    """Return the payload of the shortcut under a message, as Slack sends it."""
    message = workspace.message(channel, ts)
    if message is None:
        raise LookupError(f"no message {ts} in {channel}")
    return {
        "type": "message_action",
        "token": "verification",
        "action_ts": f"{time.time():.6f}",
        "team": {"id": workspace.team_id, "domain": "sample"},
        "user": _user(workspace, user),
        "api_app_id": workspace.app_id,
        "is_enterprise_install": False,
        "channel": {"id": channel, "name": workspace.channels[channel].name},
        "callback_id": "rapport_make_case",
        "trigger_id": workspace.new_trigger(user),
        "response_url": url,
        "message_ts": ts,
        "message": {"type": "message", "ts": ts, **copy.deepcopy(message.body)},
    }


def command(workspace: Workspace, text: str, channel: str, user: str, url: str) -> dict[str, Any]:
    """Return the payload of ``/rapport`` as somebody typed it."""
    return {
        "token": "verification",
        "team_id": workspace.team_id,
        "team_domain": "sample",
        "channel_id": channel,
        "channel_name": "complaints",
        "user_id": user,
        "user_name": _user(workspace, user)["name"],
        "command": "/rapport",
        "text": text,
        "api_app_id": workspace.app_id,
        "is_enterprise_install": "false",
        "response_url": url,
        "trigger_id": workspace.new_trigger(user),
    }


def buttons(blocks: list[dict[str, Any]]) -> list[str]:
    """Return the action ids of a message's buttons."""
    return [
        element["action_id"]
        for block in blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]


def submission(
    workspace: Workspace, view_id: str, values: dict[str, Any], user: str
) -> dict[str, Any]:
    """Return the payload of a modal sent off; `values` maps block ids to what was entered."""
    view = workspace.views[view_id]
    if not view.is_open:
        raise LookupError("the modal is closed")
    state: dict[str, Any] = {}
    for block in view.body["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            entered = values.get(block["block_id"], element.get("initial_value"))
            state[block["block_id"]] = {element["action_id"]: _entered(element, entered)}
    return {
        "type": "view_submission",
        "team": {"id": workspace.team_id, "domain": "sample"},
        "user": _user(workspace, user),
        "api_app_id": workspace.app_id,
        "token": "verification",
        "trigger_id": workspace.new_trigger(user),
        "view": {
            **copy.deepcopy(view.body),
            "id": view.id,
            "hash": view.hash,
            "root_view_id": view.id,
            "previous_view_id": None,
            "state": {"values": state},
        },
        "response_urls": [],
        "is_enterprise_install": False,
    }


def apply(
    workspace: Workspace, view_id: str, answer: dict[str, Any], checker: Checker
) -> list[str]:
    """Do to the modal what the app's answer says; return what is wrong with the answer."""
    view = workspace.views[view_id]
    action = answer.get("response_action")
    if action in (None, "clear"):
        view.is_open = False
        return []
    if action == "errors":
        inputs = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
        return [f"errors for unknown input {key}" for key in answer["errors"] if key not in inputs]
    if action in ("update", "push"):
        faults = checker.modal(answer["view"])
        if len(json.dumps(answer)) > 60_000:
            faults.append("an answer over 60 KB")
        view.body, view.hash = copy.deepcopy(answer["view"]), workspace.new_hash()
        return faults
    return [f"unknown response_action {action}"]


def event(workspace: Workspace, kind: str, details: dict[str, Any]) -> dict[str, Any]:
    """Return the payload of an event."""
    return {
        "type": "event_callback",
        "event_id": f"Ev{workspace.number():08d}",
        "event_time": int(time.time()),
        "team_id": workspace.team_id,
        "api_app_id": workspace.app_id,
        "token": "verification",
        "event": {"type": kind, **details},
        "authorizations": [],
    }


def _click(
    workspace: Workspace,
    channel: str,
    ts: str,
    block_id: str,
    element: dict[str, Any],
    user: str,
    choice: str = "",
) -> dict[str, Any]:
    message = workspace.message(channel, ts)
    action = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block_id,
        "text": element.get("text"),
        "value": element.get("value"),
        "action_ts": f"{time.time():.6f}",
    }
    if element["type"] == "overflow":
        chosen = [one for one in element["options"] if one["text"]["text"] == choice]
        if not chosen:
            raise LookupError(f"the menu has no {choice!r}")
        action["selected_option"] = chosen[0]
        del action["value"], action["text"]
    return {
        "type": "block_actions",
        "team": {"id": workspace.team_id, "domain": "sample"},
        "user": _user(workspace, user),
        "api_app_id": workspace.app_id,
        "token": "verification",
        "container": {
            "type": "message",
            "message_ts": ts,
            "channel_id": channel,
            "is_ephemeral": False,
            **({"thread_ts": message.thread_ts} if message and message.thread_ts else {}),
        },
        "trigger_id": workspace.new_trigger(user),
        "channel": {"id": channel, "name": workspace.channels[channel].name},
        "message": {"type": "message", "ts": ts, "blocks": message.blocks if message else []},
        "state": {"values": {}},
        "response_url": "https://hooks.slack.com/actions/T0TEAM/1/invented",
        "actions": [action],
    }


def _user(workspace: Workspace, user: str) -> dict[str, Any]:
    known = workspace.users.get(user, {"name": "stranger", "team_id": "T0OTHER"})
    return {
        "id": user,
        "username": known["name"],
        "name": known["name"],
        "team_id": known["team_id"],
    }


def _entered(element: dict[str, Any], value: Any) -> dict[str, Any]:
    if element["type"] == "users_select":
        return {"type": "users_select", "selected_user": value}
    if element["type"] == "checkboxes":
        chosen = [one for one in element["options"] if one["value"] in (value or [])]
        return {"type": "checkboxes", "selected_options": chosen}
    if element["type"] == "datetimepicker":
        return {"type": "datetimepicker", "selected_date_time": value}
    if element["type"] == "static_select":
        chosen = next((one for one in element["options"] if one["value"] == value), None)
        return {"type": "static_select", "selected_option": chosen}
    return {"type": element["type"], "value": value}
