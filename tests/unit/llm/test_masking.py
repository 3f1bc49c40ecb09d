"""Personal data is hidden before a text leaves, as far as it can be found."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.llm.masking import CUT, LONGEST_TEXT, mask

HIDDEN = [
    ("my mail is xylia.b@mail.example, write me", ["xylia", "mail.example"]),
    ("reach me at xylia (at) mail (dot) example", ["xylia (at)"]),
    ("xylia arroba mail punto example es mi correo", ["xylia"]),
    ("x\u200bylia@mail.example", ["ylia@"]),
    ("ｘylia＠mail.example", ["ylia"]),
    ("call 030 555 01 88 or +49 30 5550188", ["555", "0188"]),
    ("call me: zero one seven six five five five", ["seven six"]),
    ("Ruf an: null eins sieben sechs fünf fünf", ["sieben sechs"]),
    ("card 4111 1111 1111 1111 was charged", ["4111"]),
    ("IBAN DE02 1203 0000 0000 2020 51", ["1203", "2020"]),
    ("order 48213 never came", ["48213"]),
    ("Bestellnummer: AB-4711/9", ["4711"]),
    ("n.º de pedido 99812", ["99812"]),
    ("room 214 was dirty", ["214"]),
    ("passport C01X00T47", ["C01X00T47"]),
    ("plate HH-AB 1234", ["HH-AB"]),
    ("born 03.04.1985 in June", ["1985"]),
    ("I live at 12 Harbour Road, next to it", ["12 Harbour"]),
    ("Ich wohne in der Hafenstraße 12, 20095 Hamburg", ["Hafenstraße 12", "20095"]),
    ("J'habite 12 rue de la Paix, 75002 Paris", ["rue de la Paix", "75002"]),
    ("Vivo en la calle Mayor 12, 28013 Madrid", ["Mayor", "28013"]),
    ("Abito in via Roma 5, Roma", ["Roma 5"]),
    ("Keizersgracht 12, 1015 AB Amsterdam", ["Keizersgracht", "1015"]),
    ("Frau Dr. Quirinius war nett", ["Quirinius"]),
    ("Mrs Smithers and her son", ["Smithers"]),
    ("the waiter Tom was rude", ["Tom"]),
    ("My name is Xylia Brandt and I am angry", ["Xylia", "Brandt"]),
    ("ich heiße Xaver Quandt", ["Xaver", "Quandt"]),
    ("Bad tea.\nRegards, Xylia", ["Xylia"]),
    ("Schlecht.\nViele Grüße\nXaver Q.", ["Xaver"]),
    ("see https://me.example/xylia?id=1 or www.me.example", ["me.example"]),
    ("my page is me dot com", ["me dot com"]),
    ("follow @xylia_b and @x@board.example", ["xylia", "board"]),
]


@pytest.mark.parametrize(("text", "gone"), HIDDEN, ids=[each[0][:30] for each in HIDDEN])
def test_what_identifies_somebody_is_hidden(text: str, gone: list[str]) -> None:
    masked = mask(text)
    assert [word for word in gone if word in masked.text] == []
    assert masked.hidden > 0
    assert re.search(r"\[[A-Z]+\]", masked.text)


KEPT = [
    "I waited 45 minutes at Quay Street, paid 4.50 and the flat white was cold.",
    "Sehr langsamer Service, der Kaffee war kalt und das Personal unfreundlich. Nie wieder!",
    "Will you fix the app? Update 3.2 crashes, 2 of 5 stars.",
    "Le café était froid et la serveuse désagréable, dommage.",
    "El servicio es lento y la comida llegó fría a las 14:30.",
]


@pytest.mark.parametrize("text", KEPT, ids=[text[:20] for text in KEPT])
def test_what_is_about_us_stays(text: str) -> None:
    assert mask(text, keep=("Quay Street", "Harbour Coffee")).text == text


def test_the_authors_own_name_becomes_what_may_be_published() -> None:
    masked = mask("Kim here. Kim Alder, that is; ask for Alder.", author_name="Kim Alder").text
    assert masked == "[FIRST_NAME] here. [NAME], that is; ask for [NAME]."


def test_a_text_cannot_forge_a_mask() -> None:
    assert mask("Write [CONTACT] and [EMAIL] please").text == "Write (CONTACT) and (EMAIL) please"


def test_a_handle_as_a_name_is_hidden_whole() -> None:
    assert mask("it is me, tea_fan_77, again", author_name="tea_fan_77").text == (
        "it is me, [NAME], again"
    )


def test_a_long_text_is_cut_after_masking() -> None:
    text = "word " * 799 + "order 48213 " * 400
    masked = mask(text).text
    assert len(masked) <= LONGEST_TEXT + len(CUT)
    assert masked.endswith(CUT)
    assert "482" not in masked


@given(st.text(max_size=300), st.text(max_size=40))
def test_any_text_can_be_masked_and_no_address_is_left(text: str, name: str) -> None:
    masked = mask(text + " xylia@mail.example 030 5550188", author_name=name).text
    assert "xylia@" not in masked
    assert "5550188" not in masked


@pytest.mark.parametrize("unit", ["a", "-", "A'", "Aa-", "a.", "1/", "Anna ", "1 rue ", "a (at) "])
def test_a_text_made_to_take_long_is_looked_at_in_part_only(unit: str) -> None:
    text = unit * 5000
    masked = mask(f"{text} 030 5550188", author_name="Kim Alder").text
    assert len(masked) <= LONGEST_TEXT + len(CUT)
    assert masked.endswith(CUT)


def test_what_is_cut_in_the_middle_is_not_left_standing() -> None:
    for at in range(4950, 5020):
        assert "0188" not in mask("w" * at + " 030 555 0188 " + "w " * 900).text
        assert "030" not in mask("w" * at + " 030 555 0188 " + "w " * 900).text


def test_a_short_name_of_ours_stays_and_protects_nothing_else() -> None:
    assert mask("X is bad, call X on 030 5550188", keep=("X", "8")).text == (
        "X is bad, call X on [NUMBER]"
    )
