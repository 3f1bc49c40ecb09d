"""How long to wait before a message that Slack did not take is tried again."""

from __future__ import annotations

from datetime import timedelta

from monitor import due
from responders.slack.results import AuthDead, Failure, Limited, Refused

WAIT_FOR_AUTH = timedelta(seconds=60)
WAIT_FOR_CHANNEL = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(minutes=5)


def patience(result: Failure, failures: int) -> timedelta:
    """Return how long to wait after `result`, the last of `failures` in a row before it."""
    if isinstance(result, Limited):
        return result.retry_after
    if isinstance(result, AuthDead):
        return WAIT_FOR_AUTH
    return WAIT_FOR_CHANNEL if isinstance(result, Refused) else soon(failures)


def soon(failures: int) -> timedelta:
    """Return a pause that grows with the failures in a row."""
    # Staff wait for these: the pause grows, but never to the hours that a poll may rest.
    return min(due.backoff(failures + 1), LONGEST_PAUSE)
