"""The queue of approvals: what a person may do with a case, from whichever face.

Every act names what the person saw (draft version and text hash) and is a compare-and-swap in
one transaction: the first to decide wins, the second is told who was first, and nobody ever
publishes a text they were not shown. What an act does stands in modules of their own; this one is
longer than most because all faces call the same acts, and one that is not here is missed by some.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from monitor.cases.elsewhere import next_version
from monitor.cases.trail import lock_case
from monitor.clock import Clock
from monitor.db import Database
from monitor.models import Case
from responders.approval import Approval
from responders.deciding import (
    Shown,
    approve_draft,
    as_kept,
    decided,
    edit_draft,
    keep_theirs,
    reject_draft,
)
from responders.desk import Desk
from responders.editing import begin_edit, end_edit
from responders.escalation.acknowledging import acknowledge_call
from responders.handing import hand_case
from responders.labelling import say_topics
from responders.posting import missing, posted, seen
from responders.reading import Reader
from responders.rules import Finding
from responders.views import Actor, CaseLine, CaseView, Outcome
from responders.waiting import note, put_off_case, take_back, wake_case
from responders.wishes import NO_WISH, Wish
from responders.withdrawing import correct_reply, withdraw_published


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
            shown = Shown(draft_version, text_hash)
            return approve_draft(
                session,
                case,
                shown,
                actor,
                now,
                desk=self._desk,
                approval=self._approval,
                despite=despite,
                by_hand=by_hand,
            )

        return self._act(case_id, act)

    def keep_answer(
        self, case_id: int, *, draft_version: int, despite: str, actor: Actor
    ) -> Outcome:
        """Leave the answer that somebody gave on the platform: the case is answered by it.

        `despite` is the key of the obstacle that was shown. Nothing is published.
        """

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            return keep_theirs(session, case, draft_version, despite, actor, now, self._desk)

        return self._act(case_id, act)

    def edit(
        self, case_id: int, *, base_version: int, base_hash: str, text: str, actor: Actor
    ) -> Outcome:
        """Make a new version of the draft. Nothing is published; the new text awaits approval."""

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            shown = Shown(base_version, base_hash)
            return edit_draft(session, case, shown, as_kept(text), actor, now)

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
            return reject_draft(session, case, draft_version, reason, note, asked, actor, now)

        return self._act(case_id, act)

    def assign(
        self, case_id: int, *, to: str, actor: Actor, seen_revision: int | None = None
    ) -> Outcome:
        """Give an open case to a person by name, or to nobody with an empty one.

        With `seen_revision` a case that somebody else has is given on only as it was shown: who
        takes what another took meanwhile is told so.
        """

        def act(session: Session, case: Case, now: datetime) -> tuple[str, str]:
            return hand_case(session, case, to, seen_revision, actor, now)

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
            return take_back(session, case, actor, now) or decided(session, case)

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
            return say_topics(session, case, topics, known, actor, now)

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
            return told or decided(session, case)

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
            return told or decided(session, case)

        return self._act(case_id, act)

    def check(self, case_id: int, text: str) -> tuple[Finding, ...]:
        """Return what the reply rules would say of `text` as the case's next draft."""
        with self._database.read() as session:
            case = session.get(Case, case_id)
            if case is None:
                return ()
            version = next_version(session, case_id)
            return self._desk.check(session, case, as_kept(text), version)

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
