"""What the Slack face needs from the queue of approvals. No rule of the queue lives here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from responders.rules import Finding
from responders.views import Actor, CaseLine, CaseView, LookView, Outcome
from responders.wishes import NO_WISH, Wish


class QueuePort(Protocol):
    """The queue as a face calls it. Every act is a compare-and-swap in its own transaction."""

    def view(self, case_id: int) -> CaseView | None:
        """Return the case as it is now, or None when there is no such case."""

    def lines(
        self,
        *,
        state: str = "drafted",
        search: str = "",
        limit: int = 200,
        assignee: str | None = None,
        among: Collection[int] | None = None,
    ) -> list[CaseLine]:
        """Return the queue, what is due first on top; `among` are the only cases asked for."""

    def counts(self) -> dict[str, int]:
        """Return how many cases are in each state, and how many are ``snoozed``."""

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
        """Approve exactly the draft that was shown, despite the obstacle that was shown."""

    def keep_answer(
        self, case_id: int, *, draft_version: int, despite: str, actor: Actor
    ) -> Outcome:
        """Leave the answer that somebody gave on the platform."""

    def edit(
        self, case_id: int, *, base_version: int, base_hash: str, text: str, actor: Actor
    ) -> Outcome:
        """Make a new version of the draft; publishes nothing."""

    def begin_edit(self, case_id: int, *, actor: Actor) -> Outcome:
        """Note that a person has the draft open for editing."""

    def end_edit(self, case_id: int, *, actor: Actor) -> Outcome:
        """Note that a person has closed the draft without saving it."""

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
        """Refuse the draft; `reason` is one of `responders.queue.REJECT_REASONS`.

        `wish` is what another draft shall be like.
        """

    def assign(
        self, case_id: int, *, to: str, actor: Actor, seen_revision: int | None = None
    ) -> Outcome:
        """Give the case to a person by name, or to nobody with an empty one."""

    def acknowledge(self, case_id: int, *, actor: Actor) -> Outcome:
        """Say that one sees to what somebody was called for."""

    def snooze(self, case_id: int, *, until: datetime | None, actor: Actor) -> Outcome:
        """Put the case off until a time; with None, until its customer writes."""

    def wake(self, case_id: int, *, actor: Actor) -> Outcome:
        """Bring the case back into the queue."""

    def take_back(self, case_id: int, *, actor: Actor) -> Outcome:
        """Take an approved reply back that has not left."""

    def correct(self, case_id: int, *, actor: Actor) -> Outcome:
        """Put the published text on the table, to be put right."""

    def withdraw(
        self,
        case_id: int,
        *,
        reason: str,
        actor: Actor,
        answer: bool = True,
        by_hand: bool = False,
    ) -> Outcome:
        """Have the published reply taken down; `by_hand`: the person has removed it."""

    def note(self, case_id: int, *, text: str, actor: Actor, in_thread: bool = False) -> Outcome:
        """Keep a word of staff on the case; publishes nothing."""

    def mark_posted(
        self, case_id: int, *, actor: Actor, url: str = "", draft_version: int | None = None
    ) -> Outcome:
        """Record that a person posted a handed-over reply, the one with that text."""

    def mark_seen(self, case_id: int, *, actor: Actor) -> Outcome:
        """Record that a person sees a reply that Rapport could not see."""

    def could_not_post(
        self, case_id: int, *, actor: Actor, reason: str, draft_version: int | None = None
    ) -> Outcome:
        """Record that a reply, the one with that text, is not there, and why."""

    def check(self, case_id: int, text: str) -> tuple[Finding, ...]:
        """Return what the reply rules would say of `text` as the case's next draft."""

    def measure(self, case_id: int, text: str) -> int:
        """Return the length of `text` in the unit of the case's platform."""


class LooksPort(Protocol):
    """Second looks as a face calls them."""

    def these(self, look_ids: Sequence[int]) -> list[LookView]:
        """Return these looks, whether they wait or not, in the order of their numbers."""

    def waiting(self) -> int:
        """Return how many wait."""

    def judge(self, look_id: int, verdict: str, actor: Actor) -> Outcome:
        """Say of exactly the text that was shown what it is."""


class Alarm(Protocol):
    """Tells staff of a condition by a way other than Slack. Called on transitions only."""

    def __call__(self, key: str, message: str | None, /) -> None:
        """Raise the alert `key` with `message`; None says that the condition has ended."""
