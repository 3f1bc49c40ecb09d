"""Writes what a round of the job decided, unless another daemon wrote one meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.assess.voices import COPIES, Burst
from monitor.incidents.changes import Changes, Growth
from monitor.incidents.words import title_of
from monitor.log import logger
from monitor.models import Incident, IncidentMention, Mark, Mention
from monitor.models.upsert import insert_missing

log = logger(__name__)

WALKED = "incidents"
ROUND = "incidents:round"
"""The marks: the last mention that was walked, and how often a round was written."""


class Walked(NamedTuple):
    """What a run did."""

    mentions: int
    opened: int
    grown: int
    ended: int


@dataclass(frozen=True, slots=True)
class Start:
    """Where a round begins, as it was read."""

    last: int
    round: int


@dataclass(frozen=True, slots=True)
class Round:
    """What a round decided, to be written if nobody else wrote meanwhile."""

    start: Start
    last: int
    changes: tuple[tuple[int, Changes], ...]
    over: tuple[int, ...]

    @property
    def is_news(self) -> bool:
        """Whether there is anything to write."""
        changed = any(each.opened or each.grown for _, each in self.changes)
        return changed or bool(self.over) or self.last > self.start.last


def write_round(session: Session, found: Round, now: datetime) -> Walked | None:
    """Write a round; return None, having written nothing, if another one was written meanwhile."""
    insert_missing(session, Mark, [{"name": WALKED, "value": 0}, {"name": ROUND, "value": 0}])
    marks = {
        mark.name: mark
        for mark in session.scalars(
            select(Mark).where(Mark.name.in_((WALKED, ROUND))).order_by(Mark.name).with_for_update()
        )
    }
    if marks[ROUND].value != found.start.round:
        return None
    marks[ROUND].value += 1
    marks[WALKED].value = found.last
    # Mentions are locked before incidents, as at forgetting: what is forgotten at this moment
    # is either not there any more, or finds its incident to leave.
    present = _lock_present(session, _mentions_of(found))
    opened = grown = 0
    for brand_id, changes in found.changes:
        for incident_id, growth in sorted(changes.grown.items()):
            grown += _grow(session, incident_id, growth, present, now)
        for burst in changes.opened:
            opened += _open(session, brand_id, burst, present, now)
    for incident_id in found.over:
        incident = session.get_one(Incident, incident_id, with_for_update=True)
        incident.ended_at = now
    return Walked(found.last - found.start.last, opened, grown, len(found.over))


def _mentions_of(found: Round) -> set[int]:
    mentions: set[int] = set()
    for _, changes in found.changes:
        for burst in changes.opened:
            mentions.update(burst.mentions)
        for growth in changes.grown.values():
            mentions.update(growth.mentions)
    return mentions


def _lock_present(session: Session, mentions: Collection[int]) -> set[int]:
    present: set[int] = set()
    ids = sorted(mentions)
    for start in range(0, len(ids), 1_000):
        present.update(
            session.scalars(
                select(Mention.id)
                .where(Mention.id.in_(ids[start : start + 1_000]), Mention.state == "present")
                .order_by(Mention.id)
                .with_for_update(read=True)
            )
        )
    return present


def _open(session: Session, brand_id: int, burst: Burst, present: set[int], now: datetime) -> bool:
    members = sorted(present.intersection(burst.mentions))
    if len(members) < 2:
        return False
    incident = Incident(
        brand_id=brand_id,
        kind=burst.kind,
        topic=burst.topic,
        title=title_of(burst),
        size=len(members),
        began_at=burst.began_at or now,
        last_at=_last_at(burst.kind, burst.last_at, now),
        detail=_detail(burst),
    )
    session.add(incident)
    session.flush()
    _add(session, incident.id, members, now)
    log.info("incident I-%d opened: %s, %d mentions", incident.id, burst.kind, len(members))
    return True


def _grow(
    session: Session, incident_id: int, growth: Growth, present: set[int], now: datetime
) -> bool:
    members = sorted(present & growth.mentions)
    if not members:
        return False
    incident = session.get_one(Incident, incident_id, with_for_update=True)
    _add(session, incident.id, members, now)
    last_at = _last_at(incident.kind, growth.last_at, now)
    incident.last_at = max(incident.last_at, last_at)
    if growth.burst is not None:
        incident.began_at = min(incident.began_at, growth.burst.began_at or incident.began_at)
        incident.title = title_of(growth.burst)
        incident.topic = growth.burst.topic
        incident.detail = _detail(growth.burst)
    incident.size = session.scalars(
        select(func.count()).where(IncidentMention.incident_id == incident.id)
    ).one()
    return True


def _add(session: Session, incident_id: int, members: Sequence[int], now: datetime) -> None:
    rows = [{"incident_id": incident_id, "mention_id": each, "added_at": now} for each in members]
    insert_missing(session, IncidentMention, rows)


def _last_at(kind: str, said_at: datetime | None, now: datetime) -> datetime:
    """Return when an incident was last heard of; copies of an old text are news all the same."""
    return now if said_at is None or kind == COPIES else said_at


def _detail(burst: Burst) -> dict[str, Any]:
    return {"signs": list(burst.signs), "words": list(burst.words), "location": burst.location}
