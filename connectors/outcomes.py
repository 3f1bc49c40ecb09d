"""What an HTTP answer, or the lack of one, means in the connectors' vocabulary.

======================  ==========================  =========================================
answer                  to a read                   to a write
======================  ==========================  =========================================
2xx, 304                returned                    returned
3xx                     followed, every hop judged  not followed: `Rejected` (303: unknown)
401, 403                `AuthFailed`                `AuthFailed`
404, 410                `Gone`                      `Gone`
429                     `RateLimited`               `RateLimited`
408, 425, 5xx           `Unavailable`               `UnknownOutcome`
503 with Retry-After    `Unavailable`               `Unavailable`: turned away, not processed
other 4xx               `Rejected`                  `Rejected`
no connection           `Unavailable`               `Unavailable`: nothing was sent
lost or too slow later  `Unavailable`               `UnknownOutcome`
too large               `Rejected`                  `UnknownOutcome`
======================  ==========================  =========================================

Messages name scheme, host and path only: queries and user names may hold secrets.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import urllib3.exceptions as low
from requests import exceptions as high

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
from connectors.text import clip, one_line
from connectors.waits import wait_asked

BEFORE_SENDING = (
    low.NewConnectionError,
    low.NameResolutionError,
    low.ConnectTimeoutError,
    low.ProxyError,
    ssl.SSLCertVerificationError,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer. `moved_to` is the new address after permanent redirects only."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    moved_to: str = ""
    cut: bool = False

    def text(self) -> str:
        """Return the body as text, by its declared character set, else UTF-8."""
        kind = self.headers.get("Content-Type", "").lower()
        charset = kind.partition("charset=")[2].partition(";")[0].strip("\"' ") or "utf-8"
        try:
            return self.body.decode(charset, "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the body read as JSON; raise `LayoutChanged` when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            kind = one_line(self.headers.get("Content-Type", "nothing it names"))
            raise LayoutChanged(
                f"{public_part(self.url)} answered {clip(kind, 60)} instead of JSON"
            ) from None


def public_part(url: str) -> str:
    """Return scheme, host, port and path of `url`: the part that may stand in a message."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if ":" in host:
            host = f"[{host}]"
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the address"
    return clip(one_line(f"{parts.scheme}://{host}{port}{parts.path}"), 120)


def judge(answer: Answer, now: datetime, *, writing: bool) -> None:
    """Return for an answer that is to be used; raise the error that any other one means."""
    status = answer.status
    if 200 <= status < 300 or (status == 304 and not writing):
        return
    where = public_part(answer.url)
    wait = wait_asked(answer.headers, now)
    if status == 429:
        raise RateLimited(f"{where} asks us to slow down (429)", wait)
    reason = _reason(answer)
    if status in (401, 403):
        raise AuthFailed(f"{where} refused us ({status}){reason}")
    if status in (404, 410):
        raise Gone(f"{where} is not there ({status})")
    if status in (408, 425) or status >= 500:
        turned_away = status == 503 and "Retry-After" in answer.headers
        if writing and not turned_away:
            raise UnknownOutcome(f"{where} failed after the request was sent ({status})")
        raise Unavailable(f"{where} is out of order ({status})", wait)
    raise Rejected(f"{where} refused the request ({status}){reason}")


def _reason(answer: Answer) -> str:
    """Return the platform's own short reason from a JSON error body, ready to be appended."""
    if "json" not in answer.headers.get("Content-Type", ""):
        return ""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    reason = found.get("error") or found.get("message") if isinstance(found, dict) else None
    if isinstance(reason, dict):
        reason = reason.get("message")
    return f": {clip(one_line(reason), 120)}" if isinstance(reason, str) else ""


def lost(error: Exception, where: str, *, writing: bool) -> ConnectorError:
    """Name a failed exchange; a write counts as unknown unless it certainly was not sent."""
    chain = list(_causes(error))
    unsent = any(
        isinstance(cause, (*BEFORE_SENDING, ssl.SSLCertVerificationError)) for cause in chain
    )
    message = f"{where} {_words_for(chain)}"
    if writing and not unsent:
        return UnknownOutcome(message)
    return Unavailable(message)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while isinstance(error, BaseException) and id(error) not in seen:
        seen.add(id(error))
        yield error
        inner = getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((arg for arg in error.args if isinstance(arg, BaseException)), None)
        error = inner or error.__cause__ or error.__context__


def _words_for(chain: list[BaseException]) -> str:
    known: tuple[tuple[type[BaseException], str], ...] = (
        (low.NameResolutionError, "is a name that does not resolve"),
        (ssl.SSLCertVerificationError, "shows a certificate that is not trusted"),
        (low.ProxyError, "cannot be reached through the proxy"),
        (ConnectionRefusedError, "refuses connections"),
        # urllib3 derives the next one from the one after it, so the order matters.
        (low.NewConnectionError, "cannot be reached"),
        (low.ConnectTimeoutError, "accepted no connection in time"),
        (low.ReadTimeoutError, "stopped answering"),
        (high.ReadTimeout, "stopped answering"),
        (TimeoutError, "stopped answering"),
        (low.IncompleteRead, "broke off in the middle of its answer"),
        (low.DecodeError, "sent a body that cannot be unpacked"),
        (ssl.SSLError, "failed to speak TLS"),
    )
    for kind, words in known:
        if any(isinstance(cause, kind) for cause in chain):
            return words
    return "dropped the connection"
