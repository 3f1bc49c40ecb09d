"""Reads what a person asks of a report, in a URL or on the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import get_args
from zoneinfo import ZoneInfo

from monitor.calendars import calendars_of
from monitor.clock import Clock as Now
from monitor.config import Config
from monitor.config.topics import SHIPPED_TOPICS
from monitor.reports.blocks import BlockCache
from monitor.reports.catalog import Desk
from monitor.reports.period import Grain, Period
from monitor.reports.report import BY, PART_NAMES, Asked, Clock, scope_of
from monitor.reports.scope import ALL, Scope
from monitor.reports.steps import grain_for, grain_within
from monitor.sla import TARGETS
from monitor.sources import wanted_sources

DAYS = 30
LONGEST = 3660
"""Ten years: whoever asks for more days mistyped."""

NAMES = ("days", "first", "last", "grain", "by", "only", "measure", "clock")
"""What may be asked for, by its name in a URL."""

_DAYS = re.compile(r"([0-9]{1,4})d?", re.ASCII)


class BadQuestion(ValueError):
    """What is asked cannot be understood; the message says what, and what would be."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, and the words it was asked in, for links that change a part of it."""

    asked: Asked
    words: Mapping[str, str]


def read_question(config: Config, now: datetime, words: Mapping[str, str]) -> Question:
    """Read a question. Unknown names are left to others; raises `BadQuestion` for wrong values."""
    told = {name: value.strip() for name in NAMES if (value := words.get(name) or "").strip()}
    period = _period(config, now, told)
    teams = teams_of(config)
    grain = _one_of("grain", told, get_args(Grain), grain_for(period))
    asked = Asked(
        period=period,
        grain=grain_within(period, grain),  # type: ignore[arg-type]  # one of them
        by=_one_of("by", told, BY, "source"),
        scope=_scope(told, teams),
        measure=_one_of("measure", told, TARGETS, "first_response"),
        clock=_one_of("clock", told, get_args(Clock), "business"),  # type: ignore[arg-type]  # likewise
        teams=teams,
    )
    return Question(asked, told)


def teams_of(config: Config) -> dict[str, tuple[str, ...]]:
    """Return the people of each team, by its name."""
    teams: dict[str, list[str]] = {}
    for person in config.people:
        if person.team:
            teams.setdefault(person.team, []).append(person.name)
    return {team: tuple(members) for team, members in teams.items()}


def choices_of(config: Config) -> dict[str, list[str]]:
    """Return what a report can be filtered by, of what the configuration names."""
    return {
        "source": [each.key for each in wanted_sources(config)],
        "brand": [brand.key for brand in config.brands],
        "location": [f"{b.key}/{place.key}" for b in config.brands for place in b.locations],
        "team": list(teams_of(config)),
        "person": [person.name for person in config.people],
        "topic": [
            *SHIPPED_TOPICS,
            *(topic.key for brand in config.brands for topic in brand.topics),
        ],
        "language": list(dict.fromkeys(code for b in config.brands for code in b.languages)),
        "policy": [*(policy.key for policy in config.sla), "default"],
    }


def doubt_of(config: Config, scope: Scope) -> str:
    """Return what to say of a filter by a name that is nearly one of the configuration's.

    Nothing else is doubted: what the configuration names no more is still in the figures.
    """
    by = scope.by or scope.part
    known = choices_of(config).get(by, [])
    if scope.part == "all" or not scope.label or scope.label in known:
        return ""
    near = get_close_matches(scope.label, known, 1)
    if not near and by == "location":  # told without its brand
        near = [each for each in known if each.endswith(f"/{scope.label}")][:1]
    if not near:
        return ""
    told = PART_NAMES[by].lower()
    return f"The configuration has no {told} {scope.label!r}; did you mean {near[0]!r}?"


def desk_of(config: Config, clock: Now, cache: BlockCache | None = None) -> Desk:
    """Return by whose hours somebody works: those of the configured calendars."""
    return Desk(lambda: tuple(calendars_of(config, clock).values()), cache)


def _period(config: Config, now: datetime, told: dict[str, str]) -> Period:
    zone = ZoneInfo(config.report_zone)
    if "first" not in told and "last" not in told:
        written = told.get("days", str(DAYS))
        days = _DAYS.fullmatch(written)
        if days is None or not 1 <= int(days[1]) <= LONGEST:
            raise BadQuestion(f"days: {written!r} is no number of days from 1 to {LONGEST}")
        return Period.back(now, int(days[1]), zone)
    today = now.astimezone(zone).date()
    last = _date("last", told.get("last"), today)
    first = _date("first", told.get("first"), last - timedelta(days=DAYS - 1))
    if first > last:
        raise BadQuestion(f"the first day, {first}, is after the last, {last}")
    if (last - first).days >= LONGEST:
        raise BadQuestion(f"from {first} to {last} is more than {LONGEST} days")
    return Period(first, last, zone)


def _date(name: str, written: str | None, usual: date) -> date:
    if written is None:
        return usual
    try:
        found = date.fromisoformat(written)
    except ValueError:
        raise BadQuestion(f"{name}: {written!r} is no date such as 2026-11-30") from None
    if not 1990 <= found.year <= 2200:
        raise BadQuestion(f"{name}: {written} is outside the years 1990 to 2200")
    return found


def _scope(told: dict[str, str], teams: Mapping[str, tuple[str, ...]]) -> Scope:
    only = told.get("only")
    if only is None:
        return ALL
    by, marked, value = only.partition(":")
    if not marked or by not in BY:
        raise BadQuestion(f"only: {only!r} is no filter such as source:demo-board or language:en")
    if by == "team" and value and value not in teams:
        near = get_close_matches(value, teams, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise BadQuestion(f"only: there is no team {value!r} under `people`{hint}")
    return scope_of(by, value, teams)


def _one_of(name: str, told: dict[str, str], known: tuple[str, ...], usual: str) -> str:
    written = told.get(name, usual)
    if written not in known:
        raise BadQuestion(f"{name}: {written!r} is not one of {', '.join(known)}")
    return written
