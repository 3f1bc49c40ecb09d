"""Reads a case, or the queue, into the views that every face draws."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from monitor.cases.elsewhere import obstacle_to
from monitor.cases.words import word_to_answer
from monitor.intake.sighting import cleaned, stars
from monitor.models import (
    Assessment,
    Brand,
    Case,
    CaseMention,
    Clock,
    Draft,
    Escalation,
    EscalationCall,
    Event,
    Location,
    Mention,
    Revision,
    Source,
)
from responders.approval import Approval
from responders.desk import Desk, topics_of
from responders.earlier import closest_case
from responders.editing import editing_of
from responders.escalation.seen import escalation_of
from responders.follow_up import follow_up_of
from responders.on_its_way import (
    changes_since_draft,
    correction_of,
    newest_said,
    refused_because,
    reply_of,
)
from responders.pieces import clock_view, excerpt_of, history_line, word_view
from responders.reply_words import publish_words
from responders.trail_words import summary
from responders.views import (
    ApprovalView,
    CaseLine,
    CaseView,
    DraftView,
    EarlierView,
    EventView,
    FindingView,
    ObstacleView,
    StoryView,
    WordView,
)
from responders.why import stories_of

OPEN_STATES = ("opened", "drafted", "approved")
HISTORY_LIMIT = 10
MOST_WORDS = 10
"""Words of a search; each must stand in the text, the title or the author's name."""

_ASLEEP = (Case.state == "drafted", Case.snooze != "")


