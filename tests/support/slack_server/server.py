"""A Slack that runs on this machine: Web API, Socket Mode, people who click, and faults.

    with SlackServer() as slack:
        slack.workspace.add_channel("C0CARDS")
        slack.workspace.add_user("U0MARA", "Mara")
        ...                                     # the app talks to slack.api_url
        slack.click("C0CARDS", ts, "rapport_approve", "U0MARA")

State is in `workspace`; what the app sent against Slack's rules is in `workspace.violations`.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from tests.support.slack_server import people
from tests.support.slack_server.checks import REFERENCE, Checker
from tests.support.slack_server.faults import Fault, Faults
from tests.support.slack_server.files import Files
from tests.support.slack_server.methods import Methods
from tests.support.slack_server.sockets import Delivery, Hub, Link
from tests.support.slack_server.websocket import accept_key
from tests.support.slack_server.workspace import Workspace

NO_JSON = frozenset({"chat.getPermalink"})


class SlackServer:
    """The server. A context manager: it listens on 127.0.0.1 inside the block."""

    def __init__(
        self, *, clock: Callable[[], float] = time.time, reference: Path = REFERENCE
    ) -> None:
        self.workspace = Workspace(clock)
        self.checker = Checker(reference)
        self.faults = Faults()
        self.hub = Hub(self.workspace.app_id)
        self.calls: Counter[str] = Counter()
        self.methods = Methods(self.workspace, self.checker, self._socket_url, self._address)
        self._server = _Listener(("127.0.0.1", 0), _Handler)
        self._server.slack = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> SlackServer:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.hub.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def api_url(self) -> str:
        """What an app takes for https://slack.com/api/."""
        return f"http://127.0.0.1:{self.port}/api/"

    def fault(self, method: str, *kinds: str) -> None:
        """Have the next calls of `method` go wrong, one for each kind (see `faults.Fault`)."""
        self.faults.add(method, *kinds)

    # -- people --------------------------------------------------------------------------------

    def click(
        self,
        channel: str,
        ts: str,
        action_id: str,
        user: str,
        *,
        choice: str = "",
        block_id: str = "",
        wait: bool = True,
        **over: Any,
    ) -> Delivery:
        """Press a button of a message, as `user`. Raises `LookupError` when it is not there."""
        payload = people.click(self.workspace, channel, ts, action_id, user, choice, block_id)
        delivery = self.hub.send(self.hub.envelope("interactive", {**payload, **over}))
        if wait:
            delivery.wait()
        return delivery

    def submit(
        self, view_id: str, values: dict[str, Any], user: str, *, previous_view_id: str = ""
    ) -> dict[str, Any]:
        """Fill in and send a modal; return the app's answer after applying it.

        `previous_view_id` is the modal that it was put on top of.
        """
        payload = people.submission(self.workspace, view_id, values, user)
        payload["view"]["previous_view_id"] = previous_view_id or None
        answer = self.hub.send(self.hub.envelope("interactive", payload)).wait()
        faults = people.apply(self.workspace, view_id, answer, self.checker)
        self.workspace.violations += faults
        return answer

    def command(self, text: str, user: str, channel: str) -> dict[str, Any]:
        """Type ``/rapport TEXT``; return what the acknowledgement answers."""
        url = f"http://127.0.0.1:{self.port}/response/{self.workspace.number()}"
        payload = people.command(self.workspace, text, channel, user, url)
        answer = self.hub.send(self.hub.envelope("slash_commands", payload)).wait()
        if answer.get("blocks"):
            self.workspace.violations += self.checker.message(answer)
        return answer

    def make_case(self, channel: str, ts: str, user: str, **over: Any) -> str:
        """Choose *Make this a case* under a message; return where its answer goes."""
        url = f"http://127.0.0.1:{self.port}/response/{self.workspace.number()}"
        payload = people.message_action(self.workspace, channel, ts, user, url)
        self.hub.send(self.hub.envelope("interactive", {**payload, **over})).wait()
        return url

    def click_in_modal(self, view_id: str, block_id: str, action_id: str, user: str) -> None:
        """Press a button of an open modal."""
        view = self.workspace.views[view_id].body
        self._click_in_view(view, view_id, block_id, action_id, user)

    def click_in_home(self, block_id: str, action_id: str, user: str) -> None:
        """Press a button of a person's App Home."""
        self._click_in_view(self.workspace.homes[user], "V0HOME", block_id, action_id, user)

    def _click_in_view(
        self, view: dict[str, Any], view_id: str, block_id: str, action_id: str, user: str
    ) -> None:
        payload = people.click_in_view(self.workspace, view, view_id, block_id, action_id, user)
        self.hub.send(self.hub.envelope("interactive", payload)).wait()

    def close(self, view_id: str, user: str) -> None:
        """Close a modal without sending it off, and tell the app if it asked for that."""
        payload = people.submission(self.workspace, view_id, {}, user)
        self.workspace.views[view_id].is_open = False
        if payload["view"].get("notify_on_close"):
            closed = {**payload, "type": "view_closed", "is_cleared": False}
            self.hub.send(self.hub.envelope("interactive", closed)).wait()

    def event(self, kind: str, **event: Any) -> Delivery:
        """Have something happen in the workspace."""
        payload = people.event(self.workspace, kind, event)
        return self.hub.send(self.hub.envelope("events_api", payload))

    def view_of(self, user: str, timeout: float = 3.0) -> Any:
        """Return the modal that `user` has open, waiting for it to appear."""
        return self.until(
            lambda: next(
                (
                    view
                    for view in reversed(self.workspace.views.values())
                    if view.user == user and view.is_open
                ),
                None,
            ),
            timeout,
        )

    def until(self, look: Callable[[], Any], timeout: float = 3.0) -> Any:
        """Return what `look` finds as soon as it finds something; raise `TimeoutError` else."""
        end = time.monotonic() + timeout
        while not (found := look()):
            if time.monotonic() > end:
                raise TimeoutError("waited in vain")
            time.sleep(0.01)
        return found

    @property
    def files(self) -> Files:
        """What has been uploaded."""
        return self.methods.files

    def _address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _socket_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/link/?ticket={self.workspace.number()}"


