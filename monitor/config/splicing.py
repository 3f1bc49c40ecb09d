"""Splices new lines into a YAML text at places that the parser reports, and swaps files whole."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from connectors.secrets import Secret
from monitor.config.durations import format_duration
from monitor.config.yamlnodes import Mapping as MappingNode
from monitor.config.yamlnodes import Node, Scalar, Sequence


def content_end(text: str, node: Node) -> int:
    """Return where the last word of `node` ends: a block's own end mark lies beyond comments."""
    if isinstance(node, MappingNode) and not node.flow and node.pairs:
        return content_end(text, node.pairs[-1][1])
    if isinstance(node, Sequence) and not node.flow and node.items:
        return content_end(text, node.items[-1])
    end = int(node.end.index)
    if isinstance(node, Scalar) and node.block:
        return int(node.start.index) + len(text[node.start.index : end].rstrip())
    return end


def line_end(text: str, at: int) -> int:
    """Return the index of the line break (or the end of the text) at or after `at`."""
    found = text.find("\n", at)
    if found < 0:
        return len(text)
    return found - 1 if text[found - 1 : found] == "\r" and found > at else found


def insert(text: str, at: int, lines: list[str], newline: str) -> str:
    """Return `text` with whole `lines` after the line that ends at `at`."""
    rest = text[at:]
    if not rest:
        return text + newline + "".join(lines)
    return text[:at] + newline + "".join(lines).removesuffix(newline) + rest


def plain(value: Any) -> Any:
    """Return a value as it is written in the file."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Secret):
        return value.reference
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def swap_file(path: Path, text: str) -> None:
    """Swap the file for one with the new text: readers see the old one or the new one, whole."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(path, name)
        os.replace(name, path)  # noqa: PTH105 - the two names are what matters here
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
