from __future__ import annotations

import pytest

from monitor.assess.base import TOPICS
from monitor.assess.lexicon import LANGUAGES, Lexicon, load_lexicon
from monitor.assess.text import fold, words
from monitor.assess.urgency import RULES

SMALL = """
; a remark
[negation]
not never
[intensity]
2 very
[complaint]
2 rude ; said of people
1 cold|stale soup|bread
3 never .. again
1.5 wait* # minutes, no wi fi
-2 nice
-2 will .. return
[topic staff]
waiter*
[urgent safety]
got sick
"""

NOT_LISTED = {"legal", "discrimination", "distress", "other"}


def find(text: str):
    return Lexicon("xx", SMALL).find(words(fold(text)))


@pytest.mark.parametrize(
    ("text", "against", "praise"),
    [
        ("Rude", 2, 0),
        ("very rude", 4, 0),
        ("stale bread and cold soup", 2, 0),
        ("cold bread", 1, 0),
        ("cold", 0, 0),
        ("never ever come back again", 3, 0),
        ("never one two three four again", 0, 0),
        ("waited 50 minutes", 1.5, 0),
        ("waiting minutes", 0, 0),
        ("no wi-fi", 1.5, 0),
        ("nice", 0, 2),
        ("not nice", 1.8, 0),
        ("not rude", 0, 0.8),
        ("will surely return", 0, 2),
        ("will not return", 0, 0),
    ],
)
def test_patterns_are_found_and_weighed(text: str, against: float, praise: float) -> None:
    found = find(text)
    assert found.against == pytest.approx(against)
    assert found.praise == pytest.approx(praise)


def test_topics_and_urgent_rules_are_found_with_their_words() -> None:
    found = find("the waiters laughed when we got sick")
    assert found.topics == ["staff"]
    assert found.urgent == {"safety": "got sick"}
    assert find("we never got sick").urgent == {}


@pytest.mark.parametrize("text", ["[complaint]\nrude", "rude", "[nonsense]\n1 rude"])
def test_a_list_that_cannot_be_read_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(ValueError, match="line"):
        Lexicon("xx", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_list_is_sound(language: str) -> None:
    found = load_lexicon(language)
    assert len(found.stops) > 50
    assert len(found.negations) >= 5
    names = {(entry.kind, entry.name) for entry in found.entries()}
    assert {name for kind, name in names if kind == "topic"} == set(TOPICS) - NOT_LISTED
    assert {name for kind, name in names if kind == "urgent"} == set(RULES)
    # Every weight is one that a person would give; a slip of the pen is not.
    assert all(0.3 <= abs(entry.weight) <= 3 for entry in found.entries() if entry.weight)
