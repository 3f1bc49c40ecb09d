"""How many complaints the judgement misses, from what people said of those drawn at random.

The share is the estimate of Horvitz and Thompson in Hájek's form: each verdict counts 1 / chance,
and those answered stand for those not answered yet. Its interval is that of Clopper and Pearson on
an effective number of looks (Korn and Graubard, Survey Methodology 24, 1998): the smaller of the
one by Kish, which knows only how unequal the chances were, and of the one that the spread of the
verdicts gives. So it also says something where no complaint was found: at most 3 of that number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from monitor.judging.intervals import Interval, clopper_pearson

LEVEL = 0.9
FEW = 20
"""With fewer answers, or with answers worth fewer than half as many, nothing is estimated."""


class Look(NamedTuple):
    """A mention drawn at random: with which chance, and whether a person called it a complaint.

    None: nobody has said so far, or nobody will.
    """

    chance: float
    complaint: bool | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and the interval that contains the true one with the probability `LEVEL`."""

    value: float
    low: float
    high: float

    def times(self, factor: float) -> Estimate:
        """Return the estimate of `factor` as much."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Missed:
    """What is known of missed complaints.

    `drawn` mentions were put before a person, who answered for `answered` of them and found
    `complaints`; they stand for `passed` mentions that were taken for no complaint. `share` of
    those are complaints, `per_week` in numbers; `recall` is the share of all complaints that the
    judgement found. Each is None where there are too few answers to tell.
    """

    drawn: int
    answered: int
    complaints: int
    passed: float
    share: Estimate | None
    per_week: Estimate | None
    recall: Estimate | None

    @property
    def too_few(self) -> bool:
        """Whether there are too few answers to tell anything."""
        return self.share is None


def estimate_missed(looks: Sequence[Look], weeks: float, found: float | None = None) -> Missed:
    """Estimate what was missed in `weeks`, while `found` complaints were found.

    `found` is None where nobody can tell.
    """
    answers = [look for look in looks if look.complaint is not None]
    passed = math.fsum(1 / look.chance for look in looks)
    share = _share(answers)
    missed = share.times(passed) if share is not None else None
    return Missed(
        drawn=len(looks),
        answered=len(answers),
        complaints=sum(look.complaint is True for look in answers),
        passed=passed,
        share=share,
        per_week=missed.times(1 / weeks) if missed is not None and weeks > 0 else None,
        recall=_recall(missed, found) if missed is not None and found is not None else None,
    )


def _share(answers: Sequence[Look]) -> Estimate | None:
    if len(answers) < FEW:
        return None
    weights = [1 / look.chance for look in answers]
    missed = [look.complaint is True for look in answers]
    total = math.fsum(weights)
    share = math.fsum(weight for weight, one in zip(weights, missed, strict=True) if one) / total
    share = min(1.0, share)
    size = effective_size(weights, missed, share)
    if size < FEW / 2:
        return None
    interval: Interval = clopper_pearson(min(size, share * size), size, LEVEL)
    return Estimate(share, interval.low, interval.high)


def effective_size(weights: Sequence[float], missed: Sequence[bool], share: float) -> float:
    """Return how many looks of a plain draw these are worth."""
    total = math.fsum(weights)
    size = total**2 / math.fsum(weight**2 for weight in weights)
    spread = math.fsum(
        (weight * (one - share)) ** 2 for weight, one in zip(weights, missed, strict=True)
    )
    variance = spread / total**2
    return min(size, share * (1 - share) / variance) if variance > 0 else size


def _recall(missed: Estimate, found: float) -> Estimate | None:
    if found + missed.value <= 0:
        return None
    return Estimate(
        found / (found + missed.value),
        found / (found + missed.high),
        found / (found + missed.low) if found + missed.low > 0 else 1.0,
    )
