"""How commands speak: results on standard output, errors in one line on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NoReturn
from unicodedata import category, east_asian_width

import click

EXIT_CODES = (
    "0 done; 1 it could not be done; 2 the command or the configuration is wrong; "
    "3 someone else decided first, or what you saw has changed"
)

FAILED = 1
WRONG = 2
CHANGED = 3


def fail(message: str, code: int = FAILED) -> NoReturn:
    """Say what happened and what to do, in one line, and end."""
    click.echo(f"rapport: {' '.join(message.split())}", err=True)
    sys.exit(code)


def say(text: str = "") -> None:
    """Write one line of a result. What came from outside has its control characters shown."""
    click.echo(visible(text))


def say_json(value: Any) -> None:
    """Write one value as JSON, with times in ISO 8601."""
    click.echo(json.dumps(value, ensure_ascii=False, default=_plain))


def say_next(command: str) -> None:
    """End by naming the next useful command, on the configuration that --config named."""
    context = click.get_current_context(silent=True)
    config = context.obj if context is not None else None
    if config is not None and "--config" not in command:
        command = command.replace("rapport", f"rapport --config {config}", 1)
    click.echo(f"next: {command}")


def visible(text: str) -> str:
    """Return `text` safe for a terminal: control and direction characters are spelled out."""
    return "".join(
        char if char in "\n\t" or category(char) not in ("Cc", "Cf", "Cs") else _spelled(char)
        for char in text
    )


def _spelled(char: str) -> str:
    return "" if char in "\u200d\ufe0f\u200b" else f"\\u{ord(char):04x}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows in columns as wide as their widest cell."""
    cells = [[visible(cell).replace("\n", " ") for cell in row] for row in rows]
    widths = [
        max([_width(title), *(_width(row[at]) for row in cells)]) for at, title in enumerate(header)
    ]
    for row in [list(header), *cells]:
        line = "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        )
        click.echo(line.rstrip())


def _width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def moment(at: datetime | None) -> str:
    """Return a time for people, with its zone: ``2026-11-22 09:30 UTC``."""
    return "" if at is None else at.strftime("%Y-%m-%d %H:%M UTC")


def distance(at: datetime, now: datetime) -> str:
    """Return how far a deadline is: ``in 2 h 10 min`` or ``overdue by 3 min``."""
    seconds = int((at - now).total_seconds())
    words = _duration(abs(seconds))
    return f"in {words}" if seconds >= 0 else f"overdue by {words}"


def _duration(seconds: int) -> str:
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes = rest // 60
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{seconds} s"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"cannot write {type(value).__name__} as JSON")
