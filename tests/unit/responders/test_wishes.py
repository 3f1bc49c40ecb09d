"""What a person asks of the next draft is done, or said to be impossible."""

from __future__ import annotations

from typing import Any

import pytest

from responders.drafts import Draft, DraftFacts, TemplateDrafter
from responders.phrases import TemplateError, languages, load_language
from responders.rules import ReplyFacts, check_reply
from responders.template_check import TONED
from responders.wishes import NO_WISH, TONES, Wish, make_wish, read_wish

DRAFTER = TemplateDrafter()
SITUATIONS: tuple[dict[str, Any], ...] = (
    {"topics": ("waiting", "food")},
    {"topics": ()},
    {"topics": ("safety",)},
    {"topics": ("delivery",), "is_follow_up": True},
    {"complaint": False, "rating": 1.0, "topics": ("staff",)},
    {"complaint": False, "rating": 0.5},
    {"complaint": False, "is_follow_up": True},
    {"topics": ("waiting",), "author_name": "", "contact": "", "location_name": ""},
    {"topics": ("waiting",), "max_length": 280},
)


def draft(**changes: Any) -> Draft:
    known: dict[str, Any] = {
        "text": "It took fifty minutes, and the soup was cold.",
        "author_name": "Kim A.",
        "rating": 0.0,
        "language": "en",
        "brand_name": "Harbour Coffee",
        "location_name": "Quay Street",
        "contact": "hello@harbour.example",
        "signature": "Mara, Harbour Coffee",
        "seed": "17:1",
        "languages": ("en", "de"),
    }
    return DRAFTER.draft(DraftFacts(**(known | changes)))


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("changes", SITUATIONS)
def test_shorter_is_shorter_than_what_was_refused(code: str, changes: dict[str, Any]) -> None:
    for number in range(8):
        refused = draft(**changes, language=code, seed=f"{number}:1").text
        found = draft(
            **changes,
            language=code,
            seed=f"{number}:2",
            refused=refused,
            previous_replies=(refused,),
            wish=Wish(shorter=True),
        )
        assert len(found.text) < len(refused)
        assert "shorter, as asked" in found.reasons


@pytest.mark.parametrize("code", languages())
def test_shorter_can_be_asked_again_until_nothing_is_left_to_take_away(code: str) -> None:
    refused = draft(topics=("waiting",), language=code).text
    for number in range(2, 30):
        found = draft(
            topics=("waiting",),
            language=code,
            seed=f"17:{number}",
            refused=refused,
            wish=Wish(shorter=True),
        )
        if "shorter, as asked" not in found.reasons:
            break
        assert len(found.text) < len(refused)
        refused = found.text
    assert "asked for shorter: there is no shorter wording" in found.reasons
    assert len(found.text) < 60


def test_shorter_counts_as_the_platform_counts() -> None:
    def octets(text: str) -> int:
        return len(text.encode())

    refused = draft(language="fr", topics=("waiting",), measure=octets).text
    found = draft(
        language="fr",
        topics=("waiting",),
        measure=octets,
        refused=refused,
        wish=Wish(shorter=True),
    )
    assert octets(found.text) < octets(refused)


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("changes", SITUATIONS)
def test_a_tone_speaks_in_its_own_sentences_and_in_no_other(
    code: str, tone: str, changes: dict[str, Any]
) -> None:
    language = load_language(code)
    others = {
        sentence
        for groups in language.pools.values()
        for group in groups.values()
        for sentence in group.sentences
        if sentence.tone not in ("", tone)
    }
    own = {
        sentence
        for groups in language.pools.values()
        for group in groups.values()
        for sentence in group.sentences
        if sentence.tone == tone
    }
    for number in range(10):
        found = draft(**changes, language=code, seed=f"{number}:1", wish=Wish(tone=tone))
        said = [each for each in others if each.was_used_in(found.text)]
        own_said = [each for each in own if each.was_used_in(found.text)]
        # A sentence of another tone may be contained in one of this tone, word for word.
        assert [
            each.source
            for each in said
            if not any(each.was_used_in(mine.source) for mine in own_said)
        ] == []
        assert f"{tone} in tone" in found.reasons


