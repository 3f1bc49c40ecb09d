"""The closest earlier case: who complained of the same before, and what was answered then.

Looked for among the newest answers of the brand that stand on their platform, to other authors.
What counts is a shared topic and the words in common. Bounded: at most `LOOKED_AT` complaints are
compared, and none further back than the newest `NEWEST` replies of all brands, in one query. Texts
that were deleted or may not be kept are never read, and neither is an answer that nobody has seen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from math import sqrt
from typing import NamedTuple

from sqlalchemy import String, cast, func, or_, select
from sqlalchemy.orm import Session

from monitor.assess.lexicon import LANGUAGES, everyday_words
from monitor.assess.text import fold
from monitor.models import Assessment, Case, Mention, Reply
from responders.desk import topics_of
from responders.views import EarlierView

LOOKED_AT = 500
NEWEST = 2000
COMPARED = 400
"""Characters of a complaint that are compared; it says what it is about before that."""

FLOOR = 0.5
"""Below, two complaints share a topic and hardly a word, and nothing is shown."""

FEWEST_WORDS = 2
"""Words in common, at the least, that are no everyday words."""

SHORT = 12
"""Words of a short complaint: with fewer, a word or two in common say little."""

TOPICS_COUNT = 0.35
"""The share of the topics in the likeness; the words have the rest."""

EXCERPT = 200
ANSWER = 1000
_STEM = 6
_WORDS = re.compile(r"[^\W\d_]{3,}")
_NO_TOPICS = frozenset({"other"})


class _Complaint(NamedTuple):
    words: frozenset[str]
    topics: frozenset[str]


def closest_case(session: Session, case: Case, word: Mention) -> EarlierView | None:
    """Return the closest earlier case of the brand to `word`, which is to be answered on `case`.

    None where nothing comes near, or where the topics of `word` are not known.
    """
    judgement = session.scalars(
        select(Assessment).where(
            Assessment.mention_id == word.id, Assessment.revision == word.revision
        )
    ).first()
    topics = topics_of(session, word, judgement)
    mine = _Complaint(_words(_said(word.title, word.text), word.language), _about(topics))
    if word.state != "present" or not mine.topics or len(mine.words) < FEWEST_WORDS:
        return None
    oldest = (
        select(Reply.id).order_by(Reply.id.desc()).limit(1).offset(NEWEST - 1).scalar_subquery()
    )
    of_topic = [
        cast(Assessment.topics, String).contains(f'"{topic}"', autoescape=True)
        for topic in sorted(mine.topics)
    ]
    # Read backward along the key of the replies: it ends at the last row that is wanted.
    query = (
        select(
            Reply.id,
            Mention.title,
            func.substr(Mention.text, 1, COMPARED),
            cast(Assessment.topics, String),
        )
        .join(Case, Case.id == Reply.case_id)
        .join(Mention, Mention.id == Reply.mention_id)
        .join(
            Assessment,
            (Assessment.mention_id == Mention.id) & (Assessment.revision == Mention.revision),
        )
        .where(
            Reply.id >= func.coalesce(oldest, 0),
            Reply.state == "published",
            Reply.visible_at.is_not(None),
            Case.brand_id == case.brand_id,
            Case.id != case.id,
            Mention.state == "present",
            Mention.language == word.language,
            or_(*of_topic),
        )
        .order_by(Reply.id.desc())
        .limit(LOOKED_AT)
    )
    if word.author_id is not None:
        query = query.where(or_(Mention.author_id.is_(None), Mention.author_id != word.author_id))
    best: tuple[float, int] | None = None
    for reply_id, title, text, about in session.execute(query):
        words = _words(_said(title, text), word.language)
        if len(mine.words & words) < FEWEST_WORDS:
            continue  # most of them: their topics need not be read
        near = _likeness(mine, _Complaint(words, _about(json.loads(about))))
        if near >= FLOOR and (best is None or near > best[0]):
            best = near, reply_id
    return None if best is None else _view(session, best[1], best[0])


def _view(session: Session, reply_id: int, near: float) -> EarlierView:
    reply = session.get_one(Reply, reply_id)
    said = " ".join(_said(reply.mention.title, reply.mention.text).split())
    return EarlierView(
        case_id=reply.case_id,
        ref=reply.case.ref,
        excerpt=_cut(said, EXCERPT),
        answer=_cut(reply.text, ANSWER),
        answered_by=reply.approved_by,
        answered_at=reply.visible_at or reply.approved_at,
        similarity=round(near, 2),
    )


def _likeness(one: _Complaint, other: _Complaint) -> float:
    """Return 0.0 (nothing in common) to 1.0 (the same words and topics)."""
    words = len(one.words & other.words)
    topics = len(one.topics & other.topics)
    by_words = words / max(sqrt(len(one.words) * len(other.words)), SHORT)
    by_topics = topics / len(one.topics | other.topics)
    return TOPICS_COUNT * by_topics + (1 - TOPICS_COUNT) * by_words


@lru_cache(maxsize=2048)
def _words(text: str, language: str) -> frozenset[str]:
    """Return the telling words of a complaint by their beginnings, so that endings count less."""
    said = text[:COMPARED]
    small = said.lower() if said.isascii() else fold(said)  # folding takes three times as long
    everyday = everyday_words(language) if language in LANGUAGES else frozenset()
    return frozenset([each[:_STEM] for each in set(_WORDS.findall(small)) - everyday])


def forget_words() -> None:
    """Forget the words of the texts that were compared, as a new process knows none."""
    _words.cache_clear()


def _said(title: str, text: str) -> str:
    return f"{title}\n{text}" if title else text


def _about(topics: Sequence[str]) -> frozenset[str]:
    return frozenset(topics) - _NO_TOPICS


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
