"""Reads what happened from the rows themselves: the one place that turns rows into figures.

What the rollups keep is made from these facts, and so is what they are checked against.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from monitor.reports.aftermath_facts import read_aftermath
from monitor.reports.case_facts import Cases, read_clocks, read_stages
from monitor.reports.fact import Fact, Stretch
from monitor.reports.heard_facts import read_heard
from monitor.reports.measures import STAGES


def read_facts(session: Session, stretch: Stretch) -> Iterator[Fact]:
    """Yield everything that counts for this time.

    A clock belongs to the moment it started, all else about a case to the moment it was opened,
    and a mention to the moment it was heard, or written where it is history.
    """
    cases = Cases(session, stretch)
    yield from read_clocks(session, stretch, cases)
    yield from read_stages(stretch, cases)
    yield from read_aftermath(session, stretch, cases)
    yield from read_heard(session, stretch)


def read_facts_of(session: Session, stretch: Stretch, cases: Cases, measure: str) -> Iterator[Fact]:
    """Yield what counts of one measure of cases that is no promise, reading little else."""
    if measure in (*STAGES, "arrivals"):
        facts = read_stages(stretch, cases)
    else:
        facts = read_aftermath(session, stretch, cases, [measure])
    return (fact for fact in facts if fact.measure == measure)