@pytest.mark.parametrize("code", languages())
def test_the_tones_of_a_complaint_have_nothing_in_common(code: str) -> None:
    texts = {
        tone: {
            draft(language=code, topics=("food",), seed=str(number), wish=Wish(tone=tone)).text
            for number in range(12)
        }
        for tone in TONES
    }
    for tone in TONES:
        for other in TONES:
            if other != tone:
                firsts = [{t.split("\n")[0] for t in texts[each]} for each in (tone, other)]
                assert not firsts[0] & firsts[1]


@pytest.mark.parametrize("code", languages())
def test_in_one_tone_the_opening_is_still_never_the_same_twice_in_a_row(code: str) -> None:
    openings = load_language(code).pools["open_complaint"]["name"]
    for tone in TONES:
        previous: tuple[str, ...] = ()
        for number in range(40):
            text = draft(
                language=code, seed=str(number), previous_replies=previous, wish=Wish(tone=tone)
            ).text
            if previous:
                assert not set(openings.used_in(text)) & set(openings.used_in(previous[0]))
            previous = (text, *previous)[:20]


@pytest.mark.parametrize("code", languages())
def test_every_toned_group_says_so_in_its_library(code: str) -> None:
    pools = load_language(code).pools
    for (pool, group), fewest in TONED.items():
        for tone in TONES:
            has = [each for each in pools[pool][group].sentences if each.tone == tone]
            assert len(has) >= fewest, (pool, group, tone)


@pytest.mark.parametrize("code", languages())
def test_any_language_with_templates_can_be_asked_for(code: str) -> None:
    found = draft(wish=Wish(language=code), language="pl")
    assert found.language == code
    assert found.reasons[0].endswith("as asked")


def test_a_language_without_templates_gives_the_nearest_and_says_so() -> None:
    found = draft(language="de", wish=Wish(language="fi", tone="formal"))
    assert found.language == "de"
    assert found.reasons[0] == (
        "asked for “fi”, where there are no templates; "
        "written in German, the language of the mention"
    )


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("tone", TONES)
def test_no_rule_objects_to_a_draft_in_a_tone(code: str, tone: str) -> None:
    for number, changes in enumerate(SITUATIONS):
        for shorter in (False, True):
            wish = Wish(tone=tone, shorter=shorter)
            found = draft(**changes, language=code, seed=f"{number}", wish=wish)
            checked = ReplyFacts(
                language=code,
                platform="yelp",
                contact="hello@harbour.example",
                signature="Mara, Harbour Coffee",
                brand_name="Harbour Coffee",
                sensitive=True,
            )
            assert check_reply(found.text, checked) == (), found.text


def test_a_wish_comes_back_from_the_trail_as_it_was_said() -> None:
    for wish in (NO_WISH, Wish("warm"), Wish(shorter=True), Wish("plain", True, "de")):
        assert read_wish(wish.detail()) == wish
    assert NO_WISH.detail() == {}
    assert not NO_WISH
    assert Wish("warm", True, "de").told() == " (warm, shorter, in de)"


@pytest.mark.parametrize(
    "detail",
    [{}, {"wish": "warm"}, {"wish": {"tone": "loud"}}, {"wish": {"shorter": "no"}}, {"wish": 1}],
)
def test_a_trail_that_holds_no_wish_asks_for_nothing(detail: dict[str, Any]) -> None:
    assert read_wish(detail) == NO_WISH


def test_what_a_face_is_told_is_made_fit() -> None:
    made = make_wish(tone="loud", language=" DE-at<b>" + "x" * 99)
    assert made.tone == ""
    assert made.language.startswith("de-atb")
    assert len(made.language) <= 35


def test_a_tone_nobody_knows_makes_no_library() -> None:
    with pytest.raises(TemplateError, match=r"xx\.yaml"):
        load_language("xx")
