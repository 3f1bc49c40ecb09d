"""Asking a running demo platform over real HTTP, and a small week to ask about."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, Protocol

from monitor.demo.script import Entry


@dataclass
class Told:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class Address(Protocol):
    """Where a platform listens: a `DemoServer`, or whatever else knows."""

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...


@dataclass
class Caller:
    """Asks a running platform, one connection a request."""

    demo: Address

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Told:
        sent = dict(headers or {})
        if body is not None:
            raw = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        line = HTTPConnection(self.demo.host, self.demo.port, timeout=10)
        try:
            line.request(method, path, raw, sent)
            answer = line.getresponse()
            names = {name.lower(): value for name, value in answer.getheaders()}
            return Told(answer.status, names, answer.read())
        finally:
            line.close()

    def items(self, board: str = "reviews", **query: object) -> list[dict[str, Any]]:
        wanted = "&".join(f"{name}={value}" for name, value in {"limit": 200, **query}.items())
        found: list[dict[str, Any]] = self("GET", f"/api/v1/{board}?{wanted}").json()["items"]
        return found

    def fault(self, name: str, **spec: object) -> None:
        assert self("POST", "/control/faults", {"name": name, **spec}).status == 200


SMALL_WEEK = tuple(
    Entry.model_validate(entry)
    for entry in (
        {"key": "before", "at": "-2h", "author": "Ada", "stars": 1, "text": "Cold tea.",
         "language": "en", "location": "quay", "when_answered": [
             {"after": "1h", "do": "raise_rating", "stars": 4, "text": "Cold tea, warm answer."},
             {"after": "2h", "do": "thanks", "text": "Thanks, bye."}]},
        {"key": "first-post", "at": "-1h", "board": "feed", "author": "@bo", "text": "No cups left",
         "when_answered": [{"after": "30m", "do": "ask_again", "text": "When?", "when_answered": [
             {"after": "30m", "do": "stay_angry", "text": "Too late."}]}]},
        {"key": "monday", "at": "mon 08:00", "author": "Cem", "stars": 5, "text": "Fine.",
         "language": "de", "location": "mill",
         "edit": {"after": "1h", "stars": 2, "text": "Was fine."}},
        {"key": "comment", "at": "mon 08:30", "board": "feed", "under": "first-post",
         "author": "@cy", "text": "Same here"},
        {"key": "shortlived", "at": "mon 09:00", "author": "Dot", "stars": 3, "text": "Hm.",
         "delete": {"after": "2h"}},
        {"key": "tuesday", "at": "tue 10:00", "author": "Eve", "stars": 4, "text": "Good."},
    )
)  # fmt: skip
