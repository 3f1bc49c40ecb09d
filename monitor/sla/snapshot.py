"""A policy with its calendar, frozen as they were when a case was opened.

Later edits of the configuration do not rewrite a case's deadlines, nor last quarter's report.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.hours import ALWAYS, Calendar
from monitor.sla.policy import Policy, Target

FORMATS = (1, 2)
"""What this release reads. It writes the second only for what the first cannot say, so that a
policy which uses nothing new keeps its version."""


_FIRST_KEYS = {"key", "calendar", "targets", "warn_at", "when"}
_FIRST_CONDITIONS = {
    "rating_at_most",
    "rating_at_least",
    "urgency",
    "source",
    "brand",
    "location",
    "language",
}


class NoTarget(LookupError):
    """The policy does not promise this target; no clock runs for it."""


@dataclass(frozen=True)
class Snapshot:
    """One version of a policy and its calendar.

    `digest` is 64 hexadecimal digits over everything that is promised: equal promises have equal
    digests, on every machine and in every later release that reads this format. What holidays
    are called is stored and promises nothing, so it is left out.
    """

    policy: Policy
    calendar: Calendar
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        if self.policy.calendar != self.calendar.key:
            raise ValueError(
                f"policy {self.policy.key!r} counts by calendar {self.policy.calendar!r}, "
                f"not by {self.calendar.key!r}"
            )
        said = self.to_json() | {"calendar": self.calendar.to_json(names=False)}
        text = json.dumps(said, sort_keys=True, separators=(",", ":"))
        object.__setattr__(self, "digest", hashlib.sha256(text.encode()).hexdigest())

    @property
    def version(self) -> str:
        """The digest as people see it: its first eight digits."""
        return self.digest[:8]

    @property
    def targets(self) -> dict[Target, int]:
        """The promised targets, in seconds of the time that each is counted in."""
        return self.policy.targets

    def seconds(self, target: Target) -> int:
        """Return a target in seconds, of open time or of wall time as `counts_by` tells.

        Raises `NoTarget` when it is not promised.
        """
        try:
            return self.policy.targets[target]
        except KeyError:
            raise NoTarget(f"policy {self.policy.key!r} promises no {target!r}") from None

    def counts_by(self, target: Target) -> Calendar:
        """Return the calendar that a target is counted by: one always open, for wall time."""
        return ALWAYS if target in self.policy.wall else self.calendar

    def to_json(self) -> dict[str, Any]:
        """Return JSON-able data from which `from_json` makes an equal snapshot."""
        policy = self.policy.to_json()
        return {
            "format": 2 if _says_more(policy) else 1,
            "policy": policy,
            "calendar": self.calendar.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Snapshot:
        """Make the snapshot that `to_json` wrote. Raises ValueError when `data` is not one."""
        stored = data.get("format") if isinstance(data, Mapping) else None
        if stored not in FORMATS:
            known = " and ".join(str(each) for each in FORMATS)
            raise ValueError(f"a snapshot of format {stored!r}; this release reads {known}")
        try:
            policy, calendar = data["policy"], data["calendar"]
        except KeyError as error:
            raise ValueError(f"not a stored snapshot: {error} is missing") from error
        return make_snapshot(Policy.from_json(policy), Calendar.from_json(calendar))


def _says_more(policy: Mapping[str, Any]) -> bool:
    """Tell whether a stored policy says what the first format cannot."""
    return bool(
        policy.keys() - _FIRST_KEYS
        or policy["when"].keys() - _FIRST_CONDITIONS
        or isinstance(policy["warn_at"], list)
    )


def make_snapshot(policy: Policy, calendar: Calendar) -> Snapshot:
    """Freeze `policy` with the calendar that it names. Raises ValueError for another one.

    To run a policy by another calendar, such as a location's own, name it first:
    ``make_snapshot(dataclasses.replace(policy, calendar=own.key), own)``.
    """
    return Snapshot(policy, calendar)
