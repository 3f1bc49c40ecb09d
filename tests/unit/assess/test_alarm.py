"""The learned part of urgency: several sums in one, and the word that said most."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assess.alarm import WINDOW, Alarm, as_text, read_alarm
from monitor.assess.features import features, negations_of
from monitor.assess.weights import FEWEST, UNIT, Names

FEATURES = ["!safe", "burnt", "court", "safe", "swell*", "in court", "not safe"]
RULES = ("safety", "legal")
SAFETY = [400, 900, -50, -300, 700, -20, 250]
LEGAL = [-10, -80, 800, 0, -5, 600, -30]
WORDS = ["burnt", "court", "in", "not", "safe", "swelling", "swell", "tea"]


def small() -> Alarm:
    names = Names.of(FEATURES)
    order = names.features()
    columns = [
        [dict(zip(FEATURES, column, strict=True))[name] for name in order]
        for column in (SAFETY, LEGAL)
    ]
    return Alarm("en", True, RULES, (-1.5, -1.0), names, columns)


def naively(words: list[str]) -> set[str]:
    """The rules that fire, each summed by itself and by the names of features."""
    found = features(words, (), negations_of("en"), stems=True)
    size = UNIT * math.sqrt(max(len(found), FEWEST))
    fired = set()
    for rule, base, column in zip(RULES, (-1.5, -1.0), (SAFETY, LEGAL), strict=True):
        known = dict(zip(FEATURES, column, strict=True))
        if base + sum(known.get(name, 0) for name in found) / size > 0:
            fired.add(rule)
    return fired


@given(st.lists(st.sampled_from(WORDS), max_size=WINDOW))
def test_all_rules_are_added_up_at_once_as_one_by_one(words: list[str]) -> None:
    assert set(small().fired(words)) == naively(words)


@given(
    st.lists(st.tuples(*[st.integers(-70_000, 70_000)] * 3), min_size=2, max_size=2, unique=True)
)
def test_weights_come_back_as_they_were_given(rows: list[tuple[int, int, int]]) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)]
    alarm = Alarm("en", False, ("a", "b", "c"), (0.0,) * 3, Names.of(["tea", "cup"]), columns)
    assert alarm.columns() == columns


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["hand", "burnt", "court"], {"safety": "burnt", "legal": "court"}),
        (["a", "lip", "swelling", "swelling"], {"safety": "swelling"}),
        (["see", "you", "in", "court", "court"], {"legal": "court"}),
        (["swell", "swell", "swell"], {}),
    ],
)
def test_the_word_that_said_most_is_told(words: list[str], told: dict[str, str]) -> None:
    assert small().fired(words) == told


def test_one_sentence_of_danger_is_not_lost_among_many_of_tea() -> None:
    assert small().fired(["tea"] * 200 + ["burnt"] * 6 + ["tea"] * 200) == {"safety": "burnt"}


def test_a_file_reads_as_what_was_written() -> None:
    text = as_text(small(), {"invented": "for a test"})
    assert as_text(read_alarm(text), {"invented": "for a test"}) == text
    broken = json.loads(text)
    broken["weights"][0] = ["1 2"]
    with pytest.raises(ValueError, match=r"longer|shorter"):
        read_alarm(json.dumps(broken))
