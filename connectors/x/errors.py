"""What X's errors mean: the problems of API 2, alone or beside data, and the codes of 1.1."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.errors import (
    AuthFailed,
    ConnectorError,
    Gone,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.http import Explain
from connectors.outcomes import Answer, public_part
from connectors.text import clip, one_line
from connectors.waits import UNTOLD, wait_asked

CONSOLE = "console.x.com"
_CREDITS = re.compile(r"credit|spend(?:ing)? (?:cap|limit)|payment", re.I)
_CAP = re.compile(r"usage.?cap|monthly|product cap", re.I)
_DUPLICATE = re.compile(r"duplicate|already (?:posted|said|tweeted)", re.I)
_NO_REPLY = re.compile(
    r"\brepl(?:y|ies|ying)\b|mentioned|summon|engaged by|conversation|quot(?:e|ed|ing)", re.I
)
_DELETED = re.compile(
    r"deleted or not visible|no longer (?:available|exists)|(?:does not|doesn't) exist", re.I
)
_NOT_PERMITTED = re.compile(r"not permitted to perform this action", re.I)
_HIDDEN = re.compile(r"[A-Za-z0-9%_|-]{24,}")
_NOT_FOUND = ("resource-not-found", "Not Found Error")
_NOT_FOR_US = ("not-authorized-for-resource", "Authorization Error")

_OLD: Mapping[int, type[ConnectorError]] = {
    32: AuthFailed,
    64: AuthFailed,
    87: AuthFailed,
    89: AuthFailed,
    99: AuthFailed,
    215: AuthFailed,
    261: AuthFailed,
    326: AuthFailed,
    453: AuthFailed,
    17: Gone,
    34: Gone,
    50: Gone,
    63: Gone,
    144: Gone,
    179: Gone,
    421: Gone,
    422: Gone,
    88: RateLimited,
    185: RateLimited,
    186: Rejected,
    187: Rejected,
    226: Rejected,
    385: Gone,
    433: Rejected,
    130: Unavailable,
    131: Unavailable,
}
"""The codes of API 1.1, which still come from some places."""


def explaining(now: Callable[[], datetime]) -> Explain:
    """Return the function that names X's own errors, for `connectors.http.Http`."""

    def explain(answer: Answer, writing: bool) -> ConnectorError | None:
        if answer.status < 400:
            return None
        return _named(answer, now(), writing)

    return explain


def refused_summons(words: str) -> Rejected:
    """Return the error for an answer that X lets nobody give by program."""
    return Rejected(
        "X lets a program answer only somebody who mentioned or quoted your account, and once; "
        f"post this answer by hand{words}"
    )


def problem_in(found: Mapping[str, Any], where: str) -> ConnectorError | None:
    """Return what the ``errors`` of a complete answer without data mean; None without errors."""
    errors = found.get("errors")
    problems = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    if not problems:
        return None
    if all(is_not_there(one) for one in problems):
        return Gone(f"{where}: X says that it is not there")
    words = _public(_words_of(problems[0]))
    if any(_matches(one, _NOT_FOR_US) for one in problems):
        return AuthFailed(f"{where}: this account may not see it{words}")
    return Rejected(f"{where} refused the request{words}")


def is_not_there(problem: Mapping[str, Any]) -> bool:
    """Tell whether a problem says that something does not exist (any more)."""
    return _matches(problem, _NOT_FOUND)


def is_hidden(problem: Mapping[str, Any]) -> bool:
    """Tell whether a problem says that something is not shown to us: protected, suspended."""
    return _matches(problem, _NOT_FOR_US)


def _named(answer: Answer, now: datetime, writing: bool) -> ConnectorError | None:
    where, status = public_part(answer.url), answer.status
    found = _body(answer)
    said = _words_of(found)
    words = _public(said)
    kind = str(found.get("type", ""))
    if status == 402 or (status in (403, 429) and _CREDITS.search(f"{said} {kind}")):
        return AuthFailed(
            f"{where}: the credits are used up ({status}); buy more at {CONSOLE}{words}"
        )
    if status == 429 or _old_code(found) in (88, 185):
        return RateLimited(
            f"{where} asks us to slow down ({status}){words}", _wait(answer, f"{said} {kind}", now)
        )
    if writing and status in (400, 403):
        if _DUPLICATE.search(said):
            return Rejected(f"{where}: the same text was posted there already{words}")
        if _DELETED.search(said):
            return Gone(f"{where}: what was to be answered is not there{words}")
        if _NO_REPLY.search(said):
            return refused_summons(words)
        if _NOT_PERMITTED.search(said):
            return Rejected(
                f"{where}: X does not permit this answer; either the author did not speak to "
                f"your account, or the app may not write{words}"
            )
    old = _OLD.get(_old_code(found))
    if old is not None:
        if old is Unavailable and writing:
            old = UnknownOutcome
        return old(f"{where}: code {_old_code(found)}{words}")
    if status in (401, 403):
        return AuthFailed(f"{where} refused us ({status}){words}")
    if status in (404, 410):
        return Gone(f"{where} is not there ({status})")
    if status in (408, 425) or status >= 500 or not found:
        return None
    return Rejected(f"{where} refused the request ({status}){words}")


def _wait(answer: Answer, said: str, now: datetime) -> timedelta | None:
    """Return how long to wait: a used-up day or month outlasts the usual quarter of an hour."""
    for who in ("user", "app"):
        left = answer.headers.get(f"x-{who}-limit-24hour-remaining", "")
        if left.strip() == "0":
            reset = answer.headers.get(f"x-{who}-limit-24hour-reset", "")
            return wait_asked(_Reset(reset, answer.headers.get("Date", "")), now) or UNTOLD
    if _CAP.search(said):
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return midnight - now
    return wait_asked(answer.headers, now)


class _Reset(dict[str, str]):
    """Headers that hold one reset and the server's own time."""

    def __init__(self, reset: str, date: str) -> None:
        super().__init__({"x-rate-limit-reset": reset, "Date": date})


def _body(answer: Answer) -> Mapping[str, Any]:
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _words_of(found: Mapping[str, Any]) -> str:
    """Return what X says of an error, in each of its forms."""
    parts = [found.get(key) for key in ("title", "detail", "reason", "message", "error")]
    errors = found.get("errors")
    if isinstance(errors, str):
        parts.append(errors)
    elif isinstance(errors, list):
        for one in errors[:3]:
            if isinstance(one, dict):
                parts += [one.get("title"), one.get("detail"), one.get("message")]
    return "; ".join(dict.fromkeys(one_line(part) for part in parts if isinstance(part, str)))


def _public(words: str) -> str:
    """Return X's words, ready to be appended, without what could be a token in them."""
    hidden = _HIDDEN.sub("…", words)
    return f": {clip(hidden, 160)}" if hidden else ""


def _old_code(found: Mapping[str, Any]) -> int:
    errors = found.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    code = first.get("code") if isinstance(first, dict) else None
    return code if isinstance(code, int) else 0


def _matches(problem: Mapping[str, Any], signs: tuple[str, str]) -> bool:
    kind, title = str(problem.get("type", "")), str(problem.get("title", ""))
    return kind.endswith(signs[0]) or title == signs[1]
