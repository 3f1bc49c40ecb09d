"""Finds out how a file is encoded, and opens it as text that is never refused."""

from __future__ import annotations

import codecs
import io
from typing import BinaryIO

BLOCK = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARIES = (
    (b"PK\x03\x04", "this is an Excel or ZIP file; save it as CSV first"),
    (b"\xd0\xcf\x11\xe0", "this is an old Excel file; save it as CSV first"),
    (b"%PDF", "this is a PDF file"),
    (b"\x1f\x8b", "this file is compressed; unpack it first"),
    (b"SQLite format 3", "this is a database"),
)
_FALLBACK = "rapport-windows-1252"


def _windows_byte(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_FALLBACK, _windows_byte)


def foreign(head: bytes) -> str:
    """Return what is wrong with a file that starts with `head` and is no text; else nothing."""
    return next((words for mark, words in _BINARIES if head.startswith(mark)), "")


def find_encoding(file: BinaryIO) -> tuple[str, int]:
    """Return the encoding of `file`, and the line of its first byte that is not UTF-8 (or 0).

    A byte order mark decides; then UTF-16 without one, which shows in its zero bytes; then
    UTF-8, read to the last byte because one Windows quotation mark may stand anywhere. A file
    that is not quite UTF-8 is read as UTF-8 all the same, and only its odd bytes as
    Windows-1252: that reads pure Windows files too, and mixed ones as well as possible.
    """
    file.seek(0)
    head = file.read(4096)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name, 0
    if len(head) >= 8:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if odd > len(head) // 5 and not even:
            return "utf-16-le", 0
        if even > len(head) // 5 and not odd:
            return "utf-16-be", 0
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 0
    while True:
        block = file.read(BLOCK)
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            # `object` also holds what the decoder kept back of the block before.
            return "utf-8", lines + error.object[: error.start].count(b"\n") + 1
        if not block:
            return "utf-8", 0
        lines += block.count(b"\n")


def open_text(file: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """Return `file` from its start as text; bytes that do not fit never raise.

    Line ends are kept as they are, because a quoted field may hold some. Detach the wrapper
    before it goes, or it closes `file`.
    """
    file.seek(0)
    errors = _FALLBACK if encoding in ("utf-8", "utf-8-sig") else "replace"
    return io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")
