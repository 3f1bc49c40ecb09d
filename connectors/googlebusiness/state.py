"""What a Business Profile source remembers between two pages, and between two polls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from connectors.base import Cursor
from connectors.googlebusiness.listing import Group, groups_of
from connectors.rounds import Round


@dataclass(slots=True)
class State:
    """The cursor, opened.

    `rounds` holds one round for each group, `at` is the group that is being read, and `silent`
    tells why a location shows nothing. `apart` says that each location is read by itself, since
    one of them spoiled the question for all.
    """

    locations: tuple[str, ...]
    groups: list[Group]
    rounds: dict[str, Round]
    silent: dict[str, str]
    at: int = 0
    apart: bool = False

    @classmethod
    def resume(cls, cursor: Cursor, locations: Sequence[str]) -> State:
        """Open `cursor`. Other locations are asked for together again."""
        apart = bool(locations) and cursor.get("apart") == _digest(locations)
        groups = groups_of(locations, together=not apart)
        kept, silent = cursor.get("groups", {}), cursor.get("silent", {})
        return cls(
            tuple(locations),
            groups,
            {one.key: Round.resume(kept.get(one.key, {})) for one in groups},
            {name: str(reason) for name, reason in silent.items() if name in locations},
            max(0, min(int(cursor.get("at", 0)), len(groups) - 1)),
            apart,
        )

    @property
    def group(self) -> Group:
        return self.groups[self.at]

    @property
    def round(self) -> Round:
        return self.rounds[self.group.key]

    @property
    def all_silent(self) -> bool:
        return len(self.silent) == len(set(self.locations))

    @property
    def is_last(self) -> bool:
        return self.at == len(self.groups) - 1

    def part(self) -> None:
        """Read each location by itself from now on, beginning with the first."""
        self.apart, self.at = True, 0
        self.groups = groups_of(self.locations, together=False)
        self.rounds = {one.key: Round() for one in self.groups}

    def pass_on(self) -> bool:
        """Go to the next group; tell whether there is one. After the last comes the first."""
        self.at += 1
        if self.at < len(self.groups):
            return True
        self.at = 0
        # Where every location is refused, it was not one that spoiled it for the others.
        self.apart = self.apart and not self.all_silent
        return False

    def cursor(self) -> dict[str, Any]:
        """Close the state: JSON that is equal where nothing happened."""
        said = {
            "groups": {key: one.state() for key, one in self.rounds.items() if one.state()},
            "at": self.at,
            "silent": self.silent,
            "apart": _digest(self.locations) if self.apart else "",
        }
        return {name: value for name, value in said.items() if value}


def _digest(locations: Sequence[str]) -> str:
    return blake2b(" ".join(sorted(set(locations))).encode(), digest_size=8).hexdigest()
