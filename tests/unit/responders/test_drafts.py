"""What a draft says in which situation."""

from __future__ import annotations

import re
from typing import Any

import pytest

from responders.drafts import Draft, DraftFacts, TemplateDrafter
from responders.phrases import languages, load_language, load_topics
from responders.rules import ReplyFacts, check_reply
from responders.similarity import TOO_SIMILAR, similarity

DRAFTER = TemplateDrafter()
COMPLAINT = DraftFacts(
    text="Fifty minutes for a cold burger, you muppets. Call me on 0170 5550123, order 4471-KX.",
    author_name="Kim A.",
    rating=0.0,
    language="en",
    topics=("waiting", "food"),
    brand_name="Harbour Coffee",
    location_name="Quay Street",
    contact="hello@harbour.example",
    signature="Mara, Harbour Coffee",
    seed="17:1",
    languages=("en", "de"),
)


def facts(**changes: Any) -> DraftFacts:
    known = {name: getattr(COMPLAINT, name) for name in DraftFacts.__slots__}
    return DraftFacts(**(known | changes))


def draft(**changes: Any) -> Draft:
    return DRAFTER.draft(facts(**changes))


def many(count: int = 12, **changes: Any) -> list[str]:
    return [draft(**changes, seed=f"{number}:1").text for number in range(count)]


def test_a_draft_names_person_place_way_on_and_signature() -> None:
    for text in many():
        assert "Kim" in text
        assert "Quay Street" in text
        assert "hello@harbour.example" in text
        assert text.endswith("Mara, Harbour Coffee")


def test_topics_are_named_in_our_own_words() -> None:
    english = load_language("en")
    for text in many():
        assert any(phrase in text for phrase in english.topics["waiting"])
        assert any(phrase in text for phrase in english.topics["food"])


def test_nothing_of_the_customers_text_is_repeated() -> None:
    for text in many():
        for theirs in ("muppets", "Fifty", "burger", "0170", "4471"):
            assert theirs not in text


def test_an_unknown_topic_leaves_the_wording_neutral() -> None:
    found = draft(topics=("quantum_foam",))
    assert "quantum" not in found.text
    assert any("neutral" in reason for reason in found.reasons)


def test_an_implausible_name_is_not_used() -> None:
    found = draft(author_name="A Google user")
    assert "Google" not in found.text
    assert any("no name" in reason for reason in found.reasons)


@pytest.mark.parametrize("code", languages())
def test_a_draft_is_written_in_the_language_of_the_mention(code: str) -> None:
    found = draft(language=code)
    assert found.language == code
    assert found.template == f"{code}/complaint"


def test_regional_codes_count_as_their_language() -> None:
    assert draft(language="de-AT").language == "de"
    assert draft(language="pt_BR").language == "pt"


def test_without_templates_the_brands_first_language_is_used_and_said() -> None:
    found = draft(language="pl", languages=("de", "en"))
    assert found.language == "de"
    assert "“pl”" in found.reasons[0]
    assert "German" in found.reasons[0]


def test_without_any_known_language_english_is_used() -> None:
    assert draft(language="", languages=()).language == "en"
    assert draft(language="und", languages=("pl",)).language == "en"


def test_a_language_outside_the_brands_own_asks_for_a_reader() -> None:
    assert "not among the brand's languages" in draft(language="fr").reasons[0]


CAREFUL = [
    *({"topics": (topic,)} for topic in sorted(load_topics().careful)),
    {"topics": ("waiting",), "urgency": "urgent"},
]


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("changes", CAREFUL)
def test_grave_matters_are_answered_with_care(code: str, changes: dict[str, Any]) -> None:
    language = load_language(code)
    found = draft(language=code, **changes)
    assert found.template == f"{code}/careful"
    plain = [phrase for phrases in language.topics.values() for phrase in phrases]
    assert not any(re.search(rf"\b{re.escape(p)}\b", found.text) for p in plain if len(p) > 12)


def test_what_is_urgent_without_being_grave_is_given_priority() -> None:
    english = load_language("en")
    urgent = [s.source for s in english.pools["close_complaint"]["urgent"].sentences]
    assert all(any(s in text for s in urgent) for text in many(urgency="high"))


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"complaint": False, "rating": 1.0}, "praise"),
        ({"complaint": False, "rating": 0.5, "text": "It was fine."}, "neutral"),
        ({"complaint": False, "rating": None, "text": "Are you open?"}, "question"),
        ({"is_follow_up": True}, "follow-up"),
        ({"is_follow_up": True, "complaint": False}, "follow-up, calm"),
        (
            {"is_follow_up": True, "complaint": False, "text": "Thanks. Where do I send it?"},
            "follow-up, question",
        ),
        ({"is_follow_up": True, "topics": ("safety",)}, "follow-up, careful"),
        ({"complaint": False, "rating": 1.0, "topics": ("safety",)}, "praise"),
        ({"complaint": False, "rating": None, "topics": ("legal",)}, "careful"),
    ],
)
def test_each_situation_has_templates_of_its_own(changes: dict[str, Any], kind: str) -> None:
    assert draft(**changes).template == f"en/{kind}"


@pytest.mark.parametrize("name", ["山田 花子", "김민준", "王伟"])
def test_a_name_that_wants_its_own_form_of_address_is_left_out(name: str) -> None:
    found = draft(author_name=name)
    assert name.split()[0] not in found.text
    assert "no name used: we have no fitting form of address for it" in found.reasons


def test_praise_is_thanked_for_and_nothing_is_regretted() -> None:
    for text in many(complaint=False, rating=1.0):
        assert "sorry" not in text.lower()
        assert "hello@harbour.example" not in text


