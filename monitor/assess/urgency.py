"""How soon somebody should look: named rules first, then how strong the complaint is."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.assess.base import URGENCIES

# What each rule of the lexicons means for people, and how urgent it is by itself.
RULES = {
    "safety": ("safety or health", "urgent"),
    "distress": ("a person in distress", "urgent"),
    "discrimination": ("discrimination", "urgent"),
    "legal": ("legal threat", "high"),
    "money": ("money taken", "high"),
    "press": ("press or reach", "high"),
}
# A mention of a hospital in a text full of praise is looked at, but does not wake anybody.
_CALM = 0.2
_STRONG = 2.0


def judge_urgency(
    rules: Mapping[str, str],
    complaint: bool,
    probability: float,
    stars: float | None,
    evidence: float,
) -> tuple[str, list[str]]:
    """The urgency and its reasons.

    ``rules`` maps the names of the rules that fired to the words that set them off; ``evidence``
    is what the words alone say, in log-odds.
    """
    level = 1 if complaint else 0
    reasons = [f"{RULES[name][0]}: {said}" for name, said in rules.items()]
    for name in rules:
        step = URGENCIES.index(RULES[name][1])
        level = max(level, step - 1 if probability < _CALM else step)
    if complaint and stars is not None and stars <= 0.0 and evidence >= _STRONG:
        level = max(level, 2)
    return URGENCIES[level], reasons
