"""The server's side of a WebSocket (RFC 6455), as far as Socket Mode uses it."""

from __future__ import annotations

import base64
import hashlib
import struct
import threading
import time
from typing import BinaryIO

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA


def accept_key(key: str) -> str:
    """Return the answer to a handshake's key."""
    return base64.b64encode(hashlib.sha1(f"{key}{GUID}".encode()).digest()).decode()


def frame(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    """Return one unmasked frame, as servers send them."""
    head = bytes([(0x80 if final else 0) | opcode])
    if len(payload) < 126:
        return head + bytes([len(payload)]) + payload
    if len(payload) < 65_536:
        return head + bytes([126]) + struct.pack("!H", len(payload)) + payload
    return head + bytes([127]) + struct.pack("!Q", len(payload)) + payload


def read_frame(stream: BinaryIO) -> tuple[int, bytes] | None:
    """Read one masked frame; None at the end. Raises `ValueError` when it is not masked."""
    head = stream.read(2)
    if len(head) < 2:
        return None
    length = head[1] & 0x7F
    if not head[1] & 0x80:
        raise ValueError("clients must mask their frames")
    if length == 126:
        (length,) = struct.unpack("!H", stream.read(2))
    elif length == 127:
        (length,) = struct.unpack("!Q", stream.read(8))
    mask, masked = stream.read(4), stream.read(length)
    if len(mask) < 4 or len(masked) < length:
        return None
    payload = bytes(byte ^ mask[index % 4] for index, byte in enumerate(masked))
    return head[0] & 0x0F, payload


class Sender:
    """Writes whole frames from several threads."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, opcode: int, payload: bytes) -> None:
        self.send_raw(frame(opcode, payload))

    def send_raw(self, data: bytes, pause: float = 0.0) -> None:
        """Write bytes; with `pause`, stall half-way while nothing else may be written."""
        half = len(data) // 2 if pause else len(data)
        with self._lock:
            self._stream.write(data[:half])
            self._stream.flush()
            if pause:
                time.sleep(pause)
                self._stream.write(data[half:])
                self._stream.flush()
