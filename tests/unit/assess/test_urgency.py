from __future__ import annotations

import pytest

from monitor.assess import make_assessor

ASSESSOR = make_assessor()


@pytest.mark.parametrize(
    ("text", "rule", "urgency"),
    [
        ("My son got sick after the chicken", "safety or health", "urgent"),
        ("There was a piece of glass in my salad", "safety or health", "urgent"),
        ("The heater gave me an electric shock", "safety or health", "urgent"),
        ("We all had food poisoning", "safety or health", "urgent"),
        ("You will hear from my lawyer", "legal threat", "high"),
        ("I will sue this company", "legal threat", "high"),
        ("The guard was racist towards us", "discrimination", "urgent"),
        ("I was charged twice for one ticket", "money taken", "high"),
        ("I am going to the press with this", "press or reach", "high"),
        ("I sat there crying, stranded with my baby", "a person in distress", "urgent"),
        ("Nach dem Essen mussten wir ins Krankenhaus, Lebensmittelvergiftung!", "safety", "urgent"),
        ("Ich schalte meinen Anwalt ein, das ist Betrug", "legal threat", "high"),
        ("Nos intoxicamos con el pescado y acabamos en el hospital", "safety", "urgent"),
        ("Voy a poner una denuncia, es una estafa", "legal threat", "high"),
        ("Ma fille a fait une réaction allergique, personne n'a réagi", "safety", "urgent"),
        ("Je vais porter plainte, c'est inadmissible", "legal threat", "high"),
        ("C'è del vetro nella zuppa, pericoloso", "safety", "urgent"),
        ("Vou processar esta empresa, que absurdo", "legal threat", "high"),
        ("Ik ben opgelicht, ik doe aangifte bij de politie", "legal threat", "high"),
    ],
)
def test_a_named_rule_raises_the_urgency_and_is_a_reason(
    text: str, rule: str, urgency: str
) -> None:
    found = ASSESSOR.assess(text)
    assert found.urgency == urgency
    assert any(reason.startswith(rule) for reason in found.reasons)
    assert found.complaint


def test_the_words_that_set_a_rule_off_are_shown() -> None:
    assert "safety or health: got sick" in ASSESSOR.assess("We got sick, never again").reasons


def test_a_rule_in_a_text_full_of_praise_is_one_step_lower() -> None:
    found = ASSESSOR.assess(
        "Wonderful and caring staff, they called an ambulance when my father fell. Excellent!",
        rating=1.0,
    )
    assert found.urgency == "high"
    assert not found.complaint


def test_a_negated_rule_does_not_fire() -> None:
    assert ASSESSOR.assess("Not dangerous at all, lovely ride").urgency == "low"


def test_one_star_with_strong_words_is_high_and_with_mild_words_normal() -> None:
    assert ASSESSOR.assess("Horrible, rude, disgusting", rating=0.0).urgency == "high"
    assert ASSESSOR.assess("so so", rating=0.0).urgency == "normal"


def test_a_plain_complaint_is_normal_and_praise_is_low() -> None:
    assert ASSESSOR.assess("The coffee was cold and the cake stale.").urgency == "normal"
    assert ASSESSOR.assess("The coffee was great.").urgency == "low"


def test_an_urgent_matter_is_also_a_topic_so_that_the_answer_takes_care() -> None:
    judged = make_assessor().assess("You will hear from my lawyer about this", rating=0.0)
    assert "legal" in judged.topics
