"""Colours that stand beside each other must be told apart by people of any colour vision."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from monitor.charts.palette import FILLS, GROUND, INK, LETTERS, SOFT

# How much of red, green and blue light is seen as which by those who lack one kind of cone
# (linear light; Viénot, Brettel and Mollon 1999 for the first two).
VISIONS = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red cones": (
        (0.11238, 0.88762, 0.0),
        (0.11238, 0.88762, 0.0),
        (0.00401, -0.00401, 1.0),
    ),
    "no green cones": (
        (0.29275, 0.70725, 0.0),
        (0.29275, 0.70725, 0.0),
        (-0.02234, 0.02234, 1.0),
    ),
}


def linear(colour: str) -> list[float]:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def luminance(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def lab(light: list[float]) -> tuple[float, float, float]:
    red, green, blue = (min(1.0, max(0.0, each)) for each in light)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (
        each ** (1 / 3) if each > 0.008856 else 7.787 * each + 16 / 116 for each in (x, y, z)
    )
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def apart(first: str, second: str, vision: str) -> float:
    seen = []
    for colour in (first, second):
        light = linear(colour)
        rows = VISIONS[vision]
        seen.append(lab([sum(k * c for k, c in zip(row, light, strict=True)) for row in rows]))
    return sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize(
    "together",
    [
        ("met", "missed", "overdue", "open"),
        ("good", "middling", "bad"),
        ("one", "two", "three", "four", "five", "six"),
    ],
)
def test_roles_that_stand_together_are_told_apart(vision: str, together: tuple[str, ...]) -> None:
    for first, second in combinations(together, 2):
        difference = apart(FILLS[first], FILLS[second], vision)
        assert difference > 10, f"{first} and {second} differ by {difference:.0f} for {vision}"


@pytest.mark.parametrize("vision", VISIONS)
def test_the_same_holds_on_a_dark_page(vision: str) -> None:
    dark = Path("monitor/web/static/charts.css").read_text().split("@media")[1]
    named = dict(re.findall(r"--chart-([a-z]+): (#[0-9a-f]{6})", dark))
    for together in (("met", "missed", "overdue", "open"), ("blue", "grey", "missed")):
        for first, second in combinations(together, 2):
            difference = apart(named[first], named[second], vision)
            assert difference > 10, f"{first} and {second} differ by {difference:.0f}"


def test_shades_of_the_load_get_darker_in_steps_that_are_seen() -> None:
    shades = [lab(linear(FILLS[f"load-{step}"]))[0] for step in range(6)]
    assert all(before - after > 7 for before, after in pairwise(shades))


def test_letters_have_contrast_on_the_ground() -> None:
    for colour in {*LETTERS.values(), INK, SOFT}:
        assert (1.05) / (luminance(colour) + 0.05) >= 4.5, colour
    assert GROUND == "#ffffff"
