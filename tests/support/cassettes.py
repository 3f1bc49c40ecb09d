"""Reads recorded HTTP exchanges: vcr cassettes (Python and R) and betamax ones."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

RECORDINGS = Path(__file__).resolve().parents[2] / "../shared/recordings"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Exchange:
    """One recorded request and its answer; header names are in lower case."""

    method: str
    uri: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def read_cassette(path: Path) -> list[Exchange]:
    """Return the exchanges in one file, in order."""
    text = path.read_text(encoding="utf-8")
    # YAML reads most JSON, but stumbles over some of its escapes.
    found = json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=_Loader)
    exchanges = []
    for one in found.get("interactions") or found.get("http_interactions") or []:
        response = one["response"]
        status = response["status"]
        code = status["code"] if isinstance(status, dict) else status
        headers = {
            str(name).lower(): ", ".join(v) if isinstance(v, list) else str(v)
            for name, v in (response.get("headers") or {}).items()
        }
        method, uri = str(one["request"]["method"]).upper(), str(one["request"]["uri"])
        exchanges.append(Exchange(method, uri, int(code), headers, _body(response)))
    return exchanges


def _body(response: Mapping[str, Any]) -> bytes:
    body = response.get("body") or {}
    if "base64_string" in body:
        raw = base64.b64decode(body["base64_string"])
    else:
        text = body.get("string") or ""
        raw = text if isinstance(text, bytes) else str(text).encode("utf-8")
    return gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
