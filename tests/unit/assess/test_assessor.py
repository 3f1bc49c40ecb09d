from __future__ import annotations

import pytest

from monitor.assess import Assessment, make_assessor

ASSESSOR = make_assessor()


def judge(
    text: str, rating: float | None = None, language: str = "", title: str = ""
) -> Assessment:
    return ASSESSOR.assess(text, title=title, rating=rating, language=language)


COMPLAINTS = {
    "en": [
        "Never again. 50 minutes for a cold burger.",
        "my parcel has not arrived, where is it?",
        "The waiter was rude and laughed at us.",
        "App crashes every time I open the basket since the update",
        "I was charged twice and nobody answers my emails.",
        "Would not recommend this hotel, the room was filthy.",
        "the charger doesnt work anymore",
    ],
    "de": [
        "Nie wieder! Der Kellner war unfreundlich und wir haben 50 Minuten gewartet.",
        "Mein Paket ist immer noch nicht angekommen, wo bleibt es?",
        "Das Zimmer war schmutzig und es hat gestunken, sehr enttäuscht.",
    ],
    "es": [
        "La comida estaba fría y el camarero fue muy maleducado. No volveré.",
        "Mi pedido todavía no ha llegado y nadie responde.",
    ],
    "fr": [
        "Accueil désagréable, plats froids, je ne reviendrai pas.",
        "Toujours pas reçu mon colis et aucune réponse du service client.",
    ],
    "pt": [
        "O aplicativo não abre mais depois da atualização, péssimo.",
        "Comprei há 3 semanas e ainda não recebi nada, que vergonha.",
    ],
    "it": [
        "Non tornerò mai più, il personale era maleducato e il cibo freddo.",
        "Aspetto da 3 settimane il rimborso e nessuno risponde.",
    ],
    "nl": [
        "Slechte service, het eten was koud en veel te duur.",
        "Pakket nog steeds niet ontvangen en niemand neemt de telefoon op.",
    ],
}
PRAISE = {
    "en": [
        "Lovely place, friendly staff, we will be back!",
        "The food was not bad at all and the waiter was kind.",
        "Could not be happier, no complaints whatsoever.",
        "Can't wait to come back, it was great.",
    ],
    "de": ["Sehr leckeres Essen und nette Bedienung, wir kommen gerne wieder."],
    "es": ["Todo perfecto, el personal muy amable y la comida riquísima."],
    "fr": ["Excellent accueil, c'était délicieux, nous reviendrons avec plaisir."],
    "pt": ["Atendimento excelente e comida maravilhosa, recomendo a todos."],
    "it": ["Ottimo cibo e personale gentilissimo, torneremo sicuramente."],
    "nl": ["Heerlijk gegeten en heel vriendelijk personeel, zeker een aanrader."],
}


@pytest.mark.parametrize(("language", "text"), [(k, t) for k, v in COMPLAINTS.items() for t in v])
def test_a_complaint_is_found_with_its_language_and_a_reason(language: str, text: str) -> None:
    found = judge(text)
    assert found.complaint
    assert found.language == language
    assert found.reasons
    assert found.sentiment < 0.2


@pytest.mark.parametrize(("language", "text"), [(k, t) for k, v in PRAISE.items() for t in v])
def test_praise_is_no_complaint(language: str, text: str) -> None:
    found = judge(text)
    assert not found.complaint
    assert found.language == language
    assert found.urgency == "low"
    assert found.sentiment > 0


def test_the_words_that_decided_are_shown() -> None:
    found = judge("Never again, I waited 50 minutes and the waiter was rude.")
    shown = next(reason for reason in found.reasons if reason.startswith("words: "))
    assert '"never again"' in shown
    assert '"50 minutes"' in shown


def test_one_star_alone_is_a_complaint_and_says_so() -> None:
    found = judge("", rating=0.0)
    assert found.complaint
    assert "rated 1 of 5" in found.reasons


def test_five_stars_alone_are_no_complaint() -> None:
    assert not judge("", rating=1.0).complaint


def test_stars_and_words_that_disagree_are_named() -> None:
    found = judge("Worst ever, rude staff, I want my money back, never again!", rating=1.0)
    assert found.complaint
    assert any(reason.startswith("stars and words disagree") for reason in found.reasons)
    kind = judge("Excellent, wonderful, friendly staff, highly recommended!", rating=0.0)
    assert any("but the words are kind" in reason for reason in kind.reasons)


def test_one_small_grumble_does_not_overrule_five_stars() -> None:
    assert not judge("Great, but the coffee was a bit cold.", rating=1.0).complaint


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_rating_that_is_no_number_is_no_rating(bad: float) -> None:
    assert judge("It was all right.", rating=bad) == judge("It was all right.")


def test_a_rating_beyond_the_ends_counts_as_the_end() -> None:
    assert judge("ok", rating=7.0) == judge("ok", rating=1.0)
    assert judge("ok", rating=-7.0) == judge("ok", rating=0.0)


def test_a_negation_turns_a_word_round() -> None:
    good, bad = judge("The room is clean."), judge("The room is not clean.")
    assert bad.complaint_probability > good.complaint_probability
    assert judge("The room isn't clean.").complaint_probability == bad.complaint_probability


