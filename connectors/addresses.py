"""The settings that every source at a web address shares."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, Field

from connectors.base import ConnectorSettings


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError as error:
        raise ValueError("this is not a web address") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_fine:
        raise ValueError("expected a web address such as https://www.example.com/reviews")
    return url.strip()


WebAddress = Annotated[str, AfterValidator(_checked)]
"""A validated http or https address, kept as it was written."""


class WebSettings(ConnectorSettings):
    """Base of the settings of connectors that speak HTTP."""

    allow_private_addresses: bool = Field(
        default=False,
        description="Also allow addresses inside your own network, or this machine",
        examples=[False, True],
    )


def host_of(url: str) -> str:
    """Return the host of `url` in lower case, without a leading ``www.``."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
    return host.removeprefix("www.")


def web_link(url: object) -> str:
    """Return `url` when it is a usable http or https address, else nothing.

    Links that Google wraps for counting clicks are unwrapped.
    """
    if not isinstance(url, str):
        return ""
    url = url.strip()
    if not url.startswith(("http://", "https://")) or len(url) > 2000:
        return ""
    host = host_of(url) if "google." in url.lower() else ""
    if host.startswith("google.") and urlsplit(url).path == "/url":
        query = parse_qs(urlsplit(url).query)
        inner = (query.get("url") or query.get("q") or [""])[0]
        if inner.startswith(("http://", "https://")):
            return inner
    return url
