"""The reply rules: each finds what it must find and leaves the rest alone."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from responders.rules import RULES, Finding, ReplyFacts, check_reply
from responders.rules.words import pattern, wordings

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "../shared/data"
EXAMPLES: dict[str, Any] = yaml.safe_load((HERE / "rule_examples.yaml").read_text("utf-8"))
COMMON: dict[str, Any] = EXAMPLES.pop("facts")
GOOD: list[str] = yaml.safe_load((HERE / "good_replies.yaml").read_text("utf-8"))


def objecting_to(word: str) -> Callable[[str], tuple[str, ...]]:
    return lambda text: (f"it says “{word}”",) if word in text else ()


def examples(which: str) -> list[Any]:
    cases = []
    for rule, sets in EXAMPLES.items():
        for number, example in enumerate(sets[which]):
            facts = dict(COMMON)
            text = example
            if isinstance(example, dict):
                facts |= {key: value for key, value in example.items() if key != "text"}
                text = example["text"]
            if "previous_replies" in facts:
                facts["previous_replies"] = tuple(facts["previous_replies"])
            for own in ("never_say", "may_offer"):
                facts[own] = tuple(facts.get(own, ()))
            if "refuses" in facts:
                facts["objections"] = objecting_to(facts.pop("refuses"))
            cases.append(pytest.param(rule, text, ReplyFacts(**facts), id=f"{rule}-{number}"))
    return cases


def by_rule(text: str, facts: ReplyFacts) -> dict[str, Finding]:
    return {finding.rule: finding for finding in check_reply(text, facts)}


@pytest.mark.parametrize(("rule", "text", "facts"), examples("found"))
def test_a_rule_finds_what_it_must_find(rule: str, text: str, facts: ReplyFacts) -> None:
    assert rule in by_rule(text, facts)


@pytest.mark.parametrize(("rule", "text", "facts"), examples("fine"))
def test_a_rule_leaves_the_rest_alone(rule: str, text: str, facts: ReplyFacts) -> None:
    assert rule not in by_rule(text, facts)


def test_every_rule_has_examples_for_and_against() -> None:
    assert set(EXAMPLES) == {rule.name for rule in RULES}
    assert all(sets["found"] and sets["fine"] for sets in EXAMPLES.values())


@pytest.mark.parametrize("text", GOOD)
def test_a_good_reply_is_not_blocked(text: str) -> None:
    facts = ReplyFacts(contact="hello@harbour.example")
    assert [f for f in check_reply(text, facts) if f.severity == "block"] == []


@pytest.mark.parametrize(("rule", "text", "facts"), examples("found"))
def test_a_finding_says_what_is_wrong_and_how_to_mend_it(
    rule: str, text: str, facts: ReplyFacts
) -> None:
    finding = by_rule(text, facts)[rule]
    assert len(finding.message) > 20
    assert "\n" not in finding.message
    known = next(r for r in RULES if r.name == rule)
    assert finding.severity in known.severity


def test_blocking_findings_come_first() -> None:
    found = check_reply("We promise a voucher. Our lawyers will write.", ReplyFacts())
    assert [finding.severity for finding in found] == ["block", "warn"]


def test_the_platform_decides_how_grave_some_findings_are() -> None:
    please = "We hope that you will change your review."
    assert by_rule(please, ReplyFacts(platform="trustpilot"))["asks_change"].severity == "block"
    assert by_rule(please, ReplyFacts(platform="demo"))["asks_change"].severity == "warn"
    again = "We are sorry about the long wait at the quay and the noise in the yard."
    yelp = ReplyFacts(platform="yelp", previous_replies=(again,))
    demo = ReplyFacts(platform="demo", previous_replies=(again,))
    assert by_rule(again, yelp)["similar"].severity == "block"
    assert by_rule(again, demo)["similar"].severity == "warn"


def test_confirming_a_patient_is_blocked_for_brands_of_health_and_law() -> None:
    text = "We are sorry about your treatment."
    assert by_rule(text, ReplyFacts(sensitive=True))["confirms"].severity == "block"
    assert by_rule(text, ReplyFacts())["confirms"].severity == "warn"
    assert "confirms" not in by_rule(text, ReplyFacts(sensitive=True, reply_is_public=False))


def test_personal_data_may_be_named_in_private_with_a_warning() -> None:
    text = "We have looked at order 4471-KX. We will call you on 0170 5550123."
    public = by_rule(text, ReplyFacts())
    private = by_rule(text, ReplyFacts(reply_is_public=False))
    assert {public["order_number"].severity, public["phone"].severity} == {"block"}
    assert {private["order_number"].severity, private["phone"].severity} == {"warn"}


def test_our_own_number_is_only_asked_about() -> None:
    assert by_rule("Please call us on 030 5550188.", ReplyFacts())["phone"].severity == "warn"


def test_their_number_is_blocked_even_beside_a_word_of_ours() -> None:
    facts = ReplyFacts(mention_text="call me on 0170/5550123")
    assert by_rule("Our team will call 0170 5550123.", facts)["phone"].severity == "block"


def test_length_is_measured_in_the_platforms_unit() -> None:
    text = "Müßig"
    octets = ReplyFacts(max_length=6, measure=lambda t: len(t.encode()), length_unit="bytes")
    assert "7 bytes" in by_rule(text, octets)["length"].message
    assert "length" not in by_rule(text, ReplyFacts(max_length=6))


def test_invisible_signs_do_not_hide_a_threat() -> None:
    assert "threat" in by_rule("Our law\u200byers will write to you.", ReplyFacts())
    assert "threat" in by_rule("You’ll regret this.", ReplyFacts())


def test_a_card_number_is_not_repeated_in_the_finding() -> None:
    found = by_rule("The card 4111 1111 1111 1111 was charged.", ReplyFacts())["bank"]
    assert "1111 1111" not in found.message + found.words


@pytest.mark.parametrize("rule", sorted(wordings()))
def test_every_wording_is_a_pattern_of_its_own(rule: str) -> None:
    assert pattern(rule).search("") is None
    for language, lines in wordings()[rule].items():
        assert len(set(lines)) == len(lines), language
        assert all(line.strip() == line and line for line in lines), language


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400), st.text(max_size=60), st.text(max_size=60))
def test_no_text_breaks_the_rules(text: str, name: str, mention: str) -> None:
    facts = ReplyFacts(author_name=name, mention_text=mention, language="de", platform="yelp")
    for finding in check_reply(text, facts):
        assert finding.severity in {"block", "warn"}


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["a" * 20000, "1 " * 10000, "@." * 10000, "[" * 5000, "your " * 5000]))
def test_huge_and_hostile_texts_are_checked_without_end_in_sight(text: str) -> None:
    assert isinstance(check_reply(text, ReplyFacts()), tuple)


def test_at_most_two_percent_of_real_replies_are_blocked() -> None:
    folder = DATA / "app_reviews_fampay"
    if not folder.is_dir():
        pytest.skip("the shared data set of real replies is not on this machine")
    replies: list[tuple[str, str, str]] = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = (row for row in csv.DictReader(file) if row["replyContent"])
            replies += [
                (row["replyContent"], row["content"], row["userName"])
                for row, _ in zip(rows, range(75), strict=False)
            ]
    blocked = [
        text
        for text, mention, name in replies
        if any(
            finding.severity == "block"
            for finding in check_reply(text, ReplyFacts(mention_text=mention, author_name=name))
        )
    ]
    assert len(replies) >= 200
    assert len(blocked) <= 0.02 * len(replies)
