"""Second looks: the mentions that were judged too close to call, and what people say of them.

A sibling of `responders.queue`, called by the same three faces. A look is of exactly one text:
its number means what the person saw. Each judgement is a compare-and-swap in one transaction; the
second person is told who was first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from monitor.cases import life
from monitor.cases.looks import COMPLAINT, SKIPPED, VERDICTS, WAITING, redraw_looks
from monitor.cases.opening import open_cases
from monitor.cases.policies import PolicyBook
from monitor.cases.trail import DAEMON, record
from monitor.cases.words import case_of
from monitor.clock import Clock
from monitor.db import Database
from monitor.intake.marking import complaint_of
from monitor.intake.purging import lock_source
from monitor.models import Assessment, Brand, Case, Location, Mention, Reply, SecondLook, Source
from responders import look_words
from responders.labelling import label_word
from responders.pieces import word_view
from responders.reading import Reader
from responders.views import Actor, LookView, Outcome


class Looks:
    """The one place where staff judge what opened no case."""

    def __init__(self, database: Database, reader: Reader, book: PolicyBook, clock: Clock) -> None:
        self._database = database
        self._reader = reader
        self._book = book
        self._clock = clock

    def looks(self, limit: int = 50) -> list[LookView]:
        """Return what waits for a second look, what has waited longest on top."""
        waiting = _views().where(SecondLook.verdict == WAITING)
        return self._read(waiting.order_by(SecondLook.drawn_at, SecondLook.id).limit(limit))

    def these(self, look_ids: Sequence[int]) -> list[LookView]:
        """Return these looks, whether they wait or not, in the order of their numbers."""
        return self._read(_views().where(SecondLook.id.in_(look_ids)).order_by(SecondLook.id))

    def look(self, look_id: int) -> LookView | None:
        """Return one look as it is now; None when there is no such look."""
        return next(iter(self.these([look_id])), None)

    def look_counts(self) -> dict[str, int]:
        """Return how many wait, by their reason."""
        with self._database.read() as session:
            rows = session.execute(
                select(SecondLook.reason, func.count())
                .where(SecondLook.verdict == WAITING)
                .group_by(SecondLook.reason)
            ).all()
        return dict(rows)

    def waiting(self) -> int:
        """Return how many wait."""
        return sum(self.look_counts().values())

    def judge(self, look_id: int, verdict: str, actor: Actor) -> Outcome:
        """Say of exactly the text that was shown what it is, and label it.

        `verdict` is ``complaint`` (a case is opened, unless there is one), ``no_complaint`` or
        ``skipped``, which says nothing of it. Saying the same again does nothing.
        """
        if verdict not in VERDICTS:
            known = ", ".join(VERDICTS)
            return Outcome(False, "refused", f"unknown verdict {verdict!r}; known: {known}", None)
        with self._database.write() as session:
            look = session.get(SecondLook, look_id)
            if look is None:
                return Outcome(False, "missing", f"there is no second look L-{look_id}", None)
            mention = _locked(session, look.mention_id)
            session.refresh(look)
            now = self._clock()
            refusal = _refusal(look, mention, verdict, actor)
            if refusal is not None:
                return refusal
            won = _settle(session, SecondLook.id == look.id, verdict=verdict, actor=actor, now=now)
            assert won, "whoever judges locks the source, so nobody was quicker since the look"
            told, case_id = f"L-{look_id}: {look_words.VERDICTS[verdict]}", None
            if verdict == COMPLAINT:
                case_id, came_of_it = self._take_up(session, mention, actor, now)
                told = f"{told}; {came_of_it}"
            if verdict != SKIPPED:
                is_complaint = verdict == COMPLAINT
                label_word(session, mention, actor, now, complaint=is_complaint, origin="look")
            return self._done(session, told, case_id, now)

    def complain(self, mention_id: int, actor: Actor) -> Outcome:
        """Open a case for a stored mention, whatever was judged of it, and label it.

        A case that was dismissed is opened again; one that is open, or was answered, stays.
        """
        with self._database.write() as session:
            found = session.get(Mention, mention_id)
            if found is None:
                return Outcome(False, "missing", f"there is no mention M-{mention_id}", None)
            mention, now = _locked(session, mention_id), self._clock()
            if mention.state == "deleted":
                told = f"M-{mention_id} was deleted by its author: there is nothing to answer"
                return Outcome(False, "stale", told, None)
            if _is_ours(session, mention):
                return Outcome(False, "refused", f"M-{mention_id} is our own reply", None)
            case_id, came_of_it = self._take_up(session, mention, actor, now)
            waiting = (
                SecondLook.mention_id == mention_id,
                SecondLook.revision == mention.revision,
            )
            _settle(session, *waiting, verdict=COMPLAINT, actor=actor, now=now)
            label_word(session, mention, actor, now, complaint=True, origin="case")
            return self._done(session, f"M-{mention_id}: {came_of_it}", case_id, now)

    def _take_up(
        self, session: Session, mention: Mention, actor: Actor, now: datetime
    ) -> tuple[int, str]:
        """See that a mention has a case; return the case and what was done for it."""
        case = case_of(session, mention.source_id, mention.external_id)
        if case is None:
            complaint = complaint_of(session, mention, str(actor))
            (case_id,) = open_cases(session, self._book, [complaint], now)
            return case_id, f"C-{case_id} is opened, and a draft is being made"
        if case.state != "dismissed":
            return case.id, f"it belongs to {case.ref} already, which is {case.state}"
        record(session, case.id, "called_complaint", str(actor), now)
        session.flush()
        life.reopen(session, case, now)
        return case.id, f"C-{case.id} is open again, and a draft is being made"

    def _done(self, session: Session, told: str, case_id: int | None, now: datetime) -> Outcome:
        session.flush()
        session.expire_all()
        view = None if case_id is None else self._reader.view(session, case_id, now)
        return Outcome(True, "done", told, view)

    def _read(self, query: Select) -> list[LookView]:  # type: ignore[type-arg]  # rows of many
        with self._database.read() as session:
            return [_view(*row) for row in session.execute(query)]


def _views() -> Select:  # type: ignore[type-arg]  # rows of many
    """Select what `_view` takes."""
    return (
        select(SecondLook, Mention, Source, Brand.name, Location.name, Assessment, Case)
        .join(Mention, Mention.id == SecondLook.mention_id)
        .join(Source, Source.id == Mention.source_id)
        .join(Brand, Brand.id == Source.brand_id)
        .outerjoin(Location, Location.id == Mention.location_id)
        .outerjoin(
            Assessment,
            (Assessment.mention_id == SecondLook.mention_id)
            & (Assessment.revision == SecondLook.revision),
        )
        .outerjoin(Case, Case.mention_id == Mention.id)
    )


def _view(
    look: SecondLook,
    mention: Mention,
    source: Source,
    brand: str,
    location: str | None,
    judged: Assessment | None,
    case: Case | None,
) -> LookView:
    return LookView(
        id=look.id,
        mention_id=mention.id,
        reason=look.reason,
        word=word_view(mention, ""),
        url=mention.url,
        language=mention.language,
        source=source.title or source.key,
        brand=brand,
        location=location or "",
        reasons=tuple(judged.reasons) if judged else (),
        likelihood=judged.complaint_probability if judged else 0.5,
        threshold=judged.threshold if judged else 0.5,
        drawn_at=look.drawn_at,
        verdict=look.verdict,
        by=look.by,
        at=look.at,
        case_ref=case.ref if case is not None else "",
    )


def _locked(session: Session, mention_id: int) -> Mention:
    """Return a mention as it reads now; nothing is heard of its source meanwhile."""
    mention = session.get_one(Mention, mention_id)
    lock_source(session, mention.source_id)
    session.refresh(mention)
    return mention


def _is_ours(session: Session, mention: Mention) -> bool:
    """Tell whether a mention is a reply that we published."""
    ours = (
        select(Reply.id)
        .join(Case, Case.id == Reply.case_id)
        .where(Case.source_id == mention.source_id, Reply.external_id == mention.external_id)
    )
    return session.scalars(ours.limit(1)).first() is not None


def _settle(
    session: Session, *which: ColumnElement[bool], verdict: str, actor: Actor, now: datetime
) -> bool:
    """Write a verdict on the looks that still wait; tell whether one did."""
    settled = session.scalars(
        update(SecondLook)
        .where(*which, SecondLook.verdict == WAITING)
        .values(verdict=verdict, by=str(actor), at=now)
        .returning(SecondLook.id)
        .execution_options(synchronize_session=False)
    ).all()
    redraw_looks(session, settled, now)
    return bool(settled)


def _refusal(look: SecondLook, mention: Mention, verdict: str, actor: Actor) -> Outcome | None:
    """Say why this person may not judge this look now, or None when they may."""
    name = f"L-{look.id}"
    if look.verdict != WAITING and look.by != DAEMON:
        said = look_words.VERDICTS.get(look.verdict, look.verdict)
        if (look.verdict, look.by) == (verdict, str(actor)):
            return Outcome(True, "done", f"{name}: {said}, as you said before", None)
        at = f" at {look.at:%Y-%m-%d %H:%M} UTC" if look.at is not None else ""
        return Outcome(False, "taken", f"{name} was judged {said} by {look.by}{at}", None)
    if mention.state == "deleted":
        return Outcome(False, "stale", f"{name}: its author deleted what was said", None)
    if mention.revision != look.revision:
        told = f"{name}: its author edited what was said; the new text was judged anew"
        return Outcome(False, "stale", told, None)
    if look.verdict != WAITING or (mention.state == "withheld" and mention.source.may_store):
        told = (
            f"{name}: the platform's terms no longer let us keep what was said; read it there, "
            f"and if it is a complaint: rapport complaint M-{mention.id}"
        )
        return Outcome(False, "stale", told, None)
    return None
