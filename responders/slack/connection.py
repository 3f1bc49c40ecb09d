"""One WebSocket to Slack: slack-sdk's own connection, mended where it was measured to fail.

Kept from slack-sdk: the handshake, TLS, proxies and the framing of what is sent. Mended here:

- an end of file (FIN) was read as "no message" for half a minute; it ends the connection at once;
- closing waited up to 3 s for the reader's lock; the reader here never holds it while waiting;
- a peer that never answered a ping was never noticed; silence counts from the handshake on;
- large, fragmented and slowly arriving frames were dropped; they are put together here;
- long messages might be sent in part; they are sent whole.
"""

from __future__ import annotations

import logging
import selectors
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from slack_sdk.socket_mode.builtin.connection import Connection, ConnectionState
from slack_sdk.socket_mode.builtin.frame_header import FrameHeader
from slack_sdk.socket_mode.builtin.internals import (
    _build_data_frame_for_sending,
    _establish_new_socket_connection,
    _generate_sec_websocket_key,
    _parse_handshake_response,
    _validate_sec_websocket_accept,
)

from monitor.log import logger

log = logger(__name__)

HANDSHAKE_SECONDS = 10.0
POLL_SECONDS = 0.1
MAX_MESSAGE_BYTES = 16 * 1024 * 1024
FRAME_MAX = 65_535

CONTROL = (FrameHeader.OPCODE_PING, FrameHeader.OPCODE_PONG, FrameHeader.OPCODE_CLOSE)


class SocketClosed(OSError):
    """The connection is not, or no longer, usable."""


class SteadyConnection(Connection):
    """A connection that is either alive or known to be dead.

    `run_until_completion` reads until the peer or `close` ends it; text messages go to
    `on_message_listener`. `silent_for` says how long the peer has shown no sign of life.
    """

    def __init__(self, url: str, on_message: Callable[[SteadyConnection, str], None]) -> None:
        quiet = logging.getLogger("responders.slack.sdk")
        quiet.setLevel(logging.CRITICAL + 1)
        super().__init__(url=url, logger=quiet)
        self._on_message = on_message
        self._heard_at = time.monotonic()
        self._closing = threading.Event()
        self.retire_at: float | None = None

    def connect(self) -> None:
        """Open the WebSocket. Raises `OSError` when it cannot be opened."""
        sock = _open(self.url, self.sock_send_lock)
        try:
            _shake_hands(sock, self.url)
        except BaseException:
            sock.close()
            raise
        sock.settimeout(HANDSHAKE_SECONDS)
        self._heard_at = time.monotonic()
        self.sock = sock
        self.ping(self.session_id)

    @property
    def silent_for(self) -> float:
        """Seconds since the peer last sent anything, pongs included."""
        return time.monotonic() - self._heard_at

    def disconnect(self) -> None:
        """Close the socket now; the reader sees it at once. Safe to call twice."""
        self._closing.set()
        with self.sock_send_lock:
            sock, self.sock = self.sock, None
            if sock is not None:
                with suppress(OSError):  # the peer was quicker
                    sock.shutdown(socket.SHUT_RDWR)
                sock.close()

    def send(self, payload: str | bytes) -> None:
        """Send one text message. Raises `SocketClosed` when it cannot leave."""
        self._send(payload, FrameHeader.OPCODE_TEXT)

    def ping(self, payload: str | bytes = "") -> None:
        """Ask for a sign of life. Raises `SocketClosed`."""
        self._send(payload, FrameHeader.OPCODE_PING)

    def pong(self, payload: str | bytes = "") -> None:
        """Give a sign of life. Raises `SocketClosed`."""
        self._send(payload, FrameHeader.OPCODE_PONG)

    def run_until_completion(self, state: ConnectionState) -> None:
        """Read until the connection ends, for whatever reason; then it is closed."""
        reader = _FrameReader()
        try:
            while not state.terminated and not self._closing.is_set():
                if self.retire_at is not None and time.monotonic() >= self.retire_at:
                    break
                received = self._receive()
                if received is None:
                    continue
                if not received:
                    break
                self._heard_at = time.monotonic()
                reader.feed(received)
                for opcode, payload in reader.messages():
                    if not self._take(opcode, payload):
                        return
        except (OSError, ValueError) as error:
            if not self._closing.is_set():
                log.info("slack: the socket ended: %s", type(error).__name__)
        finally:
            state.terminated = True
            self.disconnect()

    def _receive(self) -> bytes | None:
        """Return what arrived; None when nothing did for a moment, empty at the end."""
        sock = self.sock
        if sock is None:
            return b""
        waiting = isinstance(sock, ssl.SSLSocket) and sock.pending() > 0
        if not waiting:
            with selectors.DefaultSelector() as selector:
                selector.register(sock, selectors.EVENT_READ)
                if not selector.select(POLL_SECONDS):
                    return None
        data: bytes = sock.recv(65_536)
        return data

    def _take(self, opcode: int, payload: bytes) -> bool:
        if opcode == FrameHeader.OPCODE_TEXT:
            self._on_message(self, payload.decode("utf-8"))
        elif opcode == FrameHeader.OPCODE_PING:
            self.pong(payload)
        return opcode != FrameHeader.OPCODE_CLOSE

    def _send(self, payload: str | bytes, opcode: int) -> None:
        size = len(payload.encode("utf-8") if isinstance(payload, str) else payload)
        if size > FRAME_MAX:
            raise ValueError(f"a message of {size} bytes is too long for Slack's socket")
        frame = _build_data_frame_for_sending(payload, opcode)
        with self.sock_send_lock:
            if self.sock is None:
                raise SocketClosed("the connection is closed")
            try:
                self.sock.sendall(frame)
            except OSError:
                self._closing.set()  # a frame may have left in part: nothing can follow it
                raise


