"""Judge a stream of lines: NDJSON in, judgements out, one at a time and in order."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from typing import Any

from monitor.assess.base import Assessor

_LONGEST_NUMBER = 32


def classify_lines(lines: Iterable[str | bytes], assessor: Assessor) -> Iterator[dict[str, Any]]:
    """Judge NDJSON lines ``{"id", "text", "rating"?, "language"?}`` as they come.

    Yields for each line ``{"id", "language", "sentiment", "complaint_probability", "complaint",
    "urgency", "reasons"}``, or, for a line that cannot be read, ``{"id", "line", "error"}`` with
    the line's number from 1 on (``id`` is null when even that is unknown), and goes on. Blank
    lines are skipped. ``rating`` is 1 to 5, as a number or a numeric string; null is none.
    Nothing is kept: memory stays constant however long the stream is.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        key: Any = None
        try:
            item = _item(line)
            key = _key(item)
            text, language = _text(item, "text"), _text(item, "language", "")
            rating = _rating(item.get("rating"))
        except ValueError as error:
            yield {"id": key, "line": number, "error": str(error)}
            continue
        judged = assessor.assess(text, rating=rating, language=language)
        yield {
            "id": key,
            "language": judged.language,
            "sentiment": judged.sentiment,
            "complaint_probability": judged.complaint_probability,
            "complaint": judged.complaint,
            "urgency": judged.urgency,
            "reasons": list(judged.reasons),
        }


def _item(line: str | bytes) -> dict[str, Any]:
    if isinstance(line, bytes):
        try:
            line = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"not UTF-8: byte {error.start + 1}") from None
    try:
        item = json.loads(line.lstrip("\ufeff"))
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at character {error.pos + 1}") from None
    except (RecursionError, ValueError) as error:
        # Nested a thousand deep, or a number of thousands of digits.
        raise ValueError(f"not JSON that can be read: {error}") from None
    if not isinstance(item, dict):
        raise ValueError("expected an object with id and text")
    return item


def _key(item: dict[str, Any]) -> Any:
    key = item.get("id")
    if key is None or isinstance(key, (str, int)):
        return key
    raise ValueError("id: expected a string or a whole number")


def _text(item: dict[str, Any], name: str, default: str | None = None) -> str:
    value = item.get(name, default)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        missing = "missing" if name not in item else "expected a string"
        raise ValueError(f"{name}: {missing}")
    return value


def _rating(value: Any) -> float | None:
    if value is None or value == "":
        return None
    stars = math.nan
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER:
        try:
            stars = float(value.strip().replace(",", "."))
        except ValueError:
            stars = math.nan
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        stars = float(value) if -100 < value < 100 else math.nan
    if not 1 <= stars <= 5:
        raise ValueError("rating: expected a number from 1 to 5")
    return (stars - 1) / 4
