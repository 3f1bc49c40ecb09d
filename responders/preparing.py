"""Prepares the draft that an opened case is owed, and puts it before people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Protocol

from sqlalchemy.orm import Session

from monitor import due
from monitor.assess import Assessor
from monitor.cases.elsewhere import next_version
from monitor.cases.life import close
from monitor.cases.snoozing import UNTIL, wake
from monitor.cases.trail import DAEMON, lock_case, move, record
from monitor.clock import Clock
from monitor.db import Database
from monitor.models import Case, Draft
from responders.assignment import Assignment
from responders.claims import judge_with, named_topics
from responders.desk import Desk
from responders.drafts import Draft as Proposed
from responders.drafts import Drafter, DraftFacts


class Announce(Protocol):
    """Owes staff a card for a case, in the transaction that made it ready."""

    def __call__(self, session: Session, case_id: int, now: datetime, chosen: str = "", /) -> None:
        """Owe it; `chosen` is the name of who has just been given the case, to be called."""


def text_hash(text: str) -> str:
    """Return the short hash that travels with every button: 16 hexadecimal digits."""
    return blake2b(text.encode("utf-8"), digest_size=8).hexdigest()


class Preparer:
    """Handles due work of the kind ``prepare``.

    With `assessor` a draft names only what the text complains of.
    """

    def __init__(
        self,
        database: Database,
        desk: Desk,
        drafter: Drafter,
        clock: Clock,
        announce: Announce,
        assessor: Assessor | None = None,
        assignment: Assignment | None = None,
    ) -> None:
        self._database = database
        self._desk = desk
        self._drafter = drafter
        self._clock = clock
        self._announce = announce
        self._assessor = assessor
        self._assignment = assignment or Assignment()

    def handle(self, claim: due.Claim) -> None:
        """Draft for the claimed case, wake it, or close it when nothing came after its answer.

        What changed while the draft was made voids the draft, not the case.
        """
        with self._database.read() as session:
            case = session.get_one(Case, claim.id)
            quiet, asleep = case.state == "answered", case.snooze == UNTIL
            wanted = case.state == "opened"
            shown = case.revision
            version = next_version(session, case.id)
            facts = self._desk.facts(session, case, version) if wanted else None
        draft = self._drafter.draft(self._named(facts.drafting)) if facts is not None else None
        rosters = self._assignment.rosters() if version == 1 else {}
        with self._database.write() as session:
            now = self._clock()
            if quiet:
                case = lock_case(session, claim.id)
                due.finish(session, claim, None)
                close(session, case, "no further word", now)
                return
            if asleep:
                self._wake(session, claim, now)
                return
            if facts is None or draft is None:
                due.finish(session, claim, None)
                return
            case = lock_case(session, claim.id)
            if case.revision != shown:
                due.finish(session, claim, now)
                return
            session.add(
                Draft(
                    case_id=case.id,
                    version=version,
                    mention_revision=facts.word.revision,
                    text=draft.text,
                    text_hash=text_hash(draft.text),
                    language=draft.language,
                    made_by=draft.made_by or self._drafter.name,
                    reasons=[*draft.reasons, *_template_of(draft)],
                    created_at=now,
                )
            )
            record(session, case.id, "drafted", DAEMON, now, version=version)
            session.flush()
            chosen = self._give(session, case, rosters, now) if version == 1 else ""
            due.finish(session, claim, None)
            move(session, case.id, now, expected=("opened",), to="drafted")
            self._announce(session, case.id, now, chosen)

    def _give(
        self,
        session: Session,
        case: Case,
        rosters: Mapping[str, tuple[str, ...] | None],
        now: datetime,
    ) -> str:
        """Give a new case that nobody has to whoever is to get it; return their name."""
        if case.assignee:
            return ""
        chosen = self._assignment.choose(session, case, rosters)
        if chosen:
            case.assignee = chosen
            record(session, case.id, "assigned", DAEMON, now, to=chosen, held="nobody")
            session.flush()
        return chosen

    @staticmethod
    def _wake(session: Session, claim: due.Claim, now: datetime) -> None:
        case = lock_case(session, claim.id)
        due.finish(session, claim, None)
        if case.snooze == UNTIL and case.snoozed_until is not None and case.snoozed_until <= now:
            wake(session, case, now)

    def _named(self, facts: DraftFacts) -> DraftFacts:
        """Return the facts with what a draft may name; what a person said of it stands."""
        if facts.named is not None or self._assessor is None:
            return facts
        text = f"{facts.title}\n{facts.text}"
        judge = judge_with(self._assessor, facts.language)
        return replace(facts, named=named_topics(facts.topics, text, judge))


def _template_of(draft: Proposed) -> list[str]:
    return [f"template {draft.template}"] if draft.template else []
