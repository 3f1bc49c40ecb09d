"""Gives new cases to people: by turns, or to who has fewest; all of them, or who is on duty."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.models import Case, Mark
from monitor.models.upsert import insert_missing
from responders.criteria import Criteria, facts_of

How = Literal["round_robin", "load"]

OPEN = ("opened", "drafted", "approved")
"""States of a case that is work for whoever has it."""

OnDuty = Callable[[str], tuple[str, ...] | None]
"""Returns the names of who is in a roster now, by its id; None when nobody can tell just now."""


def _nobody_can_tell(_roster: str) -> tuple[str, ...] | None:
    return None


@dataclass(frozen=True, slots=True)
class Turn:
    """How the cases that meet `criteria` are given away.

    `among` are names; with a `duty` roster only those of them who are in it now, or all of them
    where nobody is or nobody can tell.
    """

    how: How
    among: tuple[str, ...]
    duty: str = ""
    criteria: Criteria = field(default_factory=Criteria)

    def candidates(self, on_duty: tuple[str, ...] | None) -> tuple[str, ...]:
        """Return who may get a case, given who is on duty."""
        present = tuple(name for name in self.among if on_duty and name in on_duty)
        return present or self.among

    def told(self, on_duty: tuple[str, ...] | None) -> str:
        """Return in words who gets cases, and how."""
        how = "by turns" if self.how == "round_robin" else "to who has fewest open"
        some = "" if self.criteria == Criteria() else " (some cases)"
        known = "" if not self.duty or on_duty else "; who is on duty is not known, so to all"
        return f"{', '.join(self.candidates(on_duty))}: {how}{some}{known}"


class Assignment:
    """Chooses who gets a case. The first turn whose criteria the case meets is taken."""

    def __init__(self, turns: Sequence[Turn] = (), on_duty: OnDuty = _nobody_can_tell) -> None:
        self._turns = tuple(turns)
        self._on_duty = on_duty

    def rosters(self) -> dict[str, tuple[str, ...] | None]:
        """Return who is on duty in each roster: asked before a transaction, for it may call out."""
        return {turn.duty: self._on_duty(turn.duty) for turn in self._turns if turn.duty}

    def choose(
        self, session: Session, case: Case, rosters: Mapping[str, tuple[str, ...] | None]
    ) -> str:
        """Return the name of who gets a case, empty for nobody. Remembers whose turn it was."""
        if not self._turns:
            return ""
        facts = facts_of(session, case)
        for number, turn in enumerate(self._turns):
            if turn.criteria.hold_for(facts):
                names = turn.candidates(rosters.get(turn.duty) if turn.duty else None)
                if turn.how == "load":
                    return _who_has_fewest(session, names)
                return names[_next_turn(session, number) % len(names)]
        return ""


def _who_has_fewest(session: Session, names: tuple[str, ...]) -> str:
    """Return who has fewest open cases; of several, the one who is named first."""
    counted = dict(
        session.execute(
            select(Case.assignee, func.count())
            .where(Case.assignee.in_(names), Case.state.in_(OPEN))
            .group_by(Case.assignee)
        ).all()
    )
    return min(names, key=lambda name: counted.get(name, 0))


def _next_turn(session: Session, number: int) -> int:
    """Return how many cases this turn has given away before this one."""
    key = f"assignment:{number}"
    insert_missing(session, Mark, [{"name": key, "value": 0}])
    mark = session.scalars(select(Mark).where(Mark.name == key).with_for_update()).one()
    mark.value += 1
    session.flush()
    return mark.value - 1
