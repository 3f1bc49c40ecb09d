"""How early a policy warns: after a share of the target, or with so much of it left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Lead:
    """A warning with `seconds` of the target left. Raises ValueError unless it is above 0."""

    seconds: int

    def __post_init__(self) -> None:
        if isinstance(self.seconds, bool) or not isinstance(self.seconds, int) or self.seconds <= 0:
            raise ValueError(f"{self.seconds} seconds is no lead; expected a whole number above 0")


Warn = float | Lead
"""One warning: the share of the target after which it is given, or its lead."""


def normal(given: object) -> float | tuple[Warn, ...]:
    """Return warnings in their one form: a lone share as a number, anything else as a tuple.

    A lone share is how they were kept before there could be several, so that the digests of
    policies have not changed. Raises ValueError for a share that is not above 0 and at most 1.
    """
    known = given if isinstance(given, list | tuple) else (given,)
    found: list[Warn] = []
    for each in known:
        if not isinstance(each, Lead):
            if isinstance(each, bool) or not isinstance(each, int | float) or not 0 < each <= 1:
                raise ValueError(f"{each} is no share; expected above 0, at most 1")
            each = float(each)
        if each not in found:
            found.append(each)
    if len(found) == 1 and isinstance(found[0], float):
        return found[0]
    return tuple(found)


def used_up(warnings: Iterable[Warn], target: int) -> dict[float, Warn]:
    """Return the seconds of `target` that are used at each warning, in order, at least one.

    A lead that is no shorter than the target would warn as soon as the clock starts, so it does
    not warn at all. Of two warnings at the same moment one is given.
    """
    found: dict[float, Warn] = {}
    for each in warnings:
        if isinstance(each, Lead):
            if each.seconds < target:
                found.setdefault(target - each.seconds, each)
        else:
            found.setdefault(max(1, round(target * each)), each)
    return dict(sorted(found.items()))


def to_json(warnings: float | tuple[Warn, ...]) -> Any:
    """Return JSON-able data from which `from_json` makes equal warnings."""
    if isinstance(warnings, float):
        return warnings
    return [{"lead": each.seconds} if isinstance(each, Lead) else each for each in warnings]


def from_json(data: Any) -> float | tuple[Warn, ...]:
    """Make the warnings that `to_json` wrote. Raises ValueError when `data` is none."""
    if not isinstance(data, list):
        return normal(data)
    return normal([Lead(each["lead"]) if isinstance(each, dict) else each for each in data])


def say(warning: Warn) -> str:
    """Return in words when it is given: ``75 % of the time is used``, ``30 min are left``."""
    if isinstance(warning, float):
        return f"{warning * 100:.4g} % of the time is used"
    hours, rest = divmod(warning.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) + " of it is left"
