"""Labels a mention as it reads now, in the name of whoever decided, and says what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from monitor.cases.labels import label
from monitor.cases.trail import record, touch
from monitor.intake.sighting import cleaned
from monitor.models import Case, Mention
from responders.views import Actor
from responders.waiting import Told

TOPIC_MAX = 100


def label_word(
    session: Session,
    word: Mention,
    actor: Actor,
    now: datetime,
    *,
    complaint: bool | None = None,
    topics: Sequence[str] | None = None,
    origin: str,
) -> None:
    """Keep what `actor` said of the present text of `word`; `origin` is where they said it."""
    label(
        session,
        word.id,
        word.revision,
        complaint=complaint,
        topics=topics,
        origin=origin,
        by=str(actor),
        at=now,
    )


def say_topics(
    session: Session,
    case: Case,
    topics: Sequence[str],
    known: Sequence[str],
    actor: Actor,
    now: datetime,
) -> Told:
    """Keep what a case's mention is about, of the topics that are known."""
    unknown = sorted(set(topics).difference(known))
    if unknown:
        told = ", ".join(cleaned(each)[:TOPIC_MAX] for each in unknown)
        return "blocked", f"unknown topic {told}; known: {', '.join(known)}"
    chosen = [topic for topic in known if topic in topics]
    if case.mention.state == "deleted":
        return "stale", "its author deleted it: there is nothing left to say of it"
    label_word(session, case.mention, actor, now, topics=chosen, origin="topics")
    told = ", ".join(chosen) or "nothing known"
    record(session, case.id, "topics_corrected", str(actor), now, topics=told)
    session.flush()
    touch(session, case.id, now)
    return "done", f"{case.ref} is about {told}"
