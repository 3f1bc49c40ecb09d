"""Asks a site's robots.txt (RFC 9309) before a page is read."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from protego import Protego

from connectors.errors import AuthFailed, Gone, Rejected, Unavailable
from connectors.http import Http

LARGEST = 512 * 1024
"""Bytes of robots.txt that are read; the RFC asks for at least 500 KiB."""
KEPT = timedelta(hours=24)
LEAST_DELAY = timedelta(seconds=5)
MOST_DELAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """May one address be read, how long to leave between two reads, and why not."""

    allowed: bool
    delay: timedelta = LEAST_DELAY
    reason: str = ""


class RobotsRules:
    """The rules of the sites met so far, kept for a day. Safe to share between threads."""

    def __init__(self, most_sites: int = 2000) -> None:
        self._most_sites = most_sites
        self._kept: dict[tuple[str, str], tuple[datetime, Protego | str]] = {}
        self._lock = threading.Lock()

    def ask(self, http: Http, url: str, agent: str, now: Callable[[], datetime]) -> Verdict:
        """Return the verdict on `url` for the product token `agent`.

        No robots.txt (any 4xx) allows everything, except that 401 and 403 are taken at their
        word. While it cannot be read (5xx, no answer, 429) nothing may be: this raises the
        `Unavailable` or `RateLimited` of the attempt, and nothing is kept.
        """
        parts = urlsplit(url)
        key = (f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}", agent)
        with self._lock:
            kept = self._kept.get(key)
        if kept is None or not timedelta(0) <= now() - kept[0] < KEPT:
            kept = (now(), self._read(http, key[0] + "/robots.txt"))
            with self._lock:
                if len(self._kept) >= self._most_sites:
                    self._kept.clear()
                self._kept[key] = kept
        rules = kept[1]
        if isinstance(rules, str):
            return Verdict(not rules, reason=rules)
        if not rules.can_fetch(url, agent):
            return Verdict(False, reason="robots.txt of the site disallows this page")
        seconds = rules.crawl_delay(agent) or 0
        # A delay of nan, infinity or years must not reach timedelta.
        delay = timedelta(
            seconds=min(float(seconds), MOST_DELAY.total_seconds()) if seconds > 0 else 0
        )
        return Verdict(True, max(delay, LEAST_DELAY))

    def _read(self, http: Http, url: str) -> Protego | str:
        """Return the parsed rules, or the reason for none: empty where everything is allowed."""
        try:
            answer = http.get(url, size=LARGEST, cut=True)
        except AuthFailed:
            return "the site keeps its robots.txt closed, which is taken as a no"
        except Gone:
            return ""
        except Rejected as error:
            # Other 4xx, and more than five redirects, which the RFC lets count as none.
            if type(error) is not Rejected:
                raise
            return ""
        if answer.status == 304:
            raise Unavailable("robots.txt was answered with nothing")
        return parse_rules(answer.body)


def parse_rules(body: bytes) -> Protego:
    """Return the rules in the body of a robots.txt; junk lines are passed over."""
    return Protego.parse(body.decode("utf-8-sig", "replace").replace("\0", ""))


SHARED = RobotsRules()
"""One memory for the whole process, so that ten sources on a site ask once a day."""
