"""How often the interval of what is missed holds the truth: ``python -m benchmarks.second_looks``.

Invented weeks of 600 mentions, of which some are complaints that were missed; 20 of each week are
drawn and looked at. Deterministic.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from monitor.judging.drawing import draw
from monitor.judging.missed import Estimate, Look, estimate_missed

SURVEYS = 600
MENTIONS = 600
LOOKS = 20

Week = tuple[list[float], list[bool]]

MISSED: dict[str, Callable[[float, float], bool]] = {
    "as probable": lambda probability, chance: chance < probability / 2,
    "1 % evenly": lambda _, chance: chance < 0.01,
    "3 % evenly": lambda _, chance: chance < 0.03,
    "10 % evenly": lambda _, chance: chance < 0.10,
    "improbable ones only": lambda probability, chance: probability < 0.02 and chance < 0.04,
    "probable ones only": lambda probability, chance: probability > 0.2 and chance < 0.3,
}


def make_week(missed: Callable[[float, float], bool], random: Random) -> Week:
    probabilities = [min(0.38, random.betavariate(0.4, 6)) for _ in range(MENTIONS)]
    return probabilities, [missed(each, random.random()) for each in probabilities]


def survey(weeks: list[Week], random: Random) -> Estimate | None:
    looks = [
        Look(chance, missed[place])
        for probabilities, missed in weeks
        for place, chance in draw(probabilities, LOOKS, random)
    ]
    return estimate_missed(looks, len(weeks)).share


def main() -> None:
    random = Random(5)
    print(f"{'missed':<22}{'weeks':>6}{'true':>8}{'mean':>8}{'held':>8}{'above':>8}{'wide':>8}")
    for name, missed in MISSED.items():
        for count in (1, 4, 12):
            weeks = [make_week(missed, random) for _ in range(count)]
            truth = sum(sum(complaints) for _, complaints in weeks) / (MENTIONS * count)
            found = [each for _ in range(SURVEYS) if (each := survey(weeks, random)) is not None]
            held = sum(each.low <= truth <= each.high for each in found) / len(found)
            above = sum(truth > each.high for each in found) / len(found)
            mean = sum(each.value for each in found) / len(found)
            wide = sum(each.high - each.low for each in found) / len(found)
            print(
                f"{name:<22}{count:>6}{truth:>8.2%}{mean:>8.2%}{held:>8.1%}{above:>8.1%}{wide:>8.1%}"
            )


if __name__ == "__main__":
    main()
