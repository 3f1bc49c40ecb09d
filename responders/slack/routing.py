"""Chooses the channel in which a case gets its card: the first route that matches, or the usual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.models import Case, Notification
from responders.criteria import Criteria, facts_of
from responders.slack.owed import CARD, SURFACE


@dataclass(frozen=True, slots=True)
class Route:
    """A channel for some of the cases."""

    channel: str
    criteria: Criteria = field(default_factory=Criteria)


class Routes:
    """Where cards go. A case keeps the channel of its first card, whatever becomes of it."""

    def __init__(self, usual: str, routes: Sequence[Route] = ()) -> None:
        self._usual = usual
        self._routes = tuple(routes)

    @property
    def channels(self) -> tuple[str, ...]:
        """Every channel that may get a card, the usual one first."""
        return tuple(dict.fromkeys((self._usual, *(route.channel for route in self._routes))))

    def channel_of(self, session: Session, case_id: int) -> str:
        """Return where the card of a case is, or is to be."""
        targets = session.scalars(
            select(Notification.target)
            .where(
                Notification.case_id == case_id,
                Notification.kind == CARD,
                Notification.surface == SURFACE,
                Notification.target.in_(self.channels),
            )
            .order_by(Notification.id)
            .limit(1)
        ).all()
        if targets:
            return targets[0]
        if not self._routes:
            return self._usual
        facts = facts_of(session, session.get_one(Case, case_id))
        matching = (route.channel for route in self._routes if route.criteria.hold_for(facts))
        return next(matching, self._usual)
