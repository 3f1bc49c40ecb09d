"""The file's own values: what there is before anything is checked, and names looked up in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from monitor.config.problems import Path, Problem, nearest, shown
from monitor.config.topics import SHIPPED_TOPICS
from monitor.config.yamltree import Document

Raw = dict[str, Any]

INBOX, SLACK = "inbox", "slack"


def entries(raw: Raw, name: str) -> list[tuple[int, Raw]]:
    """Return position and values of the entries of a list that can be looked into."""
    found = raw.get(name)
    return (
        [(i, e) for i, e in enumerate(found) if isinstance(e, dict)]
        if isinstance(found, list)
        else []
    )


def source_keys(raw: Raw) -> list[str]:
    """Return the keys of all sources, those that Rapport makes itself included."""
    return [*keys(raw, "sources"), *(each for each in (INBOX, SLACK) if each in raw)]


def keys(raw: Raw, name: str) -> list[str]:
    """Return the keys that the entries of a list have."""
    return [entry["key"] for _, entry in entries(raw, name) if isinstance(entry.get("key"), str)]


def check_when(
    document: Document, raw: Raw, path: Path, entry: Raw, field: str = "when"
) -> Iterator[Problem]:
    """Yield what the conditions of an entry, in its `field`, name and nothing is called."""
    known = {
        "source": source_keys(raw),
        "brand": keys(raw, "brands"),
        "location": [k for _, brand in entries(raw, "brands") for k in keys(brand, "locations")],
        "topic": [
            *SHIPPED_TOPICS,
            *(k for _, brand in entries(raw, "brands") for k in keys(brand, "topics")),
        ],
    }
    when = entry.get(field)
    conditions = when if isinstance(when, dict) else {}
    for name, valid in known.items():
        given = conditions.get(name)
        for i, key in enumerate(given if isinstance(given, list) else []):
            if isinstance(key, str) and key not in valid:
                yield unknown(document, (*path, field, name, i), name, key, valid)


def unknown(
    document: Document, path: Path, what: str, given: str, valid: Mapping[str, Any] | list[str]
) -> Problem:
    """Return the problem of a name that nothing is called, with the nearest that something is."""
    close = nearest(given, valid)
    few = ", ".join(f"`{shown(key)}`" for key in list(dict.fromkeys(valid))[:8])
    return document.problem(
        path,
        f"there is no {what} {shown(given)!r}",
        expected="" if close else (f"one of {few}" if few else f"a {what} that is configured"),
        suggestion=close,
    )
