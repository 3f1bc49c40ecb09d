"""What a judgement is worth, in numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence


def auc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """The chance that a complaint scores above one that is none (ties count half)."""
    ranked = sorted(zip(scores, labels, strict=True), key=lambda each: each[0])
    below = total = 0.0
    start = 0
    positives = sum(labels)
    negatives = len(labels) - positives
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        bad = sum(label for _, label in ranked[start:end])
        good = end - start - bad
        total += bad * (below + good / 2)
        below += good
        start = end
    return total / (positives * negatives) if positives and negatives else float("nan")


def f1(said: Sequence[bool], labels: Sequence[bool]) -> float:
    """The harmonic mean of precision and recall; 0.0 where nothing was hit."""
    hits = sum(a and b for a, b in zip(said, labels, strict=True))
    return 2 * hits / (sum(said) + sum(labels)) if hits else 0.0


def best_f1(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """The F1 at the best of all thresholds: what no threshold can beat."""
    ranked = sorted(zip(scores, labels, strict=True), key=lambda each: -each[0])
    positives = sum(labels)
    hits = 0
    top = 0.0
    for said, (_, label) in enumerate(ranked, start=1):
        hits += label
        top = max(top, 2 * hits / (said + positives))
    return top


def calibration_error(
    probabilities: Sequence[float], labels: Sequence[bool], bins: int = 15
) -> float:
    """Expected calibration error over equal bins (Guo and others, 2017)."""
    counts = [0] * bins
    said = [0.0] * bins
    hits = [0] * bins
    for probability, label in zip(probabilities, labels, strict=True):
        place = min(int(probability * bins), bins - 1)
        counts[place] += 1
        said[place] += probability
        hits[place] += label
    total = sum(counts)
    return sum(abs(s - h) for s, h in zip(said, hits, strict=True)) / total if total else 0.0


def best_line(
    scores: Sequence[float],
    labels: Sequence[bool],
    weights: Sequence[float] | None = None,
    *,
    slope: float = 1.0,
    offset: float = 0.0,
    hold: float = 1e-6,
) -> tuple[float, float]:
    """Platt's line: the slope and offset that make log-odds of scores, by Newton's method.

    ``slope`` and ``offset`` are where it begins, and where ``hold`` draws it to.
    """
    weights = weights or [1.0] * len(scores)
    a, b = slope, offset
    for _ in range(50):
        g_a, g_b = hold * (a - slope), hold * (b - offset)
        h_aa, h_ab, h_bb = hold, 0.0, hold
        for x, y, w in zip(scores, labels, weights, strict=True):
            p = 1 / (1 + math.exp(-max(-30.0, min(30.0, a * x + b))))
            error, bend = w * (p - y), w * p * (1 - p)
            g_a += error * x
            g_b += error
            h_aa += bend * x * x
            h_ab += bend * x
            h_bb += bend
        determinant = h_aa * h_bb - h_ab * h_ab
        if determinant <= 1e-12:
            break
        step_a = (h_bb * g_a - h_ab * g_b) / determinant
        step_b = (h_aa * g_b - h_ab * g_a) / determinant
        a, b = a - step_a, b - step_b
        if abs(step_a) + abs(step_b) < 1e-7:
            break
    return a, b


def best_offset(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """What is added to log-odds so that as many complaints are expected as there are."""
    offset = 0.0
    for _ in range(50):
        chances = [1 / (1 + math.exp(-max(-30.0, min(30.0, x + offset)))) for x in scores]
        bend = sum(p * (1 - p) for p in chances)
        if bend < 1e-9:
            break
        step = (sum(chances) - sum(labels)) / bend
        offset -= max(-2.0, min(2.0, step))
        if abs(step) < 1e-7:
            break
    return offset
