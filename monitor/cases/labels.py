"""Keeps what people say of judgements: is it a complaint, and what is it about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.changes import mentions_judged
from monitor.models import Label

ORIGINS = ("case", "draft", "look", "topics")


def label(
    session: Session,
    mention_id: int,
    revision: int,
    *,
    complaint: bool | None = None,
    topics: Sequence[str] | None = None,
    origin: str,
    by: str,
    at: datetime,
) -> None:
    """Add a person's word on one revision of a mention. Rows are only ever added.

    `complaint` is None where only the topics were corrected, `topics` where they were not.
    Raises ValueError when both are None, for a label must say something, and for an `origin`
    that is none of `ORIGINS`.
    """
    if complaint is None and topics is None:
        raise ValueError("a label says whether it is a complaint, or what it is about")
    if origin not in ORIGINS:
        raise ValueError(f"unknown origin {origin!r}; known: {', '.join(ORIGINS)}")
    said = Label(
        mention_id=mention_id, revision=revision, complaint=complaint, origin=origin, by=by, at=at
    )
    if topics is not None:  # given None, a JSON column would hold the word null
        said.topics = list(topics)
    session.add(said)
    mentions_judged(session, [mention_id])


def topics_said(session: Session, mention_id: int, revision: int) -> tuple[str, ...] | None:
    """Return the topics that a person last gave this revision; None when nobody did."""
    said = session.scalars(
        select(Label.topics)
        .where(
            Label.mention_id == mention_id, Label.revision == revision, Label.topics.is_not(None)
        )
        .order_by(Label.id.desc())
        .limit(1)
    ).first()
    return None if said is None else tuple(said)


def said_complaint(session: Session, mention_id: int, revision: int) -> bool:
    """Tell whether a person last said of this revision that it is a complaint."""
    said = session.scalars(
        select(Label.complaint)
        .where(
            Label.mention_id == mention_id, Label.revision == revision, Label.complaint.is_not(None)
        )
        .order_by(Label.id.desc())
        .limit(1)
    ).first()
    return bool(said)
