"""Finds the apps of a name in the App Store, by Apple's public search.

``GET /search?term=…&entity=software`` answers ``{"resultCount": 1, "results": [{"trackId": 1,
"trackName": "…", "sellerName": "…"}]}`` and needs no key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.base import Context
from connectors.errors import LayoutChanged
from connectors.http import Http
from connectors.text import normalised

APPS = 3
"""How many apps of one name are followed at most."""


def suggest(name: str, given: Mapping[str, Any], context: Context) -> Iterable[Mapping[str, Any]]:
    """Return one source for each app whose title or seller holds the whole `name`."""
    if "app_id" in given:
        return [dict(given)]
    base = str(given.get("base_url", "https://itunes.apple.com")).rstrip("/")
    countries = given.get("countries") or ["us"]
    with Http(
        user_agent=context.user_agent,
        allow_private=given.get("allow_private_addresses") is True,
        now=context.now,
    ) as http:
        found = http.get(
            f"{base}/search",
            params={"term": name, "entity": "software", "country": countries[0], "limit": 25},
        ).json()
    results = found.get("results") if isinstance(found, dict) else None
    if not isinstance(results, list):
        raise LayoutChanged(f"{base}/search answered no results")
    wanted = f" {normalised(name)} "
    ids = [
        str(app["trackId"])
        for app in results
        if isinstance(app, dict)
        and isinstance(app.get("trackId"), int)
        and any(
            wanted in f" {normalised(str(app.get(key, '')))} "
            for key in ("trackName", "sellerName")
        )
    ]
    return [{**given, "app_id": ident} for ident in dict.fromkeys(ids[:APPS])]
