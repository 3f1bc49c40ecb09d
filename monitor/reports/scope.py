"""Which cases a report is of."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.reports.measures import Part


@dataclass(frozen=True, slots=True)
class Scope:
    """Which cases are meant: all, or those whose `part` has one of `values`.

    With `others`, those whose part has none of them. `by` and `label` say what was asked for,
    where that is not the part itself, as with a team's people.
    """

    part: Part = "all"
    values: tuple[str, ...] = ("",)
    others: bool = False
    by: str = ""
    label: str = ""

    def holds(self, value: str) -> bool:
        """Tell whether a value of the part is meant."""
        return (value in self.values) != self.others


ALL = Scope()
