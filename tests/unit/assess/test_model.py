from __future__ import annotations

import json
import os
import sys
from importlib import resources
from subprocess import run

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assess import make_assessor
from monitor.assess.features import features, marks_of, negations_of
from monitor.assess.lexicon import LANGUAGES
from monitor.assess.model import Model, as_text, load_model, read_model
from monitor.assess.weights import FEWEST, UNIT, Names, Weights

NAMES = ["!", "!good", "cold", "good", "not", "wait*", "not good", "so cold", "very good"]


COMPLAINT = [10, 200, 150, -200, 30, 80, 120, 60, -90]
PRAISE = [5, -100, -120, 220, 0, 0, -40, 0, 70]
NEGATIONS = negations_of("en")


def weights(values: list[int], stems: bool) -> Weights:
    names = Names.of(NAMES)
    said = dict(zip(NAMES, values, strict=True))
    return Weights(names, [said[name] for name in names.features()], NEGATIONS, stems)


def small(stems: bool = True) -> Model:
    return Model(
        version="t-1",
        language="en",
        base=-1.0,
        scale=2.0,
        prior=0.3,
        praise_base=-0.5,
        stems=stems,
        kinds={"post": 0.5},
        names=Names.of(NAMES),
        complaint=weights(COMPLAINT, stems),
        praise=weights(PRAISE, stems),
    )


def by_features(model: Model, said: list[str], marks: list[str]) -> float:
    known = dict(zip(NAMES, COMPLAINT, strict=True))
    found = features(said, marks, NEGATIONS, model.stems)
    total = sum(known.get(name, 0) for name in found)
    return model.base + model.scale * total / (UNIT * max(len(found), FEWEST) ** 0.5)


@given(
    st.lists(
        st.sampled_from(["not", "good", "very", "cold", "so", "never", "waiting", "other"]),
        max_size=14,
    ),
    st.lists(st.sampled_from(["!", "?"]), max_size=2, unique=True),
    st.booleans(),
)
def test_a_text_is_weighed_by_what_its_features_say(
    said: list[str], marks: list[str], stems: bool
) -> None:
    model = small(stems)
    assert model.evidence(model.complaint.weigh(said, marks)) == pytest.approx(
        by_features(model, said, marks)
    )


def test_a_negation_turns_what_follows_until_the_next_one() -> None:
    negations = frozenset(["not", "never"])
    assert features(["not", "so", "good", "at", "all"], (), negations) == [
        "not so", "so good", "good at", "at all", "not", "!so", "!good", "!at", "all",
    ]  # fmt: skip
    assert features(["never", "not", "good"], (), negations)[2:] == ["never", "not", "!good"]


def test_each_word_is_told_with_half_of_its_pairs() -> None:
    complaint = weights(COMPLAINT, stems=False)
    said = complaint.weigh(["not", "good", "cold"])
    assert said.pairs == [120, 0]
    assert said.by_word() == [30 + 60, 200 + 60, 0]
    assert complaint.weigh([]).by_word() == []


def test_marks_are_told_beside_the_words() -> None:
    assert marks_of("Why?!", 0.0, shouting=False) == ["!", "?"]
    assert marks_of("why", -1.0, shouting=True) == ["<capitals>", "<bad sign>"]


def test_a_file_reads_as_what_was_written() -> None:
    model = small()
    text = as_text(model, {"invented": "for a test"})
    again = read_model(text)
    assert as_text(again, {"invented": "for a test"}) == text
    said = ["so", "cold"]
    assert again.complaint.weigh(said) == model.complaint.weigh(said)
    assert again.praise.weigh(said) == model.praise.weigh(said)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"features": "a\\nb"}'])
def test_a_file_that_is_no_model_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        read_model(text)


def test_features_and_weights_of_different_number_are_refused() -> None:
    read = json.loads(as_text(small(), {}))
    read["complaint"].append("7")
    with pytest.raises(ValueError, match=r"longer|shorter"):
        read_model(json.dumps(read))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_model_is_small_and_names_its_sources(language: str) -> None:
    text = resources.files("monitor.assess").joinpath("models", f"{language}.json").read_text()
    assert len(text) < 1_000_000
    read = json.loads(text)
    assert read["made_by"] == "rapport assess train"
    assert read["made_from"]
    model = load_model(language)
    assert model is not None
    assert model.language == language
    assert len(model.complaint.in_order()) > 3_000


def test_no_model_is_shipped_for_other_languages() -> None:
    assert load_model("da") is None


def test_equal_texts_are_judged_equally_in_every_process() -> None:
    code = (
        "from monitor.assess import make_assessor;"
        "print(make_assessor().assess('Never again, the soup was cold and the waiter rude.'))"
    )
    said = set()
    for seed in ("0", "1", "2"):
        ran = run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        said.add(ran.stdout)
    assert len(said) == 1


def test_textblob_and_numpy_are_not_needed_to_judge_english() -> None:
    code = (
        "import sys; from monitor.assess import make_assessor;"
        "found = make_assessor().assess('The soup was cold and nobody said sorry to us');"
        "assert found.complaint and found.reasons;"
        "print([name for name in ('textblob', 'nltk', 'numpy', 'sklearn') if name in sys.modules])"
    )
    ran = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_version_is_that_of_the_english_model() -> None:
    english = load_model("en")
    assert english is not None
    assert make_assessor().version == english.version
