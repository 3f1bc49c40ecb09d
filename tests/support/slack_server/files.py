"""Files at Slack: an address to send bytes to, and the file in a channel once it is completed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support.slack_server.workspace import Message, Workspace

Answer = dict[str, Any]
ALT_LIMIT = 1000


@dataclass
class File:
    """One upload. `data` is None until the bytes have come."""

    id: str
    name: str
    length: int
    alt: str
    data: bytes | None = None
    title: str = ""
    shares: int = 0


class Files:
    """The two methods of an upload, and the place where its bytes go."""

    def __init__(self, workspace: Workspace, address: Callable[[], str]) -> None:
        self._workspace = workspace
        self._address = address
        self.kept: dict[str, File] = {}

    def get_url(self, arguments: Answer) -> Answer:
        """Answer ``files.getUploadURLExternal``."""
        alt = str(arguments.get("alt_txt") or "")
        if len(alt) > ALT_LIMIT:
            return {"ok": False, "error": "alt_txt_too_large"}
        file = File(
            f"F{self._workspace.number():08d}",
            str(arguments["filename"]),
            int(arguments["length"]),
            alt,
        )
        self.kept[file.id] = file
        url = f"{self._address()}/upload/v1/{file.id}"
        return {"ok": True, "upload_url": url, "file_id": file.id}

    def receive(self, path: str, data: bytes) -> int:
        """Take the bytes of a file; return the status of the answer."""
        file = self.kept.get(path.rpartition("/")[2])
        if file is None or len(data) != file.length:
            self._workspace.violations.append(f"an upload of {len(data)} bytes to {path}")
            return 400
        file.data = data
        return 200

    def complete(self, arguments: Answer) -> Answer:
        """Answer ``files.completeUploadExternal``: show the file, in a thread if one is named."""
        told = arguments["files"]
        named = json.loads(told) if isinstance(told, str) else told
        channel = self._workspace.channels.get(str(arguments.get("channel_id") or ""))
        if channel is None:
            return {"ok": False, "error": "channel_not_found"}
        if not channel.is_member:
            return {"ok": False, "error": "not_in_channel"}
        shown = []
        for one in named:
            file = self.kept.get(one["id"])
            if file is None or file.data is None:
                return {"ok": False, "error": "file_not_found"}
            file.title, file.shares = one.get("title", ""), file.shares + 1
            shown.append({"id": file.id, "title": file.title})
        thread = str(arguments.get("thread_ts") or "")
        if thread and self._workspace.message(channel.id, thread) is None:
            self._workspace.violations.append("a file for a thread that is not there")
        message = Message(self._workspace.next_ts(), channel.id, {"text": ""}, thread)
        message.body["files"] = shown
        channel.messages.append(message)
        return {"ok": True, "files": shown}
