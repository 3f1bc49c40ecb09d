"""Logging for a daemon that runs for a year: one line an event, no secrets, no review texts."""

from __future__ import annotations

import logging
import re
import sys
import time

FORMAT = "%(asctime)sZ %(levelname)-7s %(name)s: %(message)s"
QUIET = ("apscheduler", "alembic", "urllib3", "slack_sdk", "procrastinate", "uvicorn")


_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Characters that make a terminal, or a reader, take a line for another one."""


class _Visible(logging.Formatter):
    """Spells out what a platform's words could do to a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        said = super().format(record)
        return _UNSEEN.sub(lambda odd: f"\\u{ord(odd[0]):04x}", said)


def logger(name: str) -> logging.Logger:
    """Return the logger of a module; call it with ``__name__``."""
    return logging.getLogger(name)


def set_up(level: str = "INFO") -> None:
    """Send log lines to standard error, with times in UTC."""
    formatter = _Visible(FORMAT, datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Its warnings repeat whole addresses, and some platforms want a token in there.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