class Reader:
    """Builds views. Reads only; every method works inside the caller's transaction."""

    def __init__(self, desk: Desk, approval: Approval | None = None) -> None:
        self._desk = desk
        self._approval = approval or Approval()

    def counts(self, session: Session) -> dict[str, int]:
        """Return how many cases are in each state; those put off are counted as ``snoozed``."""
        rows = session.execute(select(Case.state, func.count()).group_by(Case.state)).all()
        asleep = session.scalars(select(func.count()).where(*_ASLEEP)).one()
        counts = dict(rows)
        if asleep:
            counts |= {"drafted": counts["drafted"] - asleep, "snoozed": asleep}
        return counts

    def lines(
        self,
        session: Session,
        now: datetime,
        *,
        state: str,
        search: str,
        limit: int,
        assignee: str | None = None,
        among: Collection[int] | None = None,
    ) -> list[CaseLine]:
        """Return up to `limit` rows of the queue, what is due first on top.

        `assignee` is who looks after them, empty for nobody; None for whoever. Each word of
        `search` must be found. `among` are the numbers of the cases that are asked for.
        """
        due_at = (
            select(func.min(Clock.due_at))
            .where(Clock.case_id == Case.id, Clock.state == "running")
            .correlate(Case)
            .scalar_subquery()
        )
        version = (
            select(func.max(Draft.version))
            .where(Draft.case_id == Case.id)
            .correlate(Case)
            .scalar_subquery()
        )
        called = (
            select(EscalationCall.id)
            .join(Escalation, Escalation.id == EscalationCall.escalation_id)
            .join(Clock, Clock.id == Escalation.clock_id)
            .where(
                Escalation.case_id == Case.id,
                Clock.state == "running",
                EscalationCall.state == "told",
            )
            .correlate(Case)
            .exists()
        )
        query = (
            select(Case, Mention, Brand.name, Location.name, Source, due_at, version, called)
            .join(Mention, Mention.id == Case.mention_id)
            .join(Brand, Brand.id == Case.brand_id)
            .join(Source, Source.id == Case.source_id)
            .outerjoin(Location, Location.id == Case.location_id)
            .order_by(due_at.is_(None), due_at, Case.id)
            .limit(limit)
        )
        query = _in_state(query, state)
        if assignee is not None:
            query = query.where(Case.assignee == assignee)
        if among is not None:
            query = query.where(Case.id.in_(among))
        for word in cleaned(search).split()[:MOST_WORDS]:
            query = query.where(
                or_(
                    Mention.text.icontains(word, autoescape=True),
                    Mention.title.icontains(word, autoescape=True),
                    Mention.author_name.icontains(word, autoescape=True),
                )
            )
        return [
            CaseLine(
                id=case.id,
                ref=case.ref,
                state=case.state,
                urgency=case.urgency,
                brand=brand,
                location=location or "",
                source=source.title or source.key,
                author=mention.author_name,
                stars=stars(mention.rating, mention.rating_min, mention.rating_max),
                excerpt=excerpt_of(mention),
                opened_at=case.opened_at,
                due_at=due,
                overdue=due is not None and due < now,
                assignee=case.assignee,
                draft_version=newest,
                snooze=case.snooze,
                snoozed_until=case.snoozed_until,
                escalated=bool(escalated),
            )
            for case, mention, brand, location, source, due, newest, escalated in session.execute(
                query
            )
        ]

    def view(self, session: Session, case_id: int, now: datetime) -> CaseView | None:
        """Return the whole case as it is now; None when there is no such case."""
        case = session.get(
            Case,
            case_id,
            options=[
                joinedload(Case.mention).joinedload(Mention.author),
                joinedload(Case.source),
                joinedload(Case.brand),
                joinedload(Case.location),
                joinedload(Case.policy),
            ],
        )
        if case is None:
            return None
        mention = case.mention
        word = word_to_answer(session, case)
        judgement = session.scalars(
            select(Assessment)
            .where(Assessment.mention_id == mention.id)
            .order_by(Assessment.revision.desc())
            .limit(1)
        ).first()
        clocks = list(
            session.scalars(select(Clock).where(Clock.case_id == case.id).order_by(Clock.id))
        )
        kind = self._desk.kind(case.source.key)
        platform = kind.title if kind else case.source.connector
        why_by_hand = self._desk.why_by_hand(case.source.key, word)
        voice = self._desk.voice(case.brand.key, case.brand.name)
        able = self._desk.capabilities(case.source.key)
        correction = correction_of(session, case, replaces=able.reply_mode == "replace")
        stories = stories_of(session, case, clocks, now)
        return CaseView(
            id=case.id,
            ref=case.ref,
            revision=case.revision,
            state=case.state,
            urgency=case.urgency,
            brand=case.brand.name,
            location=case.location.name if case.location else "",
            source=case.source.title or case.source.key,
            platform=platform,
            assignee=case.assignee,
            opened_at=case.opened_at,
            mention=word_view(mention, "edited" if mention.revision > 1 else ""),
            mention_url=mention.url,
            mention_language=mention.language,
            earlier_texts=self._earlier_texts(session, mention),
            later_words=self._later_words(session, case),
            reasons=tuple(judgement.reasons) if judgement else (),
            topics=topics_of(session, mention, judgement),
            complaint_probability=judgement.complaint_probability if judgement else None,
            history=self._history(session, case),
            clocks=tuple(clock_view(clock) for clock in clocks),
            why_due=_why_due(stories),
            draft=self._draft(session, case),
            reply=reply_of(session, case, now),
            events=self._events(session, case),
            can_publish=not why_by_hand,
            publish_label=publish_words(platform, voice.name, bool(why_by_hand), correction),
            why_by_hand=why_by_hand,
            refused_because=refused_because(session, case) if case.state == "drafted" else "",
            answer_page=self._desk.answer_page(case.source.key, word),
            obstacle=self._obstacle(session, case, word),
            changes=changes_since_draft(session, case, word),
            detail={
                "word_id": word.id,
                "author_id": mention.author_id,
                "withheld": mention.state == "withheld",
            },
            known_topics=self._desk.known_topics(case.brand.key),
            approval=self._needed(session, case),
            editing=editing_of(case, now),
            snooze=case.snooze,
            snoozed_until=case.snoozed_until,
            closest=self._closest(session, case, word),
            correction=correction,
            can_withdraw=able.can_withdraw,
            follow_up=follow_up_of(session, case, newest_said(session, case)),
            stories=stories,
            escalations=escalation_of(session, case, now),
        )

    @staticmethod
    def _closest(session: Session, case: Case, word: Mention) -> EarlierView | None:
        if case.state != "drafted":
            return None
        return closest_case(session, case, word)

    def _needed(self, session: Session, case: Case) -> ApprovalView | None:
        draft = draft_on_table(session, case)
        if case.state != "drafted" or draft is None:
            return None
        return self._approval.needed(session, case, draft)

    def _draft(self, session: Session, case: Case) -> DraftView | None:
        if case.state == "opened":
            return None  # what was said before is a reply now, and no draft
        shown = "proposed" if case.state == "drafted" else "approved"
        draft = draft_on_table(session, case, shown)
        if draft is None:
            return None
        facts = self._desk.facts(session, case, draft.version)
        # What is decided is not judged again: it would be held against what came after it.
        findings = facts.findings(draft.text) if case.state == "drafted" else ()
        return DraftView(
            version=draft.version,
            text=draft.text,
            text_hash=draft.text_hash,
            language=draft.language,
            made_by=draft.made_by,
            reasons=tuple(draft.reasons),
            findings=tuple(
                FindingView(each.rule, each.severity, each.message, each.words) for each in findings
            ),
            length=facts.checking.measure(draft.text),
            max_length=facts.checking.max_length,
            length_unit=facts.checking.length_unit,
        )

    def _obstacle(self, session: Session, case: Case, word: Mention) -> ObstacleView | None:
        if case.state not in ("opened", "drafted"):
            return None
        found = obstacle_to(session, word)
        if not found:
            return None
        mode = self._desk.capabilities(case.source.key).reply_mode
        return ObstacleView(
            found.key, found.locked, found.answer, found.answered_at, replaces=mode == "replace"
        )

    @staticmethod
    def _events(session: Session, case: Case) -> tuple[EventView, ...]:
        events = session.scalars(select(Event).where(Event.case_id == case.id).order_by(Event.id))
        return tuple(
            EventView(
                each.at, each.actor, each.kind, summary(each.kind, each.detail, each.at), each.id
            )
            for each in events
        )

    @staticmethod
    def _earlier_texts(session: Session, mention: Mention) -> tuple[WordView, ...]:
        if mention.state == "withheld":
            return ()  # they are forgotten with the text
        revisions = session.scalars(
            select(Revision)
            .where(Revision.mention_id == mention.id)
            .order_by(Revision.number.desc())
        )
        return tuple(
            WordView(
                at=each.replaced_at,
                author=mention.author_name,
                title=each.title,
                text=each.text,
                stars=stars(each.rating, mention.rating_min, mention.rating_max),
                note=f"as it read until the edit (version {each.number})",
            )
            for each in revisions
        )

    @staticmethod
    def _later_words(session: Session, case: Case) -> tuple[WordView, ...]:
        words = session.scalars(
            select(Mention)
            .join(CaseMention, CaseMention.mention_id == Mention.id)
            .where(CaseMention.case_id == case.id)
            .order_by(Mention.first_seen_at, Mention.id)
        )
        return tuple(word_view(word, "later") for word in words)

    @staticmethod
    def _history(session: Session, case: Case) -> tuple[str, ...]:
        """Return lines on this author's other mentions and cases, newest first."""
        if case.mention.author_id is None:
            return ()
        others = session.execute(
            select(Mention, Case.id, Case.state)
            .outerjoin(Case, Case.mention_id == Mention.id)
            .where(Mention.author_id == case.mention.author_id, Mention.id != case.mention_id)
            .order_by(Mention.id.desc())
            .limit(HISTORY_LIMIT)
        )
        return tuple(history_line(mention, other, state) for mention, other, state in others)


def draft_on_table(session: Session, case: Case, state: str = "proposed") -> Draft | None:
    """Return the newest draft of a case in a state; None when there is none."""
    return session.scalars(
        select(Draft)
        .where(Draft.case_id == case.id, Draft.state == state)
        .order_by(Draft.version.desc())
        .limit(1)
    ).first()


def _in_state(query: Select, state: str) -> Select:  # type: ignore[type-arg]  # any row shape
    if state == "all":
        return query
    if state == "open":
        return query.where(Case.state.in_(OPEN_STATES))
    if state == "snoozed":
        return query.where(*_ASLEEP)
    if state == "drafted":
        return query.where(Case.state == "drafted", Case.snooze == "")
    return query.where(Case.state == state)


def _why_due(stories: tuple[StoryView, ...]) -> tuple[str, ...]:
    """Return how the deadline came about that is due first."""
    running = [story for story in stories if story.state == "running"]
    first = min(running, key=lambda story: story.due_at, default=None)
    return () if first is None else first.deadline
