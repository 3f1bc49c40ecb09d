"""People who decide beside the running daemon, each in their own way, as they would all day."""

from __future__ import annotations

import random

from responders.queue import Queue
from responders.views import Actor, CaseLine
from tests.support.running import Place, rapport

MARA = Actor("terminal", "mara", "Mara")


class Staff:
    """Approve most drafts, edit or reject some; through `queue`, now and then by the command.

    `approvals` are the case and draft version of every approval that was confirmed to them,
    `troubles` what a command said that it should never say.
    """

    def __init__(self, queue: Queue, place: Place, dice: random.Random) -> None:
        self.approvals: list[tuple[int, int]] = []
        self.troubles: list[str] = []
        self.commands = 0
        self._queue = queue
        self._place = place
        self._dice = dice

    def decide(self, at_most: int = 1_000, *, plainly: bool = False) -> int:
        """Decide on up to so many of the drafts that wait; `plainly` approves. Return how many."""
        lines = self._queue.lines(state="drafted", limit=200)
        chosen = lines if plainly else self._dice.sample(lines, min(at_most, len(lines)))
        for line in chosen:
            self._decide_one(line, "approve" if plainly else self._choice())
        return len(chosen)

    def _choice(self) -> str:
        return self._dice.choices(
            ("approve", "command", "edit", "another_draft", "no_answer", "not_a_complaint"),
            (80, 2, 8, 6, 2, 2),
        )[0]

    def _decide_one(self, line: CaseLine, choice: str) -> None:
        view = self._queue.view(line.id)
        if view is None or view.draft is None or not view.is_awaiting:
            return
        draft = view.draft
        if draft.is_blocked and choice in ("approve", "command"):
            choice = "edit"
        if choice == "edit":
            text = (
                f"Dear customer, this is our own answer to you, number {line.id}.\n{draft.version}"
            )
            self._queue.edit(
                line.id,
                base_version=draft.version,
                base_hash=draft.text_hash,
                text=text if draft.is_blocked else f"{draft.text}\nP.S. Come and see us again.",
                actor=MARA,
            )
        elif choice == "approve":
            outcome = self._queue.approve(
                line.id, draft_version=draft.version, text_hash=draft.text_hash, actor=MARA
            )
            if outcome.done:
                self.approvals.append((line.id, draft.version))
        elif choice == "command":
            told = rapport(
                self._place, "approve", line.ref, "--yes", "--version", str(draft.version)
            )
            if told.code == 0:
                self.approvals.append((line.id, draft.version))
                self.commands += 1
            elif told.code != 3:
                self.troubles.append(f"rapport approve ended with {told.code}: {told.err}")
        else:
            self._queue.reject(
                line.id, draft_version=draft.version, reason=choice, note="", actor=MARA
            )
