"""The reply rules catch the written bad replies and let the good ones pass."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.reply_rules import GOOD, Example, blocking, written

SEVEN = {"en", "de", "es", "fr", "it", "nl", "pt"}
EXAMPLES = list(written())
BAD = [example for example in EXAMPLES if example.expected != GOOD]
FINE = [example for example in EXAMPLES if example.expected == GOOD]


def test_the_set_is_large_enough_to_say_something() -> None:
    assert len(BAD) >= 150
    assert len(FINE) >= 250
    for rule in ("threat", "accusation", "insult", "incentive", "confirms", "order_number"):
        assert {example.language for example in BAD if example.expected == rule} == SEVEN


def test_nearly_every_bad_reply_is_blocked_by_the_rule_meant() -> None:
    missed = [
        example
        for example in BAD
        if example.expected not in {found.rule for found in blocking(example.text, example.facts)}
    ]
    assert len(missed) <= 0.01 * len(BAD), [example.text for example in missed]


@pytest.mark.parametrize("code", sorted(SEVEN))
def test_no_language_is_left_out(code: str) -> None:
    rules = Counter(example.expected for example in BAD if example.language == code)
    caught = Counter(
        example.expected
        for example in BAD
        if example.language == code and blocking(example.text, example.facts)
    )
    assert all(caught[rule] >= rules[rule] - 1 for rule in rules)


@pytest.mark.parametrize("example", FINE, ids=lambda example: example.text[:40])
def test_a_good_reply_that_comes_near_is_not_blocked(example: Example) -> None:
    assert blocking(example.text, example.facts) == []