class _Listener(ThreadingHTTPServer):
    slack: SlackServer
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep what broke in the server itself; an app that hangs up is no error."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            self.slack.workspace.violations.append(f"the server failed: {error!r}")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement
    server: _Listener

    def do_GET(self) -> None:
        slack = self.server.slack
        if not self.path.startswith("/link/"):
            self._answer(404, b"", "text/plain")
            return
        if slack.hub.refusals > 0:
            slack.hub.refusals -= 1
            self._answer(409, b"", "text/plain")
            return
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        accept = accept_key(self.headers.get("Sec-WebSocket-Key", ""))
        self.send_header("Sec-WebSocket-Accept", accept)
        self.end_headers()
        self.close_connection = True
        slack.hub.attach(Link(slack.hub, self.connection, self.rfile, self.wfile))

    def do_POST(self) -> None:
        slack = self.server.slack
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:  # the app died while it sent
            self.close_connection = True
            return
        if self.path.startswith("/response/"):
            answer = json.loads(body)
            slack.workspace.responses.append(answer)
            slack.workspace.violations += slack.checker.message(answer)
            self._answer(200, b"ok", "text/plain")
            return
        if self.path.startswith("/upload/"):
            self._take_file(body)
            return
        method = self.path.removeprefix("/api/")
        fault = slack.faults.next(method)
        if fault is not None and fault.prevents:
            self._refuse(fault)
            return
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        slack.calls[method] += 1
        arguments = self._arguments(body)
        if method in NO_JSON and "json" in (self.headers.get("Content-Type") or ""):
            arguments = {}  # Slack does not look into it
        answer = slack.methods.run(method, token, arguments)
        self._reply(answer, fault)

    def _take_file(self, body: bytes) -> None:
        slack = self.server.slack
        fault = slack.faults.next("upload")
        if fault is not None and fault.prevents:
            self._refuse(fault)
            return
        slack.calls["upload"] += 1
        self._answer(slack.files.receive(self.path, body), b"OK", "text/plain")

    def _arguments(self, body: bytes) -> dict[str, Any]:
        text = body.decode("utf-8")
        if "json" in (self.headers.get("Content-Type") or ""):
            read: dict[str, Any] = json.loads(text) if text else {}
            return read
        return {key: values[-1] for key, values in parse_qs(text).items()}

    def _refuse(self, fault: Fault) -> None:
        if fault.name == "drop_before":
            self.close_connection = True
        elif fault.name == "limit":
            body = json.dumps({"ok": False, "error": "ratelimited"}).encode()
            self._answer(429, body, "application/json", {"Retry-After": fault.value or "7"})
        elif fault.name == "unavailable":
            self._answer(503, b"<html><body>Service Unavailable</body></html>", "text/html")
        else:
            body = json.dumps({"ok": False, "error": fault.value}).encode()
            self._answer(200, body, "application/json")

    def _reply(self, answer: dict[str, Any], fault: Fault | None) -> None:
        body = json.dumps(answer).encode()
        name = fault.name if fault else ""
        if name == "delay":
            time.sleep(float(fault.value)) if fault else None
        if name == "reset_after":
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        if name in ("drop_after", "reset_after"):
            self.close_connection = True
            return
        length = len(body)
        if name in ("truncate", "broken"):
            body = body[: length // 2]
            length = length if name == "truncate" else len(body)
        self._answer(200, body, "application/json; charset=utf-8", length=length)

    def _answer(
        self,
        status: int,
        body: bytes,
        kind: str,
        headers: dict[str, str] | None = None,
        length: int | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("X-OAuth-Scopes", self.server.slack.workspace.scopes)
        self.send_header("Connection", "close")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Stay silent."""
