"""Holidays from iCal files: what counts, how it repeats, and what is refused."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from time import process_time

import pytest

from monitor.config.icals import proven
from monitor.hours.ical import MAX_BYTES, BadFeed, read_feed


def file(*events: str, newline: str = "\r\n") -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN"]
    for number, event in enumerate(events):
        uid = [] if "UID:" in event else [f"UID:{number}@test"]
        lines += ["BEGIN:VEVENT", *uid, *event.split("|"), "END:VEVENT"]
    return newline.join([*lines, "END:VCALENDAR", ""]).encode()


def days(*events: str, first: int = 2025, last: int = 2028) -> dict[str, str]:
    found = read_feed(file(*events)).days(date(first, 1, 1), date(last, 12, 31))
    return {day.isoformat(): name for day, name in sorted(found.items())}


def test_a_whole_day_is_a_holiday_with_its_name() -> None:
    assert days("SUMMARY:Stock\\, taking|DTSTART;VALUE=DATE:20260105") == {
        "2026-01-05": "Stock, taking"
    }


@pytest.mark.parametrize(
    "end", ["DTEND;VALUE=DATE:20261227", "DURATION:P2D", "DTEND;VALUE=DATE:20261227|TRANSP:OPAQUE"]
)
def test_each_day_counts_and_the_end_does_not(end: str) -> None:
    found = days(f"SUMMARY:Christmas|DTSTART;VALUE=DATE:20261225|{end}")
    assert list(found) == ["2026-12-25", "2026-12-26"]


def test_an_end_on_the_day_itself_means_that_day() -> None:
    assert list(days("DTSTART;VALUE=DATE:20260501|DTEND;VALUE=DATE:20260501")) == ["2026-05-01"]


@pytest.mark.parametrize(
    "times",
    [
        "DTSTART:20261025T000000|DTEND:20261026T000000",
        "DTSTART;TZID=Europe/Berlin:20261025T000000|DTEND;TZID=Europe/Berlin:20261026T000000",
        "DTSTART:20261025T000000|DURATION:P1D",
    ],
)
def test_from_midnight_to_midnight_is_a_whole_day(times: str) -> None:
    assert list(days(times)) == ["2026-10-25"]


@pytest.mark.parametrize(
    "times",
    [
        "DTSTART:20261224T140000|DTEND:20261225T000000",
        "DTSTART:20261224T230000Z|DTEND:20261225T230000Z",
        "DTSTART:20261224T000000",
    ],
)
def test_an_event_with_other_times_is_left_out_with_a_warning(times: str) -> None:
    feed = read_feed(file(f"SUMMARY:Party|{times}", "DTSTART;VALUE=DATE:20260101"))
    assert list(feed.days(date(2026, 1, 1), date(2026, 12, 31))) == [date(2026, 1, 1)]
    assert feed.warnings == ("line 4: 'Party' is not of whole days and is no holiday",)


def test_a_cancelled_event_does_not_count() -> None:
    found = days("STATUS:CANCELLED|DTSTART;VALUE=DATE:20260501", "DTSTART;VALUE=DATE:20260502")
    assert list(found) == ["2026-05-02"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (
            "DTSTART;VALUE=DATE:20260501|RRULE:FREQ=YEARLY",
            ["2026-05-01", "2027-05-01", "2028-05-01"],
        ),
        (
            "DTSTART;VALUE=DATE:20251127|RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
            ["2025-11-27", "2026-11-26", "2027-11-25", "2028-11-23"],
        ),
        (
            "DTSTART;VALUE=DATE:20260525|RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO",
            ["2026-05-25", "2027-05-31", "2028-05-29"],
        ),
        ("DTSTART;VALUE=DATE:20260501|RRULE:FREQ=YEARLY;COUNT=2", ["2026-05-01", "2027-05-01"]),
        (
            "DTSTART;VALUE=DATE:20250501|RRULE:FREQ=YEARLY;UNTIL=20270501T000000Z",
            ["2025-05-01", "2026-05-01", "2027-05-01"],
        ),
        (
            "DTSTART;VALUE=DATE:20250501|RRULE:FREQ=YEARLY;UNTIL=20270430",
            ["2025-05-01", "2026-05-01"],
        ),
        (
            "DTSTART;VALUE=DATE:20250501|RRULE:FREQ=YEARLY|EXDATE;VALUE=DATE:20260501,20270501",
            ["2025-05-01", "2028-05-01"],
        ),
        (
            "DTSTART;VALUE=DATE:20250501|RDATE;VALUE=DATE:20250601,20260601",
            ["2025-05-01", "2025-06-01", "2026-06-01"],
        ),
        ("DTSTART;VALUE=DATE:20240229|RRULE:FREQ=YEARLY", ["2028-02-29"]),
        ("DTSTART;VALUE=DATE:19000101|RRULE:FREQ=YEARLY;INTERVAL=2", ["2026-01-01", "2028-01-01"]),
        (
            "DTSTART;TZID=Europe/Berlin:20260501T000000|DTEND;TZID=Europe/Berlin:20260502T000000"
            "|RRULE:FREQ=YEARLY;UNTIL=20270501T000000Z",
            ["2026-05-01", "2027-05-01"],
        ),
    ],
)
def test_what_repeats_is_expanded(rule: str, expected: list[str]) -> None:
    assert list(days(rule)) == expected


BERLIN = "DTSTART;TZID=Europe/Berlin:20261224T000000|DURATION:P1D|RRULE:FREQ=DAILY"
NEW_YORK = "DTSTART;TZID=America/New_York:20261229T000000|DURATION:P1D|RRULE:FREQ=DAILY"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        # Midnight of the 27th in Berlin is 23:00 UTC of the 26th.
        (f"{BERLIN};UNTIL=20261226T230000Z", [24, 25, 26, 27]),
        (f"{BERLIN};UNTIL=20261226T225959Z", [24, 25, 26]),
        (f"{NEW_YORK};UNTIL=20270101T045959Z", [29, 30, 31]),
        (f"{NEW_YORK};UNTIL=20261231", [29, 30, 31]),
        (f"{NEW_YORK};UNTIL=20261231T000000", [29, 30, 31]),
        (f"{BERLIN};COUNT=4|EXDATE:20261224T230000Z", [24, 26, 27]),
        (f"{NEW_YORK};COUNT=3|EXDATE:20261231T050000Z,20261229T050000Z", [30]),
        (f"{BERLIN};COUNT=1|RDATE:20261230T230000Z", [24, 31]),
        ("DTSTART;TZID=Europe/Berlin:20261224T000000|DTEND:20261225T230000Z", [24, 25]),
    ],
)
def test_times_in_utc_are_read_in_the_zone_of_the_event(event: str, expected: list[int]) -> None:
    assert [int(day[-2:]) for day in days(event)] == expected


def test_a_repetition_is_moved_from_its_day_in_the_zone_of_the_event() -> None:
    moved = "UID:a|RECURRENCE-ID:20261224T230000Z|DTSTART;VALUE=DATE:20270104"
    # Whichever of the two stands first.
    for events in ((f"UID:a|{BERLIN};COUNT=3", moved), (moved, f"UID:a|{BERLIN};COUNT=3")):
        assert list(days(*events)) == ["2026-12-24", "2026-12-26", "2027-01-04"]


def test_a_rule_that_ends_with_the_end_of_time_goes_on() -> None:
    found = days(f"{NEW_YORK.replace('DAILY', 'YEARLY')};UNTIL=99991231T235959Z")
    assert list(found) == ["2026-12-29", "2027-12-29", "2028-12-29"]
    east = "DTSTART;TZID=Europe/Berlin:20260501T000000|DURATION:P1D|RRULE:FREQ=YEARLY"
    assert len(days(f"{east};UNTIL=99991231T235959Z")) == 3


def test_utc_beside_a_zone_that_nobody_knows_is_refused() -> None:
    event = BERLIN.replace("Europe/Berlin", "Not/Known")
    assert len(days(f"{event};UNTIL=20261226")) == 3
    with pytest.raises(BadFeed, match="one of them, 'Not/Known', is not known; name") as refused:
        days(f"{event};UNTIL=20261226T230000Z")
    assert refused.value.line == 4


OWN_ZONE = """\
BEGIN:VTIMEZONE
TZID:Ours {rule}
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:{rule}
END:STANDARD
END:VTIMEZONE
"""


@pytest.mark.parametrize(
    "rule", ["FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "FREQ=SECONDLY", "FREQ=YEARLY;INTERVAL=-1"]
)
def test_the_rules_of_a_zone_that_a_file_describes_are_not_followed(rule: str) -> None:
    ours = BERLIN.replace("Europe/Berlin", f'"Ours {rule}"') + ";COUNT=3"
    skipped = f'EXDATE;TZID="Ours {rule}":20261225T000000'
    zone = OWN_ZONE.format(rule=rule).replace("\n", "\r\n").encode()
    begin = b"BEGIN:VEVENT"
    found = read_feed(file(f"{ours}|{skipped}").replace(begin, zone + begin)).days(
        date(2026, 1, 1), date(2026, 12, 31)
    )
    assert [day.day for day in found] == [24, 26]
    for utc in (f"{ours}|EXDATE:20261224T230000Z", f"{BERLIN}|{skipped}"):
        with pytest.raises(BadFeed, match="is not known; name zones such as Europe"):
            read_feed(file(utc).replace(begin, zone + begin))


@pytest.mark.parametrize("described", [True, False])
def test_a_zone_with_its_name_of_windows_is_the_one_of_the_time_zone_database(
    described: bool,
) -> None:
    """As Outlook writes it: the zone is described in the file, and UNTIL is in UTC."""
    name = "W. Europe Standard Time"
    event = BERLIN.replace("Europe/Berlin", name) + ";UNTIL=20261226T230000Z"
    event += f"|EXDATE;TZID={name}:20261225T000000"
    told = OWN_ZONE.format(rule="FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10")
    zone = told.replace("TZID:Ours FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", f"TZID:{name}")
    given = file(event)
    if described:
        begin = b"BEGIN:VEVENT"
        given = given.replace(begin, zone.replace("\n", "\r\n").encode() + begin)
    found = read_feed(given).days(date(2026, 1, 1), date(2026, 12, 31))
    assert [day.day for day in found] == [24, 26, 27]


def test_a_repetition_may_reach_over_the_new_year() -> None:
    holidays = "DTSTART;VALUE=DATE:20241230|DTEND;VALUE=DATE:20250103|RRULE:FREQ=YEARLY"
    assert list(days(holidays, last=2025)) == [
        "2025-01-01",
        "2025-01-02",
        "2025-12-30",
        "2025-12-31",
    ]


def test_one_repetition_may_be_moved_or_cancelled() -> None:
    yearly = "UID:a|SUMMARY:Fair|DTSTART;VALUE=DATE:20250601|RRULE:FREQ=YEARLY"
    moved = (
        "UID:a|SUMMARY:Fair (moved)|RECURRENCE-ID;VALUE=DATE:20260601|DTSTART;VALUE=DATE:20260608"
    )
    off = "UID:a|STATUS:CANCELLED|RECURRENCE-ID;VALUE=DATE:20270601|DTSTART;VALUE=DATE:20270601"
    assert days(yearly, moved, off) == {
        "2025-06-01": "Fair",
        "2026-06-08": "Fair (moved)",
        "2028-06-01": "Fair",
    }


OLD = "UID:a|SUMMARY:Fair|DTSTART;VALUE=DATE:20260601|RRULE:FREQ=YEARLY;COUNT=2|SEQUENCE:1"


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ("SEQUENCE:2|STATUS:CANCELLED|DTSTART;VALUE=DATE:20260601", []),
        ("SEQUENCE:2|STATUS:CANCELLED", []),
        ("SEQUENCE:2|DTSTART;VALUE=DATE:20260603", ["2026-06-03"]),
        ("STATUS:CANCELLED|DTSTART;VALUE=DATE:20260601", ["2026-06-01", "2027-06-01"]),
        # Two of one version count both: some programs give one UID to all.
        (
            "SEQUENCE:1|DTSTART;VALUE=DATE:20260603",
            ["2026-06-01", "2026-06-03", "2027-06-01"],
        ),
    ],
)
def test_a_later_version_of_an_event_wins(later: str, expected: list[str], back: bool) -> None:
    other = "UID:b|DTSTART;VALUE=DATE:20280101"
    events = [OLD, f"UID:a|{later}", other]
    assert list(days(*(reversed(events) if back else events))) == [*expected, "2028-01-01"]


def test_a_later_version_of_a_repetition_wins() -> None:
    moved = "UID:a|RECURRENCE-ID;VALUE=DATE:20270601|DTSTART;VALUE=DATE:202706"
    found = days(OLD, f"{moved}09|SEQUENCE:3", f"{moved}08|SEQUENCE:2")
    assert list(found) == ["2026-06-01", "2027-06-09"]


def test_a_cancelled_series_takes_its_older_repetitions_along() -> None:
    moved = "UID:a|SEQUENCE:1|RECURRENCE-ID;VALUE=DATE:20270601|DTSTART;VALUE=DATE:20270608"
    ended = "UID:a|SEQUENCE:2|STATUS:CANCELLED|DTSTART;VALUE=DATE:20260601"
    other = "UID:b|DTSTART;VALUE=DATE:20280101"
    assert list(days(OLD, moved, ended, other)) == ["2028-01-01"]


def test_events_without_a_uid_are_each_their_own() -> None:
    text = file("DTSTART;VALUE=DATE:20260501|SEQUENCE:1", "DTSTART;VALUE=DATE:20260601")
    found = read_feed(re.sub(rb"UID:.*\r\n", b"", text)).days(date(2026, 1, 1), date(2026, 12, 31))
    assert [day.month for day in found] == [5, 6]


def test_a_repetition_that_does_not_say_of_what_is_refused() -> None:
    yearly = "DTSTART;VALUE=DATE:20260501|RRULE:FREQ=YEARLY"
    moved = "SUMMARY:May|RECURRENCE-ID;VALUE=DATE:20270501|DTSTART;VALUE=DATE:20270503"
    with pytest.raises(BadFeed, match="'May' has a RECURRENCE-ID and no UID; give") as refused:
        read_feed(re.sub(rb"UID:.*\r\n", b"", file(yearly, moved)))
    assert refused.value.line == 8


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            "RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20270601",
            "changes all repetitions that follow (RANGE), which is not known here; end the old",
        ),
        (
            "RECURRENCE-ID;VALUE=DATE:20270601|RECURRENCE-ID;VALUE=DATE:20280601",
            "has more than one RECURRENCE-ID",
        ),
        ("UID:b", "has more than one UID"),
        ("RECURRENCE-ID:PT1H", "RECURRENCE-ID of an event is no date"),
        ("SEQUENCE:1|RRULE:FREQ=DAILY;UNTIL=PT1H", "the UNTIL of the RRULE of an event is no date"),
        ("SEQUENCE:1|DTEND:PT1H", "DTEND of the event 'holiday' is no date"),
        ("SEQUENCE:first", "SEQUENCE of an event cannot be read"),
        ("SEQUENCE;VALUE=DATE:20270601", "SEQUENCE of the event 'holiday' is no number"),
    ],
)
def test_what_tells_of_an_event_is_there_once_and_meant_so(wrong: str, said: str) -> None:
    with pytest.raises(BadFeed, match=re.escape(said)) as refused:
        read_feed(file(OLD, f"UID:a|{wrong}|DTSTART;VALUE=DATE:20270608"))
    assert refused.value.line == 11


def test_several_calendars_in_one_file_and_bare_line_ends_are_read() -> None:
    one = file("DTSTART;VALUE=DATE:20260501", newline="\n")
    two = file("DTSTART;VALUE=DATE:20260601", newline="\n")
    found = read_feed(b"\xef\xbb\xbf" + one + two).days(date(2026, 1, 1), date(2026, 12, 31))
    assert [day.month for day in found] == [5, 6]


def test_spaces_after_a_mark_and_old_line_ends_are_read() -> None:
    for data in (
        file("DTSTART;VALUE=DATE:20260501").replace(b"VEVENT\r\n", b"vevent \t\r\n"),
        file("DTSTART;VALUE=DATE:20260501").replace(b"BEGIN:VEVENT", b"BEGIN:VEV\r\n ENT"),
        file("DTSTART;VALUE=DATE:20260501", newline="\r"),
    ):
        assert list(proven(data).days(date(2026, 1, 1), date(2026, 12, 31))) == [date(2026, 5, 1)]


@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_lines_are_counted_as_an_editor_counts_them(newline: str) -> None:
    summary = "SUMMARY:Next\u0085line\u000band\u2028more"
    folded = f"DESCRIPTION:a{newline} b{newline}\tc{newline}{newline} d"
    wrong = "DTSTART;VALUE=DATE:20261301"
    data = file(f"{summary}|{folded}|DTSTART;VALUE=DATE:20260501", wrong, newline=newline)
    with pytest.raises(BadFeed) as refused:
        read_feed(data)
    lines = data.decode().split(newline)
    assert lines[refused.value.line - 1 :][:3:2] == ["BEGIN:VEVENT", wrong]


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("BEGIN;X=1:VEVENT", "write such a line as BEGIN:VEVENT or END:VEVENT"),
        ("BEGIN:VEVENT;X", "write such a line as BEGIN:VEVENT or END:VEVENT"),
        ("END:VTODO", "has END:VTODO where nothing of that name was to end"),
    ],
)
def test_marks_that_do_not_fit_are_refused_with_their_line(mark: str, said: str) -> None:
    with pytest.raises(BadFeed, match=said) as refused:
        read_feed(file(f"DTSTART;VALUE=DATE:20260501|{mark}"))
    assert refused.value.line == 7


@pytest.mark.parametrize(
    ("data", "line", "said"),
    [
        (b"", 1, "it has no BEGIN:VCALENDAR"),
        (b"<html>Not found</html>", 1, "it has no BEGIN:VCALENDAR"),
        (file(), 0, "holds no holiday"),
        (file("DTSTART:20261224T140000|SUMMARY:Party"), 0, "holds no holiday; line 4: 'Party'"),
        (file("DTSTART;VALUE=DATE:20260501")[:-20], 7, "is cut off: 1 BEGIN:VCALENDAR, 0 END"),
        (
            file("DTSTART;VALUE=DATE:20260501").replace(b"END:VEVENT\r\n", b""),
            7,
            "1 BEGIN:VEVENT, 0",
        ),
        (file("DTSTART;VALUE=DATE:20261301"), 4, "DTSTART of an event cannot be read"),
        (file("DTSTART;VALUE=DATE:20260501", "SUMMARY:Lost"), 8, "'Lost' has no DTSTART"),
        (file("DTSTART;VALUE=DATE:20260501|what is this"), 4, "a line of an event cannot be read"),
        (file("DTSTART;VALUE=DATE:20260501|RRULE:FREQ=YERLY"), 4, "RRULE of an event cannot be"),
        (
            file("DTSTART;VALUE=DATE:20260501|RRULE:FREQ=HOURLY"),
            4,
            "repeats HOURLY; expected YEARLY",
        ),
        (
            file("DTSTART;VALUE=DATE:20260501|RRULE:FREQ=YEARLY;X=1"),
            4,
            "'holiday' has an RRULE with X, which",
        ),
        (file("DTSTART;VALUE=DATE:20260502|DTEND;VALUE=DATE:20260501"), 4, "ends before it begins"),
        (file("DTSTART;VALUE=DATE:20260502|DTEND;VALUE=DATE:20280501"), 4, "is 730 days long"),
        (file("DTSTART;VALUE=DATE:20260502|DTEND:20260503T000000"), 4, "begins with a date and"),
        (
            file("DTSTART;VALUE=DATE:20260502|DTSTART;VALUE=DATE:20260503"),
            4,
            "more than one DTSTART",
        ),
        (
            file("SUMMARY:Caf\u00e9|DTSTART;VALUE=DATE:20260502").decode().encode("latin-1"),
            6,
            "UTF-8",
        ),
        (b"BEGIN:VCALENDAR\n" + b"x" * MAX_BYTES, 0, "is larger than 2,000,000 bytes"),
        (b"BEGIN:VCALENDAR\nnonsense\nEND:VCALENDAR\n", 2, "cannot be read: Content line could"),
    ],
)
def test_what_cannot_be_trusted_is_refused_with_its_line(data: bytes, line: int, said: str) -> None:
    with pytest.raises(BadFeed) as refused:
        read_feed(data)
    assert said in str(refused.value)
    assert refused.value.line == line


def test_a_rule_that_runs_wild_is_refused() -> None:
    feed = read_feed(file("DTSTART;VALUE=DATE:00010101|RRULE:FREQ=DAILY"))
    with pytest.raises(BadFeed, match="repeats too often for a holiday") as refused:
        feed.days(date(1970, 1, 1), date(2100, 1, 1))
    assert refused.value.line == 4


@pytest.mark.parametrize("often", ["YEARLY", "MONTHLY", "WEEKLY", "DAILY"])
@pytest.mark.parametrize("steps", ["-1", "0"])
def test_a_rule_that_does_not_go_forward_is_refused_with_its_line(often: str, steps: str) -> None:
    rule = f"DTSTART;VALUE=DATE:20260501|RRULE:FREQ={often};INTERVAL={steps}"
    with pytest.raises(BadFeed, match=f"INTERVAL={steps}; expected a number from 1 up") as refused:
        proven(file(rule))
    assert refused.value.line == 4


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=YEARLY;COUNT=0", "COUNT=0; expected a number from 1 up"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH=13; expected numbers from 1 to 12"),
        ("FREQ=YEARLY;BYMONTHDAY=0", "BYMONTHDAY=0; expected numbers from -31 to 31"),
        ("FREQ=YEARLY;BYMONTHDAY=" + ",".join(["1"] * 500), "has an RRULE of 1,028 characters"),
        ("FREQ=DAILY;BYHOUR=9,17", "names an hour with BYHOUR; a holiday is a whole day"),
    ],
)
def test_a_rule_that_means_nothing_is_refused_with_what_it_says(rule: str, said: str) -> None:
    with pytest.raises(BadFeed, match=re.escape(said)) as refused:
        proven(file(f"DTSTART;VALUE=DATE:20260501|RRULE:{rule}"))
    assert refused.value.line


@pytest.mark.parametrize(
    "rules",
    [
        ["DAILY;BYMONTH=2;BYMONTHDAY=30"],
        ["YEARLY"] * 4_900,
        ["YEARLY"] * 15_000,
        ["DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=9000000"] * 100,
        ["YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=366"] * 1000,
    ],
)
def test_the_work_of_a_file_is_bounded(rules: list[str]) -> None:
    data = file(*[f"DTSTART;VALUE=DATE:19710101|RRULE:FREQ={rule}" for rule in rules])
    assert len(data) < MAX_BYTES
    begun = process_time()
    with suppress(BadFeed):
        proven(data)
    assert process_time() - begun < 10


def test_more_lines_and_events_than_holidays_need_are_refused_at_once() -> None:
    notes = "|".join(["X:y"] * 60_000)
    with pytest.raises(BadFeed, match="has more than 30,000 lines; keep only the hol") as refused:
        read_feed(file(f"DTSTART;VALUE=DATE:20260501|{notes}"))
    assert refused.value.line == 30_001
    with pytest.raises(BadFeed, match="holds more than 5,000 events; keep only") as refused:
        read_feed(file(*["DTSTART;VALUE=DATE:20260501"] * 5001))
    assert refused.value.line == 20_004


def test_far_ahead_an_endless_rule_is_followed() -> None:
    feed = proven(file("DTSTART;VALUE=DATE:20260105|RRULE:FREQ=WEEKLY"))
    found = feed.days(date(2380, 12, 1), date(2380, 12, 31))
    assert [day.isoformat() for day in found] == [f"2380-12-{day:02}" for day in (1, 8, 15, 22, 29)]
