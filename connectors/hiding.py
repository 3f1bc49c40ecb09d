"""Keeps what we sent in confidence out of what is said about an answer.

Platforms repeat tokens in their errors ("Malformed access token …"), and errors are logged, kept
and shown.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from connectors.outcomes import Answer

SHORTEST = 6
"""A shorter value is no secret, and stands in many words."""
_PLAIN = frozenset(
    {"user-agent", "accept", "accept-encoding", "accept-language", "content-type",
     "if-none-match", "if-modified-since", "idempotency-key"}
)  # fmt: skip
_SECRET = re.compile(r"token|key|secret|password|proof|assertion|\bcode\b|auth", re.I)


def without_secrets(answer: Answer, headers: Mapping[str, str], *contents: Any) -> Answer:
    """Return `answer` with what the request confided in headers and contents blotted out."""
    body = answer.body
    for secret in _confided(headers, contents):
        for spelled in (secret, quote(secret, safe="")):
            if (raw := spelled.encode("utf-8", "replace")) in body:
                body = body.replace(raw, b"...")
    return answer if body is answer.body else replace(answer, body=body)


def _confided(headers: Mapping[str, str], contents: tuple[Any, ...]) -> Iterator[str]:
    said = [value for name, value in headers.items() if name.lower() not in _PLAIN]
    for value in said:
        words = value.split()
        for word in words:
            if len(word) >= SHORTEST and word.lower() not in ("bearer", "basic"):
                yield word
        if len(words) == 2 and words[0].lower() == "basic":
            yield from _pair(words[1])
    for content in contents:
        for name, value in content.items() if isinstance(content, Mapping) else ():
            if isinstance(value, str) and len(value) >= SHORTEST and _SECRET.search(str(name)):
                yield value


def _pair(coded: str) -> Iterator[str]:
    try:
        password = b64decode(coded).decode().partition(":")[2]
    except ValueError:
        return
    if len(password) >= SHORTEST:
        yield password
