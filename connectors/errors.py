"""The vocabulary of failure between a connector and the core.

A connector only names what happened; waiting, retrying, alarming and asking a person are the
core's. Messages never contain a secret or a customer's text.
"""

from __future__ import annotations

from datetime import timedelta


class ConnectorError(Exception):
    """Anything a connector may raise. `str(error)` is one line for a person."""


class RateLimited(ConnectorError):
    """The platform asks us to wait; `retry_after` is its own word where it gives one.

    `budget` names the one of our own budgets that is used up, when it was not the platform that
    asked: what needs another budget may go on.
    """

    def __init__(
        self, message: str, retry_after: timedelta | None = None, *, budget: str = ""
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.budget = budget


class Unavailable(ConnectorError):
    """The platform did not answer, or answered 5xx. Nothing was changed there."""

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class AuthFailed(ConnectorError):
    """The credentials are missing, expired or lack a permission. A person must act."""


class LayoutChanged(ConnectorError):
    """The answer no longer has the shape we know: a changed page is not an empty page."""


class Gone(ConnectorError):
    """The thing asked for is no longer there (a deleted review, a closed feed)."""


class Rejected(ConnectorError):
    """The platform refused this request for good; the same request would be refused again."""


class UnknownOutcome(ConnectorError):
    """A write left and no answer came back: it may or may not have happened."""


class NotSupported(ConnectorError):
    """The platform offers no such call."""


class BadSettings(ConnectorError):
    """The settings are valid one by one and impossible together, or a file is missing."""


class NotAdmitted(ConnectorError):
    """A delivery came from somebody who did not prove to be the platform."""