class _FrameReader:
    """Puts frames together from bytes as they come (RFC 6455, section 5)."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._parts = bytearray()
        self._opcode = 0

    def feed(self, received: bytes) -> None:
        self._bytes += received
        if len(self._bytes) + len(self._parts) > MAX_MESSAGE_BYTES:
            raise ValueError("a message is too long")

    def messages(self) -> list[tuple[int, bytes]]:
        """Return the complete messages as (opcode, payload), in order of arrival."""
        whole: list[tuple[int, bytes]] = []
        while (frame := self._frame()) is not None:
            final, opcode, payload = frame
            if opcode in CONTROL:
                whole.append((opcode, payload))
                continue
            if opcode != FrameHeader.OPCODE_CONTINUATION:
                self._opcode, self._parts = opcode, bytearray()
            self._parts += payload
            if final:
                whole.append((self._opcode, bytes(self._parts)))
                self._parts = bytearray()
        return whole

    def _frame(self) -> tuple[bool, int, bytes] | None:
        data = self._bytes
        if len(data) < 2:
            return None
        length, start = data[1] & 0x7F, 2
        if length == 126:
            start = 4
        elif length == 127:
            start = 10
        if len(data) < start:
            return None
        if start > 2:
            (length,) = struct.unpack("!H" if start == 4 else "!Q", data[2:start])
        if data[1] & 0x80:
            raise ValueError("a server must not mask its frames")
        if length > MAX_MESSAGE_BYTES:
            raise ValueError("a frame is too long")
        end = start + length
        if len(data) < end:
            return None
        payload = bytes(data[start:end])
        final, opcode = bool(data[0] & 0x80), data[0] & 0x0F
        del data[:end]
        return final, opcode, payload


def _open(url: str, send_lock: threading.Lock) -> Any:
    parts = urlsplit(url.strip())
    host, secure = parts.hostname or "", parts.scheme == "wss"
    port = parts.port or (443 if secure else 80)
    proxy = _proxy_for(host) if secure else None
    if proxy:
        return _establish_new_socket_connection(
            session_id="",
            server_hostname=host,
            server_port=port,
            logger=logging.getLogger("responders.slack.sdk"),
            sock_send_lock=send_lock,
            receive_timeout=HANDSHAKE_SECONDS,
            proxy=proxy,
            proxy_headers=None,
            trace_enabled=False,
        )
    # slack-sdk speaks TLS to port 443 only; the scheme decides here.
    sock = socket.create_connection((host, port), HANDSHAKE_SECONDS)
    if not secure:
        return sock
    try:
        return ssl.create_default_context().wrap_socket(sock, server_hostname=host)
    except BaseException:
        sock.close()
        raise


def _proxy_for(host: str) -> str | None:
    return None if proxy_bypass(host) else getproxies().get("https")


def _shake_hands(sock: Any, url: str) -> None:
    parts = urlsplit(url.strip())
    key = _generate_sec_websocket_key()
    path = parts.path or "/"
    lines = [
        f"GET {path}?{parts.query} HTTP/1.1" if parts.query else f"GET {path} HTTP/1.1",
        f"Host: {parts.netloc.rpartition('@')[2]}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        "",
        "",
    ]
    sock.sendall("\r\n".join(lines).encode("ascii"))
    try:
        status, headers, _text = _parse_handshake_response(sock)
        sock.recv(1)  # slack-sdk stops before the last line feed of the head
    except (ValueError, IndexError) as error:
        raise SocketClosed("the answer to the handshake is not HTTP") from error
    if status != 101 or not _validate_sec_websocket_accept(key, headers):
        raise SocketClosed(f"the WebSocket was refused (HTTP {status})")
