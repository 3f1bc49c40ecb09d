"""The queue of approvals: what a person may do with a case, from whichever face.

Every act names what the person saw (draft version and text hash) and is a compare-and-swap in
one transaction: the first to decide wins, the second is told who was first, and nobody ever
publishes a text they were not shown.

Longer than most because the three faces call the same acts, and one that stood elsewhere would be
missed by some face.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.cases import clocks
from monitor.cases.elsewhere import (
    Obstacle,
    keep_answer,
    next_version,
    obstacle_to,
)
from monitor.cases.trail import DAEMON, lock_case, move, record, touch
from monitor.cases.words import word_to_answer
from monitor.clock import Clock
from monitor.db import Database
from monitor.intake.sighting import cleaned
from monitor.models import Case, Draft, Event, Reply
from responders.approval import Approval
from responders.desk import Desk
from responders.editing import begin_edit, end_edit, in_the_way_of, release
from responders.escalation.acknowledging import acknowledge_call
from responders.labelling import label_word
from responders.on_its_way import refused_because
from responders.posting import missing, posted, seen
from responders.preparing import text_hash
from responders.reading import Reader, draft_on_table
from responders.rules import Finding
from responders.views import Actor, CaseLine, CaseView, Outcome
from responders.waiting import NOTE_MAX, note, put_off_case, take_back, wake_case
from responders.wishes import NO_WISH, Wish
from responders.withdrawing import (
    KEEP,
    correct_reply,
    give_up_correction,
    in_the_way_of_approval,
    withdraw_published,
)

REJECT_REASONS = {
    "another_draft": "another draft, please",
    "no_answer": "no answer needed",
    "not_a_complaint": "not a complaint",
    "spam": "spam",
}
DISMISSING = frozenset({"not_a_complaint", "spam"})
ASSIGNABLE = ("opened", "drafted", "approved", "answered")
"""The states of a case that somebody may have to look after."""

NAME_MAX = 100
TOPIC_MAX = 100
EDIT_MAX = 20_000
"""Characters of an edited text; far more than any platform takes."""

DECIDING = (
    "approved", "taken_back", "rejected", "answer_kept", "posted_by_hand", "not_posted",
    "deleted", "closed", "kept_standing", "withdrawal_asked", "removed", "correcting",
)  # fmt: skip


class Queue:
    """The one place where staff decide. Slack, the web queue and the terminal call this."""

    def __init__(
        self,
        database: Database,
        desk: Desk,
        reader: Reader,
        clock: Clock,
        *,
        approval: Approval | None = None,
    ) -> None:
        self._database = database
        self._desk = desk
        self._reader = reader
        self._clock = clock
        self._approval = approval or Approval()

    def view(self, case_id: int) -> CaseView | None:
        """Return the case as it is now; None when there is no such case."""
        with self._database.read() as session:
            return self._reader.view(session, case_id, self._clock())

    def lines(
        self,
        *,
        state: str = "drafted",
        search: str = "",
        limit: int = 200,
        assignee: str | None = None,
        among: Collection[int] | None = None,
    ) -> list[CaseLine]:
        """Return the queue, what is due first on top.

        `state` is a case state (``drafted`` without what is put off), ``snoozed``, ``open``
        (everything not ended) or ``all``; `assignee` is who looks after the cases, empty for
        nobody; `among` are the numbers of the only cases that are asked for.
        """
        with self._database.read() as session:
            return self._reader.lines(
                session,
                self._clock(),
                state=state,
                search=search,
                limit=limit,
                assignee=assignee,
                among=among,
            )

    def counts(self) -> dict[str, int]:
        """Return how many cases are in each state, and how many are ``snoozed``."""
        with self._database.read() as session:
            return self._reader.counts(session)

    def approve(
        self,
        case_id: int,
        *,
        draft_version: int,
        text_hash: str,
        actor: Actor,
        despite: str = "",
        by_hand: bool = False,
    ) -> Outcome:
        """Approve exactly the draft that was shown; it is published once.

        It leaves when the time to take it back is over (`take_back`).

        `despite` is the key of the obstacle that was shown: with it the person goes on although
        the thread is locked, or replaces (where the platform keeps several: adds to) the answer
        of somebody else. Where Rapport does not publish, or with `by_hand`, the approved text is
        handed over: a person posts it and says so with `mark_posted`.
        """

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            draft = draft_on_table(session, case)
            refusal = self._refusal(session, case, draft, draft_version, text_hash)
            if refusal is not None:
                return refusal
            assert draft is not None
            word = word_to_answer(session, case)
            in_the_way = in_the_way_of(case, actor, now) or _in_the_way(
                obstacle_to(session, word), despite
            )
            if in_the_way is not None:
                return in_the_way
            ours = in_the_way_of_approval(session, case, word, draft.text, self._desk)
            if ours is not None:
                return ours
            blocks = _blocks(self._desk.check(session, case, draft.text, draft.version))
            if blocks:
                return "blocked", f"a reply rule forbids this text: {blocks}"
            held = self._approval.why_not(session, case, draft, actor)
            if held is not None and held[0] == "first":
                self._approval.note_first(session, case, draft, actor, now)
                session.flush()
                touch(session, case.id, now)
                return "done", f"{case.ref}: {held[1]}"
            if held is not None:
                return held
            reason = self._desk.why_by_hand(case.source.key, word)
            if by_hand and not reason:
                refused = refused_because(session, case)
                reason = (
                    f"the platform refused the last reply: {refused}" if refused else "as asked"
                )
            draft.state = "approved"
            if word.id == case.mention_id:  # a further word is answered without complaining too
                label_word(session, word, actor, now, complaint=True, origin="draft")
            session.add(
                Reply(
                    case_id=case.id,
                    draft_id=draft.id,
                    mention_id=word.id,
                    text=draft.text,
                    key=str(uuid.uuid4()),
                    state="handed_over" if reason else "owed",
                    approved_by=str(actor),
                    approved_at=now,
                    next_at=None if reason else now + self._approval.undo_within,
                )
            )
            seen = {"despite": despite} if despite else {}
            record(session, case.id, "approved", str(actor), now, version=draft.version, **seen)
            if reason:
                record(session, case.id, "handed_over", DAEMON, now, reason=reason)
            session.flush()
            if not case.assignee:
                case.assignee = actor.name
                session.flush()
            move(session, case.id, now, expected=("drafted",), to="approved")
            if reason:
                return "done", f"{case.ref} approved: post the text by hand, then mark it posted"
            if self._approval.undo_within:
                seconds = f"{self._approval.undo_within.total_seconds():g} seconds"
                return "done", f"{case.ref} approved; it leaves in {seconds}, or is taken back"
            return "done", f"{case.ref} approved; it is being published"

        return self._act(case_id, act)

    def keep_answer(
        self, case_id: int, *, draft_version: int, despite: str, actor: Actor
    ) -> Outcome:
        """Leave the answer that somebody gave on the platform: the case is answered by it.

        `despite` is the key of the obstacle that was shown. Nothing is published.
        """

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            draft = draft_on_table(session, case)
            if case.state != "drafted" or draft is None:
                return self._decided(session, case)
            if draft.version != draft_version:
                return _stale(draft)
            found = obstacle_to(session, word_to_answer(session, case))
            if not found.answer:
                return "stale", "no answer of somebody else stands there"
            if not found.is_within(despite):
                return "stale", "the answer on the platform is another one by now"
            replaces = self._desk.capabilities(case.source.key).reply_mode == "replace"
            keep_answer(session, case, str(actor), now, replaces=replaces)
            return "done", f"{case.ref} is answered by what stands on the platform"

        return self._act(case_id, act)

    def edit(
        self, case_id: int, *, base_version: int, base_hash: str, text: str, actor: Actor
    ) -> Outcome:
        """Make a new version of the draft. Nothing is published; the new text awaits approval."""
        text = _as_kept(text)

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            draft = draft_on_table(session, case)
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
            release(case)
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

    def begin_edit(self, case_id: int, *, actor: Actor) -> Outcome:
        """Note that an actor has the draft open for editing, so that others leave it alone."""

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            begin_edit(session, case, actor, now)
            return "done", f"{case.ref} is being edited"

        return self._act(case_id, act)

    def end_edit(self, case_id: int, *, actor: Actor) -> Outcome:
        """Note that an actor has closed the draft without saving it."""

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            end_edit(session, case, actor, now)
            return "done", f"{case.ref} is not being edited"

        return self._act(case_id, act)

    def reject(
        self,
        case_id: int,
        *,
        draft_version: int,
        reason: str,
        note: str,
        actor: Actor,
        wish: Wish = NO_WISH,
    ) -> Outcome:
        """Refuse the draft: have another one made, close without an answer, or dismiss.

        `reason` is ``another_draft``, ``no_answer``, ``not_a_complaint`` or ``spam``; `wish` is
        what the other draft shall be like. A correction is given up with ``keep_reply``.
        """
        asked = wish if reason == "another_draft" else NO_WISH

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            if reason not in (*REJECT_REASONS, KEEP):
                return "refused", f"unknown reason {reason!r}; known: {', '.join(REJECT_REASONS)}"
            draft = draft_on_table(session, case)
            if case.state == "drafted" and draft is not None and draft.version != draft_version:
                return _stale(draft)
            if case.state != "drafted" or draft is None:
                return self._decided(session, case)
            given_up = give_up_correction(session, case, draft, reason, actor, now)
            if given_up is not None:
                return given_up
            draft.state = "rejected"
            record(
                session,
                case.id,
                "rejected",
                str(actor),
                now,
                version=draft.version,
                reason=reason,
                words=REJECT_REASONS[reason] + asked.told(),
                note=cleaned(note)[:NOTE_MAX],
                **asked.detail(),
            )
            session.flush()
            if reason == "another_draft":
                move(session, case.id, now, expected=("drafted",), to="opened", next_at=now)
                return "done", f"another draft for {case.ref} is being made"
            if reason in DISMISSING:
                word = word_to_answer(session, case)
                label_word(session, word, actor, now, complaint=False, origin="case")
            clocks.void(session, case, clocks.TARGETS, now)
            ended = "dismissed" if reason in DISMISSING else "closed"
            move(session, case.id, now, expected=("drafted",), to=ended, closed_at=now)
            return "done", f"{case.ref} {ended}: {REJECT_REASONS[reason]}"

        return self._act(case_id, act)

    def assign(
        self, case_id: int, *, to: str, actor: Actor, seen_revision: int | None = None
    ) -> Outcome:
        """Give an open case to a person by name, or to nobody with an empty one.

        With `seen_revision` a case that somebody else has is given on only as it was shown: who
        takes what another took meanwhile is told so.
        """
        name = cleaned(to).strip()[:NAME_MAX]

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            if case.state not in ASSIGNABLE:
                return "taken", f"{case.ref} is {case.state}: there is nothing left to take"
            held = case.assignee
            if held == name:
                if name == actor.name and in_the_way_of(case, actor, now) is not None:
                    release(case)
                    record(session, case.id, "taken", str(actor), now, to=name, held=held)
                    session.flush()
                    touch(session, case.id, now)
                if name == actor.name:
                    acknowledge_call(session, case, actor, now)
                return "done", f"{case.ref} is with {held or 'nobody'}"
            shown = seen_revision is None or seen_revision == case.revision
            if held not in ("", actor.name) and not shown:
                return "taken", f"{case.ref} is with {held} by now"
            case.assignee = name
            if name == actor.name:
                release(case)  # whoever takes a case over goes on with it
            kind = "released" if not name else "taken" if name == actor.name else "assigned"
            record(session, case.id, kind, str(actor), now, to=name, held=held or "nobody")
            session.flush()
            touch(session, case.id, now)
            if kind == "taken":  # who takes a case sees to what others were called for
                acknowledge_call(session, case, actor, now)
            return "done", f"{case.ref} is with {name or 'nobody'} now"

        return self._act(case_id, act)

    def snooze(self, case_id: int, *, until: datetime | None, actor: Actor) -> Outcome:
        """Put a case off until a time; with None, until its customer writes. Clocks run on."""

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            return put_off_case(session, case, until, actor, now)

        return self._act(case_id, act)

    def wake(self, case_id: int, *, actor: Actor) -> Outcome:
        """Bring a case back into the queue that was put off."""

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            return wake_case(session, case, actor, now)

        return self._act(case_id, act)

    def acknowledge(self, case_id: int, *, actor: Actor) -> Outcome:
        """Say that one sees to what somebody was called for: nobody else is called meanwhile.

        When the time for it runs out and the clock still runs, the ladder goes on.
        """

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            return acknowledge_call(session, case, actor, now)

        return self._act(case_id, act)

    def note(self, case_id: int, *, text: str, actor: Actor, in_thread: bool = False) -> Outcome:
        """Keep a word of staff in the trail of a case; it is never published.

        `in_thread` tells that it stands in the thread of the case's card already.
        """

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            return note(session, case, text, actor, now, in_thread=in_thread)

        return self._act(case_id, act)

    def take_back(self, case_id: int, *, actor: Actor) -> Outcome:
        """Take an approved reply back that has not left; its text awaits approval again."""

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            return take_back(session, case, actor, now) or self._decided(session, case)

        return self._act(case_id, act)

    def correct(self, case_id: int, *, actor: Actor) -> Outcome:
        """Put the published text on the table, to be edited and approved as a correction.

        No clock starts. `reject` with ``keep_reply`` gives the correction up.
        """

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            return correct_reply(session, case, actor, now)

        return self._act(case_id, act)

    def withdraw(
        self,
        case_id: int,
        *,
        reason: str,
        actor: Actor,
        answer: bool = True,
        by_hand: bool = False,
    ) -> Outcome:
        """Have the published reply taken down where it stands.

        With `answer` the customer is owed one again then, else the case is closed. `by_hand`
        says that the person has removed it, as where no program can.
        """

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            return withdraw_published(
                session, case, self._desk, reason, actor, now, answer=answer, by_hand=by_hand
            )

        return self._act(case_id, act)

    def correct_topics(self, case_id: int, topics: Sequence[str], actor: Actor) -> Outcome:
        """Say what the case's mention is about, from now on until its author edits it.

        The topics are among the case's `known_topics`; none at all is a word on it too.
        """

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            known = self._desk.known_topics(case.brand.key)
            unknown = sorted(set(topics).difference(known))
            if unknown:
                told = ", ".join(cleaned(each)[:TOPIC_MAX] for each in unknown)
                return "blocked", f"unknown topic {told}; known: {', '.join(known)}"
            chosen = [topic for topic in known if topic in topics]
            if case.mention.state == "deleted":
                return "stale", "its author deleted it: there is nothing left to say of it"
            label_word(session, case.mention, actor, now, topics=chosen, origin="topics")
            told = ", ".join(chosen) or "nothing known"
            record(session, case.id, "topics_corrected", str(actor), now, topics=told)
            session.flush()
            touch(session, case.id, now)
            return "done", f"{case.ref} is about {told}"

        return self._act(case_id, act)

    def mark_posted(
        self, case_id: int, *, actor: Actor, url: str = "", draft_version: int | None = None
    ) -> Outcome:
        """Record that a person posted a handed-over reply; the staff clock stops now.

        What the customer waited for ends when the reply is seen there, where the platform can
        tell; Rapport looks. With `draft_version` it is the reply with that text or none.
        """

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            able = self._desk.capabilities(case.source.key)
            told = posted(session, case, url, draft_version, able, actor, now)
            return told or self._decided(session, case)

        return self._act(case_id, act)

    def mark_seen(self, case_id: int, *, actor: Actor) -> Outcome:
        """Record that a person sees a reply there that Rapport could not see."""

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            return seen(session, case, actor, now)

        return self._act(case_id, act)

    def could_not_post(
        self, case_id: int, *, actor: Actor, reason: str, draft_version: int | None = None
    ) -> Outcome:
        """Record that a handed-over reply is not there and why; its text is on the table again.

        The same of a reply that was taken and never shown: the case was never answered. With
        `draft_version` it is the reply with that text or none.
        """

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            told = missing(session, case, reason, draft_version, actor, now)
            return told or self._decided(session, case)

        return self._act(case_id, act)

    def check(self, case_id: int, text: str) -> tuple[Finding, ...]:
        """Return what the reply rules would say of `text` as the case's next draft."""
        with self._database.read() as session:
            case = session.get(Case, case_id)
            if case is None:
                return ()
            version = next_version(session, case_id)
            return self._desk.check(session, case, _as_kept(text), version)

    def measure(self, case_id: int, text: str) -> int:
        """Return the length of `text` in the unit of the case's platform."""
        with self._database.read() as session:
            case = session.get(Case, case_id)
            return len(text) if case is None else self._desk.length(case.source.key, text)

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
                Event.kind.in_(DECIDING),
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


def _as_kept(text: str) -> str:
    """Return an edited text as it would be stored."""
    return cleaned(text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _stale(draft: Draft) -> tuple[str, str]:
    return "stale", f"the draft changed: version {draft.version} by {draft.made_by} is on the table"


def _in_the_way(found: Obstacle, despite: str) -> tuple[str, str] | None:
    """Say what the person must have seen before approving; None when they have, or nothing is."""
    if found.is_within(despite):
        return None
    if despite:
        return "stale", "what stands on the platform is something else by now; look again"
    if found.answer:
        told = "somebody has answered on the platform: replace that answer, or leave it"
        return "blocked", told
    return "blocked", f"the platform takes no answer there ({found.locked}): try all the same?"


def _blocks(findings: tuple[Finding, ...]) -> str:
    return "; ".join(finding.message for finding in findings if finding.severity == "block")
