"""Checks of the ladders: whom they name, which is never used, whether their steps go upwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from monitor.config.approval import CaseWhen
from monitor.config.escalation import ASSIGNEE, CHANNEL, MANAGERS, WARNING, Ladder, Step, is_group
from monitor.config.problems import Path, Problem, nearest, shown
from monitor.config.yamltree import Document

Raw = dict[str, Any]
Unknown = Callable[[Path, str, str, list[str]], Problem]
"""Returns the problem that a path names something, of a kind, that is none of those known."""


def check_ladders(
    document: Document,
    ladders: list[tuple[int, Raw]],
    *,
    people: list[Raw],
    calendars: list[str],
    has_slack: bool,
    unknown: Unknown,
) -> Iterator[Problem]:
    """Yield what is wrong between the ladders and the rest of the configuration."""
    earlier: list[tuple[int, Ladder]] = []
    for at, entry in ladders:
        path: Path = ("escalation", at)
        hours = entry.get("hours")
        if isinstance(hours, str) and hours not in calendars:
            yield unknown((*path, "hours"), "calendar", hours, calendars)
        before: tuple[int, Step] | None = None
        steps = entry.get("steps")
        for number, step in enumerate(steps if isinstance(steps, list) else []):
            if not isinstance(step, dict):
                continue
            here: Path = (*path, "steps", number)
            hours = step.get("hours")
            if isinstance(hours, str) and hours not in calendars:
                yield unknown((*here, "hours"), "calendar", hours, calendars)
            yield from _check_notify(document, here, step.get("notify"), people, has_slack, unknown)
            try:
                known = Step.model_validate(step)
            except ValidationError:
                continue  # said by its own section
            yield from _check_order(document, here, known, before)
            before = (number, known)
        try:
            ladder = Ladder.model_validate(entry)
        except ValidationError:
            continue
        shadow = next((each for each in earlier if _covers(each[1].when, ladder.when)), None)
        if shadow is not None:
            yield document.problem(
                path,
                f"is never used: escalation[{shadow[0]}] ({shadow[1].key}) comes first and takes "
                "all its cases",
                expected="the narrower ladder first",
                severity="warning",
            )
        earlier.append((at, ladder))


def _check_notify(
    document: Document,
    path: Path,
    notify: Any,
    people: list[Raw],
    has_slack: bool,
    unknown: Unknown,
) -> Iterator[Problem]:
    if not isinstance(notify, str) or notify in (ASSIGNEE, CHANNEL):
        return
    if notify == MANAGERS:
        if not any(person.get("manager") is True for person in people):
            yield document.problem(
                (*path, "notify"),
                "nobody is a manager; the step is passed on to the next",
                expected="a person with `manager: true` in `people`",
                severity="warning",
            )
    elif is_group(notify):
        if not has_slack:
            yield document.problem(
                (*path, "notify"),
                f"the user group {shown(notify)} cannot be told without Slack",
                expected="a `slack` section, or somebody else",
                severity="warning",
            )
    else:
        names = [str(person.get("name")) for person in people]
        if notify.casefold() not in {name.casefold() for name in names}:
            others = [ASSIGNEE, CHANNEL, MANAGERS]
            close = nearest(notify, [*names, *others])
            valid = names if close in names else [*others, *names]
            yield unknown((*path, "notify"), "person", notify, valid)


def _check_order(
    document: Document, path: Path, step: Step, before: tuple[int, Step] | None
) -> Iterator[Problem]:
    if step.repeat is not None and step.at == WARNING:
        yield document.problem(
            (*path, "repeat"),
            "does nothing: at `warning` somebody is told at each warning of the policy",
            expected="several times in the policy's `warn_at`",
            severity="warning",
        )
    if before is not None and _after(step) < _after(before[1]):
        yield document.problem(
            (*path, "at"),
            f"comes before step {before[0]}, which stands above it",
            expected="the steps in the order in which they are reached",
            severity="warning",
        )


def _after(step: Step) -> timedelta:
    return step.at if isinstance(step.at, timedelta) else timedelta(-1)


def _covers(mine: CaseWhen, other: CaseWhen) -> bool:
    """Tell whether every case that meets `other` surely meets `mine` too."""
    pairs = [(mine.topic, other.topic), (mine.alarm, other.alarm)]
    return mine.covers(other) and all(
        not own or (theirs and {*theirs} <= {*own}) for own, theirs in pairs
    )
