"""Listens to Slack in Socket Mode: keeps one connection alive, acknowledges, hands over.

One manager thread does all connecting, so nothing competes: it opens the first connection,
replaces one that Slack wants refreshed while the old one is still read, pings, and rebuilds
one that ended or fell silent, with growing pauses. Envelopes are served by a small pool, and
what follows an acknowledgement by another: a Slack that hangs on one call delays no other answer.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from slack_sdk.socket_mode.builtin.connection import ConnectionState

from monitor.clock import Clock
from monitor.log import logger
from responders.slack.client import SlackClient
from responders.slack.conditions import AUTH, SOCKET, Conditions
from responders.slack.connection import FRAME_MAX, SteadyConnection
from responders.slack.inbound import Ack
from responders.slack.results import Answer, AuthDead, Limited, describe

log = logger(__name__)

PING_SECONDS = 3.0
SILENCE_SECONDS = 15.0
OVERLAP_SECONDS = 2.0
LOUD_AFTER_SECONDS = 60.0
FIRST_PAUSE, LAST_PAUSE = 1.0, 60.0
STEADY_SECONDS = 10.0
CONCURRENCY = 8
MODALS_AT_ONCE = 4

Receive = Callable[[str, dict[str, Any]], Ack]


class SlackSocket:
    """Serves envelopes with `receive` between `start` and `stop`.

    An envelope is acknowledged after `receive` returned, on the connection that brought it
    where that still lives. When `receive` raises, it is not acknowledged: Slack sends it again.
    """

    def __init__(
        self,
        client: SlackClient,
        receive: Receive,
        clock: Clock,
        conditions: Conditions,
        *,
        on_hello: Callable[[str], None] = lambda _app_id: None,
        ping_seconds: float = PING_SECONDS,
        silence_seconds: float = SILENCE_SECONDS,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self._client = client
        self._receive = receive
        self._clock = clock
        self._conditions = conditions
        self._on_hello = on_hello
        self._ping_seconds = ping_seconds
        self._silence_seconds = silence_seconds
        self._first_pause = first_pause
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._nudge = threading.Event()
        self._refresh = False
        self._current: SteadyConnection | None = None
        self._reading: list[tuple[SteadyConnection, threading.Thread]] = []
        self._manager: threading.Thread | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._after: ThreadPoolExecutor | None = None
        self._connections = 0
        self._connected_at: datetime | None = None
        self._problem = ""

    def start(self) -> None:
        """Begin to connect, in the background: Slack being down stops nobody's start."""
        self._stopping.clear()
        self._pool = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="slack-envelope")
        self._after = ThreadPoolExecutor(MODALS_AT_ONCE, thread_name_prefix="slack-modal")
        self._manager = threading.Thread(target=self._manage, name="slack-socket", daemon=True)
        self._manager.start()

    def stop(self, grace: float = 5.0) -> None:
        """Close the connection and let what is being served end, for at most `grace` seconds."""
        self._stopping.set()
        self._nudge.set()
        if self._manager is not None:
            self._manager.join(grace)
        if self._pool is not None:
            # Acknowledgements of what is being served still leave on the open connection.
            ender = threading.Thread(target=self._end_pools, name="slack-pool-end", daemon=True)
            ender.start()
            ender.join(grace)
        for connection, reader in self._reading:
            connection.disconnect()
            reader.join(grace)

    def _end_pools(self) -> None:
        for pool in (self._pool, self._after):
            if pool is not None:
                pool.shutdown()

    def health(self) -> dict[str, Any]:
        """Return whether and since when it is connected, its silence in seconds, its problem."""
        current = self._current
        alive = current is not None and current.is_active()
        return {
            "connected": alive,
            "since": self._connected_at if alive else None,
            "silent_for": round(current.silent_for, 1) if alive and current else None,
            "connections": self._connections,
            "problem": "" if alive else self._problem,
        }

    # -- the manager ---------------------------------------------------------------------------

    def _manage(self) -> None:
        while not self._stopping.is_set():
            try:
                self._keep_connected()
            except Exception:
                # An alert that cannot be stored, say, must not leave Slack unheard for good.
                log.exception("slack: keeping the socket failed; it is tried again")
                self._stopping.wait(self._first_pause)

    def _keep_connected(self) -> None:
        pause = 0.0
        opened_at = up_at = time.monotonic()
        while not self._stopping.is_set():
            if self._needs_connection():
                if self._stopping.wait(pause):
                    return
                pause = min(max(pause * 2, self._first_pause), LAST_PAUSE)
                wait = self._connect()
                if wait is not None:
                    self._report_down(up_at)
                    self._stopping.wait(wait)
                    continue
                opened_at = up_at = time.monotonic()
                self._conditions.clear(SOCKET)
            else:
                up_at = time.monotonic()
                if up_at - opened_at > STEADY_SECONDS:
                    pause = 0.0  # one that was lost sooner is not hurried
            self._nudge.wait(self._ping_seconds)
            self._nudge.clear()
            self._check()

    def _needs_connection(self) -> bool:
        current = self._current
        return self._refresh or current is None or not current.is_active()

    def _check(self) -> None:
        current = self._current
        if current is None or not current.is_active():
            return
        if current.silent_for > self._silence_seconds:
            log.info("slack: the socket fell silent and is replaced")
            current.disconnect()
            return
        try:
            current.ping(current.session_id)
        except OSError:
            current.disconnect()

    def _connect(self) -> float | None:
        """Open a connection beside the current one, then let it take over.

        Returns None when it did, else how many seconds Slack wants us to wait at least.
        """
        result = self._client.open_connection()
        if isinstance(result, AuthDead):
            self._conditions.hold(AUTH, f"{describe(result)} (app token).")
        if not isinstance(result, Answer):
            self._problem = describe(result)
            return result.retry_after.total_seconds() if isinstance(result, Limited) else 0.0
        fresh = SteadyConnection(str(result.data.get("url", "")), self._on_message)
        try:
            fresh.connect()
        except (OSError, ValueError) as error:
            self._problem = f"the socket cannot be opened: {type(error).__name__}"
            fresh.disconnect()
            return 0.0
        reader = threading.Thread(
            target=self._read, args=(fresh,), name="slack-reader", daemon=True
        )
        alive = [one for one in self._reading if one[1].is_alive()]
        self._reading = [*alive, (fresh, reader)]
        old, self._current = self._current, fresh
        self._refresh = False
        self._connections += 1
        self._connected_at, self._problem = self._clock(), ""
        reader.start()
        if old is not None:
            # What Slack already wrote to the old connection is still read and acknowledged.
            old.retire_at = time.monotonic() + OVERLAP_SECONDS
        return None

    def _report_down(self, since: float) -> None:
        if time.monotonic() - since >= LOUD_AFTER_SECONDS:
            told = f"Slack's socket is down, so clicks do not arrive. {self._problem}"
            self._conditions.hold(SOCKET, told)

    def _read(self, connection: SteadyConnection) -> None:
        connection.run_until_completion(ConnectionState())  # type: ignore[no-untyped-call]
        if connection is self._current:
            self._nudge.set()

    # -- envelopes -----------------------------------------------------------------------------

    def _on_message(self, connection: SteadyConnection, text: str) -> None:
        try:
            message = json.loads(text)
        except ValueError:
            log.warning("slack: a message on the socket is not JSON")
            return
        if not isinstance(message, dict):
            return
        kind = message.get("type")
        if kind == "hello":
            info = message.get("connection_info")
            self._on_hello(str(info.get("app_id", "")) if isinstance(info, dict) else "")
        elif kind == "disconnect":
            self._refresh = True
            self._nudge.set()
        elif "envelope_id" in message and self._pool is not None:
            try:
                self._pool.submit(self._serve, connection, message)
            except RuntimeError:  # the pool is ending; what is not acknowledged comes again
                log.debug("slack: an envelope came while stopping")

    def _serve(self, connection: SteadyConnection, envelope: dict[str, Any]) -> None:
        try:
            payload = envelope.get("payload")
            ack = self._receive(
                str(envelope.get("type", "")), payload if isinstance(payload, dict) else {}
            )
            self._acknowledge(connection, str(envelope["envelope_id"]), ack)
            if ack.after is not None and self._after is not None:
                self._after.submit(self._follow, ack.after)
        except Exception:
            # One broken envelope must not end the pool's thread unheard. What is not
            # acknowledged comes again.
            log.exception("slack: an envelope could not be served")

    @staticmethod
    def _follow(after: Callable[[], None]) -> None:
        try:
            after()
        except Exception:
            log.exception("slack: what follows an acknowledgement failed")

    def _acknowledge(self, connection: SteadyConnection, envelope_id: str, ack: Ack) -> None:
        answer: dict[str, Any] = {"envelope_id": envelope_id}
        if ack.body is not None:
            answer["payload"] = ack.body
        text = json.dumps(answer, ensure_ascii=False)
        if len(text.encode("utf-8")) > FRAME_MAX:
            log.warning("slack: an answer was too long and left out")
            text = json.dumps({"envelope_id": envelope_id})
        try:
            connection.send(text)
        except OSError:
            current = self._current
            if current is None or current is connection:
                log.info("slack: an envelope could not be acknowledged; Slack sends it again")
                return
            try:
                current.send(text)
            except OSError:
                log.info("slack: an envelope could not be acknowledged; Slack sends it again")
