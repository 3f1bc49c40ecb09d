"""What is learned of topics from what staff set right, and what is refused."""

from __future__ import annotations

import pytest

from monitor.assess import make_assessor
from monitor.assess.layer import LocalLayer, layer_of
from monitor.assess.text import words
from monitor.assess.topic_lessons import FEWEST, Corrected, learn_topics


def corrected(
    text: str, said: set[str], found: set[str] | None = None, seen: bool = False
) -> Corrected:
    return Corrected(words(text), frozenset(found or ()), frozenset(said), seen)


def shop(count: int) -> list[Corrected]:
    """Texts of a bicycle shop, whose words no shipped list knows."""
    told = []
    for n in range(count):
        told.append(corrected(f"the derailleur was bent in box {n} and nobody cared", {"quality"}))
        told.append(corrected(f"my dispatch slot number {n} never came and I waited", {"delivery"}))
        told.append(corrected(f"rude at till {n} and the derailleur fell off", {"quality"}))
    return told


def test_words_that_stand_for_a_topic_are_learned() -> None:
    lesson = learn_topics(shop(8), {})
    assert lesson is not None
    assert lesson.better, lesson.objection
    assert lesson.after > lesson.before
    assert "derailleur" in lesson.topics["quality"]
    assert any("dispatch" in word for word in lesson.topics["delivery"])
    assert not any(n in word for words in lesson.topics.values() for word in words for n in "123")


def test_what_the_lists_find_already_teaches_nothing() -> None:
    told = [Corrected(each.words, each.said, each.said) for each in shop(8)]
    lesson = learn_topics(told, {})
    assert lesson is not None
    assert not lesson.better
    assert lesson.topics == {}


def test_topics_that_follow_no_word_are_refused() -> None:
    told = [
        corrected(f"it was bad again on day {n}", {"quality" if n % 2 else "delivery"})
        for n in range(40)
    ]
    lesson = learn_topics(told, {})
    assert lesson is not None
    assert not lesson.better


def test_too_few_corrections_are_no_lesson() -> None:
    assert learn_topics(shop(8)[: FEWEST - 1], {}) is None
    seen = [each._replace(seen=True) for each in shop(8)]
    assert learn_topics(seen, {}) is None


def test_words_in_use_are_bettered_only_by_better_ones() -> None:
    first = learn_topics(shop(8), {})
    assert first is not None
    again = learn_topics(shop(8), first.topics)
    assert again is not None
    assert not again.better


@pytest.mark.parametrize("brand", ["", "harbour"])
def test_a_layer_names_topics_beside_those_of_the_lists_and_the_brand(brand: str) -> None:
    layer = LocalLayer("layer-1", topics={"quality": ["derailleur"]})
    own = {"harbour": {"racks": ["rack"]}}
    assessor = make_assessor(layer=layer, topics=own)
    told = assessor.assess("The derailleur is bent and the rack is awful, rude staff", brand=brand)
    assert {"quality", "staff"} <= set(told.topics)
    assert ("racks" in told.topics) == (brand == "harbour")


def test_a_layer_is_read_as_it_was_written() -> None:
    layer = LocalLayer("layer-1", 1.5, -0.5, {"foam": 0.4}, {"quality": ("bent wheel",)})
    assert layer_of(layer.as_json()) == layer
    old = layer.as_json()
    del old["topics"]
    assert layer_of(old).topics == {}
    with pytest.raises(ValueError, match="not a layer"):
        layer_of({**layer.as_json(), "topics": {"quality": [".. bent"]}})
