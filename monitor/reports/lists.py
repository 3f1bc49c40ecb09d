"""Which lists there are behind numbers, what each is called, and to which report it belongs."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.reports.behind import VERDICTS
from monitor.reports.heard import HEARD
from monitor.reports.measures import AFTER, MEASURES, STAGES
from monitor.reports.report import Asked, Behind
from monitor.reports.waiting import AGES, OPEN_NOW, WAITS
from monitor.sla import TARGETS

FARED = {
    "": "",
    "met": "in time",
    "missed": "late",
    "overdue": "overdue",
    "open": "open, in time",
    "answered": "answered",
    "unanswered": "not answered",
    "decided": "answered or overdue",
    "voided": "no longer promised",
}
"""How promises fared, in the words of a heading."""

LISTS = (*MEASURES, OPEN_NOW)
"""Everything that has a list behind it."""


class BadList(ValueError):
    """There is no such list; the message says which there are."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list: what is behind it, its heading, and the report it belongs to."""

    behind: Behind
    title: str
    report: str


def read_list(asked: Asked, measure: str, verdict: str = "") -> Listed:
    """Return the list behind a number. Raises `BadList` for one that there is not."""
    if measure not in LISTS:
        raise BadList(f"{measure!r} is not one of {', '.join(LISTS)}")
    known = verdicts_of(measure)
    if verdict not in known:
        told = ", ".join(filter(None, known)) or "none"
        raise BadList(f"{verdict!r} is no way in which {measure} fares; known: {told}")
    behind = Behind(measure, verdict, asked.period, asked.scope)
    return Listed(behind, _title(measure, verdict), _report_of(measure))


def verdicts_of(measure: str) -> tuple[str, ...]:
    """Return how what a measure counts may have fared."""
    if measure == OPEN_NOW:
        return WAITS
    return ("", *VERDICTS) if measure in TARGETS else ("", "met")


def _title(measure: str, verdict: str) -> str:
    if measure == OPEN_NOW:
        ages = {key: name for key, name, _ in AGES}
        age, _, state = verdict.partition("-")
        return ": ".join(filter(None, ("Open now", ages.get(age, age), state)))
    words = MEASURES[measure]
    if measure in TARGETS:
        return ": ".join(filter(None, (words.name, FARED[verdict])))
    if measure == "mentions" and verdict:
        return "Complaints"
    return words.name if verdict or not words.met else f"{words.name}: all {words.counted}"


def _report_of(measure: str) -> str:
    if measure in TARGETS:
        return "promises"
    if measure in STAGES:
        return "stages"
    if measure in HEARD:
        return "voice"
    if measure in AFTER:
        return "after"
    return "people" if measure in ("edited", "reopened") else "backlog"
