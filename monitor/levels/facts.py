"""What a policy may ask about a stored case."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.cases.labels import topics_said
from monitor.intake.sighting import stars
from monitor.models import Assessment, Case, Mention
from monitor.sla import Facts


def facts_now(session: Session, case: Case) -> Facts:
    """Return what policies may ask about a case, by its first word as it reads now."""
    mention = case.mention
    return Facts(
        source=case.source.key,
        brand=case.brand.key,
        location=case.location.key if case.location else "",
        rating=stars(mention.rating, mention.rating_min, mention.rating_max),
        urgency=case.urgency,
        language=mention.language,
        topics=_topics(session, mention),
        tier=case.customer.tier if case.customer else "",
        reach=mention.author.reach if mention.author else None,
    )


def _topics(session: Session, mention: Mention) -> tuple[str, ...]:
    """Return what a mention is about: a person's word counts before what was judged."""
    said = topics_said(session, mention.id, mention.revision)
    if said is not None:
        return said
    judged = session.scalars(
        select(Assessment.topics).where(
            Assessment.mention_id == mention.id, Assessment.revision == mention.revision
        )
    ).first()
    return tuple(judged or ())
