"""The queue of approvals: what a person may do with a case, from whichever face.

Every act names what the person saw (draft version and text hash) and is a compare-and-swap in
one transaction: the first to decide wins, the second is told who was first, and nobody ever
publishes a text they were not shown.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.cases import clocks
from monitor.cases.answers import take_answer
from monitor.cases.trail import lock_case, move, record, touch
from monitor.cases.words import word_to_answer
from monitor.clock import Clock
from monitor.db import Database
from monitor.intake.sighting import cleaned
from monitor.models import Case, Draft, Event, Reply
from responders.desk import Desk
from responders.preparing import next_version, text_hash
from responders.reading import Reader
from responders.rules import Finding
from responders.views import Actor, CaseLine, CaseView, Outcome

REJECT_REASONS = {
    "another_draft": "another draft, please",
    "no_answer": "no answer needed",
    "not_a_complaint": "not a complaint",
}
NOTE_MAX = 2_000
LINK_MAX = 2_000
EDIT_MAX = 20_000
"""Characters of an edited text; far more than any platform takes."""


class Queue:
    """The one place where staff decide. Slack, the web queue and the terminal call this."""

    def __init__(self, database: Database, desk: Desk, reader: Reader, clock: Clock) -> None:
        self._database = database
        self._desk = desk
        self._reader = reader
        self._clock = clock

    def view(self, case_id: int) -> CaseView | None:
        """Return the case as it is now; None when there is no such case."""
        with self._database.read() as session:
            return self._reader.view(session, case_id, self._clock())

    def lines(
        self, *, state: str = "drafted", search: str = "", limit: int = 200
    ) -> list[CaseLine]:
        """Return the queue, what is due first on top.

        `state` is a case state, ``open`` (everything not ended) or ``all``.
        """
        with self._database.read() as session:
            return self._reader.lines(
                session, self._clock(), state=state, search=search, limit=limit
            )

    def counts(self) -> dict[str, int]:
        """Return how many cases are in each state."""
        with self._database.read() as session:
            return self._reader.counts(session)

    def approve(self, case_id: int, *, draft_version: int, text_hash: str, actor: Actor) -> Outcome:
        """Approve exactly the draft that was shown; it is published at once, once.

        Where the platform takes no replies from us, the approved text is handed over: a person
        posts it and says so with `mark_posted`.
        """

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            draft = self._draft_on_table(session, case)
            refusal = self._refusal(session, case, draft, draft_version, text_hash)
            if refusal is not None:
                return refusal
            assert draft is not None
            blocks = _blocks(self._desk.check(session, case, draft.text, draft.version))
            if blocks:
                return "blocked", f"a reply rule forbids this text: {blocks}"
            word = word_to_answer(session, case)
            capabilities = self._desk.capabilities(case.source.key)
            by_hand = not capabilities.can_reply or capabilities.reply_mode in ("manual", "none")
            draft.state = "approved"
            session.add(
                Reply(
                    case_id=case.id,
                    draft_id=draft.id,
                    mention_id=word.id,
                    text=draft.text,
                    key=str(uuid.uuid4()),
                    state="handed_over" if by_hand else "owed",
                    approved_by=str(actor),
                    approved_at=now,
                    next_at=None if by_hand else now,
                )
            )
            record(session, case.id, "approved", str(actor), now, version=draft.version)
            session.flush()
            if not case.assignee:
                case.assignee = actor.name
                session.flush()
            move(session, case.id, now, expected=("drafted",), to="approved")
            if by_hand:
                return "done", f"{case.ref} approved: post the text by hand, then mark it posted"
            return "done", f"{case.ref} approved; it is being published"

        return self._act(case_id, act)

    def edit(
        self, case_id: int, *, base_version: int, base_hash: str, text: str, actor: Actor
    ) -> Outcome:
        """Make a new version of the draft. Nothing is published; the new text awaits approval."""
        text = cleaned(text.replace("\r\n", "\n").replace("\r", "\n")).strip()

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            draft = self._draft_on_table(session, case)
            refusal = self._refusal(session, case, draft, base_version, base_hash)
            if refusal is not None:
                return refusal
            assert draft is not None
            if not text:
                return "blocked", "the text is empty; reject the draft instead"
            if len(text) > EDIT_MAX:
                return "blocked", f"the text has {len(text)} characters; at most {EDIT_MAX}"
            if text == draft.text:
                return "done", "nothing was changed"
            draft.state = "superseded"
            version = next_version(session, case.id)
            session.add(
                Draft(
                    case_id=case.id,
                    version=version,
                    mention_revision=draft.mention_revision,
                    text=text,
                    text_hash=text_hash(text),
                    language=draft.language,
                    made_by=actor.name,
                    reasons=[f"edited by {actor} from version {draft.version}"],
                    created_at=now,
                )
            )
            change = len(text) - len(draft.text)
            record(
                session,
                case.id,
                "draft_edited",
                str(actor),
                now,
                version=version,
                from_version=draft.version,
                change=change,
            )
            session.flush()
            touch(session, case.id, now)
            return "done", f"version {version} of the draft awaits approval"

        return self._act(case_id, act)

    def reject(
        self, case_id: int, *, draft_version: int, reason: str, note: str, actor: Actor
    ) -> Outcome:
        """Refuse the draft: have another one made, close without an answer, or dismiss.

        `reason` is ``another_draft``, ``no_answer`` or ``not_a_complaint``.
        """

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            if reason not in REJECT_REASONS:
                return "refused", f"unknown reason {reason!r}; known: {', '.join(REJECT_REASONS)}"
            draft = self._draft_on_table(session, case)
            if case.state == "drafted" and draft is not None and draft.version != draft_version:
                return _stale(draft)
            if case.state != "drafted" or draft is None:
                return self._decided(session, case)
            draft.state = "rejected"
            record(
                session,
                case.id,
                "rejected",
                str(actor),
                now,
                version=draft.version,
                reason=reason,
                words=REJECT_REASONS[reason],
                note=cleaned(note)[:NOTE_MAX],
            )
            session.flush()
            if reason == "another_draft":
                move(session, case.id, now, expected=("drafted",), to="opened", next_at=now)
                return "done", f"another draft for {case.ref} is being made"
            clocks.void(session, case, clocks.TARGETS, now)
            ended = "dismissed" if reason == "not_a_complaint" else "closed"
            move(session, case.id, now, expected=("drafted",), to=ended, closed_at=now)
            return "done", f"{case.ref} {ended}: {REJECT_REASONS[reason]}"

        return self._act(case_id, act)

    def mark_posted(self, case_id: int, *, actor: Actor, url: str = "") -> Outcome:
        """Record that a person posted a handed-over reply; the staff clock stops now."""
        link = cleaned(url).strip()[:LINK_MAX]

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            reply = session.scalars(
                select(Reply).where(Reply.case_id == case.id, Reply.state == "handed_over")
            ).first()
            if reply is None and case.state == "drafted":
                return "stale", f"{case.ref} awaits approval: no approved text is to be posted yet"
            if reply is None:
                return self._decided(session, case)
            if link and not link.lower().startswith(("https://", "http://")):
                return "blocked", "that is no link; paste the whole address, https:// included"
            reply.state, reply.next_at = "published", None
            reply.submitted_at = reply.visible_at = now
            reply.url = link
            record(session, case.id, "posted_by_hand", str(actor), now, url=link)
            session.flush()
            take_answer(session, case, now, now)
            return "done", f"{case.ref} answered"

        return self._act(case_id, act)

    def _act(
        self, case_id: int, act: Callable[[Session, Case, datetime], tuple[str, str]]
    ) -> Outcome:
        with self._database.write() as session:
            now = self._clock()
            if session.get(Case, case_id) is None:
                return Outcome(False, "missing", f"there is no case C-{case_id}", None)
            case = lock_case(session, case_id)
            code, message = act(session, case, now)
            session.flush()
            session.expire_all()
            view = self._reader.view(session, case_id, now)
        return Outcome(code == "done", code, message, view)

    def _draft_on_table(self, session: Session, case: Case) -> Draft | None:
        return session.scalars(
            select(Draft)
            .where(Draft.case_id == case.id, Draft.state == "proposed")
            .order_by(Draft.version.desc())
            .limit(1)
        ).first()

    def _refusal(
        self,
        session: Session,
        case: Case,
        draft: Draft | None,
        version: int,
        shown_hash: str,
    ) -> tuple[str, str] | None:
        """Say why this draft may not be acted on, or None when it is what the person saw."""
        if case.state != "drafted" or draft is None:
            return self._decided(session, case)
        if draft.version != version or draft.text_hash != shown_hash:
            return _stale(draft)
        if draft.mention_revision != word_to_answer(session, case).revision:
            return "stale", "the customer edited the text since this draft was made"
        return None

    def _decided(self, session: Session, case: Case) -> tuple[str, str]:
        """Tell the second person who was first and what came of it."""
        event = session.scalars(
            select(Event)
            .where(
                Event.case_id == case.id,
                Event.kind.in_(("approved", "rejected", "posted_by_hand", "deleted", "closed")),
            )
            .order_by(Event.id.desc())
            .limit(1)
        ).first()
        if case.state == "opened":
            return "stale", f"{case.ref} waits for a new draft; look again in a moment"
        if event is None:
            return "taken", f"{case.ref} is {case.state}"
        at = event.at.strftime("%Y-%m-%d %H:%M UTC")
        return "taken", f"{case.ref} is {case.state}: {event.kind} by {event.actor} at {at}"


def _stale(draft: Draft) -> tuple[str, str]:
    return "stale", f"the draft changed: version {draft.version} by {draft.made_by} is on the table"


def _blocks(findings: tuple[Finding, ...]) -> str:
    return "; ".join(finding.message for finding in findings if finding.severity == "block")
