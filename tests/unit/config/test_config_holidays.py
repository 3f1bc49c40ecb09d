"""Holidays and the calendars of locations in the configuration: mistakes are told by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config import ConfigError, check_text, load

TEXT = """\
brands:
  - key: harbour
    name: Harbour Coffee
    locations:
      - {key: quay, name: Quay Street}
inbox: {path: inbox, brand: harbour}
calendars:
  - key: office
    timezone: Europe/Berlin
    hours: {mon: ["09:00-17:00"]}
"""
HOLIDAY = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260501\nSUMMARY:May\nEND:VEVENT\n"


def ics(events: str = HOLIDAY) -> str:
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{events}END:VCALENDAR\n"


def said(text: str, folder: Path) -> list[str]:
    problems = check_text(text, str(folder / "config.yaml"), environ={})
    return [str(each).removeprefix(f"{folder / 'config.yaml'}:") for each in problems]


CASES = [
    ("    country: DE\n    region: BE\n", []),
    ("    country: DE\n    open_on: [2026-10-03]\n", []),
    ("    ical: https://calendar.example/h.ics\n", []),
    ("    ical: http://127.0.0.1:8080/h.ics\n", []),
    (
        "    country: Germany\n",
        [
            "11: calendars[0].country: there is no country 'Germany'; expected country codes such "
            "as `AT`, `CA`, `CH`, `DE`, `ES`, `FR`, `GB`, `IT`, `NL`, `US`; did you mean `DE`?"
        ],
    ),
    (
        "    country: IE\n    region: D\n",
        ["12: calendars[0].region: the holidays of IE are the same everywhere; expected no region"],
    ),
    (
        "    country: AT\n    region: wien\n",
        [
            "12: calendars[0].region: AT has no region 'wien'; expected one of `1`, `2`, `3`, `4`, "
            "`5`, `6`, `7`, `8`, `9`; did you mean `9`?"
        ],
    ),
    (
        "    region: BE\n",
        ["11: calendars[0].region: is a region without a country; expected `country` beside it"],
    ),
    (
        "    open_on: [2026-10-03]\n",
        ["11: calendars[0].open_on: there is no holiday to work on; expected `country` or `ical`"],
    ),
    (
        "    country: DE\n    holidays: [2026-10-03]\n    open_on: [2026-10-03]\n",
        [
            "13: calendars[0].open_on: 2026-10-03 is one of `holidays` too; "
            "expected it in one of them"
        ],
    ),
    (
        "    contry: DE\n",
        ["11: calendars[0].contry: unknown key; did you mean `country`?"],
    ),
    (
        "    ical: http://calendar.example/h.ics\n",
        ["11: calendars[0].ical: is a link without protection; expected an https link"],
    ),
    (
        "    ical: webcal://calendar.example/h.ics\n",
        [
            "11: calendars[0].ical: is no file and no link; expected a file such as holidays.ics, "
            "or an https link; did you mean `https://calendar.example/h.ics`?"
        ],
    ),
    (
        "    ical: https://user:secret@calendar.example/h.ics\n",
        [
            "11: calendars[0].ical: is not a link; expected a file such as holidays.ics, "
            "or an https link"
        ],
    ),
    (
        "    ical: nowhere.ics\n",
        ["11: calendars[0].ical: nowhere.ics: there is no such file"],
    ),
]


@pytest.mark.parametrize(("lines", "expected"), CASES, ids=[lines for lines, _ in CASES])
def test_each_mistake_is_told(tmp_path: Path, lines: str, expected: list[str]) -> None:
    assert said(TEXT + lines, tmp_path) == expected


def test_a_file_is_read_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "h.ics").write_text(ics(), encoding="utf-8")
    assert said(f"{TEXT}    ical: h.ics\n", tmp_path) == []


def test_a_broken_file_is_told_with_its_own_line(tmp_path: Path) -> None:
    (tmp_path / "h.ics").write_text(ics(HOLIDAY.replace("0501", "1301")), encoding="utf-8")
    (told,) = said(f"{TEXT}    ical: h.ics\n", tmp_path)
    assert told.startswith("11: calendars[0].ical: h.ics:4: DTSTART of an event cannot be read")


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "h.ics").open("wb") as file:
        file.truncate(10**10)  # of holes; it takes no room
    assert said(f"{TEXT}    ical: h.ics\n", tmp_path) == [
        "11: calendars[0].ical: h.ics: is larger than 2,000,000 bytes; keep only the holidays"
    ]


def test_events_with_times_are_a_warning(tmp_path: Path) -> None:
    party = "BEGIN:VEVENT\nSUMMARY:Party\nDTSTART:20260501T180000\nEND:VEVENT\n"
    (tmp_path / "h.ics").write_text(ics(HOLIDAY + 5 * party), encoding="utf-8")
    told = said(f"{TEXT}    ical: h.ics\n", tmp_path)
    assert told[0] == (
        "11: warning: calendars[0].ical: h.ics: line 8: 'Party' is not of whole days and is no "
        "holiday"
    )
    assert told[-1].endswith("2 more events are not of whole days")
    assert len(told) == 4


def test_a_location_names_a_calendar_that_there_is(tmp_path: Path) -> None:
    good = TEXT.replace("Quay Street}", "Quay Street, calendar: office}")
    assert said(good, tmp_path) == []
    assert said(good.replace("calendar: office", "calendar: always"), tmp_path) == []
    assert said(good.replace("calendar: office", "calendar: ofice"), tmp_path) == [
        "5: brands[0].locations[0].calendar: there is no calendar 'ofice'; did you mean `office`?"
    ]


def test_a_configuration_may_be_read_without_its_secrets(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"database: env:NOT_SET\n{TEXT}", encoding="utf-8")
    with pytest.raises(ConfigError, match="NOT_SET"):
        load(path, environ={})
    assert load(path, environ={}, with_secrets=False).calendar("office").timezone == "Europe/Berlin"
