"""Says of an incident in words what it is."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.assess.voices import COPIES, REVIEW_BOMBING, SAME_CAUSE, Burst

KIND_WORDS = {
    SAME_CAUSE: "one cause",
    COPIES: "copies",
    REVIEW_BOMBING: "review bombing",
}

ONE_OF = {
    SAME_CAUSE: "about the same thing",
    COPIES: "with the same text",
    REVIEW_BOMBING: "in a wave of lowest ratings",
}

TITLE_WORDS = 4


def title_of(burst: Burst) -> str:
    """Return what an incident is called. It quotes no single customer."""
    if burst.kind == COPIES:
        return "One text, several times"
    if burst.kind == REVIEW_BOMBING:
        return "A wave of lowest ratings"
    place = f" at {burst.location}" if burst.location else ""
    return f"{topic_words(burst.topic)}{place}: {', '.join(burst.words[:TITLE_WORDS])}"[:500]


def topic_words(topic: str) -> str:
    """Return a topic for people."""
    told = "" if topic == "other" else topic.replace("_", " ")
    return told[:1].upper() + told[1:] or "Complaints"


def one_of(kind: str, size: int) -> str:
    """Return what the page of one mention says of its incident: ``one of 42 about …``."""
    return f"one of {size:,} {ONE_OF.get(kind, 'that belong together')}"


def signs_of(detail: dict[str, object]) -> Sequence[str]:
    """Return what an incident was recognised by, as it was written down."""
    signs = detail.get("signs", ())
    return [str(each) for each in signs] if isinstance(signs, list) else []
