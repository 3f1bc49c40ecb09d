"""A small HTTP server on the loopback address, with scripted answers and faults.

    with LoopbackServer() as server:
        server.on("/feed.xml", Reply(body=b"<rss/>"))
        server.on("/flaky", Reply(503), Reply(body=b"ok"))   # in turn; the last one stays
        server.on("/api", lambda request: Reply.json({"got": request.query}))

Every request is kept in `server.requests`.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from requests.structures import CaseInsensitiveDict

Fault = Literal["", "drop", "truncate", "drip", "stall", "flood"]


@dataclass(frozen=True)
class Request:
    """One request as it arrived. `form` holds a form-encoded body."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def get(self, name: str, default: str = "") -> str:
        return next((value for key, value in self.query if key == name), default)


@dataclass(frozen=True)
class Reply:
    """One answer. Faults: ``drop`` closes the connection without an answer (the request has been
    read and acted on), ``truncate`` sends half the body, ``drip`` sends a byte at a time until
    the server is closed, ``stall`` sends the head and then nothing, ``flood`` sends the body again
    and again until the client hangs up."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault = ""
    gzipped: bool = False

    @classmethod
    def json(cls, value: Any, status: int = 200, **headers: str) -> Reply:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        kind = {"Content-Type": "application/json; charset=utf-8"}
        return cls(status, json.dumps(value).encode(), {**kind, **named})

    @classmethod
    def html(cls, text: str, status: int = 200, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, text.encode(), {"Content-Type": "text/html; charset=utf-8", **named})

    @classmethod
    def redirect(cls, target: str, status: int = 302) -> Reply:
        return cls(status, headers={"Location": target})


Handler = Callable[[Request], Reply]


class LoopbackServer:
    """Serves scripted replies on 127.0.0.1 until the `with` block ends, over TLS if told so."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self._routes: dict[str, list[Reply | Handler]] = {}
        self._fallback: Handler = lambda request: Reply(404, b"not here")
        self._every: Reply | None = None
        self._spared: tuple[str, ...] = ()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _RequestHandler)
        self._server.owner = self
        self._scheme = "https" if tls else "http"
        if tls is not None:
            # The handshake is left to the thread of the connection, for it may fail there.
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )

    @property
    def url(self) -> str:
        host, port = self._server.server_address[:2]
        return f"{self._scheme}://{host!s}:{port}"

    def on(self, path: str, *replies: Reply | Handler) -> None:
        """Answer requests for `path` with `replies` in turn; the last one is repeated."""
        with self._lock:
            self._routes[path] = list(replies)

    def otherwise(self, handler: Handler) -> None:
        """Answer every path that has no replies of its own with `handler`."""
        self._fallback = handler

    def spare(self, *paths: str) -> None:
        """Let `fail_with` leave these paths alone."""
        self._spared = paths

    def fail_with(self, reply: Reply | None) -> None:
        """Answer everything with `reply`, after the usual handler did its work; None ends it.

        A handler with side effects (a peer that stores a post) still has them, which is what a
        lost response after a write looks like.
        """
        self._every = reply

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    def _answer(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            replies = self._routes.get(request.path)
            chosen: Reply | Handler = self._fallback
            if replies:
                chosen = replies.pop(0) if len(replies) > 1 else replies[0]
        reply = chosen if isinstance(chosen, Reply) else chosen(request)
        if self._every is not None and request.path not in self._spared:
            return self._every
        return reply


class _Server(ThreadingHTTPServer):
    owner: LoopbackServer
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        return None  # clients hang up on purpose here


class _RequestHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
        return None

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        headers = CaseInsensitiveDict(self.headers.items())
        request = Request(self.command, unquote(parts.path), query, headers, body)
        reply = self.server.owner._answer(request)
        with contextlib.suppress(OSError):
            self._send(reply)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815 - the parent's names

    def _send(self, reply: Reply) -> None:
        if reply.fault == "drop":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        body = gzip.compress(reply.body) if reply.gzipped else reply.body
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.gzipped:
            self.send_header("Content-Encoding", "gzip")
        if reply.status != 304:
            length = 10**15 if reply.fault in ("drip", "flood") else len(body)
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if reply.fault == "truncate":
            self.wfile.write(body[: len(body) // 2])
        elif reply.fault == "stall":
            self.server.owner._closing.wait(30)
        elif reply.fault == "flood":
            while not self.server.owner._closing.is_set():
                self.wfile.write(body)
        elif reply.fault == "drip":
            while not self.server.owner._closing.wait(0.02):
                self.wfile.write(b" ")
        else:
            self.wfile.write(body if reply.status != 304 else b"")
            return
        self.close_connection = True
