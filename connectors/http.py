"""One HTTP attempt with limits; `connectors.outcomes` says what each answer means.

Messages name scheme, host and path only: queries and user names may hold secrets. The errors of
the HTTP library are not chained either, because their texts repeat the whole address.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions as low
from requests import exceptions as high

from connectors import dates
from connectors.errors import ConnectorError, Rejected, Unavailable, UnknownOutcome
from connectors.hiding import without_secrets
from connectors.outcomes import Answer, judge, lost, public_part
from connectors.safety import AddressRefused, is_public, resolve
from connectors.transport import borrow_adapter, proxies_for

MEGABYTE = 1024 * 1024
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HARMLESS_HEADERS = frozenset(
    {"user-agent", "accept", "accept-encoding", "if-none-match", "if-modified-since"}
)
"""What may follow a redirect to another site; all else could be a credential."""
_NO_ADDRESS = (high.InvalidURL, high.InvalidSchema, high.MissingSchema)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much one attempt may take. Times are seconds, `size` is bytes.

    `total` bounds the body however slowly it drips; `size` counts after decompression.
    """

    connect: float = 5.0
    read: float = 20.0
    total: float = 60.0
    size: int = 5 * MEGABYTE
    redirects: int = 5


Explain = Callable[[Answer, bool], ConnectorError | None]
"""Returns the error that a platform's own answer means, or None; also told if it was a write."""


class Http:
    """One connector's way to one platform. One attempt per call; used by one thread at a time.

    `explain` sees every complete answer, the good ones too, before the usual rules judge it:
    platforms hide refusals in a 200 and rate limits in a 400. `before` is called before each
    request and may raise, as when a budget is used up.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        allow_private: bool = False,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        now: Callable[[], datetime] | None = None,
        explain: Explain | None = None,
        before: Callable[[], None] | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.now: Callable[[], datetime] = now or dates.utc_now
        self._explain = explain
        self._before = before
        self._allow_private = allow_private
        self._headers = {
            "User-Agent": user_agent,
            "Accept": "*/*",
            "Accept-Encoding": "gzip, deflate",
        }
        self._headers.update(headers or {})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is held open here: idle connections belong to the process."""

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        size: int | None = None,
        cut: bool = False,
    ) -> Answer:
        """Read `url`, following redirects; return the answer when it is 2xx or 304.

        With `cut`, a body larger than `size` bytes is cut there instead of refused.
        """
        send = {**self._headers, **(headers or {})}
        permanent, moved_to = True, ""
        for _ in range(self.limits.redirects + 1):
            answer = self._attempt("GET", url, send, size=size, cut=cut, params=params)
            target = answer.headers.get("Location", "")
            seen = without_secrets(answer, send, params)
            if answer.status not in REDIRECTS or not target:
                self._judge(seen, writing=False)
                return Answer(
                    answer.status, answer.headers, answer.body, answer.url, moved_to, answer.cut
                )
            # Some redirects say in their body what they mean, as for a business that was merged.
            if self._explain is not None and (error := self._explain(seen, False)) is not None:
                raise error
            try:
                following = urljoin(answer.url, target)
                elsewhere = _origin(following) != _origin(answer.url)
            except ValueError:
                raise Rejected(f"{public_part(url)} redirects to no web address") from None
            permanent = permanent and answer.status in (301, 308)
            moved_to = following if permanent else moved_to
            if elsewhere:
                send = {k: v for k, v in send.items() if k.lower() in _HARMLESS_HEADERS}
            url, params = following, None
        raise Rejected(f"{public_part(url)}: more than {self.limits.redirects} redirects")

    def write(
        self,
        method: str,
        url: str,
        *,
        data: Mapping[str, Any] | bytes | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one change to `url` and return the answer when it is 2xx.

        `data` is a form, or a body as it stands. Raises `Unavailable` only when the platform
        certainly did nothing, `UnknownOutcome` when it may have; see the table above.
        """
        send = {**self._headers, **(headers or {})}
        answer = self._attempt(method, url, send, data=data, json=json)
        if answer.status == 303:
            raise UnknownOutcome(f"{public_part(url)} redirected after the request")
        if answer.status in REDIRECTS:
            raise Rejected(f"{public_part(url)} has moved; correct the address in the settings")
        self._judge(without_secrets(answer, send, data, json), writing=True)
        return answer

    def _attempt(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        size: int | None = None,
        cut: bool = False,
        **content: Any,
    ) -> Answer:
        proxies = self._admit(url)
        if self._before is not None:
            self._before()
        writing = method != "GET"
        where = public_part(url)
        deadline = time.monotonic() + self.limits.total
        with borrow_adapter(guarded=not self._allow_private, writing=writing) as adapter:
            try:
                request = requests.Request(method, url, headers=dict(headers), **content).prepare()
                response = adapter.send(
                    request,
                    stream=True,
                    timeout=(self.limits.connect, self.limits.read),
                    proxies=proxies,
                )
            except ConnectorError:
                raise
            except (*_NO_ADDRESS, UnicodeError, ValueError):
                raise Rejected(f"{where} is not a web address") from None
            except (high.RequestException, low.HTTPError, OSError) as error:
                raise lost(error, where, writing=writing) from None
            try:
                body, was_cut = self._body(response, size or self.limits.size, deadline, cut, where)
            except (low.HTTPError, high.RequestException, OSError) as error:
                raise lost(error, where, writing=writing) from None
            except ConnectorError as error:
                if writing:
                    raise UnknownOutcome(str(error)) from None
                raise
            finally:
                response.close()
        return Answer(
            response.status_code, response.headers, body, response.url or url, cut=was_cut
        )

    def _judge(self, answer: Answer, *, writing: bool) -> None:
        error = self._explain(answer, writing) if self._explain is not None else None
        if error is not None:
            raise error
        judge(answer, self.now(), writing=writing)

    def _admit(self, url: str) -> dict[str, str]:
        """Refuse an address that is no web address, or a private one behind a proxy."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port, parts = None, None, urlsplit("")
        if parts.scheme not in ("http", "https") or not host:
            raise Rejected(f"{public_part(url)} is not a web address")
        proxies = proxies_for(url)
        if proxies and not self._allow_private:
            # The proxy makes the connection, so the guard inside the connection never sees the
            # target. A name that only the proxy can resolve is the proxy's to judge.
            try:
                addresses = resolve(host, port or 443)
            except OSError:
                addresses = []
            if not all(is_public(address) for address in addresses):
                raise AddressRefused(host)
        return proxies

    def _body(
        self, response: requests.Response, size: int, deadline: float, cut: bool, where: str
    ) -> tuple[bytes, bool]:
        parts: list[bytes] = []
        total = 0
        while True:
            # read1 returns what has arrived; read would wait for a full block and so let a
            # dripping server outlast the deadline.
            part = response.raw.read1(65536, decode_content=True)
            if not part:
                return b"".join(parts), False
            parts.append(part)
            total += len(part)
            if total > size:
                if cut:
                    return b"".join(parts)[:size], True
                raise Rejected(f"{where} answered more than {size:,} bytes")
            if time.monotonic() > deadline:
                raise Unavailable(f"{where} did not finish within {self.limits.total:.0f} s")


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port
