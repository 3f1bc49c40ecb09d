from __future__ import annotations

import pytest

from monitor.assess.base import INTENTS, TOPICS
from monitor.assess.lexicon import LANGUAGES, Lexicon, load_lexicon, topics_of
from monitor.assess.text import words
from monitor.assess.urgency import RULES

SMALL = """
; a remark
[negation]
not never
[stop]
the was
[topic staff]
waiter*, rude staff ; said of people
[topic waiting]
wait* # minutes
[urgent safety]
got sick
[intent closing]
thanks bye
"""

# Topics that come with a rule of urgency, or with nothing else.
NOT_LISTED = {"legal", "discrimination", "distress", "other"}


def small() -> Lexicon:
    return Lexicon("xx", SMALL)


def test_topics_intents_and_urgent_rules_are_found_with_their_words() -> None:
    said = words("The waiter let us wait; we waited 50 minutes and got sick. Thanks, bye")
    assert small().read(said) == ({"safety": "got sick"}, ["staff", "waiting"], {"closing"})
    assert small().read(words("nothing of it")) == ({}, [], set())


def test_a_negation_just_before_calms_a_rule() -> None:
    assert small().read(words("we never got sick")).urgent == {}
    assert not small().is_urgent(words("we never got sick"))
    late = words("never an apology and we got sick")
    assert small().read(late).urgent == {"safety": "got sick"}
    assert small().is_urgent(late)


@pytest.mark.parametrize(
    "source", ["rude", "[topic]\nrude", "[unknown x]\nrude", "[topic x]\n.. rude"]
)
def test_a_list_that_cannot_be_read_is_refused_with_its_line(source: str) -> None:
    with pytest.raises(ValueError, match=r"lexicon xx, line [12]: "):
        Lexicon("xx", source)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_list_is_sound(language: str) -> None:
    lexicon = load_lexicon(language)
    assert len(lexicon.stops) > 40
    assert lexicon.negations
    names = lexicon.names()
    assert names["topic"] >= set(TOPICS) - NOT_LISTED
    assert names["urgent"] == set(RULES)
    assert names["intent"] <= set(INTENTS)


def test_a_brands_own_topics_are_patterns() -> None:
    own = topics_of({"parking": ["parking", "car park*"]})
    assert [match.name for match in own.find(words("No car parks near"))] == ["parking"]
    with pytest.raises(ValueError, match="begins and ends"):
        topics_of({"odd": [".."]})
