"""What the customer said on a case: which word is to be answered, and which ends it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.cases.correcting import corrected_reply
from monitor.cases.trail import lock_case
from monitor.models import Assessment, Case, CaseMention, Mention, Reply

CLOSING_WORDS_MAX = 120
"""Longer texts than this say more than thanks."""
CLOSING_INTENTS = ("closing", "praise")
TELLING = ("?", "？", "¿", "@")
ASSENT = frozenset(
    {"yes", "yeah", "yep", "sure", "no", "nope", "ja", "jo", "nein", "oui", "non"}
    | {"si", "sí", "sim", "não", "nao", "nee"}
)
"""Answers to what we asked, in the languages that texts are judged in."""


def word_to_answer(session: Session, case: Case) -> Mention:
    """Return the customer's last word on this case: the mention a reply is put under.

    A reply that is being put right stays where it stands, whatever was said since.
    """
    later = session.scalars(
        select(Mention)
        .join(CaseMention, CaseMention.mention_id == Mention.id)
        .where(CaseMention.case_id == case.id, Mention.state != "deleted")
        .order_by(Mention.first_seen_at.desc(), Mention.id.desc())
        .limit(1)
    ).first()
    if later is None:
        return case.mention
    wrong = corrected_reply(session, case)
    return later if wrong is None else wrong.mention


def case_of(session: Session, source_id: int, parent_external_id: str) -> Case | None:
    """Return the case that a comment under `parent_external_id` belongs to, if there is one.

    The parent may be the mention itself, a later word on its case, or our own reply. The case
    is locked, on databases that lock rows: staff may be deciding at this moment.
    """
    mention_id: int | None = session.scalars(
        select(Mention.id).where(
            Mention.source_id == source_id, Mention.external_id == parent_external_id
        )
    ).first()
    if mention_id is not None:
        later = select(CaseMention.case_id).where(CaseMention.mention_id == mention_id)
        wanted = select(Case.id).where((Case.mention_id == mention_id) | Case.id.in_(later))
    else:
        wanted = (
            select(Case.id)
            .join(Reply, Reply.case_id == Case.id)
            .where(Case.source_id == source_id, Reply.external_id == parent_external_id)
        )
    case_id: int | None = session.scalars(wanted.limit(1)).first()
    if case_id is None:
        return None
    return lock_case(session, case_id)


def is_closing_word(text: str, *, intent: str) -> bool:
    """Tell whether a further word asks for nothing more: thanks, praise, a farewell.

    `intent` is what it was judged to be for, one of `monitor.assess.INTENTS`. What may tell
    something (a question mark, a number, an address, a bare yes or no to what we asked) is no
    closing word, nor is a long text, nor one whose intent nobody knows: a person shall see it.
    """
    if len(text) > CLOSING_WORDS_MAX or any(mark in text for mark in TELLING):
        return False
    if any(character.isdecimal() for character in text):
        return False
    if text.strip().rstrip(".!").casefold() in ASSENT:
        return False
    return intent in CLOSING_INTENTS or not text.strip()


def judged_intent(session: Session, mention: Mention) -> str:
    """Return what a mention, as it reads now, was judged to be for; empty when nobody knows."""
    return (
        session.scalars(
            select(Assessment.intent).where(
                Assessment.mention_id == mention.id, Assessment.revision == mention.revision
            )
        ).first()
        or ""
    )


def is_complaint(session: Session, mention: Mention) -> bool:
    """Tell whether a mention, as it reads now, was judged a complaint."""
    return bool(
        session.scalars(
            select(Assessment.complaint).where(
                Assessment.mention_id == mention.id, Assessment.revision == mention.revision
            )
        ).first()
    )
