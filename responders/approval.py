"""What a reply needs beside one person's word: a second person's, or a manager's.

The first of two approvals is an event of the trail that names the exact draft version. An edit
makes another version, so it begins anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.cases.trail import record
from monitor.models import Case, Draft, Event
from responders.criteria import Criteria, everything_of
from responders.people import People
from responders.views import Actor, ApprovalView

Need = Literal["two_people", "manager"]

FIRST_OF_TWO = "approved_first"
"""The event that one of two has approved."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Cases that need more than one person's word, and why."""

    needs: Need
    criteria: Criteria = field(default_factory=Criteria)
    because: str = ""


class Approval:
    """Decides whose word is enough. `undo_within` is how long a reply may be taken back."""

    def __init__(
        self,
        rules: Sequence[Rule] = (),
        people: People | None = None,
        undo_within: timedelta = timedelta(0),
    ) -> None:
        self._rules = tuple(rules)
        self._people = people or People()
        self.undo_within = undo_within

    def needed(self, session: Session, case: Case, draft: Draft) -> ApprovalView | None:
        """Return what this draft needs beside one person's word; None when that is enough."""
        if not self._rules:
            return None
        facts = everything_of(session, case)
        matching = [rule for rule in self._rules if rule.criteria.hold_for(facts)]
        if not matching:
            return None
        needs = {rule.needs for rule in matching}
        because = tuple(dict.fromkeys(rule.because for rule in matching if rule.because))
        first = _first_approval(session, case, draft)
        return ApprovalView(
            two_people="two_people" in needs,
            manager="manager" in needs,
            because="; ".join(because),
            given_by=first.actor if first is not None else "",
        )

    def why_not(
        self, session: Session, case: Case, draft: Draft, actor: Actor
    ) -> tuple[Literal["first", "refused"], str] | None:
        """Tell why an actor's approval does not publish the draft; None when it does.

        ``first`` means that it counts as the first of two.
        """
        needed = self.needed(session, case, draft)
        if needed is None:
            return None
        why = f" ({needed.because})" if needed.because else ""
        person = self._people.behind(actor)
        if person is None:
            # One human may have two names at two faces, and would count twice.
            return "refused", f"only people named under `people` may approve this{why}"
        if not needed.two_people:
            if person.manager:
                return None
            return "refused", f"only a manager may approve this{why}: {self._managers()}"
        first = _first_approval(session, case, draft)
        if first is None:
            return "first", f"a second person must approve the same text{why}"
        if first.detail.get("name") == person.name:
            return "refused", f"you have approved it; a second person must do so too{why}"
        if needed.manager and not (person.manager or first.detail.get("manager")):
            told = "one of the two who approve must be a manager"
            return "refused", f"{told}{why}: {self._managers()}"
        return None

    def note_first(
        self, session: Session, case: Case, draft: Draft, actor: Actor, now: datetime
    ) -> None:
        """Write down the first of two approvals of this version."""
        person = self._people.behind(actor)
        assert person is not None, "why_not refuses everybody else"
        record(
            session,
            case.id,
            FIRST_OF_TWO,
            str(actor),
            now,
            version=draft.version,
            name=person.name,
            manager=person.manager,
        )

    def _managers(self) -> str:
        return ", ".join(self._people.managers) or "nobody is marked as a manager under `people`"


def _first_approval(session: Session, case: Case, draft: Draft) -> Event | None:
    """Return the first of two approvals of exactly this version, if somebody gave it."""
    events = session.scalars(
        select(Event)
        .where(Event.case_id == case.id, Event.kind == FIRST_OF_TWO)
        .order_by(Event.id.desc())
        .limit(1)
    ).all()
    return next((each for each in events if each.detail.get("version") == draft.version), None)
