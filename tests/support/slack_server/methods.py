"""The Web API's methods: what each does to the workspace, and the errors it really gives."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from tests.support.slack_server.checks import Checker, texts
from tests.support.slack_server.files import Files
from tests.support.slack_server.workspace import Channel, Message, Workspace

Answer = dict[str, Any]
SCOPE_OF = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "chat.postEphemeral": "chat:write",
    "conversations.history": "channels:history",
    "conversations.replies": "channels:history",
    "conversations.info": "channels:read",
    "conversations.list": "channels:read",
    "users.info": "users:read",
    "usergroups.users.list": "usergroups:read",
    "users.list": "users:read",
    "bots.info": "users:read",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
}
TEXT_LIMIT = 4000
BLOCKS_LIMIT = 13_200


class Methods:
    """Runs one method for one call. `violations` of the workspace collects what broke a rule."""

    def __init__(
        self,
        workspace: Workspace,
        checker: Checker,
        open_socket: Callable[[], str],
        address: Callable[[], str],
    ) -> None:
        self.files = Files(workspace, address)
        self._workspace = workspace
        self._checker = checker
        self._open_socket = open_socket
        self._table: dict[str, Callable[[Answer], Answer]] = {
            "auth.test": self._auth_test,
            "apps.connections.open": self._connections_open,
            "blocks.validate": self._blocks_validate,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "chat.getPermalink": self._permalink,
            "chat.postEphemeral": self._ephemeral,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "conversations.info": self._channel_info,
            "conversations.list": self._channels,
            "files.getUploadURLExternal": self.files.get_url,
            "files.completeUploadExternal": self.files.complete,
            "users.info": self._user_info,
            "users.list": self._users,
            "bots.info": self._bot_info,
            "views.open": self._view_open,
            "views.push": self._view_open,
            "views.update": self._view_update,
            "views.publish": self._publish,
            "usergroups.users.list": self._group,
        }

    def run(self, method: str, token: str, arguments: dict[str, Any]) -> Answer:
        """Return Slack's answer to a call, ``ok`` or with an error."""
        workspace = self._workspace
        with workspace.lock:
            if method not in self._table:
                return _no("unknown_method", req_method=method)
            error = self._token_error(method, token, arguments)
            if error:
                return error
            faults = self._checker.arguments(method, arguments)
            workspace.violations += faults
            if any("missing argument" in fault for fault in faults):
                return _no("invalid_arguments", response_metadata={"messages": faults})
            return self._table[method](arguments)

    def _token_error(self, method: str, token: str, arguments: Answer) -> Answer | None:
        workspace = self._workspace
        if not token:
            return _no("not_authed")
        wanted = workspace.bot_token
        if method == "apps.connections.open":
            wanted = workspace.app_token
        elif workspace.dead_token:
            return _no(workspace.dead_token)
        if token != wanted:
            return _no("invalid_auth")
        scope = SCOPE_OF.get(method)
        channel = workspace.channels.get(str(arguments.get("channel")))
        if scope and channel is not None and channel.is_private:
            scope = scope.replace("channels:", "groups:")
        if scope and scope not in workspace.scopes.split(","):
            return _no("missing_scope", needed=scope, provided=workspace.scopes)
        return None

    def _auth_test(self, _arguments: Answer) -> Answer:
        workspace = self._workspace
        return _yes(
            url="https://sample.slack.com/",
            team="Sample",
            user="rapport",
            team_id=workspace.team_id,
            user_id=workspace.bot_user,
            bot_id=workspace.bot_id,
            is_enterprise_install=False,
        )

    def _connections_open(self, _arguments: Answer) -> Answer:
        return _yes(url=self._open_socket())

    def _blocks_validate(self, arguments: Answer) -> Answer:
        blocks = json.loads(arguments["blocks"])
        faults = self._checker.message({"blocks": blocks})
        errors = [{"pointer": "", "code": "invalid", "message": fault} for fault in faults]
        return _no("invalid_blocks", errors=errors) if faults else _yes()

    def _post(self, arguments: Answer) -> Answer:
        channel = self._channel(arguments)
        if not isinstance(channel, Channel):
            return channel
        fault = self._message_fault(arguments)
        if fault:
            return fault
        ts = self._workspace.next_ts()
        body = {key: value for key, value in arguments.items() if key != "channel"}
        message = Message(ts, channel.id, copy.deepcopy(body), arguments.get("thread_ts") or "")
        channel.messages.append(message)
        return _yes(channel=channel.id, ts=ts, message=self._shown(message))

    def _update(self, arguments: Answer) -> Answer:
        channel = self._channel(arguments)
        if not isinstance(channel, Channel):
            return channel
        message = self._workspace.message(channel.id, arguments["ts"])
        if message is None:
            return _no("message_not_found")
        if len(arguments.get("text") or "") > TEXT_LIMIT:
            return _no("msg_too_long")
        fault = self._message_fault(arguments)
        if fault:
            return fault
        had_rich = any(block["type"] == "rich_text" for block in message.blocks)
        blocks = arguments.get("blocks") or []
        if had_rich and blocks and not any(block["type"] == "rich_text" for block in blocks):
            return _no("block_mismatch")
        message.history.append(message.body)
        kept = {"metadata": message.body.get("metadata"), "blocks": []}
        sent = {key: value for key, value in arguments.items() if key not in ("channel", "ts")}
        message.body = copy.deepcopy({**kept, **sent})
        message.edits += 1
        return _yes(channel=channel.id, ts=message.ts, text=message.text)

    def _delete(self, arguments: Answer) -> Answer:
        channel = self._channel(arguments)
        if not isinstance(channel, Channel):
            return channel
        message = self._workspace.message(channel.id, arguments["ts"])
        if message is None:
            return _no("message_not_found")
        channel.messages.remove(message)
        return _yes(channel=channel.id, ts=message.ts)

    def _permalink(self, arguments: Answer) -> Answer:
        channel = self._workspace.channels.get(arguments["channel"])
        if channel is None or not channel.is_member:
            return _no("channel_not_found")
        message = self._workspace.message(channel.id, arguments["message_ts"])
        if message is None:
            return _no("message_not_found")
        place = f"{channel.id}/p{message.ts.replace('.', '')}"
        return _yes(channel=channel.id, permalink=f"https://sample.slack.com/archives/{place}")

    def _ephemeral(self, arguments: Answer) -> Answer:
        channel = self._channel(arguments)
        if not isinstance(channel, Channel):
            return channel
        if arguments["user"] not in self._workspace.users:
            return _no("user_not_in_channel")
        fault = self._message_fault(arguments)
        if fault:
            return fault
        self._workspace.ephemerals.append(copy.deepcopy(arguments))
        return _yes(message_ts=self._workspace.next_ts())

    def _history(self, arguments: Answer) -> Answer:
        channel = self._channel(arguments, reading=True)
        if not isinstance(channel, Channel):
            return channel
        return self._page(self._workspace.messages(channel.id), arguments)

    def _replies(self, arguments: Answer) -> Answer:
        channel = self._channel(arguments, reading=True)
        if not isinstance(channel, Channel):
            return channel
        parent = self._workspace.message(channel.id, arguments["ts"])
        if parent is None:
            return _no("thread_not_found")
        return self._page([parent, *self._workspace.thread(channel.id, parent.ts)], arguments)

    def _page(self, messages: list[Message], arguments: Answer) -> Answer:
        oldest = float(arguments.get("oldest") or 0)
        limit = min(int(arguments.get("limit") or 100), 999)
        with_metadata = str(arguments.get("include_all_metadata")).lower() in ("1", "true")
        latest = float(arguments.get("latest") or "inf")
        newest_first = [one for one in reversed(messages) if oldest <= float(one.ts) <= latest]
        start = int(arguments.get("cursor") or 0)
        page = newest_first[start : start + limit]
        more = start + limit < len(newest_first)
        return _yes(
            messages=[self._shown(one, with_metadata=with_metadata) for one in page],
            has_more=more,
            response_metadata={"next_cursor": str(start + limit) if more else ""},
        )

    def _channel_info(self, arguments: Answer) -> Answer:
        channel = self._workspace.channels.get(arguments["channel"])
        if channel is None:
            return _no("channel_not_found")
        return _yes(channel=_told_of(channel))

    def _channels(self, arguments: Answer) -> Answer:
        listed = [_told_of(one) for one in self._workspace.channels.values()]
        return _listed("channels", listed, arguments)

    def _users(self, arguments: Answer) -> Answer:
        return _listed("members", list(self._workspace.users.values()), arguments)

    def _bot_info(self, arguments: Answer) -> Answer:
        workspace = self._workspace
        if arguments.get("bot") != workspace.bot_id:
            return _no("bot_not_found")
        return _yes(bot={"id": workspace.bot_id, "app_id": workspace.app_id, "name": "rapport"})

    def _user_info(self, arguments: Answer) -> Answer:
        user = self._workspace.users.get(arguments["user"])
        return _yes(user=user) if user else _no("user_not_found")

    def _view_open(self, arguments: Answer) -> Answer:
        view = arguments["view"]
        view = json.loads(view) if isinstance(view, str) else view
        user, error = self._workspace.use_trigger(arguments.get("trigger_id") or "")
        if error:
            return _no(error)
        faults = self._checker.modal(view)
        if faults:
            self._workspace.violations += faults
            return _no("invalid_arguments", response_metadata={"messages": faults})
        opened = self._workspace.open_view(user, copy.deepcopy(view))
        return _yes(view={**view, "id": opened.id, "hash": opened.hash})

    def _view_update(self, arguments: Answer) -> Answer:
        view = self._workspace.views.get(arguments.get("view_id") or "")
        if view is None or not view.is_open:
            return _no("not_found")
        if arguments.get("hash") and arguments["hash"] != view.hash:
            return _no("hash_conflict")
        view.body, view.hash = copy.deepcopy(arguments["view"]), self._workspace.new_hash()
        return _yes(view={**view.body, "id": view.id, "hash": view.hash})

    def _group(self, arguments: Answer) -> Answer:
        members = self._workspace.groups.get(arguments["usergroup"])
        return _no("no_such_subteam") if members is None else _yes(users=list(members))

    def _publish(self, arguments: Answer) -> Answer:
        if arguments["user_id"] not in self._workspace.users:
            return _no("user_not_found")
        faults = self._checker.home(arguments["view"])
        if faults:
            self._workspace.violations += faults
            return _no("invalid_arguments", response_metadata={"messages": faults})
        self._workspace.homes[arguments["user_id"]] = copy.deepcopy(arguments["view"])
        return _yes(view={**arguments["view"], "id": "V0HOME"})

    def _channel(self, arguments: Answer, *, reading: bool = False) -> Channel | Answer:
        named = arguments["channel"]
        if named in self._workspace.users:  # a person: their conversation with the app
            return self._workspace.direct(named)
        channel = self._workspace.channels.get(named)
        if channel is None:
            return _no("channel_not_found")
        if not channel.is_member:
            return _no("not_in_channel")
        if channel.is_archived and not reading:
            return _no("is_archived")
        return channel

    def _message_fault(self, arguments: Answer) -> Answer | None:
        if not arguments.get("text") and not arguments.get("blocks"):
            return _no("no_text")
        blocks = arguments.get("blocks") or []
        if sum(len(text) for text in texts(blocks)) > BLOCKS_LIMIT:
            self._workspace.violations.append("msg_blocks_too_long")
            return _no("msg_blocks_too_long")
        faults = self._checker.message(arguments)
        if faults:
            self._workspace.violations += faults
            return _no("invalid_blocks", response_metadata={"messages": faults})
        return None

    def _shown(self, message: Message, *, with_metadata: bool = True) -> Answer:
        workspace = self._workspace
        shown = {
            "type": "message",
            "ts": message.ts,
            "user": workspace.bot_user,
            "bot_id": workspace.bot_id,
            "text": message.text,
            "blocks": message.blocks,
        }
        if message.body.get("files"):
            shown["files"] = message.body["files"]
        if message.thread_ts:
            shown["thread_ts"] = message.thread_ts
        if with_metadata and message.body.get("metadata"):
            shown["metadata"] = message.body["metadata"]
        return shown


def _told_of(channel: Channel) -> Answer:
    return {
        "id": channel.id,
        "name": channel.name,
        "is_member": channel.is_member,
        "is_archived": channel.is_archived,
        "is_private": channel.is_private,
    }


def _listed(key: str, listed: list[Answer], arguments: Answer) -> Answer:
    """Return one page, small enough that readers have to turn it."""
    start, size = int(arguments.get("cursor") or 0), min(int(arguments.get("limit") or 100), 3)
    more = str(start + size) if start + size < len(listed) else ""
    page = listed[start : start + size]
    return _yes(**{key: page}, response_metadata={"next_cursor": more})


def _yes(**values: Any) -> Answer:
    return {"ok": True, **values}


def _no(error: str, **values: Any) -> Answer:
    return {"ok": False, "error": error, **values}
