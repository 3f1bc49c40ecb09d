"""The template library says everything in every language, and nothing it should not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from responders.phrases import (
    POOLS,
    TEMPLATES,
    TemplateError,
    languages,
    load_language,
    load_topics,
    parse_sentence,
)
from responders.template_check import NEEDED, check_templates, unused_pools


def test_the_shipped_library_has_no_fault() -> None:
    assert check_templates() == []


def test_the_needed_languages_are_there_and_no_pool_is_idle() -> None:
    assert set(languages()) >= NEEDED
    assert unused_pools() == set()


@pytest.mark.parametrize("code", languages())
def test_every_pool_has_four_sentences_to_choose_from(code: str) -> None:
    language = load_language(code)
    for pool, groups in POOLS.items():
        for group in groups:
            assert len(language.pools[pool][group].sentences) >= 4, (pool, group)


@pytest.mark.parametrize("code", languages())
def test_three_topics_are_joined_as_the_language_joins(code: str) -> None:
    language = load_language(code)
    joined = language.join(["x", "y", "z"])
    assert joined == f"x, y {language.joined_by} z"
    assert language.join(["x"]) == "x"


def test_spanish_says_e_before_an_i() -> None:
    spanish = load_language("es")
    assert spanish.join(["la carta", "información"]) == "la carta e información"
    assert spanish.join(["la carta", "hielo"]) == "la carta y hielo"


def test_french_elides_before_a_vowel() -> None:
    sentence = parse_sentence("Nous en parlons avec l’équipe de {place}.")
    assert sentence.fill({"place": "Amiens"}, elides=True).endswith("l’équipe d’Amiens.")
    assert sentence.fill({"place": "Lyon"}, elides=True).endswith("l’équipe de Lyon.")


def test_a_value_is_never_looked_at_again() -> None:
    sentence = parse_sentence("Hello {name}, reach us {contact}.")
    filled = sentence.fill({"name": "{contact}", "contact": "{name}"})
    assert filled == "Hello {contact}, reach us {name}."


def test_a_sentence_recognises_itself_whatever_filled_it() -> None:
    sentence = parse_sentence("Hello {name}, thank you for writing.")
    assert sentence.was_used_in("Hello Ana, thank you for writing. We are sorry.")
    assert not sentence.was_used_in("Thank you for writing, Ana.")


def test_topics_are_found_under_the_names_the_classifier_uses() -> None:
    topics = load_topics()
    names = ("App fault", "rude-staff", "waiting", "WAITING", "something new")
    assert topics.resolve(names) == ("app", "staff", "waiting")
    assert "safety" in topics.careful


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))


def change(directory: Path, old: str, new: str, code: str = "en") -> list[str]:
    path = directory / f"{code}.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return [f"{problem.where}: {problem.reason}" for problem in check_templates(directory)]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("We are sorry about {topics}.", "We are sorry about {topix}.", "{topix}"),
        ("We are sorry about {topics}.", "We are sorry about this.", "takes {topics}"),
        ("We take your words to heart.", "We take your words to heart!", "never shout"),
        ("We take your words to heart.", "We <b>hear</b> you.", "markup"),
        ("We take your words to heart.", "We guarantee a solution.", "promise"),
        ("We take your words to heart.", "Our lawyers will write to you.", "threat"),
        ("We take your words to heart.", "Sorry.", "characters"),
        ("We take your words to heart.", "We are sorry about your visit.", "confirms"),
        ("We take your words to heart.", "We would like to do better.", "fewer|same"),
        ("    name:\n      - Hello", "    nome:\n      - Hello", "missing"),
        ("waiting: [the wait, ", "waiting: [the wait, see www.x.example, ", "bare"),
        ("  refund:", "  refunding:", "no such topic"),
        ("  phone: on {contact}", "  fax: on {contact}", "must be there"),
        ("pools:", "pool:", "not a language file"),
        ("pools:", "pools: [", "en.yaml"),
    ],
)
def test_a_fault_in_a_template_is_named(copy: Path, old: str, new: str, reason: str) -> None:
    found = change(copy, old, new)
    assert any(part in line for line in found for part in reason.split("|")), found


def test_a_missing_language_is_named(copy: Path) -> None:
    (copy / "de.yaml").unlink()
    assert [problem.where for problem in check_templates(copy)] == ["de.yaml"]


def test_a_library_without_topics_is_refused(copy: Path) -> None:
    (copy / "topics.yaml").write_text("- no mapping\n", "utf-8")
    with pytest.raises(TemplateError, match=r"topics\.yaml"):
        load_topics(copy)
    assert [problem.where for problem in check_templates(copy)] == ["topics.yaml"]
