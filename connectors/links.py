"""Recognises the links that people have: which platform one belongs to, and what it says of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.addresses import host_of

Settings = Mapping[str, Any]
_Rule = tuple[str, str, str, Callable[[re.Match[str]], Settings]]

_COUNTRY = r"(?:com|[a-z]{2}|com?\.[a-z]{2})"
"""The end of a company's host: ``com``, ``de``, ``co.uk``, ``com.br``."""

_RULES: tuple[_Rule, ...] = (
    (
        r"(?:apps|itunes)\.apple\.com",
        r"/(?:(?P<country>[a-z]{2})/)?app/(?:[^/]*/)?id(?P<id>\d+)",
        "appstore",
        lambda m: {"app_id": m["id"]} | ({"countries": [m["country"]]} if m["country"] else {}),
    ),
    (
        r"play\.google\.com",
        r"/store/apps/details\?(?:.*&)?id=(?P<id>[\w.]+)",
        "googleplay",
        lambda m: {"package_name": m["id"]},
    ),
    (
        r"(?:\w+\.)?yelp\." + _COUNTRY,
        r"/biz/(?P<id>[^/?#]+)",
        "yelp",
        lambda m: {"business_id": m["id"]},
    ),
    (r"(?:\w+\.)?trustpilot\.com", r"/review/", "trustpilot", lambda _: {}),
    (
        r"(?:\w+\.)?tripadvisor\." + _COUNTRY,
        r"/.*-d(?P<id>\d+)-",
        "tripadvisor",
        lambda m: {"location_id": m["id"]},
    ),
    (
        r"(?:\w+\.)?facebook\.com",
        r"/(?:(?P<id>\d+)|[\w.]+)/?$",
        "facebook",
        lambda m: {"page_id": m["id"]} if m["id"] else {},
    ),
    (r"instagram\.com", r"/(?P<id>[\w.]+)/?$", "instagram", lambda m: {"username": m["id"]}),
    (r"(?:x|twitter)\.com", r"/(?P<id>\w+)/?$", "x", lambda m: {"username": m["id"]}),
    (
        r"(?:\w+\.)?reddit\.com",
        r"/r/(?P<id>\w+)",
        "reddit",
        lambda m: {"subreddits": [m["id"]]},
    ),
    (r"bsky\.app", r"/profile/(?P<id>[^/?#]+)", "bluesky", lambda m: {"queries": [m["id"]]}),
    (
        r"(?:\w+\.)?youtube\.com",
        r"/channel/(?P<id>UC[\w-]{22})",
        "youtube",
        lambda m: {"channel_id": m["id"]},
    ),
    (
        r"(?:\w+\.)?youtube\.com",
        r"/watch\?(?:.*&)?v=(?P<id>[\w-]{11})",
        "youtube",
        lambda m: {"video_ids": [m["id"]]},
    ),
    (r"youtu\.be", r"/(?P<id>[\w-]{11})", "youtube", lambda m: {"video_ids": [m["id"]]}),
    (
        r"(?P<site>[a-z]+(?:\.meta)?)\.(?:stackexchange\.)?com",
        r"/questions/tagged/(?P<tag>[\w.+#%-]+)",
        "stackexchange",
        lambda m: {"tags": [m["tag"]]},
    ),
)


def recognise(link: str) -> tuple[str, Settings] | None:
    """Return the connector of the platform that `link` leads to, and the settings it tells.

    None where no platform is known by it; a feed or a page may still be there. Needs no network.

    >>> recognise("https://apps.apple.com/de/app/harbour/id497799835")
    ('appstore', {'app_id': '497799835', 'countries': ['de']})
    """
    host = host_of(link)
    if not host or not link.startswith(("http://", "https://")):
        return None
    parts = urlsplit(link)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    if parts.path.endswith((".rss", ".xml", ".atom", ".json")) or "feed" in parse_qs(parts.query):
        return None  # many platforms offer feeds as well, and those need no account
    for wanted_host, wanted_path, connector, settings in _RULES:
        found = re.match(wanted_path, path)
        if found is not None and re.fullmatch(wanted_host, host):
            return connector, {**settings(found), **_site(connector, host)}
    account = re.fullmatch(r"/@\w+/?", parts.path)
    if account is not None and not parts.query:
        return "mastodon", {"base_url": f"{parts.scheme}://{parts.netloc}"}
    return None


def _site(connector: str, host: str) -> Settings:
    """Return which of its sites a link to Stack Exchange means."""
    if connector != "stackexchange":
        return {}
    return {"site": host.removesuffix(".com").removesuffix(".stackexchange")}
