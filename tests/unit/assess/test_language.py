from __future__ import annotations

import sys
from subprocess import run

import pytest

from monitor.assess.language import LanguageJudge, normalise
from monitor.assess.text import clean, fold, words

JUDGE = LanguageJudge()


def language_of(text: str, hint: str = "", judge: LanguageJudge = JUDGE) -> tuple[str, float]:
    cleaned = clean(text)
    language, confidence, _ = judge.judge(cleaned, words(fold(cleaned)), hint)
    return language, confidence


@pytest.mark.parametrize(
    ("hint", "code"),
    [
        ("en_US", "en"),
        ("de-AT", "de"),
        ("pt_BR.UTF-8", "pt"),
        ("FRA", "fr"),
        ("DE", "de"),
        ("", ""),
        ("english", ""),
        ("und", ""),
        ("x", ""),
    ],
)
def test_a_hint_is_brought_to_two_letters(hint: str, code: str) -> None:
    assert normalise(hint) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("We waited for an hour and nobody came to our table", "en"),
        ("Wir haben eine Stunde gewartet und niemand kam an unseren Tisch", "de"),
        ("Esperamos una hora y nadie vino a nuestra mesa", "es"),
        ("Nous avons attendu une heure et personne n'est venu", "fr"),
        ("Abbiamo aspettato un'ora e nessuno è venuto al nostro tavolo", "it"),
        ("We hebben een uur gewacht en er kwam niemand aan onze tafel", "nl"),
        ("Esperámos uma hora e ninguém veio à nossa mesa", "pt"),
        ("Vi väntade en timme och ingen kom till vårt bord", "sv"),
        ("Czekaliśmy godzinę i nikt nie podszedł do naszego stolika", "pl"),
        ("Мы ждали целый час, и никто к нам не подошёл", "ru"),
        ("Ми чекали цілу годину, і ніхто до нас не підійшов", "uk"),
        ("一時間待っても誰も来ませんでした", "ja"),
        ("等了一个小时也没有人来", "zh"),
        ("한 시간을 기다렸는데 아무도 오지 않았어요", "ko"),
        ("Περιμέναμε μία ώρα και κανείς δεν ήρθε", "el"),
        ("חיכינו שעה ואף אחד לא הגיע", "he"),
        ("انتظرنا ساعة كاملة ولم يأت أحد إلى طاولتنا", "ar"),
        ("हमने एक घंटे इंतज़ार किया और कोई नहीं आया", "hi"),
        ("เรารอหนึ่งชั่วโมงและไม่มีใครมา", "th"),
    ],
)
def test_a_sentence_tells_its_language(text: str, code: str) -> None:
    found, confidence = language_of(text)
    assert found == code
    assert 0.6 <= confidence <= 1


@pytest.mark.parametrize("text", ["", "ok", "12345", "😀😀", "!!!", "xyzzy qwrt"])
def test_too_little_to_tell_is_honestly_unknown(text: str) -> None:
    found, confidence = language_of(text)
    assert found == "und"
    assert confidence <= 0.4


def test_a_hint_decides_where_the_text_cannot() -> None:
    assert language_of("ok", "de_DE") == ("de", 0.8)


def test_clear_words_overrule_a_hint() -> None:
    text = "We waited for an hour and nobody came to our table, this is not how it should be"
    assert language_of(text, "de")[0] == "en"


def test_only_the_wanted_languages_are_chosen() -> None:
    judge = LanguageJudge(["es", "pt"])
    text = "Abbiamo aspettato un'ora e nessuno è venuto al nostro tavolo"
    assert language_of(text, judge=judge)[0] in {"es", "pt", "und"}


def test_py3langid_and_textblob_are_imported_only_when_needed() -> None:
    program = (
        "import sys\n"
        "from monitor.assess import make_assessor\n"
        "make_assessor().assess('Das Essen war leider kalt und der Kellner unfreundlich')\n"
        "print([m for m in ('numpy', 'py3langid', 'textblob', 'nltk') if m in sys.modules])"
    )
    done = run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
