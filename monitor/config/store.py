"""Where everything is kept: the database's URL."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, WithJsonSchema

from connectors.secrets import REFERENCE
from monitor.config.problems import Misfit
from monitor.config.values import Words

_EXPECTED = (
    "sqlite:///var/rapport.db, postgresql+psycopg://user@host/database or a reference env:NAME"
)
_POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")


def is_reference(text: str) -> bool:
    """Tell whether `text` is ``env:NAME`` or ``file:path`` rather than a URL."""
    return REFERENCE.match(text) is not None


def is_sqlite(url: str) -> bool:
    """Tell whether a resolved URL names a SQLite file."""
    return url.startswith("sqlite:")


def check_url(text: str) -> str:
    """Return a URL that Rapport can open; raise `Misfit`, never showing the URL itself."""
    if text.startswith("sqlite:"):
        path = text.removeprefix("sqlite:///")
        if path == text or not path.strip("/") or ":memory:" in path or "?" in path:
            raise Misfit("names no SQLite file", expected="sqlite:///var/rapport.db")
        return text
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - reading it raises ValueError for a bad port
    except ValueError:
        raise Misfit("is not a database URL", expected=_EXPECTED) from None
    if parts.scheme not in _POSTGRES:
        raise Misfit("is not a database that Rapport can use", expected=_EXPECTED)
    if not parts.path.strip("/"):
        raise Misfit("names no database", expected="postgresql+psycopg://user@host/database")
    return text


def _check(text: str) -> str:
    if is_reference(text):
        return text
    if re.match(r"(env|file)\b", text):
        raise Misfit("is not a reference", expected="env:NAME or file:path")
    check_url(text)
    if holds_password(text):
        raise Misfit(
            "a password stands here in plain; put the whole URL in a secret",
            expected="a reference such as env:RAPPORT_DATABASE",
        )
    return text


def holds_password(url: str) -> bool:
    """Tell whether a URL carries a password, before its host or as an option."""
    authority = url.partition("://")[2].partition("/")[0]
    named = ":" in authority.rpartition("@")[0]
    return named or re.search(r"[?&](password|passwd|pwd)=", url, re.IGNORECASE) is not None


def with_driver(url: str) -> str:
    """Return `url` naming the driver Rapport uses for PostgreSQL."""
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)


DatabaseUrl = Annotated[
    str,
    AfterValidator(_check),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(sqlite:///.+|postgres(ql)?(\+psycopg)?://.+|env:.+|file:.+)$",
        }
    ),
    Words("database URL, or a reference to one", "sqlite:///var/rapport.db"),
]
