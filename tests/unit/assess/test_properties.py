from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.assess import TOPICS, URGENCIES, Utterance, make_assessor
from monitor.assess.lexicon import LANGUAGES

ASSESSOR = make_assessor()
SAID = """
    never again rude waiter waited 50 minutes hour great not good terrible love refund lawyer
    got sick schlecht nie wieder super kalt nicht pésimo no volveré excelente déçu jamais merci
    pessimo ottimo slecht lekker ruim ótimo 😡 👍 :( <b> & ! ? https://a.example/ WORST EVER
"""
texts = st.one_of(
    st.text(st.characters(), max_size=80),  # lone surrogates and controls included
    st.lists(st.sampled_from(SAID.split()), max_size=12).map(" ".join),
)
ratings = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True), st.floats(0, 1))
hints = st.one_of(st.just(""), st.sampled_from(LANGUAGES), st.text(max_size=8))
items = st.tuples(texts, texts, ratings, hints)


@given(items)
@settings(max_examples=150, deadline=None)
def test_no_input_raises_and_every_value_is_in_range(
    item: tuple[str, str, float | None, str],
) -> None:
    text, title, rating, language = item
    found = ASSESSOR.assess(text, title=title, rating=rating, language=language)
    assert 0 <= found.complaint_probability <= 1
    assert 0 <= found.language_confidence <= 1
    assert -1 <= found.sentiment <= 1
    assert found.complaint == (found.complaint_probability >= found.threshold)
    assert found.urgency in URGENCIES
    assert set(found.topics) <= set(TOPICS)
    assert found.language == "und" or (len(found.language) == 2 and found.language.islower())
    assert found.reasons or not found.complaint
    for reason in found.reasons:
        assert reason.encode("utf-8")


@given(texts, st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=100, deadline=None)
def test_a_lower_rating_never_lowers_the_complaint(text: str, one: float, other: float) -> None:
    low, high = sorted((one, other))
    worse = ASSESSOR.assess(text, rating=low).complaint_probability
    better = ASSESSOR.assess(text, rating=high).complaint_probability
    assert worse >= better


@given(st.lists(items, max_size=5))
@settings(max_examples=40, deadline=None)
def test_many_are_judged_as_one_by_one_and_always_the_same(
    batch: list[tuple[str, str, float | None, str]],
) -> None:
    singly = [
        ASSESSOR.assess(text, title=title, rating=rating, language=language)
        for text, title, rating, language in batch
    ]
    utterances = [Utterance(*each) for each in batch]
    assert ASSESSOR.assess_many(utterances) == singly
    assert make_assessor().assess_many(utterances) == singly
