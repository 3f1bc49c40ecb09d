"""Reads the answer of a chat completions endpoint: outside data of any shape."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from responders.llm.trouble import Unusable

MOST_TOKENS = 10_000_000
"""More than this is no count of tokens but a slip, or a lie."""

_THOUGHTS = re.compile(r"^\s*<think(?:ing)?>.*?</think(?:ing)?>\s*", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model said, without what it thought aloud before. `tokens` is None where not told."""

    text: str
    tokens: int | None


def read_completion(found: Any) -> Completion:
    """Return the one text of an answer; raise `Unusable` for anything else."""
    try:
        choice = found["choices"][0]
        message = choice["message"]
        text = message["content"]
        refusal, calls = message.get("refusal"), message.get("tool_calls")
        ended = choice.get("finish_reason")
    except (KeyError, IndexError, TypeError, AttributeError):
        raise Unusable("it is no chat completion", tokens=_tokens(found)) from None
    if refusal or ended == "content_filter":
        raise Unusable("the model refused", tokens=_tokens(found))
    if calls or not isinstance(text, str):
        raise Unusable("it is no text", tokens=_tokens(found))
    if ended == "length":
        raise Unusable("it was cut off at max_tokens", tokens=_tokens(found))
    return Completion(_THOUGHTS.sub("", text, count=1), _tokens(found))


def _tokens(found: Any) -> int | None:
    """Return the count of tokens that the endpoint tells, where it can be one."""
    usage = found.get("usage") if isinstance(found, dict) else None
    total = usage.get("total_tokens") if isinstance(usage, dict) else None
    if isinstance(total, bool) or not isinstance(total, int) or not 0 < total <= MOST_TOKENS:
        return None
    return total
