"""The job that finds incidents: walks through what is new, and writes what it changed.

It reads and decides first, in a transaction that holds nobody up, and writes then, in a short
one. In between another daemon may have done the same: whoever writes first wins, and the other
drops what it decided, for it was decided on an older state. A kill loses nothing but that.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from monitor.assess.bursts import copies_among, find_bursts, find_copies
from monitor.assess.rates import Usual
from monitor.assess.voices import COPIES, REVIEW_BOMBING
from monitor.clock import Clock
from monitor.db import Database
from monitor.incidents import window
from monitor.incidents.changes import Changes, decide, has_ended
from monitor.incidents.writing import ROUND, WALKED, Round, Start, Walked, write_round
from monitor.models import Assessment, Incident, Mark, Mention, Source

AT_ONCE = 100_000
"""Mentions walked in one round, at most. A round reads none of them, only whose they are."""

SETTLING = timedelta(minutes=5)
OVERLAP = 2_000
"""On PostgreSQL a mention may be committed after one with a higher id: these are walked again."""

USUAL_FOR = timedelta(hours=1)


class Walk:
    """Finds incidents. Several daemons may run one each."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._usual: dict[int, tuple[datetime, Usual, set[int]]] = {}

    def run(self) -> Walked:
        """Walk all mentions that are new; open, extend and end incidents."""
        total = Walked(0, 0, 0, 0)
        while True:
            now = self._clock()
            with self._database.read() as session:
                found = self._decide(session, now)
            if not found.is_news:
                return total
            with self._database.write() as session:
                done = write_round(session, found, now)
            if done is None:
                return total  # another daemon was faster
            total = Walked(*(sum(pair) for pair in zip(total, done, strict=True)))
            if found.last - found.start.last < AT_ONCE:
                return total

    def _decide(self, session: Session, now: datetime) -> Round:
        start = _read_start(session, now)
        newest = session.scalar(select(func.max(Mention.id))) or 0
        last = min(max(newest, start.last), start.last + AT_ONCE)
        overlap = 0 if self._database.is_sqlite else OVERLAP
        changes = tuple(
            (brand_id, self._of_brand(session, brand_id, now))
            for brand_id in _brands_with_news(session, start.last, last, overlap, now)
        )
        grown = {incident for _, each in changes for incident in each.grown}
        return Round(start, last, changes, _over(session, grown, now))

    def _of_brand(self, session: Session, brand_id: int, now: datetime) -> Changes:
        heard = window.read_lately(session, brand_id, now)
        standing = window.read_standing(session, brand_id)
        if len(heard) < 2:
            return Changes((), {})
        usual, sources = self._usual_of(session, brand_id, now)
        ended = window.read_told(session, [each.mention for each in heard])
        copy_of = copies_among(heard)
        told = {mention for kind in ended if kind != COPIES for mention in ended[kind]}
        timely = [
            each
            for each in heard
            if each.source in sources
            and each.mention not in told
            and each.said_at is not None
            and now - window.JUST_NOW <= each.said_at <= now
        ]
        bursts = find_bursts(
            timely, copy_of, usual, lambda: window.read_background(session, brand_id, now)
        )
        waves = set(ended.get(REVIEW_BOMBING, ()))
        waves.update(*(each.mentions for each in bursts if each.kind == REVIEW_BOMBING))
        waves.update(*(each.mentions for each in standing if each.kind == REVIEW_BOMBING))
        fresh = [each for each in heard if each.mention not in ended.get(COPIES, ())]
        bursts += find_copies(fresh, copy_of, waves)
        return decide(heard, copy_of, bursts, standing, now)

    def _usual_of(self, session: Session, brand_id: int, now: datetime) -> tuple[Usual, set[int]]:
        """Return what is usual; it changes slowly, so it is read once an hour."""
        known = self._usual.get(brand_id)
        if known is None or not timedelta() <= now - known[0] < USUAL_FOR:
            known = self._usual[brand_id] = (now, *window.read_usual(session, brand_id, now))
        return known[1], known[2]


def has_news(session: Session, *, following: bool = False) -> bool:
    """Tell whether there are mentions that nobody has walked yet.

    With `following`, only while an incident is open that they may belong to.
    """
    if following:
        is_open = select(Incident.id).where(Incident.ended_at.is_(None)).limit(1)
        if session.scalar(is_open) is None:
            return False
    newest = session.scalar(select(func.max(Mention.id))) or 0
    return newest > walked_to(session)


def walked_to(session: Session) -> int:
    """Return up to which mention the incidents are found."""
    return session.scalar(select(Mark.value).where(Mark.name == WALKED)) or 0


def _read_start(session: Session, now: datetime) -> Start:
    marks = dict(
        session.execute(select(Mark.name, Mark.value).where(Mark.name.in_((WALKED, ROUND)))).all()
    )
    if WALKED in marks:
        return Start(marks[WALKED], marks.get(ROUND, 0))
    # In a store that was filled before, what was said long ago makes no incident any more.
    first = session.scalar(
        select(func.min(Mention.id)).where(Mention.first_seen_at >= now - window.LATELY)
    )
    newest = session.scalar(select(func.max(Mention.id))) or 0
    return Start(newest if first is None else first - 1, 0)


def _brands_with_news(
    session: Session, start: int, last: int, overlap: int, now: datetime
) -> Sequence[int]:
    """Return the brands of which something was heard that may belong to an incident."""
    return session.scalars(
        select(Source.brand_id)
        .join(Mention, Mention.source_id == Source.id)
        .join(Assessment, window.AS_READ_NOW)
        .where(
            Mention.id > start - overlap,
            Mention.id <= last,
            or_(Mention.id > start, Mention.first_seen_at >= now - SETTLING),
            Mention.first_seen_at >= now - window.LATELY,
            Mention.history.is_(False),
            Mention.state == "present",
            window.WORTH_READING,
        )
        .group_by(Source.brand_id)
        .order_by(Source.brand_id)
    ).all()


def _over(session: Session, grown: Collection[int], now: datetime) -> tuple[int, ...]:
    """Return the open incidents of which nothing more was heard for long."""
    rows = session.execute(
        select(Incident.id, Incident.kind, Incident.last_at, Incident.size)
        .where(Incident.ended_at.is_(None))
        .order_by(Incident.id)
    )
    return tuple(
        row.id
        for row in rows
        if row.id not in grown and (has_ended(row.kind, row.last_at, now) or row.size == 0)
    )
