"""How likely a clock that is still open will breach, by the share of its target used up.

After Kaplan and Meier: at each share, those that ended there are divided by those that were still
open. Clocks of which the end is not known yet count for as long as they were seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field

BINS = 20
"""The target is cut in so many equal shares; a clock counts from the start of its own."""


@dataclass
class Hazard:
    """Counts how clocks ended, in a few dozen numbers however many are shown.

    `ended` are those of which the end is known.
    """

    ended: int = 0
    _breached: int = 0
    _ended: list[int] = field(default_factory=lambda: [0] * BINS)
    _unknown: list[int] = field(default_factory=lambda: [0] * BINS)

    @staticmethod
    def bin_of(share: float) -> int:
        """Return the bin of a share of a target; what is below 0 or above 1 goes to the ends."""
        return min(BINS - 1, max(0, int(share * BINS)))

    def end(self, used: int) -> None:
        """Count a clock that ended in time, in the bin `used`."""
        self.ended += 1
        self._ended[used] += 1

    def breach(self) -> None:
        """Count a clock that breached: it was open in every bin."""
        self.ended += 1
        self._breached += 1

    def lose_sight(self, used: int) -> None:
        """Count a clock that is still open in the bin `used`: its end is not known."""
        self._unknown[used] += 1

    def breach_from(self, used: int) -> float:
        """Return the probability that a clock breaches which is open at the start of a bin.

        Where no earlier clock was open so long, nothing speaks against it: 1, as for a clock
        that is as late as can be.
        """
        left = 1.0
        at_risk = self._breached + sum(self._ended[used:]) + sum(self._unknown[used:])
        for number in range(used, BINS):
            if at_risk <= 0:
                break
            left *= 1 - self._ended[number] / at_risk
            at_risk -= self._ended[number] + self._unknown[number]
        return left
