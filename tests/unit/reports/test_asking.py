"""What a person asks of a report is read, or refused with words that help."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from monitor.asking import BadQuestion, Question, doubt_of, read_question
from monitor.config import Config, load
from monitor.reports.report import BY
from monitor.reports.scope import ALL
from tests.support.cases import CONFIG, NOWHERE

NOW = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)  # past midnight in Berlin: the first of April
PEOPLE = """
people:
  - {name: Mara, team: Front}
  - {name: Otto, team: Back}
  - {name: Kim}
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    path: Path = tmp_path_factory.mktemp("asking") / "config.yaml"
    told = CONFIG % {"web": "http://127.0.0.1", "demo": NOWHERE, "topics": "[]"}
    path.write_text(told + PEOPLE, encoding="utf-8")
    return load(path)


def ask(config: Config, **words: str) -> Question:
    return read_question(config, NOW, words)


def test_nothing_asked_is_thirty_days_of_everything(config: Config) -> None:
    asked = ask(config).asked
    assert (asked.period.first, asked.period.last) == (date(2026, 3, 3), date(2026, 4, 1))
    assert (asked.grain, asked.by, asked.measure, asked.clock) == (
        "day",
        "source",
        "first_response",
        "business",
    )
    assert asked.scope == ALL


@pytest.mark.parametrize(("written", "days"), [("7", 7), ("90d", 90), (" 1 ", 1), ("3660", 3660)])
def test_days_are_counted_up_to_today(config: Config, written: str, days: int) -> None:
    period = ask(config, days=written).asked.period
    assert (period.days, period.last) == (days, date(2026, 4, 1))


def test_dates_are_both_included_and_either_may_be_left_out(config: Config) -> None:
    assert ask(config, first="2026-03-01", last="2026-03-01").asked.period.days == 1
    assert ask(config, first="2026-03-31").asked.period.last == date(2026, 4, 1)
    assert ask(config, last="2026-03-31").asked.period.first == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"days": "0"}, "no number of days from 1 to 3660"),
        ({"days": "3661"}, "no number of days"),
        ({"days": "-7"}, "no number of days"),
        ({"days": "٣"}, "no number of days"),
        ({"days": "1e3"}, "no number of days"),
        ({"first": "yesterday"}, "first: 'yesterday' is no date such as 2026-11-30"),
        ({"last": "2026-02-30"}, "last: '2026-02-30' is no date"),
        ({"first": "0001-01-01"}, "outside the years 1990 to 2200"),
        ({"last": "9999-12-31"}, "outside the years"),
        ({"first": "2026-03-02", "last": "2026-03-01"}, "is after the last"),
        ({"first": "1995-01-01"}, "is more than 3660 days"),
        ({"grain": "year"}, "grain: 'year' is not one of day, week, month"),
        ({"by": "colour"}, "by: 'colour' is not one of source, brand"),
        ({"measure": "speed"}, "measure: 'speed' is not one of first_response"),
        ({"clock": "cuckoo"}, "clock: 'cuckoo' is not one of business, wall"),
        ({"only": "board"}, "is no filter such as source:demo-board"),
        ({"only": "colour:red"}, "is no filter"),
        ({"only": "team:Frnt"}, "there is no team 'Frnt' under `people`; did you mean 'Front'?"),
    ],
)
def test_a_wrong_value_is_refused_with_what_would_be_right(
    config: Config, words: dict[str, str], said: str
) -> None:
    with pytest.raises(BadQuestion, match=re.escape(said)):
        ask(config, **words)


@pytest.mark.parametrize(
    ("only", "said"),
    [
        ("person:Maraa", "no person 'Maraa'; did you mean 'Mara'?"),
        ("topic:bilings", "did you mean 'billing'?"),
        ("source:bord", "no source 'bord'; did you mean 'board'?"),
        ("source:board", ""),
        ("location:quay", "did you mean 'harbour/quay'?"),
        ("source:retired", ""),
        ("person:", ""),
        ("team:Front", ""),
        ("language:pl", ""),
    ],
)
def test_a_name_that_is_nearly_a_known_one_is_doubted(config: Config, only: str, said: str) -> None:
    doubt = doubt_of(config, ask(config, only=only).asked.scope)
    assert said in doubt
    assert bool(doubt) is bool(said)


def test_nobody_doubts_everything(config: Config) -> None:
    assert doubt_of(config, ALL) == ""


def test_a_year_by_day_is_given_by_week(config: Config) -> None:
    assert ask(config, days="365", grain="day").asked.grain == "week"
    assert ask(config, days="3000", grain="day").asked.grain == "month"
    assert ask(config, days="100", grain="day").asked.grain == "day"


@pytest.mark.parametrize("by", BY)
def test_one_of_anything_can_be_asked_for_and_none_of_it(config: Config, by: str) -> None:
    value = "Front" if by == "team" else "x"
    scope = ask(config, only=f"{by}:{value}").asked.scope
    assert (scope.by, scope.label) == (by, value)
    none = ask(config, only=f"{by}:").asked.scope
    assert none.holds("") or by == "team"


def test_a_team_is_its_people_and_no_team_is_all_others(config: Config) -> None:
    front = ask(config, only="team:Front").asked.scope
    assert front.holds("Mara")
    assert not front.holds("Otto")
    none = ask(config, only="team:").asked.scope
    assert none.holds("Kim")
    assert none.holds("")
    assert not none.holds("Mara")


def test_a_value_may_hold_a_colon_and_letters_of_any_script(config: Config) -> None:
    assert ask(config, only="person:Ада: 東京").asked.scope.values == ("Ада: 東京",)


def test_the_words_are_kept_for_links_and_strangers_left_out(config: Config) -> None:
    question = ask(config, days="7", only="source:board", after="x", by=" ")
    assert question.words == {"days": "7", "only": "source:board"}
