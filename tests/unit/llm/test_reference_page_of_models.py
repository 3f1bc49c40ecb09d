"""docs/reference/language-model.md says what the code does."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from responders.llm import (
    answers,
    brief,
    drafter,
    endpoint,
    forbidden_words,
    masking,
    rest,
    vocabulary,
)
from responders.phrases import languages, read_yaml
from tests.unit.llm.cases import data

PAGE = (Path(__file__).resolve().parents[3] / "docs/reference/language-model.md").read_text("utf-8")
FLOWING = " ".join(PAGE.split())


def test_every_fact_that_is_sent_stands_there() -> None:
    told = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert told == [field.name for field in fields(brief.Brief)]


def test_the_numbers_are_those_of_the_code() -> None:
    patience, first, longest = rest.PATIENCE, rest.FIRST_REST, rest.LONGEST_REST
    for said in (
        f"up to {brief.MOST_TOPICS} topics",
        f"at most {brief.LONGEST_ANSWER}",
        f"longer than {masking.LONGEST_TEXT:,} characters",
        f"fewer than {brief.SHORTEST_ANSWER} characters",
        f"failed {patience} times in a row and rests, for {first.seconds // 60} minute",
        f"up to {longest.seconds // 60} minutes",
        f"{endpoint.LARGEST_ANSWER // 1024} KiB",
        f"may take {endpoint.CONNECT_WITHIN:.0f} seconds",
        f"fewer than {answers.FEWEST_WORDS} words",
        f"shares {answers.LONGEST_RUN} words in a row with the customer's text",
        f"{answers.MOST_SHARED:.0%} of its word triples".replace("%", " %"),
        f"1 more for each {answers.WORDS_FOR_ONE_MORE}, at most {answers.MOST_STRANGE}",
        f"more than {answers.MOST_ECHOED} such words",
        f"{len(data('injections.yaml'))} injections",
        f"{len(data('hijacked.yaml'))} answers of a model",
        f"{len(data('honest.yaml'))} honest answers",
    ):
        assert said in FLOWING, said
    assert drafter.CHARACTERS_A_TOKEN == 3


def test_every_language_with_templates_has_a_vocabulary() -> None:
    assert set(read_yaml(vocabulary.VOCABULARY)) == set(languages())
    words = read_yaml(forbidden_words.WORDS)
    assert [part for part, found in words.items() if not set(languages()) <= set(found)] == []
    assert set(answers._NEVER) <= set(words)
