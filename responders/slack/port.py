"""What the Slack face needs from the queue of approvals. No rule of the queue lives here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from responders.rules import Finding
from responders.views import Actor, CaseView, LookView, Outcome


class QueuePort(Protocol):
    """The queue as a face calls it. Every act is a compare-and-swap in its own transaction."""

    def view(self, case_id: int) -> CaseView | None:
        """Return the case as it is now, or None when there is no such case."""

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

    def reject(
        self, case_id: int, *, draft_version: int, reason: str, note: str, actor: Actor
    ) -> Outcome:
        """Refuse the draft; `reason` is ``another_draft``, ``no_answer`` or ``not_a_complaint``."""

    def assign(
        self, case_id: int, *, to: str, actor: Actor, seen_revision: int | None = None
    ) -> Outcome:
        """Give the case to a person by name, or to nobody with an empty one."""

    def mark_posted(self, case_id: int, *, actor: Actor, url: str = "") -> Outcome:
        """Record that a person posted a handed-over reply."""

    def mark_seen(self, case_id: int, *, actor: Actor) -> Outcome:
        """Record that a person sees a reply that Rapport could not see."""

    def could_not_post(self, case_id: int, *, actor: Actor, reason: str) -> Outcome:
        """Record that a reply is not there, and why."""

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
