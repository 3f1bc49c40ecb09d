"""One connection to a mail server: judged addresses, checked certificates, bounded time and size.

The mail clients of the standard library read as much as a server sends for as long as it drips;
their sockets are put behind `Wire`, which does not.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from functools import lru_cache

from connectors.errors import BadSettings, ConnectorError, Rejected, Unavailable
from connectors.outcomes import lost
from connectors.safety import is_public, resolve, resolve_public
from connectors.transport import ca_bundle

CONNECT, READ, TOTAL = 5.0, 20.0, 60.0
"""Seconds for a connection, for the next bytes, and for one whole answer."""
CONVERSATION = 90.0
"""Seconds for everything that is said in one go; the host waits little longer for a call."""
LINE = 1_000_000
"""The longest line that is taken, in bytes."""


@lru_cache(maxsize=4)
def _trusting(bundle: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(cafile=bundle)
    return context


class Wire:
    """Reads and writes one connection. `allow` is called before each command."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        allow_private: bool,
        plain: bool,
        lasts: float = CONVERSATION,
    ) -> None:
        self.host = host
        self.where = f"{host}:{port}"
        self.last(lasts)
        self.allow(LINE)
        self.sock = _connect(host, port, self.where, allow_private, plain)
        self._buffer = bytearray()

    def allow(self, size: int, seconds: float = TOTAL) -> None:
        """Let the next answers have `size` bytes and `seconds` in all."""
        self._room = size
        self._deadline = min(time.monotonic() + seconds, self._ends)

    def last(self, seconds: float = CONVERSATION) -> None:
        """Let the whole conversation go on for so long from now."""
        self._ends = time.monotonic() + seconds

    def secure(self) -> None:
        """Speak TLS from now on; what came before the handshake is not believed."""
        self._buffer.clear()
        try:
            self.sock.settimeout(CONNECT)
            self.sock = _trusting(ca_bundle()).wrap_socket(self.sock, server_hostname=self.host)
        except OSError as error:
            self.close()
            raise lost(error, self.where, writing=False) from None

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes."""
        if size > self._room:
            raise Rejected(f"{self.where} sent more than was asked for")
        while len(self._buffer) < size:
            self._more()
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def readline(self) -> bytes:
        """Return the next line with its end."""
        searched = 0
        while (at := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > LINE:
                raise Rejected(f"{self.where} sent a line without end")
            self._more()
        taken = bytes(self._buffer[: at + 1])
        del self._buffer[: at + 1]
        return taken

    def send(self, data: bytes) -> None:
        """Send all of `data`."""
        try:
            self.sock.settimeout(READ)
            self.sock.sendall(data)
        except OSError as error:
            raise self._lost(error) from None

    def close(self) -> None:
        """Hang up. Safe to call twice."""
        with contextlib.suppress(OSError):
            self.sock.close()

    def _more(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise Unavailable(f"{self.where} did not finish in time")
        try:
            self.sock.settimeout(min(READ, left))
            came = self.sock.recv(65536)
        except OSError as error:
            raise self._lost(error) from None
        if not came:
            raise Unavailable(f"{self.where} dropped the connection")
        self._room -= len(came)
        if self._room < 0:
            raise Rejected(f"{self.where} sent more than was asked for")
        self._buffer += came

    def _lost(self, error: OSError) -> ConnectorError:
        return lost(error, self.where, writing=False)


def _connect(host: str, port: int, where: str, allow_private: bool, plain: bool) -> socket.socket:
    try:
        addresses = resolve(host, port) if allow_private else resolve_public(host, port)
    except OSError:
        raise Unavailable(f"{where} is a name that does not resolve") from None
    if plain and any(is_public(address) for address in addresses):
        raise BadSettings(f"{where} is a public address: without TLS all could read along")
    problem: OSError = OSError("no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=CONNECT)
        except OSError as error:
            problem = error
    raise lost(problem, where, writing=False) from None
