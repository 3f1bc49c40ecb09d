"""One outage, one text in several places, and review bombing are told apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.assess.alike import words_of
from monitor.assess.bursts import copies_among, find_bursts, find_copies
from monitor.assess.rates import Usual
from monitor.assess.voices import COPIES, REVIEW_BOMBING, SAME_CAUSE, Burst, Heard
from tests.support.outage import outage_text

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOURS = 28 * 24.0
CALM = Usual(
    {"waiting": 30, "billing": 4, "": 60, "lowest rating": 20},
    {"waiting": 30 / HOURS, "billing": 4 / HOURS, "": 60 / HOURS, "lowest rating": 20 / HOURS},
    HOURS,
)
NEVER = Usual({}, {}, 0.0)
THINGS = [
    *("soup", "bread", "table", "music", "garden", "coat"),
    *("parking", "juice", "cake", "window", "heating", "floor"),
]


def heard(
    mention: int, text: str, minutes: float | None = 0, topics: Sequence[str] = (), **values: Any
) -> Heard:
    at = None if minutes is None else NOON + timedelta(minutes=minutes)
    given: dict[str, Any] = {"author": f"a{mention}", "name": f"Person {mention}"}
    return Heard(mention, at, words_of(text), topics=tuple(topics), **(given | values))


BACKGROUND = [
    heard(-at, f"The {THINGS[at % 12]} was not what we had hoped for and they did not care {at}",
          topics=("billing",) if at % 10 == 0 else ("waiting",), complaint=at % 3 == 0)
    for at in range(1, 200)
]  # fmt: skip


def outage(number: int, *, start: int = 1, **values: Any) -> list[Heard]:
    return [
        heard(
            at,
            outage_text(at),
            at * 2,
            ("billing",),
            **values,
        )
        for at in range(start, start + number)
    ]


def find(*told: Heard, usual: Usual = CALM) -> list[Burst]:
    copy_of = copies_among(told)
    bursts = find_bursts(told, copy_of, usual, lambda: BACKGROUND)
    waves = {each for burst in bursts if burst.kind == REVIEW_BOMBING for each in burst.mentions}
    return bursts + find_copies(told, copy_of, waves)


def test_two_hundred_posts_about_one_outage_are_one_thing() -> None:
    (burst,) = [each for each in find(*outage(200)) if each.kind == SAME_CAUSE]
    assert burst.topic == "billing"
    assert "terminal" in burst.words
    assert len(burst.mentions) > 190
    assert (burst.began_at, burst.last_at) == (
        NOON + timedelta(minutes=2), NOON + timedelta(minutes=400),
    )  # fmt: skip
    assert burst.signs[0].endswith(" people within 6 hours, where next to none are usual")
    assert burst.signs[1].startswith("words in common: terminal")


def test_six_people_are_enough_where_nearly_nobody_complains_of_it() -> None:
    (burst,) = find(*outage(6))
    assert (burst.kind, len(burst.mentions)) == (SAME_CAUSE, 6)


def test_four_are_not_enough_and_neither_is_one_person_six_times() -> None:
    assert find(*outage(4)) == []
    assert find(*outage(12, author="mira")) == []


def test_as_many_without_a_word_in_common_are_no_outage() -> None:
    told = [
        heard(at, f"{THINGS[at % 12]} {chr(97 + at)}x{at} {at}q was wrong{at}", at, ("billing",))
        for at in range(1, 9)
    ]
    assert find(*told) == []


def test_as_many_over_days_are_no_outage() -> None:
    slow = [each._replace(said_at=NOON + timedelta(hours=4 * each.mention)) for each in outage(12)]
    assert find(*slow) == []


def test_without_a_known_time_or_a_known_rate_there_is_no_outage() -> None:
    assert find(*outage(40), usual=NEVER) == []
    assert find(*[each._replace(said_at=None) for each in outage(40)]) == []


def test_what_else_is_said_meanwhile_stays_out() -> None:
    others = [heard(500 + at, f"We waited long for the {THINGS[at]} here", at * 9, ("waiting",))
              for at in range(4)]  # fmt: skip
    (burst,) = find(*outage(10), *others)
    assert max(burst.mentions) < 500


def test_a_thing_that_has_no_topic_must_share_more() -> None:
    told = [each._replace(topics=()) for each in outage(18)]
    burst = next(each for each in find(*told) if each.kind == SAME_CAUSE)
    assert burst.topic == ""
    assert burst.signs[1].startswith("words in common: ")


def test_the_place_is_named_where_nearly_all_are_about_it() -> None:
    (burst,) = find(*outage(10, location="Quay Street"))
    assert burst.location == "Quay Street"
    assert burst.signs[-1] == "10 of 10 are about Quay Street"
    split = [*outage(5, location="Quay Street"), *outage(5, start=6, location="Old Mill")]
    assert find(*split)[0].location == ""


LETTER = (
    "Bought a coat in your shop, the lining came apart on the second day and nobody wants to "
    "take it back although I have the receipt."
)


def test_one_text_at_two_sources_is_one_thing() -> None:
    one = heard(1, LETTER, 0, source=1, author="x1", name="Ines Roth")
    other = heard(2, LETTER + " Shame!", 9_000, source=2, author="y7", name="ines roth")
    (burst,) = find(one, other, heard(3, "The coat was cold and so was the soup we had", 4))
    assert (burst.kind, burst.mentions) == (COPIES, (1, 2))
    assert burst.signs == ("one text 2 times, word for word or nearly so", "at 2 sources")


def test_one_text_under_several_names_says_so() -> None:
    (burst,) = find(*[heard(at, LETTER, at) for at in range(1, 4)])
    assert burst.signs[-1] == "under 3 names"


def test_two_who_say_the_same_in_few_words_copied_nothing() -> None:
    told = "The worst coffee in this whole town"
    assert find(heard(1, told), heard(2, told)) == []
    assert find(heard(1, told), heard(2, told), heard(3, told))[0].kind == COPIES
    assert find(*[heard(at, "Not working", at) for at in range(40)]) == []


def test_copies_of_what_is_no_complaint_are_left_alone() -> None:
    assert find(heard(1, LETTER, complaint=False), heard(2, LETTER, complaint=False)) == []


def bombs(number: int, **values: Any) -> list[Heard]:
    thin = ["", "Terrible", "SCAM", "avoid!!", "worst ever", "disgusting people"]
    return [heard(at, thin[at % 6], at * 5, rating=0.0, **values) for at in range(1, number + 1)]


def test_a_wave_of_strangers_with_nothing_to_tell_is_review_bombing() -> None:
    (burst,) = find(*bombs(30))
    assert (burst.kind, len(burst.mentions)) == (REVIEW_BOMBING, 30)
    assert burst.signs == (
        "30 people gave the lowest rating within 24 hours, where 0.71 are usual",
        "30 of 30 were never heard before",
        "30 of 30 say next to nothing",
    )


def test_a_campaign_of_copies_is_review_bombing_and_no_outage() -> None:
    call = "They fired a colleague of ours for speaking up, do not buy anything at this shop"
    told = [heard(at, call.replace("colleague", THINGS[at % 3]), at, ("staff",), rating=0.0)
            for at in range(1, 26)]  # fmt: skip
    bursts = find(*told)
    assert [each.kind for each in bursts] == [REVIEW_BOMBING]
    assert bursts[0].signs[-1] == "25 of 25 repeat the text of another"


def test_an_outage_with_low_ratings_is_no_review_bombing() -> None:
    kinds = {each.kind for each in find(*outage(40, rating=0.0))}
    assert kinds == {SAME_CAUSE}


def test_regulars_and_the_usual_number_are_no_review_bombing() -> None:
    assert find(*bombs(30, known=True)) == []
    assert find(*bombs(8)) == []
    busy = Usual({"lowest rating": 560}, {"lowest rating": 20 / 24}, HOURS)
    assert find(*bombs(30), usual=busy) == []


def test_a_customer_who_was_there_before_and_tells_what_happened_is_not_counted_in() -> None:
    regular = heard(99, LETTER, 40, rating=0.0, known=True)
    (burst,) = find(*bombs(30), regular)
    assert 99 not in burst.mentions


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(max_size=60),
            st.none() | st.integers(0, 3_000),
            st.sampled_from([(), ("billing",), ("waiting", "billing")]),
            st.none() | st.floats(0, 1),
            st.sampled_from(["", "a", "b", "c", "d", "e", "f"]),
        ),
        max_size=40,
    )
)
def test_whatever_is_said_bursts_are_of_what_was_said(rows: list[Any]) -> None:
    told = [
        heard(at, text, minutes, topics, rating=rating, author=author)
        for at, (text, minutes, topics, rating, author) in enumerate(rows, 1)
    ]
    bursts = find(*told)
    assert bursts == find(*reversed(told))
    for burst in bursts:
        assert set(burst.mentions) <= set(range(1, len(told) + 1))
        assert len(burst.mentions) >= 2
        assert burst.signs
