"""Finds who is meant by a step, when it is reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.config.escalation import ASSIGNEE, CHANNEL, MANAGERS, is_group
from responders.escalation.ladders import Step
from responders.people import People

Rosters = Mapping[str, tuple[str, ...] | None]
"""Who is in each Slack user group just now, by its id; None where Slack cannot tell."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Who is told: in words, the names of people, and the id of a Slack user group.

    `is_assignee` tells that it is who has the case, as far as that is why they are told.
    """

    words: str
    names: tuple[str, ...] = ()
    group: str = ""
    is_assignee: bool = False


def find(
    step: Step, assignee: str, people: People, rosters: Rosters, *, has_slack: bool
) -> Whom | None:
    """Return who is told at a step; None where there is no such person now."""
    if step.notify == ASSIGNEE:
        return Whom(assignee, (assignee,), is_assignee=True) if assignee else None
    if step.notify == CHANNEL:
        return Whom("the team")
    if step.notify == MANAGERS:
        names = people.managers
        return Whom(f"the managers ({', '.join(names)})", names) if names else None
    if is_group(step.notify):
        if not has_slack:
            return None
        known = rosters.get(step.notify)
        said = f" ({', '.join(known)})" if known else ""
        return Whom(f"the user group {step.notify}{said}", group=step.notify)
    name = next((each for each in people.names if each.casefold() == step.notify.casefold()), "")
    return Whom(name, (name,)) if name else None


def find_from(
    steps: Sequence[Step],
    number: int,
    assignee: str,
    people: People,
    rosters: Rosters,
    *,
    has_slack: bool,
) -> tuple[Whom | None, str]:
    """Return who is told at a step, or else at the next one at which somebody is.

    The second value is whom the step was meant for, in words, where it was passed on.
    """
    for step in steps[number:]:
        whom = find(step, assignee, people, rosters, has_slack=has_slack)
        if whom is not None:
            return whom, "" if step is steps[number] else steps[number].meant
    return None, steps[number].meant


def groups_of(steps: Sequence[Step]) -> set[str]:
    """Return the user groups that are told somewhere on a ladder."""
    return {step.notify for step in steps if is_group(step.notify)}
