from __future__ import annotations

import json
import os
import sys
from importlib import resources
from subprocess import run

import pytest

from monitor.assess import make_assessor
from monitor.assess.weights import PLAIN, SIGNS, Signs, Weights, features, load_weights

QUIET = Signs(against=0, praise=0, polarity=0, mood=0, shouting=False)


def test_words_and_pairs_are_features_once_each_and_in_order() -> None:
    assert list(features(["so", "slow", "so", "slow"])) == ["so", "slow", "so slow", "slow so"]
    assert list(features([])) == []


def test_the_evidence_is_the_base_and_the_weighed_signs_and_words() -> None:
    weights = Weights("x", -1.0, (1.0, -1.0, -1.0, -1.0, 1.0), {"slow": 2.0, "so slow": 3.0})
    assert weights.evidence(["fine"], QUIET) == -1.0
    assert weights.evidence(["so", "slow"], QUIET) == pytest.approx(-1.0 + 5.0 / 8**0.5)
    unkind = Signs(against=0, praise=0, polarity=-1.0, mood=-1.0, shouting=True)
    assert weights.evidence(["fine"], unkind) == pytest.approx(2.0)
    assert weights.strongest(["so", "slow", "fine"], 1) == ["so slow"]


def test_the_shipped_file_is_small_sound_and_names_its_sources() -> None:
    text = resources.files("monitor.assess").joinpath("weights", "en.json").read_text("utf-8")
    assert len(text) < 300_000
    read = json.loads(text)
    assert set(read["signs"]) == set(SIGNS)
    assert len(read["words"]) > 5_000
    assert all(abs(weight) < 10 for weight in read["words"].values())
    assert all("CC" in licence or "MIT" in licence for licence in read["trained_on"].values())


@pytest.mark.parametrize(
    "word", ["gay", "muslim", "jewish", "black", "woman", "indian", "disabled"]
)
def test_no_kind_of_people_is_evidence(word: str) -> None:
    assert not any(word in each.split() for each in load_weights("en").words)


def test_a_language_without_weights_falls_back_to_the_rules() -> None:
    assert load_weights("de") is PLAIN
    assert not PLAIN.words


def test_a_neutral_worded_problem_is_told_from_a_plain_question() -> None:
    judge = make_assessor().assess
    assert judge("My card still has not arrived, it has been two weeks").complaint
    assert not judge("How do I change the PIN of my card?").complaint


def test_a_judgement_does_not_depend_on_the_process() -> None:
    program = (
        "from monitor.assess import make_assessor\n"
        "judge = make_assessor().assess\n"
        "for text in ('The soup was cold and we waited an hour, what a shame but nice staff',\n"
        "             'Das Essen war kalt, der Kellner aber sehr nett'):\n"
        "    print(judge(text))\n"
    )
    said = {
        run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
