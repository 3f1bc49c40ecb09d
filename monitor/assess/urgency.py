"""How soon somebody should look: named rules first, then how strong the complaint is."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.assess.base import URGENCIES

# What each rule of the lexicons means for people, how urgent it is by itself, and its score.
RULES = {
    "safety": ("safety or health", "urgent", 0.95),
    "distress": ("a person in distress", "urgent", 0.85),
    "discrimination": ("discrimination", "urgent", 0.8),
    "legal": ("legal threat", "high", 0.75),
    "money": ("money taken", "high", 0.65),
    "press": ("press or reach", "high", 0.6),
}
# A mention of a hospital in a text full of praise is looked at, but does not wake anybody.
_CALM = 0.2
_STRONG = 2.0
_PLAIN = 0.5  # the score of a complaint that is only that, where it is certain


def judge_urgency(
    rules: Mapping[str, str],
    complaint: bool,
    probability: float,
    stars: float | None,
    evidence: float,
) -> tuple[str, float]:
    """The urgency, and its score from 0 (nothing) to 1 (somebody may come to harm).

    ``rules`` maps the names of the rules that fired to the words that set them off; ``evidence``
    is what the words alone say, in log-odds.
    """
    level = 1 if complaint else 0
    score = _PLAIN * probability
    for name in rules:
        _, urgency, own = RULES[name]
        calm = probability < _CALM
        level = max(level, URGENCIES.index(urgency) - calm)
        score = max(score, own / 2 if calm else own)
    if complaint and stars is not None and stars <= 0.0 and evidence >= _STRONG:
        level = max(level, 2)
    if len(rules) > 1:
        score += (1.0 - score) / 2
    return URGENCIES[level], round(score, 3)


def reasons_of(rules: Mapping[str, str]) -> list[str]:
    """The rules that fired and the words that set them off, for people."""
    return [f"{RULES[name][0]}: {said}" for name, said in rules.items()]
