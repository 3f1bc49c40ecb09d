"""The reports there are, and how each is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from monitor.hours import Calendar
from monitor.reports.aftermath import aftermath
from monitor.reports.backlog import backlog
from monitor.reports.blocks import BlockCache
from monitor.reports.people import people
from monitor.reports.promises import promises
from monitor.reports.reading import Reader
from monitor.reports.report import Asked, Report, Section
from monitor.reports.stages import stages
from monitor.reports.voice import voice

TITLES = {
    "promises": "Response times",
    "stages": "Where the time goes",
    "backlog": "Backlog and load",
    "voice": "What customers say",
    "after": "What our answers did",
    "people": "People",
}
"""Every report, in the order in which a manager looks at them."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What reports need beside the store: by whose hours somebody works, and what was read before.

    Hours are asked for only by the report that shows them, for the holidays of many years take a
    while.
    """

    staffed: Callable[[], Sequence[Calendar]] = tuple
    cache: BlockCache | None = None


def make_report(
    session: Session, key: str, asked: Asked, now: datetime, desk: Desk | None = None
) -> Report:
    """Return one report as of `now`, read in one session. Raises KeyError for an unknown one."""
    title = TITLES[key]
    desk = desk or Desk()
    today = now.astimezone(asked.period.zone).date()
    asked = replace(asked, period=replace(asked.period, today=today))
    reader = Reader(session, asked.period, now, desk.cache)
    return Report(
        key=key,
        title=title,
        asked=asked,
        made_at=now,
        settled_at=reader.settled_at,
        sections=_sections(session, key, reader, asked, now, desk),
    )


def _sections(
    session: Session, key: str, reader: Reader, asked: Asked, now: datetime, desk: Desk
) -> tuple[Section, ...]:
    if key == "promises":
        return promises(reader, asked)
    if key == "stages":
        return stages(reader, asked)
    if key == "backlog":
        return backlog(session, reader, asked, now, desk.staffed())
    if key == "voice":
        before = Reader(session, asked.period.before(), now, desk.cache)
        return voice(session, reader, before, asked)
    return aftermath(reader, asked) if key == "after" else people(reader, asked)
