"""Ladders as they are configured, and as they are kept with a clock that has begun to climb one.

A ladder is kept whole, so that an edit of the configuration does not change what a number of a rung
means. Names, user groups and calendars are looked up when somebody is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from monitor.config.escalation import ASSIGNEE, CHANNEL, MANAGERS
from monitor.sla import Conditions
from monitor.sla.ladder import Rung
from responders.criteria import CaseFacts, Criteria

URGENT = Criteria(Conditions(urgency=("urgent",)))
"""What waits for no hours unless something else is configured."""


@dataclass(frozen=True, slots=True)
class Step:
    """A rung and who is told there, as it was configured.

    `hours` are the key of a calendar.
    """

    rung: Rung
    notify: str
    hours: str = "always"

    @property
    def meant(self) -> str:
        """Whom it is meant for, in words."""
        return {ASSIGNEE: "the assignee", CHANNEL: "the team", MANAGERS: "the managers"}.get(
            self.notify, self.notify
        )


@dataclass(frozen=True, slots=True)
class Ladder:
    """Who is told, for the cases that meet `criteria`.

    What meets `excepted` waits for no hours; None: everything waits. An acknowledgement holds the
    ladder for `acknowledge_within` seconds.
    """

    key: str
    steps: tuple[Step, ...]
    criteria: Criteria = field(default_factory=Criteria)
    excepted: Criteria | None = URGENT
    acknowledge_within: int = 3600

    def to_json(self) -> dict[str, Any]:
        """Return JSON-able data from which `from_json` makes the ladder, without its criteria."""
        return {
            "key": self.key,
            "acknowledge_within": self.acknowledge_within,
            "except": _criteria_to_json(self.excepted),
            "steps": [
                {
                    "after": step.rung.after,
                    "repeat": step.rung.repeat,
                    "times": step.rung.times,
                    "notify": step.notify,
                    "hours": step.hours,
                }
                for step in self.steps
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Ladder:
        """Make the ladder that `to_json` wrote."""
        return cls(
            key=data["key"],
            acknowledge_within=data["acknowledge_within"],
            excepted=_criteria_from_json(data["except"]),
            steps=tuple(
                Step(
                    Rung(each["after"], each["repeat"], each["times"]),
                    each["notify"],
                    each["hours"],
                )
                for each in data["steps"]
            ),
        )


def choose(ladders: Sequence[Ladder], case: CaseFacts) -> Ladder | None:
    """Return the first ladder whose criteria a case meets; None where none does."""
    return next((each for each in ladders if each.criteria.hold_for(case)), None)


def in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return steps in the order in which they are reached, whatever way they were written."""
    return tuple(sorted(steps, key=lambda step: -1 if step.rung.after is None else step.rung.after))


def _criteria_to_json(criteria: Criteria | None) -> dict[str, Any] | None:
    if criteria is None:
        return None
    return {
        "when": criteria.conditions.to_json(),
        "topic": sorted(criteria.topics),
        "alarm": sorted(criteria.alarms),
    }


def _criteria_from_json(data: Mapping[str, Any] | None) -> Criteria | None:
    if data is None:
        return None
    return Criteria(Conditions.of(data["when"]), frozenset(data["topic"]), frozenset(data["alarm"]))