def test_a_private_answer_goes_on_where_it_is() -> None:
    for text in many(reply_is_public=False):
        assert "hello@harbour.example" not in text
        assert "message" in text or "here" in text


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        ("hello@harbour.example", "unter hello@harbour.example"),
        ("030 5550188", "unter 030 5550188"),
        ("https://harbour.example/help", "unter https://harbour.example/help"),
        ("unser Formular", "über unser Formular"),
    ],
)
def test_the_way_to_go_on_fits_into_the_sentence(contact: str, expected: str) -> None:
    assert expected in draft(language="de", contact=contact).text


def test_without_contact_and_place_the_draft_is_still_whole() -> None:
    found = draft(contact="", location_name="", brand_name="", signature="", author_name="")
    assert found.text
    assert not re.search(r"[{}]|\s[.,]|,\s*\.", found.text)


def test_without_a_location_the_brand_takes_its_place() -> None:
    assert "Harbour Coffee" in draft(location_name="", signature="Mara").text


def test_a_place_that_is_no_name_is_not_repeated() -> None:
    assert "0170" not in draft(location_name="Call 0170 5550123 now").text
    assert "evil" not in draft(location_name="https://evil.example").text


def test_a_brace_in_a_value_is_never_expanded() -> None:
    found = draft(author_name="{contact}", location_name="{signature}", signature="{name} {topics}")
    assert "{" not in found.text
    assert "%s" not in draft(signature="%{s").text
    assert "hello@harbour.example" in found.text


def test_the_same_facts_give_the_same_draft() -> None:
    assert draft() == draft()


def test_another_version_is_another_wording() -> None:
    assert len(set(many(20))) >= 18


LIMITS = (500, 350, 280, 200, 140, 100, 80)


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("limit", LIMITS)
def test_a_draft_fits_and_no_sentence_is_cut(code: str, limit: int) -> None:
    found = draft(language=code, max_length=limit, measure=lambda text: len(text.encode()))
    assert len(found.text.encode()) <= limit
    body = found.text.removesuffix("Mara, Harbour Coffee").strip()
    assert body[-1] in ".?"


def test_a_way_to_go_on_is_kept_longer_than_the_signature() -> None:
    found = draft(max_length=80)
    assert "hello@harbour.example" in found.text
    assert any("made to fit" in reason for reason in found.reasons)


def test_when_nothing_fits_the_shortest_is_given_and_said_and_blocked() -> None:
    tight = facts(max_length=10)
    found = DRAFTER.draft(tight)
    assert found.text == DRAFTER.shortest(tight)
    assert any("by hand" in reason for reason in found.reasons)
    findings = check_reply(found.text, ReplyFacts(max_length=10))
    assert [finding.rule for finding in findings] == ["length"]


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"topics": ("waiting",)},
        {"complaint": False, "rating": 1.0, "topics": ("staff",)},
        {"is_follow_up": True, "topics": ("delivery",)},
        {"max_length": 350},
    ],
)
def test_two_hundred_in_a_row_never_sound_like_the_one_before(
    code: str, changes: dict[str, Any]
) -> None:
    previous: tuple[str, ...] = ()
    for number in range(200):
        found = draft(language=code, seed=f"{number}:1", previous_replies=previous, **changes)
        if previous:
            assert found.text != previous[0]
            assert similarity(found.text, previous[0]) < 0.5 < TOO_SIMILAR
            assert found.text.split()[:3] != previous[0].split()[:3] or "Kim" not in found.text
        previous = (found.text, *previous)[:20]


@pytest.mark.parametrize("code", languages())
def test_the_opening_is_never_the_same_twice_in_a_row(code: str) -> None:
    openings = load_language(code).pools["open_complaint"]["name"]
    previous: tuple[str, ...] = ()
    for number in range(100):
        text = draft(language=code, seed=f"{number}", previous_replies=previous).text
        if previous:
            assert not set(openings.used_in(text)) & set(openings.used_in(previous[0]))
        previous = (text, *previous)[:3]


def test_when_every_wording_was_used_it_says_so() -> None:
    small = facts(max_length=60, contact="", signature="", brand_name="", location_name="")
    seen: list[str] = []
    for number in range(12):
        known = {name: getattr(small, name) for name in DraftFacts.__slots__}
        known |= {"seed": str(number), "previous_replies": tuple(reversed(seen))}
        found = DRAFTER.draft(DraftFacts(**known))
        if seen:
            assert found.text != seen[-1]
        seen.append(found.text)
    assert any("by hand" in reason for reason in found.reasons)


@pytest.mark.parametrize("code", languages())
def test_no_rule_objects_to_a_draft(code: str) -> None:
    situations: list[dict[str, Any]] = [
        {"topics": (topic,)} for topic in sorted(set(load_topics().aliases.values()))
    ]
    situations += [
        {"complaint": False, "rating": rating, "topics": topics, "is_follow_up": again}
        for rating in (None, 1.0)
        for topics in ((), ("staff",))
        for again in (False, True)
    ]
    for number, changes in enumerate(situations):
        wanted = facts(language=code, seed=f"{number}", **changes)
        found = DRAFTER.draft(wanted)
        checked = ReplyFacts(
            language=code,
            platform="yelp",
            contact=wanted.contact,
            signature=wanted.signature,
            brand_name=wanted.brand_name,
            author_name="Kim Abel",
            mention_text=wanted.text,
            sensitive=True,
        )
        assert check_reply(found.text, checked) == (), found.text
