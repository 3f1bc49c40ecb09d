"""Socket Mode, Slack's side: connections, envelopes, acknowledgements, redelivery."""

from __future__ import annotations

import json
import socket
import threading
import uuid
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.support.slack_server.websocket import CLOSE, PING, PONG, TEXT, Sender, frame, read_frame

ACK_SECONDS = 3.0


@dataclass
class Delivery:
    """One envelope on its way. `acks` lists every acknowledgement with its answer."""

    envelope_id: str
    message: dict[str, Any]
    acks: list[dict[str, Any]] = field(default_factory=list)
    times_sent: int = 0
    acked: threading.Event = field(default_factory=threading.Event)

    def wait(self, timeout: float = ACK_SECONDS) -> dict[str, Any]:
        """Return the answer in the acknowledgement; raise `TimeoutError` when none came."""
        if not self.acked.wait(timeout):
            raise TimeoutError(f"envelope {self.envelope_id} was not acknowledged")
        return self.acks[0].get("payload") or {}


class Link:
    """One WebSocket of an app."""

    def __init__(self, hub: Hub, connection: socket.socket, reader: Any, writer: Any) -> None:
        self._hub = hub
        self._connection = connection
        self._reader = reader
        self.sender = Sender(writer)
        self.answers_pings = True
        self.pings = 0
        self.is_open = True

    def serve(self) -> None:
        """Say hello, then read until the app or a fault ends the link."""
        self._say(
            {
                "type": "hello",
                "num_connections": self._hub.count(),
                "connection_info": {"app_id": self._hub.app_id},
                "debug_info": {"approximate_connection_time": 18060},
            }
        )
        try:
            while (received := read_frame(self._reader)) is not None:
                opcode, payload = received
                if opcode == TEXT:
                    self._hub.acknowledge(json.loads(payload))
                elif opcode == PING:
                    self.pings += 1
                    if self.answers_pings:
                        self.sender.send(PONG, payload)
                elif opcode == CLOSE:
                    break
        except (OSError, ValueError):
            pass  # the app hung up in its own way; a test looks at what it sees, not at this
        finally:
            self.is_open = False

    def deliver(self, delivery: Delivery) -> bool:
        """Write an envelope; tell whether it could be written."""
        delivery.times_sent += 1
        return self._say(delivery.message)

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the app for a new connection, as Slack does every few hours."""
        info = {"host": "applink"}
        self._say({"type": "disconnect", "reason": reason, "debug_info": info})

    def send_in_pieces(self, delivery: Delivery, pause: float) -> None:
        """Deliver an envelope whose frame stalls half-way."""
        delivery.times_sent += 1
        whole = frame(TEXT, json.dumps(delivery.message).encode())
        self.sender.send_raw(whole, pause)

    def send_fragmented(self, delivery: Delivery) -> None:
        """Deliver an envelope in two frames."""
        delivery.times_sent += 1
        payload = json.dumps(delivery.message).encode()
        half = len(payload) // 2
        self.sender.send_raw(frame(TEXT, payload[:half], final=False) + frame(0, payload[half:]))

    def freeze(self) -> None:
        """Leave the link half-open: nothing is answered any more."""
        self.answers_pings = False

    def fin(self) -> None:
        """End the TCP connection without a close frame."""
        self.is_open = False
        with suppress(OSError):  # the app was quicker
            self._connection.shutdown(socket.SHUT_RDWR)

    def _say(self, message: dict[str, Any]) -> bool:
        try:
            self.sender.send(TEXT, json.dumps(message).encode())
        except (OSError, ValueError):
            self.is_open = False
            return False
        return True


class Hub:
    """All links of the app. Envelopes go to any one of them."""

    def __init__(self, app_id: str) -> None:
        self.app_id = app_id
        self._lock = threading.Lock()
        self._links: list[Link] = []
        self._deliveries: dict[str, Delivery] = {}
        self.opened = 0
        self.refusals = 0
        self.stray_acks: deque[str] = deque(maxlen=100)

    def attach(self, link: Link) -> None:
        """Serve a link until it ends."""
        with self._lock:
            self._links.append(link)
            self.opened += 1
        try:
            link.serve()
        finally:
            with self._lock:
                self._links.remove(link)

    def count(self) -> int:
        """Return how many links there are."""
        with self._lock:
            return len(self._links)

    @property
    def links(self) -> list[Link]:
        """The open links, oldest first."""
        with self._lock:
            return [link for link in self._links if link.is_open]

    def envelope(self, kind: str, payload: dict[str, Any]) -> Delivery:
        """Make an envelope without sending it."""
        envelope_id = str(uuid.uuid4())
        message: dict[str, Any] = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            message |= {"retry_attempt": 0, "retry_reason": ""}
        delivery = Delivery(envelope_id, message)
        with self._lock:
            self._deliveries[envelope_id] = delivery
        return delivery

    def send(self, delivery: Delivery) -> Delivery:
        """Send an envelope over the newest link; raise `RuntimeError` when there is none."""
        for link in reversed(self.links):
            if link.deliver(delivery):
                return delivery
        raise RuntimeError("no connection to deliver to: the person sees a warning")

    def redeliver(self, delivery: Delivery) -> Delivery:
        """Send the same payload again in a new envelope, as Slack does without an answer."""
        again = self.envelope(delivery.message["type"], delivery.message["payload"])
        again.message |= {"retry_attempt": 1, "retry_reason": "timeout"}
        return self.send(again)

    def acknowledge(self, message: dict[str, Any]) -> None:
        """Take an acknowledgement."""
        delivery = self._deliveries.get(str(message.get("envelope_id")))
        if delivery is None:
            self.stray_acks.append(str(message)[:200])
            return
        delivery.acks.append(message)
        delivery.acked.set()

    def close(self) -> None:
        """End every link."""
        for link in self.links:
            link.fin()
