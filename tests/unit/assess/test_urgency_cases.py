"""The rules of urgency on written cases that neither the lists nor the training have seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.assess import make_assessor
from monitor.assess.urgency import RULES

CASES = Path(__file__).resolve().parents[2] / "data" / "urgency"
ASSESSOR = make_assessor()


def judged(languages: list[str]) -> list[tuple[set[str], set[str]]]:
    """The rules each case falls under, and those that fired."""
    told = []
    for language in languages:
        for line in (CASES / f"{language}.tsv").read_text(encoding="utf-8").splitlines():
            label, _, text = line.partition("\t")
            rules = set() if label == "none" else set(label.split("+"))
            assert rules <= set(RULES)
            signals = ASSESSOR.assess(text).signals
            told.append((rules, {s.removeprefix("urgent:") for s in signals if "urgent:" in s}))
    return told


def share_caught(told: list[tuple[set[str], set[str]]], rule: str) -> float:
    caught = [rule in fired for rules, fired in told if rule in rules]
    return sum(caught) / len(caught)


@pytest.mark.parametrize(("rule", "share"), [("safety", 0.93), ("legal", 0.97), ("press", 0.8)])
def test_nearly_every_english_case_of_danger_and_of_law_is_caught(rule: str, share: float) -> None:
    assert share_caught(judged(["en"]), rule) >= share


@pytest.mark.parametrize(("rule", "share"), [("safety", 0.9), ("legal", 0.95)])
def test_most_cases_in_other_languages_are_caught(rule: str, share: float) -> None:
    assert share_caught(judged(["de", "es", "fr", "it", "nl", "pt"]), rule) >= share


def test_most_harmless_uses_of_the_same_words_wake_nobody() -> None:
    harmless = [fired for rules, fired in judged(["en"]) if not rules]
    assert sum(not fired for fired in harmless) / len(harmless) >= 0.85


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        (
            "We waited forty minutes for two cappuccinos. Nobody said a word, and when it came the "
            "toast was cold. There were four people behind the counter talking to each other. I "
            "asked twice and got an eye roll.",
            None,
        ),
        (
            "Soup of the day came cold. Sent it back, came back lukewarm with a skin on it. When I "
            "said so the waiter just shrugged. That is cheeky for the price.",
            None,
        ),
        (
            "Queued for 25 minutes to be told at the till that the machine is broken and there is "
            "only filter. A sheet of paper on the door would have done.",
            None,
        ),
        ("Livemusik, Sonne durch die alten Fenster, Zimtschnecke. Was will man mehr.", 1.0),
        ("Joli endroit au bord de l'eau. Est-ce que la terrasse reste ouverte en hiver ?", 1.0),
    ],
)
def test_an_ordinary_story_wakes_nobody(text: str, rating: float | None) -> None:
    signals = ASSESSOR.assess(text, rating=rating).signals
    assert not [signal for signal in signals if "urgent:" in signal]
