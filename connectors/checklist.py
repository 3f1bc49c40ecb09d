"""The quality checklist: what every connector does, or why it need not."""

from __future__ import annotations

from collections.abc import Mapping

RULES: Mapping[str, str] = {
    "incremental": "Reads with its own cursor and overlaps the last page",
    "complete": "Finds every item on every page, however many pages there are",
    "edits": "Shows an edited text as the same mention",
    "deletions": "Confirms a deletion by a direct read",
    "errors": "Names every recorded error of the platform with the right typed error",
    "limits": "Declares the platform's limits and reads what its answers say of them",
    "secrets": "Keeps tokens out of errors and addresses",
    "length": "Measures a reply in the platform's own unit and knows what it refuses",
    "looks_first": "Can look for our reply after an unknown outcome",
    "moderation": "Follows a reply from accepted to visible or rejected",
    "terms": "Declares what the platform's terms allow us to keep",
    "check": "Proves access with one cheap call and says what a person must do",
    "recordings": "Was tried against recorded answers of the real platform",
}

DONE = "done"


def checked(**exempt: str) -> Mapping[str, str]:
    """Return the filled-in checklist: every rule is done but those named, each with its reason.

    Raises `ValueError` for a rule that there is not, or an exemption without a reason.

    >>> checked(moderation="nothing is moderated")["moderation"]
    'nothing is moderated'
    """
    for rule, reason in exempt.items():
        if rule not in RULES or not reason.strip():
            raise ValueError(f"{rule!r}: not a rule of the checklist, or exempt without a reason")
    return {rule: exempt.get(rule, DONE) for rule in RULES}
