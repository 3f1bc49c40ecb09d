"""``rapport sla simulate`` and ``rapport sla forecast`` as a person uses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.clock import utc_now
from tests.integration.cli.conftest import Call
from tests.support.made_history import make_history

STRICTER = """\
sla:
  - key: urgent
    when: {urgency: [urgent]}
    calendar: office
    first_response: 1h
  - key: standard
    calendar: office
    first_response: 4h
    next_response: 8h
"""
LONGER = """\
timezone: Europe/Berlin
hours:
  mon: ["08:00-20:00"]
  tue: ["08:00-20:00"]
  wed: ["08:00-20:00"]
  thu: ["08:00-20:00"]
  fri: ["08:00-20:00"]
  sat: ["10:00-16:00"]
"""


@pytest.fixture
def shop(folder: Path) -> Path:
    """A folder with a made history that ends now."""
    make_history(folder, 3_000, utc_now(), days=70)
    (folder / "new.yaml").write_text(STRICTER, encoding="utf-8")
    (folder / "longer.yaml").write_text(LONGER, encoding="utf-8")
    return folder


def test_another_policy_is_tried_on_what_happened(shop: Path, rapport: Call) -> None:
    done = rapport("sla", "simulate", "--policy", "new.yaml", "--since", "60d")

    assert (done.returncode, done.stderr) == (0, "")
    assert "counted by the other policies" in done.stdout
    for row in ("all", "target first response", "target next response", "policy urgent"):
        assert f"\n{row} " in done.stdout
    assert "late then, not now:" in done.stdout
    assert "promises are new: no clock ran for them" in done.stdout
    assert "clocks would not run: their target is not promised" in done.stdout
    assert done.stdout.splitlines()[-1] == "next: rapport report sla"


def test_json_holds_the_figures_of_now_that_the_report_gives(shop: Path, rapport: Call) -> None:
    asked = ("sla", "simulate", "--policy", "new.yaml", "--since", "60d", "--examples", "2")
    told = json.loads(rapport(*asked, "--json").stdout)
    report = json.loads(rapport("report", "sla", "--since", "60d", "--json").stdout)

    now = {each["target"]: each["now"] for each in told["by_target"]}
    for target in report["targets"]:
        fared = target["total"]["attainment"]
        if target["total"]["received"]:
            assert {name: now[target["target"]][name] for name in fared} == fared
    total = told["total"]
    assert total["then"]["share"] < total["now"]["share"]
    assert total["change"] == pytest.approx(
        total["then"]["share_with_overdue"] - total["now"]["share_with_overdue"]
    )
    assert told["irreproducible"] == told["late_now_not_then"] == 0
    assert told["late_then_not_now"] > len(told["late_then_not_now_examples"]) == 2
    assert told["people"] is None


def test_the_configuration_itself_as_new_policy_changes_nothing(shop: Path, rapport: Call) -> None:
    done = rapport("sla", "simulate", "--policy", "config.yaml", "--json")
    told = json.loads(done.stdout)
    assert told["total"]["now"] == told["total"]["then"]
    assert told["late_then_not_now"] == told["late_now_not_then"] == told["irreproducible"] == 0


def test_other_hours_come_from_the_configuration_or_a_file(shop: Path, rapport: Call) -> None:
    by_file = json.loads(rapport("sla", "simulate", "--hours", "longer.yaml", "--json").stdout)
    by_name = json.loads(rapport("sla", "simulate", "--hours", "office", "--json").stdout)
    day_and_night = json.loads(rapport("sla", "simulate", "--hours", "always", "--json").stdout)

    assert by_name["total"]["now"] == by_name["total"]["then"]
    assert by_file["total"]["now"] != by_file["total"]["then"]
    # The same hours of promise, none of them closed: nobody gets more time.
    assert day_and_night["late_now_not_then"] == 0
    assert day_and_night["late_then_not_now"] > 0


def test_other_hours_under_a_key_of_now_replace_only_those(shop: Path, rapport: Call) -> None:
    text = "calendars:\n  - key: office\n" + "".join(f"    {line}\n" for line in LONGER.split("\n"))
    (shop / "office.yaml").write_text(text, encoding="utf-8")
    replaced = json.loads(rapport("sla", "simulate", "--hours", "office.yaml", "--json").stdout)
    for_all = json.loads(rapport("sla", "simulate", "--hours", "longer.yaml", "--json").stdout)
    assert replaced["total"] == for_all["total"]  # every policy here counts by `office`


def test_people_are_a_model_that_is_shown_beside_the_truth(shop: Path, rapport: Call) -> None:
    done = rapport("sla", "simulate", "--people", "+1", "--people", "-1", "--since", "60d")

    assert (done.returncode, done.stderr) == (0, "")
    assert "People on duty: a model" in done.stdout
    for row in ("as it was", "model, 2 people as now", "model, 3 people", "model, 1 person"):
        assert f"\n{row} " in done.stdout
    assert "counted by the other" not in done.stdout
    both = rapport("sla", "simulate", "--people", "2", "--policy", "new.yaml", "--json")
    told = json.loads(both.stdout)
    assert told["people"]["hours"] == "office"
    assert [each["people"] for each in told["people"]["modelled"]] == [2, 2]
    # The people are looked at under the promises that are tried.
    then = {each["target"]: each["then"] for each in told["by_target"]}
    responses = ("first_response", "next_response")
    assert told["people"]["real"]["missed"] == sum(then[name]["missed"] for name in responses)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing to try: give --policy, --hours or --people"),
        (("--people", "many"), "--people 'many' is no number of people; try 3, +1 or -1"),
        (("--hours", "noon"), "--hours 'noon' is neither a calendar (always, office) nor a file"),
        (("--hours", "gone.yaml"), "gone.yaml: there is no such file"),
        (("--policy", "gone.yaml"), "gone.yaml: there is no such file"),
        (("--people", "1", "--since", "soon"), "--since 'soon' is no time; try 30d, 12w or 20"),
        (("--people", "1", "--since", "2999-01-01"), "is still to come"),
        (("--people", "1", "--handling", "quick"), "--handling 'quick': is not a duration; try 6m"),
        (("--hours", "office", "--staffed", "office"), "are of use only with --people"),
    ],
)
def test_what_cannot_be_tried_is_refused_in_words(
    folder: Path, rapport: Call, arguments: tuple[str, ...], said: str
) -> None:
    make_history(folder, 10, utc_now(), days=5)
    done = rapport("sla", "simulate", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_more_people_than_can_go_are_refused(shop: Path, rapport: Call) -> None:
    done = rapport("sla", "simulate", "--people", "-5", "--since", "60d")
    assert done.returncode == 1
    assert done.stderr == "rapport: --people -5 leaves nobody; at present there are 2\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("sla:\n  - key: a\n    first_responce: 4h\n", 3, "did you mean `first_response`?"),
        ("sla:\n  - key: a\n    first_response: soon\n", 3, "sla[0].first_response:"),
        ("sla:\n  - key: a\n    calendar: offise\n    first_response: 4h\n", 3, "`office`?"),
        ("sla:\n  - {key: a, first_response: 4h, when: {source: [bord]}}\n", 2, "`board`?"),
        ("sla:\n  - {key: a, first_response: 4h}\n  - {key: a, first_response: 4h}\n", 3, "taken"),
        ("calendars:\n  - key: b\n    timezone: Nowhere\n", 3, "calendars[0].timezone:"),
        ("slas:\n  - key: a\n", 1, "holds neither policies nor calendars"),
        ("sla: [\n", 2, "not valid YAML"),
        ("", 1, "holds neither policies nor calendars"),
    ],
)
def test_a_policy_file_is_checked_as_the_configuration_is(
    folder: Path, rapport: Call, text: str, line: int, said: str
) -> None:
    make_history(folder, 10, utc_now(), days=5)
    (folder / "new.yaml").write_text(text, encoding="utf-8")
    done = rapport("sla", "simulate", "--policy", "new.yaml")
    assert done.returncode == 2
    assert "in the file" in done.stderr
    assert said in done.stderr
    assert f"new.yaml:{line}: " in done.stderr


def test_what_is_probably_not_meant_is_said_and_tried(shop: Path, rapport: Call) -> None:
    text = STRICTER + "  - {key: never, first_response: 9h, calendar: office}\n"
    (shop / "new.yaml").write_text(text, encoding="utf-8")
    done = rapport("sla", "simulate", "--policy", "new.yaml", "--json")
    assert done.returncode == 0
    assert "new.yaml:10: warning: sla[2]: is never used" in done.stderr
    assert json.loads(done.stdout)["cases"] > 100


def test_hours_without_hours_are_refused_with_their_line(folder: Path, rapport: Call) -> None:
    make_history(folder, 10, utc_now(), days=5)
    (folder / "wrong.yaml").write_text("timezone: Europe/Berlin\nhours: {mon: noon}\n")
    (folder / "none.yaml").write_text("sla:\n  - {key: a, first_response: 4h}\n")
    wrong = rapport("sla", "simulate", "--hours", "wrong.yaml")
    none = rapport("sla", "simulate", "--hours", "none.yaml")
    assert (wrong.returncode, none.returncode) == (2, 2)
    assert "wrong.yaml:2: hours.mon" in wrong.stderr
    assert "none.yaml:1: holds no calendar" in none.stderr


def test_without_cases_there_is_nothing_to_replay_or_forecast(folder: Path, rapport: Call) -> None:
    done = rapport("sla", "simulate", "--hours", "always")
    assert (done.returncode, done.stderr) == (0, "")
    assert "there is nothing to replay; take a longer --since" in done.stdout
    forecast = rapport("sla", "forecast")
    assert forecast.returncode == 0
    assert (
        "not enough history: 0 whole weeks, 4 are needed, so only what is known" in forecast.stdout
    )
    tried = rapport("sla", "forecast", "--backtest", "3")
    assert tried.returncode == 0
    assert "not enough history" in tried.stdout


def test_the_week_is_forecast_and_the_forecasts_are_tried_on_past_weeks(
    shop: Path, rapport: Call
) -> None:
    done = rapport("sla", "forecast")
    assert (done.returncode, done.stderr) == (0, "")
    assert "breaches expected; nine times in ten" in done.stdout
    told = json.loads(rapport("sla", "forecast", "--json").stdout)
    assert told["enough"]
    assert told["low"] <= told["expected"] <= told["high"]
    tried = json.loads(rapport("sla", "forecast", "--backtest", "4", "--json").stdout)
    assert len(tried["weeks"]) == tried["counted"] == 4
    assert tried["mean_absolute_error"] is not None
    shown = rapport("sla", "forecast", "--backtest", "4").stdout
    assert "breaches a week on average" in shown
    assert "weeks lay within their interval" in shown
    zone = rapport("sla", "forecast", "--zone", "Mars/Base")
    assert zone.returncode == 2
    assert "--zone 'Mars/Base' is not a time zone" in zone.stderr
