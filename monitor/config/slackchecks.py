"""Checks of the Slack section: which secret its transport needs, and who may decide."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from monitor.config.problems import Problem
from monitor.config.yamltree import Document


def check_slack(document: Document, raw: dict[str, Any]) -> Iterator[Problem]:
    """Yield every problem of the section that one of its values alone does not show."""
    slack = raw.get("slack")
    if not isinstance(slack, dict):
        return
    needed = {"socket": "app_token", "http": "signing_secret"}.get(
        str(slack.get("transport") or "socket"), ""
    )
    if needed and slack.get(needed) is None:
        yield document.problem(
            ("slack",),
            f"`{needed}` is missing",
            expected=f"`{needed}`, a secret reference such as env:SLACK_{needed.upper()}",
        )
    if needed == "signing_secret" and not _is_public(raw.get("web")):
        yield document.problem(
            ("slack", "transport"),
            "Slack cannot send anything to this machine without a public address",
            expected="`web.base_url`, an https link that leads here from outside",
            severity="warning",
        )
    digest = slack.get("digest")
    if isinstance(digest, dict) and not digest.get("daily") and not digest.get("weekly"):
        yield document.problem(
            ("slack", "digest"), "is never told", expected="`daily`, `weekly` or both"
        )
    if isinstance(digest, dict) and digest.get("pictures") is True and find_spec("PIL") is None:
        yield document.problem(
            ("slack", "digest", "pictures"),
            "charts need what is not installed: Pillow",
            expected="the extra: pip install 'rapport-monitor[charts]'",
        )
    people = raw.get("people")
    named = isinstance(people, list) and any(
        isinstance(person, dict) and person.get("slack") for person in people
    )
    if not slack.get("approvers") and not named:
        yield document.problem(
            ("slack", "approvers") if "approvers" in slack else ("slack",),
            "nobody may approve in Slack",
            expected="`approvers`, a list of members' ids, or `people` with `slack`",
            severity="warning",
        )


def _is_public(web: Any) -> bool:
    """Tell whether the pages' link could be reached by somebody else's server."""
    link = web.get("base_url") if isinstance(web, dict) else None
    return isinstance(link, str) and link.startswith("https://")
