"""Forgets what a mention said: its author deleted it, or nobody may keep it any longer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, union_all, update
from sqlalchemy.orm import Session

from monitor.cases.looks import end_looks
from monitor.cases.trail import lock_case, touch
from monitor.intake.terms import without_quotes
from monitor.models import (
    Assessment,
    Author,
    Case,
    CaseMention,
    Customer,
    Draft,
    Event,
    Incident,
    IncidentMention,
    Mention,
    Reply,
    Revision,
    Source,
)

SOMEBODY = "the author"
"""Who acted, on the trail of a case whose author's name is not kept."""


def purge(session: Session, mention: Mention, now: datetime) -> None:
    """Forget what a deleted mention said, in every revision, and what quotes it.

    The row stays as a tombstone. Whoever calls this has locked the mention's case.
    """
    mention.state = "deleted"
    mention.revision += 1
    _forget(session, [mention], _cases_with(session, [mention.id]), now)


def withhold(
    session: Session,
    source_id: int,
    ids: Sequence[int],
    now: datetime,
    still: Sequence[ColumnElement[bool]] = (),
) -> int:
    """Forget the words of these mentions of a source and return how many had any.

    Id, link, rating, times, what was judged, and the case stay, so that the work goes on: who
    wants to know the words reads them at the platform. What quotes them goes with them. Of
    those for which `still` no longer holds nothing is forgotten.
    """
    # The same order of locks as at storing: the source, then its cases.
    session.execute(select(Source.id).where(Source.id == source_id).with_for_update(key_share=True))
    kept = session.scalars(
        select(Mention)
        .where(
            Mention.id.in_(ids),
            Mention.source_id == source_id,
            Mention.state == "present",
            *still,
        )
        .order_by(Mention.id)
        .execution_options(populate_existing=True)
    ).all()
    if not kept:
        return 0
    cases = _cases_with(session, [mention.id for mention in kept])
    for case_id in cases:
        lock_case(session, case_id)
    for mention in kept:
        mention.state = "withheld"
    _forget(session, kept, cases, now)
    for case_id in cases:
        touch(session, case_id, now)
    return len(kept)


def lock_source(session: Session, source_id: int) -> None:
    """Keep others from writing mentions of a source: its row is locked first, then its cases'."""
    session.execute(select(Source.id).where(Source.id == source_id).with_for_update(key_share=True))


def _cases_with(session: Session, words: Sequence[int]) -> list[int]:
    """Return the cases that these mentions belong to, in the order of locking."""
    return sorted(
        {
            *session.scalars(select(Case.id).where(Case.mention_id.in_(words))),
            *session.scalars(select(CaseMention.case_id).where(CaseMention.mention_id.in_(words))),
        }
    )


def _forget(
    session: Session, mentions: Sequence[Mention], cases: Sequence[int], now: datetime
) -> None:
    """Forget the words of mentions, whose state says so already, and what quotes or names them.

    Nobody can judge any more what is forgotten, so their waiting second looks end.
    """
    names = {mention.author_name for mention in mentions} - {""}
    for mention in mentions:
        _forget_words(session, mention)
    session.flush()
    _forget_names(session, {mention.author_id for mention in mentions} - {None})
    _forget_quotes(session, mentions, cases, names - _names_kept(session, cases))
    end_looks(session, [mention.id for mention in mentions], now)
    _leave_incidents(session, [mention.id for mention in mentions])


def _names_kept(session: Session, cases: Sequence[int]) -> set[str]:
    """Return the names that still stand beside words on these cases."""
    if not cases:
        return set()
    under = select(CaseMention.mention_id).where(CaseMention.case_id.in_(cases))
    own = select(Case.mention_id).where(Case.id.in_(cases))
    # One list of ids: either condition by itself uses the key, and both with OR use none.
    words = union_all(own, under)
    return set(session.scalars(select(Mention.author_name).where(Mention.id.in_(words))))


def _forget_words(session: Session, mention: Mention) -> None:
    mention.text = mention.title = mention.our_reply = ""
    mention.author_name = ""
    mention.raw = None
    mention.recheck_at = mention.keep_until = None
    session.execute(
        update(Revision)
        .where(Revision.mention_id == mention.id)
        .values(text="", title="")
        .execution_options(synchronize_session=False)
    )


def _leave_incidents(session: Session, mentions: Sequence[int]) -> None:
    """Take mentions out of their incidents. What nobody is left in says nothing any more.

    Incidents are locked after mentions, in the order of their ids, as where they are written.
    """
    theirs = IncidentMention.mention_id.in_(mentions)
    incidents = sorted(set(session.scalars(select(IncidentMention.incident_id).where(theirs))))
    if not incidents:
        return
    rows = session.scalars(
        select(Incident)
        .where(Incident.id.in_(incidents))
        .order_by(Incident.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    session.execute(
        delete(IncidentMention).where(theirs).execution_options(synchronize_session=False)
    )
    for incident in rows:
        incident.size = session.scalars(
            select(func.count()).where(IncidentMention.incident_id == incident.id)
        ).one()
        if not incident.size:
            incident.title, incident.detail = "", {}
    session.flush()


def _forget_names(session: Session, authors: set[Any]) -> None:
    """Forget the names of authors of whom no word is kept, and of customers known by no other."""
    if not authors:
        return
    heard = select(Mention.id).where(Mention.author_id == Author.id, Mention.state == "present")
    nameless = session.scalars(
        update(Author)
        .where(Author.id.in_(authors), ~heard.exists())
        .values(name="", url="", reach=None)
        .returning(Author.customer_id)
        .execution_options(synchronize_session=False)
    ).all()
    known = select(Author.id).where(Author.customer_id == Customer.id, Author.name != "")
    session.execute(
        update(Customer)
        .where(Customer.id.in_([each for each in nameless if each is not None]), ~known.exists())
        .values(name="")
        .execution_options(synchronize_session=False)
    )


def _forget_quotes(
    session: Session, mentions: Sequence[Mention], cases: Sequence[int], names: set[str]
) -> None:
    words = [mention.id for mention in mentions]
    for judged in session.scalars(select(Assessment).where(Assessment.mention_id.in_(words))):
        judged.reasons = without_quotes(judged.reasons)
    if not cases:
        return
    # What was approved is ours, and what is on the table is still to be decided. What was
    # drafted before the first of these words does not quote them.
    heard = min(mention.first_seen_at for mention in mentions)
    drafts = (
        update(Draft)
        .where(Draft.case_id.in_(cases), Draft.created_at >= heard)
        .execution_options(synchronize_session=False)
    )
    session.execute(drafts.values(reasons=[]))
    approved = select(Reply.id).where(Reply.draft_id == Draft.id).exists()
    unused = drafts.where(Draft.state.in_(("rejected", "superseded")), ~approved)
    session.execute(unused.values(text=""))
    session.execute(
        update(Event)
        .where(Event.case_id.in_(cases), Event.actor.in_(names))
        .values(actor=SOMEBODY)
        .execution_options(synchronize_session=False)
    )
    opened = select(Case.id).where(Case.id.in_(cases), Case.mention_id.in_(words))
    for event in session.scalars(
        select(Event).where(Event.case_id.in_(opened), Event.kind == "opened")
    ):
        event.detail = event.detail | {"reasons": without_quotes(event.detail.get("reasons", []))}
    session.flush()
