"""Policies that may both want a case are told, with the case and the one that holds."""

from __future__ import annotations

import pytest

from monitor.config import check_text

BASE = """\
brands:
  - key: harbour
    name: Harbour
    locations: [{key: quay, name: Quay}, {key: mill, name: Mill}]
  - key: quince
    name: Quince
    locations: [{key: oven, name: Oven}]
inbox: {brand: harbour}
sla:
"""


def told(*conditions: str) -> list[str]:
    """Return the warnings about policies with these conditions, in this order."""
    text = BASE + "".join(
        f"  - {{key: p{number}, when: {when}, first_response: 1h}}\n"
        for number, when in enumerate(conditions)
    )
    return [str(problem) for problem in check_text(text, "config.yaml", environ={})]


def test_both_are_named_with_a_case_and_the_one_that_holds() -> None:
    assert told("{urgency: [high, urgent]}", "{rating_at_most: 2, urgency: [low, high]}") == [
        "config.yaml:11: warning: sla[1]: a case with urgency high, rating 2 meets p1 and p0 on "
        "line 10; p0 holds, for it comes first; expected the order that you want, or conditions "
        "in p1 that leave it out"
    ]


@pytest.mark.parametrize(
    ("one", "two", "example"),
    [
        ("{location: [quay]}", "{rating_at_most: 2}", "location quay, rating 2"),
        ("{rating_at_most: 2}", "{rating_at_least: 2, rating_at_most: 4}", "rating 2"),
        ("{topic: [billing]}", "{topic: [safety]}", "topic billing and safety"),
        ("{topic: [billing, staff]}", "{topic: [staff, safety]}", "topic staff"),
        ("{tier: [gold]}", "{reach_at_least: 500}", "tier gold, 500 followers"),
        ("{language: [en]}", "{language: [en-GB], rating_at_most: 1}", None),
        ("{language: [en-GB]}", "{language: [en-GB, de]}", None),
        ("{language: [en, fr]}", "{language: [en-GB, de]}", "language en-GB"),
        ("{brand: [harbour]}", "{location: [quay], urgency: [high]}", None),
        ("{source: [inbox]}", "{location: [quay]}", "source inbox, location quay"),
    ],
)
def test_a_case_that_meets_both_is_found(one: str, two: str, example: str | None) -> None:
    warnings = [each for each in told(one, two) if "meets p1 and p0" in each]

    assert [f"a case with {example} meets" in each for each in warnings] == [True] * bool(example)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("{urgency: [high]}", "{urgency: [low]}"),
        ("{rating_at_most: 2}", "{rating_at_least: 3}"),
        ("{brand: [quince]}", "{location: [quay]}"),
        ("{location: [oven]}", "{location: [quay, mill]}"),
        ("{source: [inbox]}", "{brand: [quince]}"),
        ("{language: [en]}", "{language: [de]}"),
        ("{tier: [gold]}", "{tier: [silver]}"),
        ("{urgency: [high], rating_at_most: 2}", "{urgency: [high]}"),
        ("{location: [quay]}", "{brand: [harbour]}"),
        ("{urgency: [high]}", "{}"),
    ],
)
def test_what_cannot_meet_both_or_is_narrower_is_not_told(one: str, two: str) -> None:
    assert told(one, two) == []


def test_a_narrow_one_first_does_not_excuse_a_later_overlap() -> None:
    warnings = told("{urgency: [urgent]}", "{location: [quay]}", "{rating_at_most: 1}", "{}")

    assert [each.partition(" meets ")[2][:9] for each in warnings] == [
        "p1 and p0",
        "p2 and p0",
        "p2 and p1",
    ]


def test_what_an_earlier_one_takes_anyway_is_not_told() -> None:
    # Every case that meets the last two is urgent, and the first one takes those.
    warnings = told("{urgency: [urgent, high]}", "{urgency: [urgent, low]}", "{urgency: [urgent]}")

    assert [each for each in warnings if "p2 and p1" in each] == []