def test_the_title_is_judged_too_but_not_twice() -> None:
    text = "We walked by the river with the children."
    assert judge(text, title="Terrible, never again").complaint
    assert not judge(text).complaint
    assert judge("Terrible service, never again, rude", title="Terrible service, ne…") == judge(
        "Terrible service, never again, rude"
    )


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("We waited 40 minutes in the queue", "waiting"),
        ("The receptionist was unfriendly", "staff"),
        ("The cup arrived broken", "quality"),
        ("Far too expensive", "price"),
        ("My card was charged twice", "billing"),
        ("Am Montag wurden mir zweimal 11,40 € abgebucht", "billing"),
        ("Me cobraron dos veces", "billing"),
        ("J'ai été débitée deux fois", "billing"),
        ("Mi hanno addebitato due volte il conto", "billing"),
        ("Het bedrag is twee keer afgeschreven", "billing"),
        ("Fui cobrado duas vezes", "billing"),
        ("Die Toiletten waren total verdreckt", "cleanliness"),
        ("The courier left my parcel in the rain", "delivery"),
        ("The bathroom was dirty", "cleanliness"),
        ("They lost my reservation", "booking"),
        ("The app crashes at login", "app_fault"),
        ("I want a refund", "refund"),
        ("We got food poisoning", "safety"),
        ("Das Paket wurde nicht geliefert", "delivery"),
        ("La chambre était sale et pleine de cafards", "cleanliness"),
    ],
)
def test_the_topic_is_named(text: str, topic: str) -> None:
    assert topic in judge(text).topics


def test_words_with_two_meanings_name_no_wrong_topic() -> None:
    assert "price" not in judge("My card was charged twice").topics
    assert "delivery" not in judge("Me contestó que entonces no lo haber pedido").topics
    assert "delivery" in judge("Mi pedido no llegó").topics
    assert "distress" not in judge("Perdieron la reserva y ocho niños en la calle").topics


@pytest.mark.parametrize(
    "text",
    ["", "   ", "\x00\x00", "\ud800", "\u202eabc", "<>", "&#xD800;", "😡", "\u0301" * 500, "٣٣٣"],
)
def test_odd_texts_are_judged_and_never_raise(text: str) -> None:
    found = judge(text)
    assert 0 <= found.complaint_probability <= 1
    for reason in found.reasons:
        reason.encode("utf-8")


def test_unhappy_emoji_alone_complain_and_happy_ones_do_not() -> None:
    assert judge("😡🤬👎").complaint
    assert "signs: 😡 🤬 👎" in judge("😡🤬👎").reasons
    assert judge("😡" * 200).complaint
    assert judge("😍👍").sentiment > 0.9
    assert not judge("😍👍").complaint


def test_markup_and_invisible_characters_do_not_hide_words() -> None:
    plain = judge("terrible service, never again").complaint_probability
    assert judge(
        "<p>terr\u200bible <b>service</b>, never&nbsp;again</p>"
    ).complaint_probability == (plain)
    assert judge("TERRIBLE SERVICE, NEVER AGAIN").complaint_probability >= plain


def test_a_megabyte_is_judged_by_its_ends_and_says_so() -> None:
    found = judge("day after day " * 80_000 + " Never again, horrible and rude." * 40)
    assert any(reason.startswith("long text: judged by its first") for reason in found.reasons)
    assert any("rude" in reason for reason in found.reasons)


def test_a_complaint_about_nothing_listed_has_the_topic_other() -> None:
    assert judge("Horrible, never again").topics == ("other",)
    assert judge("Well then").topics == ()


@pytest.mark.parametrize(
    "unit", ["<a", "a-", "&#x41;", "never .. again ", "!?", "e\u0301\u0302", "😡 ", "(((", "x"]
)
def test_a_hostile_text_is_judged_by_its_ends_only(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    found = judge(text)
    assert found == judge(text)
    assert any(reason.startswith("long text") for reason in found.reasons)


def test_advertising_is_spam_and_no_complaint() -> None:
    found = judge("Earn money from home, click here https://win.example/a bitcoin bonus terrible")
    assert found.spam
    assert not found.complaint
    assert any(reason.startswith("looks like spam") for reason in found.reasons)


@pytest.mark.parametrize(
    "text",
    [
        "good",
        "Look at this receipt https://pics.example/1 I was charged twice, never again",
        "Sooooooooo slow!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!",
        "They asked me to click here to pay and then stole my money",
    ],
)
def test_what_real_customers_write_is_no_spam(text: str) -> None:
    assert not judge(text).spam


def test_the_threshold_decides() -> None:
    text = "The soup was a little cold."
    probability = judge(text).complaint_probability
    assert make_assessor(threshold=probability).assess(text).complaint
    assert not make_assessor(threshold=probability + 0.01).assess(text).complaint


@pytest.mark.parametrize("threshold", [0.0, 1.0, -1.0, 2.0, float("nan")])
def test_a_threshold_outside_the_open_interval_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        make_assessor(threshold=threshold)


def test_every_assessment_carries_the_version() -> None:
    assert judge("hello").model == ASSESSOR.version


def test_a_text_in_a_language_without_word_list_says_so() -> None:
    found = judge("Jeg er meget skuffet over maden, og betjeningen var heller ikke god")
    assert found.language == "da"
    assert found.reasons == ("no model for the language da: judged by rating and emoji",)
    assert found.unsure
