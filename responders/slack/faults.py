"""What stands under the field of the edit modal when reply rules forbid what was typed."""

from __future__ import annotations

from collections.abc import Sequence

from responders.rules import Finding

MOST = 3
LONGEST = 600
"""Characters under a field; a person mends one thing at a time, and Slack shows no more nicely."""


def forbidden(findings: Sequence[Finding]) -> str:
    """Return why a text may not be published, what is gravest first; empty where it may be."""
    told = [each.message for each in findings if each.severity == "block"]
    if not told:
        return ""
    more = f" And {len(told) - MOST} more." if len(told) > MOST else ""
    said = " · ".join(each if each.endswith(".") else f"{each}." for each in told[:MOST])
    room = LONGEST - len(more)
    return (said if len(said) <= room else said[: room - 1] + "…") + more
