"""What Bluesky's own error names mean: ``{"error": "Name", "message": "…"}``, mostly with 400."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from connectors.errors import (
    AuthFailed,
    ConnectorError,
    Gone,
    LayoutChanged,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.outcomes import Answer, public_part
from connectors.text import clip, one_line
from connectors.waits import wait_asked

NO_LOGIN = frozenset(
    "ExpiredToken InvalidToken AuthenticationRequired AuthMissing AccountTakedown "  # noqa: SIM905
    "AccountDeactivated AccountSuspended AuthFactorTokenRequired RepoDeactivated RepoTakendown "
    "RepoSuspended MethodNotAllowedForAppPassword BadAuthScheme".split()
)
NOT_THERE = frozenset({"NotFound", "RecordNotFound", "BlobNotFound"})
MISSING_RECORDS = ("could not locate record", "could not find record", "post not found")
PASSING = frozenset({"UpstreamFailure", "UpstreamTimeout", "NotEnoughResources"})


def explainer(now: Callable[[], datetime]) -> Callable[[Answer, bool], ConnectorError | None]:
    """Return the function that names Bluesky's refusals, for `connectors.http.Http`."""

    def explain(answer: Answer, writing: bool) -> ConnectorError | None:
        if answer.status < 400:
            return None
        try:
            found = answer.json()
        except LayoutChanged:
            return None
        if not isinstance(found, dict) or not isinstance(found.get("error"), str):
            return None
        return _named(found["error"], str(found.get("message") or ""), answer, writing, now())

    return explain


def _named(
    name: str, message: str, answer: Answer, writing: bool, now: datetime
) -> ConnectorError | None:
    where = public_part(answer.url)
    said = f"{where}: {clip(one_line(name), 60)}"
    if message and one_line(message) != name:
        said += f", {clip(one_line(message), 160)}"
    if name == "RateLimitExceeded" or answer.status == 429:
        return RateLimited(f"{where} asks us to slow down", wait_asked(answer.headers, now))
    if name in NO_LOGIN:
        return AuthFailed(said)
    if name in NOT_THERE or message.lower().startswith(MISSING_RECORDS):
        return Gone(said)
    if name in PASSING:
        wait = wait_asked(answer.headers, now)
        return UnknownOutcome(said) if writing else Unavailable(said, wait)
    if answer.status in (401, 403):
        return AuthFailed(said)
    return Rejected(said) if answer.status < 500 and answer.status not in (408, 425) else None
