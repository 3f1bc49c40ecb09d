from __future__ import annotations

from monitor.assess.text import HEAD, TAIL, clean, fold, shorten, words


def test_contractions_are_opened_however_they_are_written() -> None:
    for text in ("It isn't good", "It isn’t good", "it isnt good", "IT ISN'T GOOD"):
        assert words(fold(text)) == ["it", "is", "not", "good"]
    assert words(fold("I can't, won't and couldn't")) == (
        ["i", "can", "not", "will", "not", "and", "could", "not"]
    )


def test_accents_and_case_are_folded() -> None:
    assert fold("DÉÇU Übel Straße Łódź") == "decu ubel strasse lodz"


def test_letters_of_other_scripts_stay() -> None:
    assert words(fold("Привет мир")) == ["привет", "мир"]


def test_markup_is_removed_and_what_only_looks_like_it_stays() -> None:
    assert clean("<p>a<br/>b</p>").split() == ["a", "b"]
    assert clean("I <3 this, 3 < 4 > 2") == "I <3 this, 3 < 4 > 2"
    assert clean("fish &amp; chips") == "fish & chips"


def test_what_cannot_be_seen_is_removed() -> None:
    assert clean("a\x00b\ud800c") == "a b c"
    assert clean("te\u200brr\u00adible\u202e") == "terrible"
    assert clean("b\u0336a\u0336d\u0336") == "bad"


def test_a_cleaned_text_can_be_encoded() -> None:
    clean("é\udfff&#55296;").encode("utf-8")


def test_a_long_text_keeps_its_ends() -> None:
    kept, shortened = shorten("a" * HEAD + "b" * 100_000 + "c" * TAIL)
    assert shortened
    assert set(kept) == {"a", " ", "c"}
    assert shorten("a" * (HEAD + TAIL)) == ("a" * (HEAD + TAIL), False)
