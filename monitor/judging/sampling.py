"""Once a week, draws mentions that passed as no complaint, for a person to look at.

The first look of a new week (Monday, 00:00 UTC) draws from what came in since the last draw, a
week of it at most. So no mention is drawn from twice, whenever the daemon was down, and the
estimates of several weeks may be added.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitor.cases.looks import WAITING
from monitor.db import Database
from monitor.judging.drawing import draw
from monitor.models import (
    Assessment,
    Case,
    CaseMention,
    Label,
    Mark,
    Mention,
    Reply,
    SecondLook,
)
from monitor.models.upsert import insert_missing

REASON = "sample"
MARK = "assess:sample"
"""The mark's value is the second, since 1970 in UTC, of the last draw."""

WEEK = timedelta(days=7)
LATE = timedelta(hours=2)
"""One week's draw may come so much later in the week than the last one's, and misses nothing."""


class Passed(NamedTuple):
    """A mention that was surely taken for no complaint."""

    mention_id: int
    revision: int
    probability: float


def draw_sample(database: Database, now: datetime, wanted: int, random: Random) -> int:
    """Draw this week's sample unless it is drawn already; return how many were drawn.

    Safe to call as often as one likes and from several daemons at once: one of them draws. A week
    in which nothing has passed yet is looked at again.
    """
    if wanted <= 0:
        return 0
    now = now.replace(microsecond=0)  # the mark knows seconds, and one draw ends where one begins
    with database.read() as session:
        last = session.scalars(select(Mark.value).where(Mark.name == MARK)).first() or 0
        last_at = datetime.fromtimestamp(last, UTC)
        if last_at >= beginning_of_week(now):
            return 0
        passed = _passed(session, max(last_at, now - WEEK - LATE), now)
    if not passed:
        return 0
    drawn = [
        (passed[place], chance)
        for place, chance in draw([each.probability for each in passed], wanted, random)
    ]
    with database.write() as session:
        if not _is_ours(session, last, now):
            return 0
        still = _unchanged(session, [each for each, _ in drawn])
        rows = [
            {
                "mention_id": each.mention_id,
                "revision": each.revision,
                "reason": REASON,
                "chance": chance,
                "drawn_at": now,
                "verdict": WAITING,
                "by": "",
            }
            for each, chance in sorted(drawn)
            if each.mention_id in still
        ]
        insert_missing(session, SecondLook, rows)
    return len(rows)


def beginning_of_week(now: datetime) -> datetime:
    """Return when the week of ISO 8601 that `now` lies in began, in UTC."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=today.weekday())


def _passed(session: Session, since: datetime, until: datetime) -> list[Passed]:
    """Return what may be drawn: readable, judged sure, no complaint, and on nobody's table.

    What a person has looked at, or looks at on a case, needs no second look, and neither do our
    own answers, which platforms list beside the others.
    """
    looked = select(SecondLook.id).where(
        SecondLook.mention_id == Mention.id, SecondLook.revision == Mention.revision
    )
    told = select(Label.id).where(
        Label.mention_id == Mention.id,
        Label.revision == Mention.revision,
        Label.complaint.is_not(None),
    )
    rows = session.execute(
        select(
            Mention.id,
            Mention.revision,
            Assessment.complaint_probability,
            Mention.source_id,
            Mention.external_id,
        )
        .join(
            Assessment,
            (Assessment.mention_id == Mention.id) & (Assessment.revision == Mention.revision),
        )
        .where(
            Mention.first_seen_at > since,
            Mention.first_seen_at <= until,
            Mention.state == "present",
            Mention.history.is_(False),
            Assessment.complaint.is_(False),
            Assessment.unsure.is_(False),
            Assessment.spam.is_(False),
            ~looked.exists(),
            ~told.exists(),
            ~select(Case.id).where(Case.mention_id == Mention.id).exists(),
            ~select(CaseMention.case_id).where(CaseMention.mention_id == Mention.id).exists(),
        )
        .order_by(Mention.id)
    ).all()
    ours = _our_replies(session, since)
    return [Passed(*row[:3]) for row in rows if (row[3], row[4]) not in ours]


def _our_replies(session: Session, since: datetime) -> set[tuple[int, str]]:
    """Return the sources and ids of our own answers that may have been listed lately."""
    found = session.execute(
        select(Case.source_id, Reply.external_id)
        .join(Case, Case.id == Reply.case_id)
        .where(Reply.external_id != "", Reply.submitted_at > since - WEEK)
    )
    return {(row[0], row[1]) for row in found}


def _is_ours(session: Session, last: int, now: datetime) -> bool:
    """Take this week's draw, unless another daemon was quicker."""
    insert_missing(session, Mark, [{"name": MARK, "value": 0}])
    taken = update(Mark).where(Mark.name == MARK, Mark.value == last)
    ours = session.scalars(taken.values(value=int(now.timestamp())).returning(Mark.name))
    return ours.first() is not None


def _unchanged(session: Session, drawn: Sequence[Passed]) -> set[int]:
    """Return the ids of those that still read as they did when they were drawn."""
    rows = session.execute(
        select(Mention.id, Mention.revision).where(
            Mention.id.in_([each.mention_id for each in drawn]), Mention.state == "present"
        )
    )
    revisions = {each.mention_id: each.revision for each in drawn}
    return {row.id for row in rows if revisions[row.id] == row.revision}
