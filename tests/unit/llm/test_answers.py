"""An answer of a model becomes a draft only when nothing at all objects to it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responders.llm.answers import accepted
from responders.llm.settings import ModelSettings
from responders.llm.trouble import Unusable
from tests.unit.llm.cases import FENCE, data, facts_of, question_of

COLD = "I waited forty minutes for my tea and it was cold."
FINE = (
    "Hello [FIRST_NAME], we are sorry that your tea took so long. We will talk to the team about "
    "it, and you can reach us at [CONTACT]."
)


def objection(answer: str, text: str = COLD, language: str = "en", **facts: object) -> str:
    try:
        accepted(answer, question_of(facts_of(text, language, **facts)))
    except Unusable as error:
        return str(error)
    return ""


@pytest.mark.parametrize("each", data("honest.yaml"), ids=lambda each: each["answer"][:40])
def test_an_honest_answer_is_taken(each: dict[str, str]) -> None:
    facts = facts_of(each["text"], each["language"])
    reply = accepted(each["answer"], question_of(facts))
    assert not re.search(r"[\[\]]", reply)
    assert reply.endswith("\n\nMara, Harbour Coffee")
    assert ("Kim" in reply) == ("[FIRST_NAME]" in each["answer"])
    assert ("hello@harbour.example" in reply) == ("[CONTACT]" in each["answer"])


@pytest.mark.parametrize("each", data("hijacked.yaml"), ids=lambda each: each["answer"][:40])
def test_a_hijacked_answer_is_refused(each: dict[str, str]) -> None:
    assert objection(each["answer"], COLD, each["language"])


@pytest.mark.parametrize("each", data("injections.yaml"), ids=lambda each: each["text"][:40])
def test_what_an_injection_asks_for_is_refused(each: dict[str, str]) -> None:
    assert objection(each["obeys"], each["text"], each["language"])


REFUSED = {
    "": "empty or too short",
    "Sorry.": "empty or too short",
    FINE * 12: "too long",
    FINE.replace("tea", "t\u200bea"): "signs that nobody sees",
    FINE.replace("tea", "**tea**"): "not plain text",
    "- " + FINE: "not plain text",
    '{"reply": "' + FINE + '"}': "not plain text",
    "<p>" + FINE + "</p>": "not plain text",
    FINE.replace("Hello", "“We are sorry for the long wait” and hello"): "not plain text",
    FINE + " " + FENCE: "not plain text",
    FINE + " " + FENCE.strip("~"): "instructions",
    FINE + " The customer's words stand between two lines that read so.": "instructions",
    FINE.replace("tea", "[NUMBER] tea"): "a mask was left",
    FINE.replace("tea", "<<tea>>"): "not plain text",
    FINE + " See harbour-tea.example for more.": "a link or an address",
    FINE + " Write to us, mara@harbour.example is open.": "a link or an address",
    FINE + " Ask for @mara there.": "a link or an address",
    FINE + " It will take 3 days.": "a number",
    FINE + " It will take ３ days.": "a number",
    FINE + " It will take ½ of the day.": "a number",
    FINE + " Es tut uns leid, dass Sie so lange auf den Tee warten mussten.": "not all in English",
    FINE.replace("tea", "tеa"): "not all in English",  # a Cyrillic letter
    FINE + " You waited forty minutes for my tea and it was cold.": "repeats the customer's",
    FINE.replace("Hello", "Hello Barbara and"): "names somebody",
    FINE + " We will never do this, it was our fault.": "reply rule",
    "Thank you for the kind words, we are glad that you enjoyed it.": "no word of regret",
}


@pytest.mark.parametrize(("answer", "why"), REFUSED.items(), ids=[k[-30:] for k in REFUSED])
def test_an_answer_is_refused_and_the_reason_said(answer: str, why: str) -> None:
    assert why in objection(answer)


def test_the_answer_that_these_are_made_from_is_taken() -> None:
    assert objection(FINE) == ""


def test_harmless_habits_of_models_are_put_right() -> None:
    wrapped = f'"{FINE.replace("[FIRST_NAME]", "[First name]")}\n\n-- Mara, Harbour Coffee\n"'
    asked = question_of(facts_of(COLD))
    assert accepted(wrapped, asked) == accepted(FINE, asked)


def test_a_name_that_nobody_knows_cannot_be_greeted() -> None:
    assert "a mask was left" in objection(FINE, author_name="tea_fan_77")


def test_only_what_may_be_promised_is_promised() -> None:
    promise = "We will write back to you within 2 days."
    allowed = ModelSettings(url="http://127.0.0.1:9/v1", model="small", may_promise=(promise,))
    facts = facts_of(COLD)
    with pytest.raises(Unusable):
        accepted(f"{FINE} {promise}", question_of(facts))
    reply = accepted(f"{FINE} {promise}", question_of(facts, settings=allowed))
    assert promise in reply
    with pytest.raises(Unusable):
        accepted(f"{FINE} We will write back within 3 days.", question_of(facts, settings=allowed))


def test_a_platform_with_a_name_of_one_letter_stands_in_no_other_word() -> None:
    assert objection(FINE, platform="e") == ""
    assert "a link" in objection(FINE + " See beans.example there.", platform="e")


def test_the_platforms_own_unit_and_limit_count() -> None:
    asked = question_of(facts_of(COLD, max_length=400, measure=lambda text: 3 * len(text)))
    with pytest.raises(Unusable):
        accepted(FINE, asked)


PIECES = st.sampled_from(
    [each["answer"] for each in data("honest.yaml") if each["language"] == "en"]
    + [each["answer"] for each in data("hijacked.yaml")]
    + [each["obeys"] for each in data("injections.yaml")]
    + [FENCE, "[EMAIL]", "[FIRST_NAME]", "[CONTACT]", "http://x.example", "12", "\n\n", "**", "{"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES | st.text(max_size=30), min_size=1, max_size=4))
def test_whatever_is_taken_keeps_every_promise(parts: list[str]) -> None:
    asked = question_of(facts_of(COLD))
    try:
        reply = accepted(" ".join(parts), asked)
    except Unusable:
        return
    ours = reply.replace("hello@harbour.example", "")
    assert not re.search(r"[@\[\]{}<>\d]|https?:|www\.", ours)
    assert FENCE not in reply
