"""The page docs/reference/drafts.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from responders.composition import KINDS, LEVELS, NEWEST_PASSED_OVER
from responders.fitting import ATTEMPTS
from responders.phrases import POOLS, languages, load_language, load_topics
from responders.rules import RULES
from responders.similarity import TOO_SIMILAR
from responders.template_check import FEWEST_VARIANTS

PAGE = (Path(__file__).resolve().parents[3] / "docs/reference/drafts.md").read_text("utf-8")


def table(first_heading: str) -> list[list[str]]:
    rows = PAGE.split(f"| {first_heading} |")[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_every_rule_stands_there_as_it_is() -> None:
    expected = [
        [f"`{rule.name}`", rule.severity, rule.summary, rule.source or "·"] for rule in RULES
    ]
    assert table("Rule") == expected


def test_every_situation_names_its_pools() -> None:
    expected = [[kind.name, [*kind.slots.values()], kind.short] for kind in KINDS.values()]
    found = [
        [row[0], re.findall(r"`(\w+)`", row[2]), row[3].strip("`")] for row in table("Situation")
    ]
    assert found == expected


def test_every_pool_names_its_groups() -> None:
    found = {row[0].strip("`"): tuple(re.findall(r"`(\w+)`", row[1])) for row in table("Pool")}
    assert found == dict(POOLS)


def test_every_language_stands_there() -> None:
    found = {row[0].strip("`"): row[1] for row in table("Code")}
    assert found == {code: load_language(code).name for code in languages()}


def test_every_topic_stands_there() -> None:
    topics = load_topics()
    careful = PAGE.split("Topics that ask for care:")[1].split(". ")[0]
    worded = PAGE.split("Topics with a wording:")[1].split(". ")[0]
    assert set(re.findall(r"`(\w+)`", careful)) == topics.careful
    assert set(re.findall(r"`(\w+)`", worded)) == set(topics.aliases.values()) - topics.careful


def test_the_numbers_are_those_of_the_code() -> None:
    flowing = " ".join(PAGE.split())
    assert f"at least {FEWEST_VARIANTS} sentences in every language" in flowing
    assert f"in the newest {NEWEST_PASSED_OVER}." in flowing
    assert f"From {TOO_SIMILAR} on the next combination is tried, up to {ATTEMPTS} times" in flowing
    assert all(f". {level.name}\n" in PAGE for level in LEVELS)
