"""Tells whether a case is one of those that a rule of the configuration speaks of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.cases.labels import topics_said
from monitor.cases.words import word_to_answer
from monitor.intake.sighting import stars
from monitor.models import Assessment, Case, CaseMention, Mention
from monitor.sla import Conditions, Facts
from responders.desk import topics_of

URGENT = "urgent:"
"""How the signals of an assessment begin that call it urgent."""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What a rule may ask about a case."""

    facts: Facts
    topics: frozenset[str] = frozenset()
    alarms: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Criteria:
    """Conditions that a case must meet, all of them; an empty list is met by every case."""

    conditions: Conditions = field(default_factory=Conditions)
    topics: frozenset[str] = frozenset()
    alarms: frozenset[str] = frozenset()

    def hold_for(self, case: CaseFacts) -> bool:
        """Tell whether a case meets them."""
        return (
            self.conditions.hold_for(case.facts)
            and (not self.topics or bool(self.topics & case.topics))
            and (not self.alarms or bool(self.alarms & case.alarms))
        )


def everything_of(session: Session, case: Case) -> CaseFacts:
    """Return what all words of a case together give a rule to ask about.

    A later "hello?" has no rating and alarms nobody, and a person may correct topics: neither
    makes a case less grave. The rating is the lowest that is known.
    """
    words = [
        case.mention,
        *session.scalars(
            select(Mention)
            .join(CaseMention, CaseMention.mention_id == Mention.id)
            .where(CaseMention.case_id == case.id)
        ),
    ]
    judgements = session.scalars(
        select(Assessment).where(Assessment.mention_id.in_([word.id for word in words]))
    ).all()
    said = [topic for word in words for topic in topics_said(session, word.id, word.revision) or ()]
    rated = [stars(word.rating, word.rating_min, word.rating_max) for word in words]
    narrow = facts_of(session, case)
    return CaseFacts(
        replace(
            narrow.facts, rating=min((each for each in rated if each is not None), default=None)
        ),
        narrow.topics.union(said, *(each.topics for each in judgements)),
        narrow.alarms.union(
            signal.removeprefix(URGENT)
            for each in judgements
            for signal in each.signals
            if signal.startswith(URGENT)
        ),
    )


def facts_of(session: Session, case: Case) -> CaseFacts:
    """Return what rules may ask about a case, by the word of it that is to be answered."""
    word = word_to_answer(session, case)
    judgement = session.scalars(
        select(Assessment).where(
            Assessment.mention_id == word.id, Assessment.revision == word.revision
        )
    ).first()
    signals = judgement.signals if judgement is not None else []
    return CaseFacts(
        Facts(
            source=case.source.key,
            brand=case.brand.key,
            location=case.location.key if case.location else "",
            rating=stars(word.rating, word.rating_min, word.rating_max),
            urgency=case.urgency,
            language=word.language,
            tier=case.customer.tier if case.customer else "",
            reach=word.author.reach if word.author else None,
        ),
        frozenset(topics_of(session, word, judgement)),
        frozenset(each.removeprefix(URGENT) for each in signals if each.startswith(URGENT)),
    )
