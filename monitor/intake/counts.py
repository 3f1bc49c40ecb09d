"""What came of a page, in numbers for people."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.base import Problem


@dataclass(slots=True)
class Counts:
    """What came of a page. `cases` were opened; `misread` could not be read."""

    found: int = 0
    new: int = 0
    edited: int = 0
    known: int = 0
    deleted: int = 0
    cases: int = 0
    misread: int = 0
    problems: list[Problem] = field(default_factory=list)

    def add(self, other: Counts) -> None:
        """Add the counts of a further page."""
        for name in ("found", "new", "edited", "known", "deleted", "cases", "misread"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.problems.extend(other.problems)
