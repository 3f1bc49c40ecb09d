"""How the shipped models are made, on small invented texts; and that they can be made again."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assess.lexicon import LANGUAGES
from monitor.assess.training import files
from monitor.assess.training.fit import Example, fit, vocabulary
from monitor.assess.training.measures import (
    auc,
    best_f1,
    best_line,
    best_offset,
    calibration_error,
    f1,
)
from monitor.assess.training.opinions import Opinions, own
from monitor.assess.training.people import names_people
from monitor.assess.training.written import LABELS, urgent, written

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="the labelled sets (shared/data beside the repository) are not here"
)
pairs = st.lists(st.tuples(st.floats(-5, 5), st.booleans()), min_size=1, max_size=40)


def examples() -> list[Example]:
    """Texts of two sets in which 'cold' complains and 'kind' praises."""
    draw = random.Random(7)
    made = []
    for number in range(200):
        wanted = number % 2 == 0
        said = [draw.choice(["soup", "bread", "tea", "room"]) for _ in range(5)]
        said.append("cold" if wanted else "kind")
        made.append(Example(said, wanted, 1.0, number % 4 // 2))
    return made


def test_what_divides_the_texts_gets_the_weight() -> None:
    names = vocabulary(examples(), 2, 2)
    told = fit(examples(), names, (), 1.0)
    assert told.weights["cold"] > 1.0
    assert told.weights["kind"] < -1.0
    assert abs(told.weights["soup"]) < 0.3
    assert told.score(["cold", "tea"]) > 0 > told.score(["kind", "tea"])


def test_equal_texts_give_equal_weights() -> None:
    names = vocabulary(examples(), 2, 2)
    assert fit(examples(), names, (), 1.0) == fit(examples(), names, (), 1.0)


def test_an_opinion_list_speaks_for_words_that_no_text_held() -> None:
    lists = [Opinions("own", {"cold": 1.0, "kind": -1.0, "filthy": 1.0}, {"disappoint": 0.8})]
    told = fit(examples(), ["soup", "disappointed"], lists, 1.0)
    assert told.weights["filthy"] > 0.5
    assert told.weights["!filthy"] < 0
    assert told.weights["disappointed"] > 0.3


def test_a_name_that_one_set_holds_gets_no_weight_unless_it_was_invented() -> None:
    heard = [Example(["quayside", "soup"], True, 1.0, group) for group in (0, 0, 0)]
    heard += [Example(["soup"], False, 1.0, 1), Example(["soup"], False, 1.0, 1)]
    assert vocabulary(heard, 2, 2) == ["soup"]
    invented = [Example(["lawyer"], True, 1.0, 2, invented=True)] * 6
    assert vocabulary(heard + invented, 2, 2, often=6) == ["lawyer", "soup"]


def test_words_for_people_are_no_evidence() -> None:
    assert names_people("women")
    assert names_people("rude woman")
    assert names_people("!he")
    assert not names_people("rude waiter")


@given(pairs)
def test_the_area_under_the_curve_is_the_share_of_pairs_in_order(
    judged: list[tuple[float, bool]],
) -> None:
    good = [score for score, label in judged if not label]
    bad = [score for score, label in judged if label]
    if not good or not bad:
        return
    in_order = sum((b > g) + 0.5 * (b == g) for b in bad for g in good) / len(good) / len(bad)
    assert auc(*map(list, zip(*judged, strict=True))) == pytest.approx(in_order)


@given(pairs)
def test_the_best_f1_is_that_of_some_threshold_and_no_other_beats_it(
    judged: list[tuple[float, bool]],
) -> None:
    scores, labels = [s for s, _ in judged], [label for _, label in judged]
    at = [f1([score >= cut for score in scores], labels) for cut in scores]
    assert best_f1(scores, labels) >= max(at) - 1e-12


def test_certain_and_right_is_well_calibrated_and_certain_and_wrong_is_not() -> None:
    assert calibration_error([0.0, 1.0], [False, True]) == 0.0
    assert calibration_error([0.0, 1.0], [True, False]) == 1.0


def test_a_line_finds_the_scale_and_base_that_texts_were_drawn_with() -> None:
    draw = random.Random(3)
    scores = [draw.gauss(0, 2) for _ in range(4_000)]
    labels = [draw.random() < 1 / (1 + 2.718281828 ** -(1.5 * s - 0.7)) for s in scores]
    scale, base = best_line(scores, labels)
    assert scale == pytest.approx(1.5, abs=0.15)
    assert base == pytest.approx(-0.7, abs=0.15)
    moved = best_offset([1.5 * score for score in scores], labels)
    assert moved == pytest.approx(-0.7, abs=0.15)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_written_texts_and_lists_of_every_language_can_be_read(language: str) -> None:
    texts = list(written(language))
    assert len(texts) > 1_000
    assert {each.label for each in texts} == set(LABELS)
    assert len({each.text for each in texts}) > 0.99 * len(texts)
    assert sum(1 for _ in urgent(language)) > 300
    opinions = own(language)
    assert len(opinions.entries) > 500


@pytest.mark.parametrize("line", ["praise without a tab", "anger\tNo such label", "praise\t  "])
def test_a_written_line_that_is_none_is_refused_with_its_place(tmp_path: Path, line: str) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "en_x.tsv").write_text(f"praise\tGood soup.\n{line}\n")
    with pytest.raises(ValueError, match=r"en_x\.tsv, line 2: expected"):
        list(written("en", tmp_path))


@needs_data
@pytest.mark.parametrize("language", ["de", "pt"])
def test_a_shipped_model_can_be_made_again_to_the_bit(language: str) -> None:
    made = files.made(language, DATA, lambda _: None)
    assert list(files.different(made)) == []
