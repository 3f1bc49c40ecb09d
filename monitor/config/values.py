"""The kinds of value a configuration is made of, each with its own check and its own words.

Every kind is an annotated type: its `Words` name it in messages and in the reference, its JSON
Schema serves editors. The checks raise `Misfit`, which says what was expected.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from monitor.config.durations import PATTERN, format_duration, parse_duration
from monitor.config.problems import Misfit, nearest, shown


@dataclass(frozen=True, slots=True)
class Words:
    """How a kind of value is called, one example of it, and how several of them are called."""

    name: str
    example: str = ""
    many: str = ""


class Section(BaseModel):
    """Base of every part of the configuration: strict about keys, immutable once read.

    An empty value (``slack:`` with nothing behind it) counts as not given.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {k: v for k, v in given.items() if v is not None or k not in cls.model_fields}


def _check_key(text: str) -> str:
    if not re.fullmatch(KEY_PATTERN, text):
        slug = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")[:60]
        raise Misfit(
            "cannot be a key",
            expected="lower-case letters, digits, `-`, `_` and `.`, at most 64",
            suggestion=slug if slug and "(hidden)" not in shown(text) else "",
        )
    return text


def _check_line(text: str) -> str:
    if not text.strip():
        raise Misfit("is empty", expected="text")
    if len(text) > 500 or "\n" in text.strip():
        raise Misfit("is too long", expected="one line of at most 500 characters")
    return text.strip()


def _read_duration(given: Any) -> Any:
    if isinstance(given, timedelta):
        return given
    expected = "a duration such as 30s, 15m, 4h or 2d"
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise Misfit("is not a duration", expected=expected)
    if not isinstance(given, str):
        raise Misfit("has no unit", expected=expected)
    try:
        return parse_duration(given)
    except ValueError as error:
        raise Misfit(f"{shown(given)!r} {error}", expected=expected) from None


@lru_cache(maxsize=1)
def _zone_names() -> dict[str, str]:
    """All zones by full name and by last part, so that ``Berlin`` finds ``Europe/Berlin``."""
    zones = sorted(available_timezones())
    return {name.rpartition("/")[2]: name for name in zones} | {name: name for name in zones}


def _check_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError, LookupError):
        zones = _zone_names()
        close = zones.get(nearest(text.replace(" ", "_"), zones), "")
        raise Misfit(
            f"{shown(text)!r} is not a time zone",
            expected="" if close else "a name such as Europe/Berlin",
            suggestion=close,
        ) from None
    return text


def _read_date(given: Any) -> Any:
    if isinstance(given, date):
        return given
    try:
        if isinstance(given, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", given, re.ASCII):
            return date.fromisoformat(given)
    except ValueError:
        raise Misfit(
            f"{given} is not in the calendar", expected="a date such as 2026-12-25"
        ) from None
    raise Misfit("is not a date", expected="a date such as 2026-12-25")


def _check_language(text: str) -> str:
    if not re.fullmatch(LANGUAGE_PATTERN, text):
        raise Misfit(
            f"{shown(text)!r} is not a language code",
            expected="a code of two or three letters such as en, de or pt-BR",
        )
    return text


def split_listen(text: str) -> tuple[str, int]:
    """Return host and port of ``127.0.0.1:8320`` or ``[::1]:8320``; raise `Misfit`."""
    expected = "an address and a port such as 127.0.0.1:8320"
    host, separator, port = text.rpartition(":")
    if not separator or not host or not re.fullmatch(r"[0-9]{1,5}", port, re.ASCII):
        raise Misfit("is not an address to listen on", expected=expected)
    if int(port) > 65535:
        raise Misfit(f"there is no port {port}", expected="a port up to 65535")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
        if ":" not in host:
            raise Misfit("is not an address to listen on", expected=expected)
    elif not re.fullmatch(r"[A-Za-z0-9.-]+", host):
        raise Misfit("is not an address to listen on", expected=expected)
    return host, int(port)


def _check_pattern(text: str) -> str:
    words = _check_line(text).split()
    if not re.search(r"\w", text):
        raise Misfit("has no word", expected="words, such as car park*")
    if words[0] == ".." or words[-1] == "..":
        raise Misfit("begins or ends with a gap", expected="a word at both ends, such as a .. b")
    if "," in text:
        raise Misfit("holds a comma", expected="one pattern each: [car park*, parking]")
    return text


def _check_listen(text: str) -> str:
    split_listen(text)
    return text


def _check_url(text: str) -> str:
    expected = "a link such as https://reviews.example"
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - reading it raises ValueError for a bad port
    except ValueError:
        raise Misfit("is not a link", expected=expected) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", text):
        raise Misfit("is not a link", expected=expected)
    if parts.username or parts.password:
        raise Misfit("a link must not hold a name and password", expected=expected)
    return text


def is_loopback(host: str) -> bool:
    """Tell whether `host` names this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


KEY_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,63}$"
LANGUAGE_PATTERN = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"

Key = Annotated[
    str,
    AfterValidator(_check_key),
    WithJsonSchema({"type": "string", "pattern": KEY_PATTERN}),
    Words("key", "quay"),
]
Line = Annotated[
    str,
    AfterValidator(_check_line),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 500}),
    Words("text"),
]
WordPattern = Annotated[
    str,
    AfterValidator(_check_pattern),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 500}),
    Words("words", "car park*"),
]
Duration = Annotated[
    timedelta,
    BeforeValidator(_read_duration),
    PlainSerializer(format_duration),
    WithJsonSchema({"type": "string", "pattern": PATTERN}),
    Words("duration", "15m"),
]
TimeZone = Annotated[str, AfterValidator(_check_zone), Words("time zone", "Europe/Berlin")]
Date = Annotated[
    date,
    BeforeValidator(_read_date),
    WithJsonSchema({"type": "string", "format": "date"}),
    Words("date", "2026-12-25"),
]
Language = Annotated[
    str,
    AfterValidator(_check_language),
    WithJsonSchema({"type": "string", "pattern": LANGUAGE_PATTERN}),
    Words("language code", "en"),
]
Listen = Annotated[
    str,
    AfterValidator(_check_listen),
    WithJsonSchema({"type": "string", "pattern": r"^.+:[0-9]{1,5}$"}),
    Words("address and port", "127.0.0.1:8320", "addresses"),
]
Url = Annotated[
    str,
    AfterValidator(_check_url),
    WithJsonSchema({"type": "string", "pattern": "^https?://"}),
    Words("link", "https://reviews.example"),
]
Whole = Annotated[int, Field(strict=True), Words("whole number", "7")]
Number = Annotated[float, Field(strict=True), Words("number", "0.5")]
YesNo = Annotated[bool, Field(strict=True), Words("true or false", "true")]
