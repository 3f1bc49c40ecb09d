"""What is learned from staff's labels, and what is refused."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.assess.fitting import Labelled, Recipe, chance_by, fit
from monitor.assess.layer import LocalLayer, layer_of
from monitor.assess.learning import RECIPES, TooFewLabels, learn


def domain(
    count: int, seed: int, *, scale: float = 1.0, base: float = 0.0, word: float = 0.0
) -> list[Labelled]:
    """Texts whose labels follow the evidence, stretched and moved; ``foam`` adds ``word``."""
    random = Random(seed)
    made = []
    for _ in range(count):
        evidence = random.gauss(0.0, 2.0)
        features = random.sample(["tea", "cup", "door", "bill", "menu", "rain"], 3) * 3
        truth = scale * evidence + base
        if random.random() < 0.4:
            features = [*features, "foam"]
            truth += word
        chance = 1 / (1 + math.exp(-truth))
        made.append(Labelled(evidence, features, random.random() < chance))
    return made


def loss(layer: LocalLayer | None, texts: list[Labelled]) -> float:
    chances = [chance_by(layer, text) for text in texts]
    return -math.fsum(
        math.log(max(1e-4, chance if text.complaint else 1 - chance))
        for text, chance in zip(texts, chances, strict=True)
    ) / len(texts)


@pytest.mark.parametrize("seed", range(6))
def test_what_the_model_knows_already_teaches_nothing(seed: int) -> None:
    lesson = learn(domain(200, seed))
    assert not lesson.better
    assert "by chance" in lesson.objection


@pytest.mark.parametrize("seed", range(6))
def test_labels_that_follow_nothing_are_refused(seed: int) -> None:
    random = Random(seed)
    texts = [
        Labelled(text.evidence, text.features, random.random() < 0.5) for text in domain(200, seed)
    ]
    lesson = learn(texts)
    assert not lesson.better
    assert lesson.objection


@pytest.mark.parametrize("seed", range(4))
def test_a_shifted_domain_is_learned(seed: int) -> None:
    lesson = learn(domain(200, seed, base=-2.5))
    assert lesson.better, lesson.objection
    assert lesson.layer.base < -1
    unseen = domain(2_000, seed + 100, base=-2.5)
    assert loss(lesson.layer, unseen) < loss(None, unseen) - 0.1
    assert lesson.measures.after.calibration_error < lesson.measures.before.calibration_error


def test_a_word_of_the_domain_is_learned() -> None:
    lesson = learn(domain(400, 1, word=4.0))
    assert lesson.better, lesson.objection
    words = lesson.layer.words
    assert max(words, key=lambda word: words[word]) == "foam"
    unseen = domain(2_000, 2, word=4.0)
    assert loss(lesson.layer, unseen) < loss(None, unseen) - 0.02


def test_words_that_are_rare_or_name_people_get_no_weight() -> None:
    texts = [
        Labelled(0.0, [*("turkish", "foam"), *(["rare"] if at < 4 else [])], at % 2 == 0)
        for at in range(60)
        if at % 2 == 0 or at > 3
    ] + [Labelled(0.0, ["calm"], False) for _ in range(30)]
    words = fit(texts, Recipe(1.0)).words
    assert words["foam"] > 0 > words["calm"]
    assert {"turkish", "rare"}.isdisjoint(words)


def test_equal_labels_give_an_equal_lesson() -> None:
    assert learn(domain(120, 3, base=-2)) == learn(domain(120, 3, base=-2))


def test_what_is_stored_judges_like_what_was_learned() -> None:
    texts = domain(200, 5, base=-2, word=3.0)
    layer = learn(texts, version="layer-7").layer
    again = layer_of(layer.as_json())
    assert again.version == "layer-7"
    assert [chance_by(again, text) for text in texts] == [chance_by(layer, text) for text in texts]


@pytest.mark.parametrize(
    ("count", "complaints", "told"),
    [
        (29, 10, "29 labels (10 of complaints, 19 of others) are too few: it takes 30"),
        (100, 7, "100 labels (7 of complaints, 93 of others) are too few: it takes 30, and 8"),
        (100, 93, "8 of each"),
        (0, 0, "0 labels"),
    ],
)
def test_too_few_labels_are_told(count: int, complaints: int, told: str) -> None:
    texts = [Labelled(0.0, ["tea"], at < complaints) for at in range(count)]
    with pytest.raises(TooFewLabels) as raised:
        learn(texts)
    assert told in str(raised.value)


def test_a_layer_is_compared_only_on_labels_that_it_has_not_seen() -> None:
    first = domain(200, 8, base=-2.5)
    before = learn(first).layer
    seen = [Labelled(t.evidence, t.features, t.complaint, seen=True) for t in first]
    with pytest.raises(TooFewLabels, match="newer than the layer in use"):
        learn([*seen, *domain(20, 9, base=-2.5)], before)
    same = learn([*seen, *domain(100, 9, base=-2.5)], before)
    assert same.measures.labels == 300
    assert same.measures.held_back == 100
    assert not same.better, "there is nothing new to learn"
    turned = learn([*seen, *domain(300, 9, base=2.5)], before)
    assert turned.better, "the domain became another"
    assert turned.layer.base > before.base


def test_ratings_and_the_share_count_beside_what_is_learned() -> None:
    rated = Labelled(0.0, [], False, stars=0.0)
    assert chance_by(None, rated) > 0.9
    assert rated.beside > 2
    assert chance_by(None, Labelled(0.0, [], False, shift=-0.5)) < 0.5
    texts = [
        Labelled(0.0, ["tea"], at % 2 == 0, stars=0.0 if at % 2 == 0 else 1.0) for at in range(60)
    ]
    layer = fit(texts, Recipe())
    assert layer.base == pytest.approx(0.0, abs=0.5), "the stars explain the labels"


texts = st.lists(
    st.builds(
        Labelled,
        st.floats(-40, 40),
        st.lists(st.sampled_from(["tea", "foam", "!good", "<?>", "war m"]), max_size=9),
        st.booleans(),
        st.floats(-0.8, 0.8),
        st.none() | st.floats(0, 1),
    ),
    max_size=40,
)


@given(texts, st.sampled_from(RECIPES))
@settings(max_examples=60, deadline=None)
def test_any_labels_make_a_layer_that_can_be_read(said: list[Labelled], recipe: Recipe) -> None:
    layer = fit(said, recipe, "layer-1")
    assert layer_of(layer.as_json()) == layer
    for text in said:
        assert 0 <= chance_by(layer, text) <= 1


@given(st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_a_better_lesson_is_better_by_its_own_measures(random: Random) -> None:
    lesson = learn(domain(200, random.randrange(10**6), base=random.uniform(-1, 1)))
    measures = lesson.measures
    if lesson.better:
        assert measures.after.log_loss < measures.before.log_loss
        assert measures.after.f1 >= measures.before.f1
    assert measures.gain == pytest.approx(measures.before.log_loss - measures.after.log_loss)
