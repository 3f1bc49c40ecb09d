"""``rapport sla due`` and ``rapport sla elapsed``: what they read, and what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from monitor.hours import Calendar
from tests.integration.cli.conftest import CONFIG, Call

HOURS = """\
timezone: Europe/Berlin
country: DE
region: BE
hours:
  mon: ["09:00-12:30", "13:30-18:00"]
  tue: ["09:00-12:30", "13:30-18:00"]
  wed: ["09:00-12:30", "13:30-18:00"]
  thu: ["09:00-12:30", "13:30-18:00"]
  fri: ["09:00-12:30", "13:30-18:00"]
"""
START = "2026-03-23T09:00+01:00"
"""A Monday at nine."""


@pytest.fixture
def hours(folder: Path) -> str:
    (folder / "config.yaml").unlink()  # a file needs no configuration
    (folder / "hours.yaml").write_text(HOURS, encoding="utf-8")
    return "hours.yaml"


def due(rapport: Call, calendar: str, start: str, length: str) -> dict[str, Any]:
    done = rapport(
        "sla", "due", "--calendar", calendar, "--start", start, "--for", length, "--json"
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def refusal(rapport: Call, *arguments: str) -> str:
    done = rapport("sla", *arguments)
    assert done.returncode == 2, done.stdout
    assert done.stdout == ""
    return done.stderr


def test_a_due_time_is_told_with_its_story(hours: str, rapport: Call) -> None:
    done = rapport("sla", "due", "--calendar", hours, "--start", "2026-04-02T16:45", "--for", "8h")
    assert done.returncode == 0
    assert done.stderr == "note: 2026-04-02T16:45:00 was read as a time of Europe/Berlin\n"
    assert done.stdout.splitlines() == [
        "8 h of open time by hours (Europe/Berlin).",
        "The clock started on Thu 2026-04-02 16:45 CEST.",
        "Open from Thu 2026-04-02 16:45 CEST to Thu 2026-04-02 18:00 CEST: "
        "1 h 15 min, 1 h 15 min in all.",
        "Holiday skipped: Fri 2026-04-03, Karfreitag (Europe/Berlin).",
        "Holiday skipped: Mon 2026-04-06, Ostermontag (Europe/Berlin).",
        "Open from Tue 2026-04-07 09:00 CEST to Tue 2026-04-07 12:30 CEST: "
        "3 h 30 min, 4 h 45 min in all.",
        "Open from Tue 2026-04-07 13:30 CEST to Tue 2026-04-07 16:45 CEST: 3 h 15 min, 8 h in all.",
        "Due on Tue 2026-04-07 16:45 CEST (2026-04-07T14:45:00Z).",
    ]


def test_open_time_is_told_with_its_story(hours: str, rapport: Call) -> None:
    times = ("--start", "2026-03-27T16:45+01:00", "--end", "2026-03-30T08:00Z")
    done = rapport("sla", "elapsed", "--calendar", hours, *times)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "From Fri 2026-03-27 16:45 CET to Mon 2026-03-30 10:00 CEST.",
        "Open from Fri 2026-03-27 16:45 CET to Fri 2026-03-27 18:00 CET: "
        "1 h 15 min, 1 h 15 min in all.",
        "Open from Mon 2026-03-30 09:00 CEST to Mon 2026-03-30 10:00 CEST: 1 h, 2 h 15 min in all.",
        "2 h 15 min of open time by hours (Europe/Berlin), 64 h 15 min on the wall.",
    ]


def test_json_holds_all_of_it(hours: str, rapport: Call) -> None:
    assert due(rapport, hours, "2026-04-02T17:59:30+02:00", "1m") == {
        "calendar": "hours",
        "timezone": "Europe/Berlin",
        "start": "2026-04-02T17:59:30+02:00",
        "start_utc": "2026-04-02T15:59:30Z",
        "for_seconds": 60,
        "due": "2026-04-07T09:00:30+02:00",
        "due_utc": "2026-04-07T07:00:30Z",
        "due_epoch": 1775545230,
        "open_intervals": [
            {
                "start": "2026-04-02T17:59:30+02:00",
                "end": "2026-04-02T18:00:00+02:00",
                "seconds": 30,
            },
            {
                "start": "2026-04-07T09:00:00+02:00",
                "end": "2026-04-07T09:00:30+02:00",
                "seconds": 30,
            },
        ],
        "holidays_skipped": [
            {"date": "2026-04-03", "name": "Karfreitag"},
            {"date": "2026-04-06", "name": "Ostermontag"},
        ],
        "notes": [],
    }


@pytest.mark.parametrize(
    ("length", "seconds"),
    [
        ("4h", 14_400),
        ("1h30m", 5400),
        ("1 h 30 min", 5400),
        ("90m", 5400),
        ("45s", 45),
        ("2d", 172_800),
        ("1w", 604_800),
        ("1.5h", 5400),
        ("1 hour 1 second", 3601),
        ("PT4H", 14_400),
        ("pt1h30m", 5400),
        ("P1DT1S", 86_401),
        ("P1W", 604_800),
        ("3600", 3600),
        ("0", 0),
        ("0.25", 0.25),
        ("250ms", 0.25),
    ],
)
def test_lengths_are_read_in_many_ways(rapport: Call, length: str, seconds: float) -> None:
    assert due(rapport, "always", START, length)["for_seconds"] == seconds


@pytest.mark.parametrize(
    "length", ["", "h", "4 h x", "P", "PT", "P1M", "1h-", "soon", "-4h", "1e3", "0.0000001"]
)
def test_what_is_no_length_is_refused(rapport: Call, length: str) -> None:
    told = refusal(rapport, "due", "--calendar", "always", "--start", START, "--for", length)
    assert told.startswith("rapport: --for: ")


@pytest.mark.parametrize(
    ("start", "utc"),
    [
        ("2026-03-27T16:45:00+01:00", "2026-03-27T15:45:00Z"),
        ("2026-03-27 16:45:00 +01:00", "2026-03-27T15:45:00Z"),
        ("2026-03-27T16:45:00\u221204:00", "2026-03-27T20:45:00Z"),
        ("2026-03-27T15:45Z", "2026-03-27T15:45:00Z"),
        ("2026-03-27t15:45z", "2026-03-27T15:45:00Z"),
        ("20260327T154500Z", "2026-03-27T15:45:00Z"),
        ("2026-03-27 15:45 UTC", "2026-03-27T15:45:00Z"),
        ("2026-W13-5T15:45Z", "2026-03-27T15:45:00Z"),
        ("2026-03-27T24:00Z", "2026-03-28T00:00:00Z"),
        ("2026-03-27T24:00:00.000Z", "2026-03-28T00:00:00Z"),
        ("2026-03-27T16:45", "2026-03-27T15:45:00Z"),
        ("2026-03-27T16:45[America/New_York]", "2026-03-27T20:45:00Z"),
        ("2026-03-27", "2026-03-26T23:00:00Z"),
        ("2026-03-27T15:45:00.5Z", "2026-03-27T15:45:00.500000Z"),
    ],
)
def test_times_are_read_in_many_ways(hours: str, rapport: Call, start: str, utc: str) -> None:
    assert due(rapport, hours, start, "1h")["start_utc"] == utc


@pytest.mark.parametrize(
    "start",
    [
        "",
        "now",
        "2026-02-30T09:00",
        "9:00",
        "2026-03-27T25:00Z",
        "2026-03-27T24:30",
        "2026-03-27T24:00:30",
        "2026-03-27T24:00:00.5Z",
    ],
)
def test_what_is_no_time_is_refused_with_an_example(hours: str, rapport: Call, start: str) -> None:
    told = refusal(rapport, "due", "--calendar", hours, "--start", start, "--for", "1h")
    assert told.startswith("rapport: --start: cannot read")
    assert "2026-03-27T16:45+01:00" in told


def test_a_local_time_in_a_gap_is_the_moment_of_the_jump(hours: str, rapport: Call) -> None:
    found = due(rapport, hours, "2026-03-29T02:30", "1h")
    assert found["start"] == "2026-03-29T03:00:00+02:00"
    assert found["notes"] == [
        "2026-03-29T02:30:00 is never shown by the clock of Europe/Berlin; read as the moment at "
        "which it jumps, 2026-03-29T03:00:00+02:00"
    ]


def test_a_local_time_shown_twice_is_its_first_passing(hours: str, rapport: Call) -> None:
    found = due(rapport, hours, "2026-10-25T02:30", "1h")
    assert found["start"] == "2026-10-25T02:30:00+02:00"
    assert found["notes"] == [
        "2026-10-25T02:30:00 is shown twice by the clock of Europe/Berlin; read as the first, "
        "2026-10-25T02:30:00+02:00; for the second write 2026-10-25T02:30:00+01:00"
    ]


def test_an_end_before_the_start_is_refused(hours: str, rapport: Call) -> None:
    times = ("--start", "2026-03-27T16:45", "--end", "2026-03-27T16:44")
    told = refusal(rapport, "elapsed", "--calendar", hours, *times)
    assert "--end Fri 2026-03-27 16:44 CET is before --start Fri 2026-03-27 16:45 CET" in told


def test_a_deadline_years_ahead_knows_the_holidays_there(hours: str, rapport: Call) -> None:
    found = due(rapport, hours, "2026-03-23T09:00+01:00", "40000h")
    assert found["due"].startswith("204")
    years = {each["date"][:4] for each in found["holidays_skipped"]}
    assert years >= {str(year) for year in range(2026, int(found["due"][:4]))}
    assert {"date": "2038-04-26", "name": "Ostermontag"} in found["holidays_skipped"]


WAYS = {
    "names.yaml": """\
        tz: Europe/Berlin
        name: The Office
        opening_hours:
          Monday: 09:00-12:30, 13:30-18:00
          tuesday-fri: ["09:00:00 - 12:30:00", {from: "13:30", to: "18:00"}]
          sat: closed
          sun: ~
        holidays: {2026-04-03: Karfreitag}
        """,
    "pairs.json": json.dumps(
        {
            "time_zone": "Europe/Berlin",
            "week": {
                "weekdays": [["09:00", "12:30"], ["13:30", "18:00"]],
            },
            "holidays": [{"date": "2026-04-03", "name": "Karfreitag"}],
        }
    ),
    "entries.json": json.dumps(
        {
            "calendar": {
                "id": "Office 1",
                "tz": "Europe/Berlin",
                "hours": [
                    {"days": ["mon", "Tuesday", "wed"], "hours": ["9-12:30", "13:30-18"]},
                    {"day": "thu-fri", "open": "09:00", "close": "12:30"},
                    {"day": "thu-fri", "open": "13:30", "close": "18:00"},
                ],
                "holidays": ["2026-04-03"],
            }
        }
    ),
    "kept.json": json.dumps(
        {
            "key": "office",
            "timezone": "Europe/Berlin",
            "week": {
                **{key: [[540, 750], [810, 1080]] for key in ("mon", "tue", "wed", "thu", "fri")},
                "sat": [],
                "sun": [],
            },
            "holidays": ["2026-04-03"],
            "names": {"2026-04-03": "Karfreitag"},
        }
    ),
    "list.yaml": """\
        - key: only
          timezone: Europe/Berlin
          hours:
            mon: &day ["09:00-12:30", {start: "13:30", end: "18:00"}]
            tue: *day
            wed: *day
            thu: *day
            fri: *day
          holidays: ["2026-04-03"]
        """,
}


@pytest.mark.parametrize("name", sorted(WAYS))
def test_hours_that_others_wrote_are_understood(folder: Path, rapport: Call, name: str) -> None:
    (folder / name).write_text(WAYS[name], encoding="utf-8")
    found = due(rapport, name, "2026-04-02T17:00+02:00", "3h")
    assert found["due"] == "2026-04-06T11:00:00+02:00"
    assert [each["date"] for each in found["holidays_skipped"]] == ["2026-04-03"]


@pytest.mark.parametrize(
    "hours",
    [
        "{daily: 09:00-17:00, sun: closed}",
        "{sun: closed, daily: 09:00-17:00}",
        "{daily: 09:00-17:00, Sunday: []}",
        "{SUN: ~, mon-sun: 09:00-17:00}",
        "{daily: 09:00-17:00, weekend: 10:00-12:00, sun: []}",
        "{sun: [], weekend: 10:00-12:00, daily: 09:00-17:00}",
        "[{day: daily, from: '09:00', to: '17:00'}, {day: Sunday, hours: '12:00-13:00'}]",
    ],
)
def test_the_name_that_means_fewer_days_wins(folder: Path, rapport: Call, hours: str) -> None:
    (folder / "x.yaml").write_text(f"tz: UTC\nhours: {hours}\n", encoding="utf-8")
    found = due(rapport, "x.yaml", "2026-03-28T17:00Z", "2h")
    expected = "2026-03-30T10:00:00Z" if hours.startswith("[") else "2026-03-30T11:00:00Z"
    assert found["due_utc"] == expected
    saturday = due(rapport, "x.yaml", "2026-03-28T00:00Z", "2h")
    narrow = "2026-03-28T12:00:00Z" if "weekend" in hours else "2026-03-28T11:00:00Z"
    assert saturday["due_utc"] == narrow


def test_the_calendar_that_a_case_keeps_is_understood(folder: Path, rapport: Call) -> None:
    night = Calendar("night", "Europe/Berlin", {4: ((1320, 1560),), 5: ((600, 1440),)})
    (folder / "kept.json").write_text(json.dumps(night.to_json()), encoding="utf-8")
    found = due(rapport, "kept.json", "2026-04-03T00:00+02:00", "18h")
    assert found["due"] == "2026-04-05T00:00:00+02:00"


@pytest.mark.parametrize(
    "text",
    [
        "calendar: {calendars: [{a: ~}]}\n",
        "{tz: UTC, hours: [{day: funday, from: '9', to: '17'}]}\n",
        "{tz: UTC, hours: [{days: [mon, ~], from: '9', to: '17'}]}\n",
        "{tz: UTC, hours: {mon: [[[]]]}, holidays: [{date: ~}, ~]}\n",
        "{tz: UTC, hours: 7, holidays: 7, names: 7, region: 7}\n",
    ],
)
def test_nonsense_is_refused_where_it_stands(folder: Path, rapport: Call, text: str) -> None:
    (folder / "x.yaml").write_text(text, encoding="utf-8")
    told = refusal(rapport, "due", "--calendar", "x.yaml", "--start", START, "--for", "1h")
    assert told.startswith("x.yaml:1: ")


def test_one_of_several_calendars_is_picked_by_its_key(folder: Path, rapport: Call) -> None:
    (folder / "two.yaml").write_text(
        "calendars:\n"
        "  - {key: day, timezone: UTC, hours: {mon: ['09:00-17:00']}}\n"
        "  - {key: night, timezone: UTC, hours: {mon: ['22:00-06:00']}}\n",
        encoding="utf-8",
    )
    assert due(rapport, "two.yaml#night", "2026-03-23T09:00Z", "1h")["due_utc"].endswith(
        "23:00:00Z"
    )
    arguments = ("--start", START, "--for", "1h")
    told = refusal(rapport, "due", "--calendar", "two.yaml", *arguments)
    assert "two.yaml:1: calendars: holds 2 calendars; expected one of `two.yaml#day`" in told
    told = refusal(rapport, "due", "--calendar", "two.yaml#nite", *arguments)
    assert "holds no calendar 'nite'; did you mean `night`?" in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HOURS.replace("Berlin", "Berln"), "x.yaml:1: timezone: 'Europe/Berln' is not a time zone"),
        (
            HOURS.replace("DE", "UK"),
            "x.yaml:2: country: there is no country 'UK'; expected country",
        ),
        (HOURS.replace("BE", "Berlin"), "x.yaml:3: region: DE has no region 'Berlin'"),
        (HOURS.replace("09:00", "25:00"), "x.yaml:5: hours.mon[0]: 25:00 is not a time of day"),
        (
            HOURS.replace("mon:", "mondy:"),
            "x.yaml:5: hours.mondy: unknown key; did you mean `mon`?",
        ),
        (HOURS + "holiday: [2026-01-01]\n", "x.yaml:10: holiday: unknown key; did you mean"),
        (HOURS + "monday: []\n", "x.yaml:10: monday: unknown key"),
        (HOURS + "ical: https://x.example/a.ics\n", "x.yaml:10: ical: is a link, and nothing is"),
        (HOURS + "ical: none.ics\n", "x.yaml:10: ical: none.ics: there is no such file"),
        (HOURS.replace('"09:00-12:30", ', "[9, 12], "), "x.yaml:5: hours.mon[0]: is not a span of"),
        ("tz: UTC\nweek:\n  from: '1'\n", "x.yaml:3: hours.from: unknown key"),
        ("tz: UTC\nweek:\n  mon-fri: 09:00-25:00\n", "x.yaml:3: hours.mon: 25:00 is not a time of"),
        ("time_zone: Europe/Berln\n", "x.yaml:1: timezone: 'Europe/Berln' is not a time zone"),
        (
            HOURS + "  monday: []\n",
            "x.yaml:10: hours.monday: mon is given twice, first on line 5; expected one of the two",
        ),
        (
            "tz: UTC\nweek:\n  mon-wed: 9-17\n  Daily: 9-12\n  wed-fri: 9-17\n",
            "x.yaml:5: hours.wed-fri: wed is given twice, first on line 3",
        ),
        (
            "tz: UTC\nweek:\n  daily: 9-17\n  Sunday: 9-25\n",
            "x.yaml:4: hours.sun: 25:00 is not a time of",
        ),
        (
            HOURS.replace('"09:00-12:30", ', "[22, 26], "),
            "x.yaml:5: hours.mon[0]: is not a span of",
        ),
        (
            "- {tz: UTC, hours: {mon: 9-17}}\n- {tz: UTC, hours: {mon: 9-17}}\n",
            "holds 2 calendars; expected a `key` in each, to pick one as `x.yaml#KEY`",
        ),
        ("timezone: UTC\n", "x.yaml: hours: is missing"),
        ("[]\n", "holds no calendar; expected `timezone` and `hours`"),
        ("12\n", "holds no calendar"),
        ("a: [\n", "not valid YAML"),
        ("BEGIN:VCALENDAR\n", "holds holidays and no hours; expected a calendar that names it"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(
    folder: Path, rapport: Call, text: str, said: str
) -> None:
    (folder / "x.yaml").write_text(text, encoding="utf-8")
    told = refusal(rapport, "due", "--calendar", "x.yaml", "--start", START, "--for", "1h")
    assert said in told.replace("x.yaml:1: hours", "x.yaml: hours")


def test_a_file_that_is_not_there_is_named(rapport: Call) -> None:
    told = refusal(rapport, "due", "--calendar", "no.yaml", "--start", START, "--for", "1h")
    assert "no.yaml: there is no such file" in told


def test_a_name_is_one_of_the_configuration_and_needs_no_secret(
    folder: Path, rapport: Call
) -> None:
    indented = "".join(f"    {line}\n" for line in HOURS.splitlines())
    (folder / "config.yaml").write_text(
        f"{CONFIG}slack: {{bot_token: 'env:NOT_SET', app_token: 'env:NOT_SET', "
        f"channel: C0123456789}}\ncalendars:\n  - key: office\n{indented}",
        encoding="utf-8",
    )
    found = due(rapport, "office", "2026-04-02T17:00+02:00", "2h")
    assert (found["calendar"], found["due"]) == ("office", "2026-04-07T10:00:00+02:00")
    told = refusal(rapport, "due", "--calendar", "ofice", "--start", START, "--for", "1h")
    assert "config.yaml has no calendar of this name; did you mean office?" in told


def test_a_name_without_a_configuration_says_what_to_do(hours: str, rapport: Call) -> None:
    told = refusal(rapport, "due", "--calendar", "office", "--start", START, "--for", "1h")
    assert "give --calendar a file, or name the configuration with --config" in told


def test_always_needs_nothing(hours: str, rapport: Call) -> None:
    found = due(rapport, "always", "2026-03-28T12:00", "24h")
    assert found["due"] == "2026-03-29T12:00:00+00:00"
    assert found["notes"] == ["2026-03-28T12:00:00 was read as a time of UTC"]


def test_a_feed_that_was_never_fetched_is_told_of(folder: Path, rapport: Call) -> None:
    (folder / "config.yaml").write_text(
        f"{CONFIG}calendars:\n  - key: office\n    timezone: UTC\n"
        "    hours: {mon: ['09:00-17:00']}\n    ical: https://calendar.example/h.ics\n",
        encoding="utf-8",
    )
    (note,) = due(rapport, "office", "2026-03-23T09:00Z", "1h")["notes"]
    assert note.startswith("the holidays of its link were not fetched yet and are missing")


@pytest.mark.parametrize("start", ["0001-01-01T00:00+14:00", "9999-12-31T23:59Z", "9998-01-01"])
def test_a_year_that_no_calendar_reaches_is_refused(hours: str, rapport: Call, start: str) -> None:
    told = refusal(rapport, "due", "--calendar", hours, "--start", start, "--for", "0")
    assert "is outside the years 3 to 9997" in told
    times = ("--start", "9997-12-31T23:00Z", "--for", "2h")
    told = refusal(rapport, "due", "--calendar", "always", *times)
    assert "the year 9998 is outside" in told
    assert due(rapport, hours, "0003-01-01T00:00Z", "0")["open_intervals"] == []


def test_a_rule_without_end_is_followed_as_far_as_it_can_be(
    folder: Path, hours: str, rapport: Call
) -> None:
    lines = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "SUMMARY:Rest", "DTSTART;VALUE=DATE:20260105"]
    lines += ["RRULE:FREQ=WEEKLY", "END:VEVENT", "END:VCALENDAR"]
    (folder / "h.ics").write_text("\n".join(lines), encoding="utf-8")
    (folder / hours).write_text(f"{HOURS}ical: h.ics\n", encoding="utf-8")
    found = due(rapport, hours, "2380-12-26T17:00", "4h")
    assert found["due"].startswith("2380-12-30T")
    assert {"date": "2380-12-29", "name": "Rest"} in found["holidays_skipped"]
    times = ("--start", "2026-03-23", "--end", "2800-03-23")
    told = refusal(rapport, "elapsed", "--calendar", hours, *times)
    assert told.splitlines()[-1] == (
        "rapport: calendar hours: h.ics:2: 'Rest' repeats too often for a holiday; "
        "correct the file, or give times nearer to each other and to today"
    )


def test_a_target_that_no_hours_can_hold_is_refused(folder: Path, rapport: Call) -> None:
    (folder / "x.yaml").write_text(
        "timezone: UTC\nhours: {mon: ['09:00-09:01']}\n", encoding="utf-8"
    )
    told = refusal(rapport, "due", "--calendar", "x.yaml", "--start", START, "--for", "100h")
    assert "in the 100 years after" in told
