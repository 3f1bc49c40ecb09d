"""When a policy warns: a share of its target, or so long before it is due, or several of these."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from monitor.config.durations import PATTERN, format_duration, parse_duration
from monitor.config.problems import Misfit, shown
from monitor.config.values import Words

MOST = 10
"""Warnings before one deadline; more would only be noise."""

_SHARE = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
_LEAD = {"type": "string", "pattern": PATTERN}
_EITHER = "a share such as 0.75, or a duration such as 30m"


def _read(given: Any) -> Any:
    if not isinstance(given, list | tuple):
        one = _read_one(given)
        return one if isinstance(one, float) else (one,)
    if len(given) > MOST:
        raise Misfit("has too many entries", expected=f"at most {MOST}")
    return tuple(_read_one(each) for each in given)


def _read_one(given: Any) -> float | timedelta:
    if isinstance(given, timedelta):
        return given
    if isinstance(given, str):
        try:
            lead = parse_duration(given)
        except ValueError as error:
            raise Misfit(f"{shown(given)!r} {error}", expected=_EITHER) from None
        if lead % timedelta(seconds=1):
            raise Misfit("is no whole number of seconds", expected=_EITHER)
        return lead
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise Misfit("is neither a share nor a duration", expected=_EITHER)
    if given > 1:
        raise Misfit("is too large", expected="1 or less")
    if not given > 0:
        raise Misfit("is too small", expected="a share above 0")
    return float(given)


def _write(kept: float | tuple[float | timedelta, ...]) -> Any:
    if isinstance(kept, float):
        return kept
    return [format_duration(each) if isinstance(each, timedelta) else each for each in kept]


WarnAt = Annotated[
    float | tuple[float | timedelta, ...],
    BeforeValidator(_read),
    PlainSerializer(_write),
    WithJsonSchema(
        {"anyOf": [_SHARE, _LEAD, {"type": "array", "items": {"anyOf": [_SHARE, _LEAD]}}]}
    ),
    Words("share or duration, or a list of these", "0.75"),
]
