"""The days of a rule, beside those that a library for calendars of meetings finds."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from itertools import takewhile

import pytest
from dateutil.rrule import rrulestr
from icalendar.prop import vRecur

from monitor.hours.repeats import BadRule, Work, read_rule

LAST = date(2040, 12, 31)


def found(rule: str, start: date, early: date = date.min, until: date | None = None) -> list[date]:
    return list(read_rule(vRecur.from_ical(rule), start, until).days(early, LAST, Work()))


def of_the_library(rule: str, start: date) -> list[date]:
    dates = rrulestr(rule, dtstart=datetime.combine(start, time()))
    return [at.date() for at in takewhile(lambda at: at.date() <= LAST, dates)]


def any_rule(chance: random.Random) -> str:
    often = chance.choice(["YEARLY", "MONTHLY", "WEEKLY", "DAILY"])
    parts = [f"FREQ={often}", f"INTERVAL={chance.choice([1, 1, 1, 2, 3, 7])}"]
    if chance.random() < 0.3:
        parts.append(f"COUNT={chance.randint(1, 30)}")
    if chance.random() < 0.4:
        parts.append(f"BYMONTH={chance.randint(1, 12)},{chance.randint(1, 12)}")
    if chance.random() < 0.4:
        parts.append(f"BYMONTHDAY={chance.choice([1, 13, 29, 31, -1, -3])},{chance.randint(1, 28)}")
    if chance.random() < 0.2 and often == "YEARLY":
        parts.append(f"BYYEARDAY={chance.choice([1, 60, 366, -1, -366])},100")
    if chance.random() < 0.2 and often == "YEARLY":
        parts.append(f"BYWEEKNO={chance.randint(2, 51)},20")
    elif chance.random() < 0.6:
        day = chance.choice(["MO", "WE", "SU"])
        nth = chance.choice(["", "1", "-1", "2"]) if often in ("YEARLY", "MONTHLY") else ""
        parts.append(f"BYDAY={nth}{day}")
    if chance.random() < 0.2 and often in ("YEARLY", "MONTHLY") and len(parts) > 2:
        parts.append(f"BYSETPOS={chance.choice(['1', '-1', '2', '1,-1'])}")
    if chance.random() < 0.3:
        parts.append(f"WKST={chance.choice(['SU', 'MO', 'TH'])}")
    return ";".join(parts)


@pytest.mark.parametrize("seed", range(150))
def test_a_rule_finds_what_the_library_finds(seed: int) -> None:
    chance = random.Random(seed)
    rule = any_rule(chance)
    start = date(2024, 1, 1) + timedelta(days=chance.randrange(1000))
    expected = of_the_library(rule, start)
    assert found(rule, start) == expected
    early = date(2030, 1, 1) + timedelta(days=chance.randrange(1000))
    assert found(rule, start, early) == [day for day in expected if day >= early]


def test_the_end_counts() -> None:
    start = date(2026, 5, 1)
    assert found("FREQ=DAILY", start, until=date(2026, 5, 3)) == [
        start,
        date(2026, 5, 2),
        date(2026, 5, 3),
    ]


def test_days_of_both_kinds_add_up() -> None:
    # Each Monday of May, and its first Tuesday.
    days = found("FREQ=YEARLY;BYMONTH=5;BYDAY=MO,1TU;COUNT=5", date(2026, 5, 1))
    assert [day.day for day in days] == [4, 5, 11, 18, 25]


def test_at_both_ends_of_time_nothing_breaks() -> None:
    rule = vRecur.from_ical("FREQ=WEEKLY;BYDAY=MO,SU")
    first = read_rule(rule, date.min, None).days(date.min, date(1, 1, 8), Work())
    assert list(first) == [date(1, 1, 1), date(1, 1, 7), date(1, 1, 8)]
    last = read_rule(rule, date(9999, 12, 20), None).days(date.min, date.max, Work())
    assert list(last) == [date(9999, 12, 20), date(9999, 12, 26), date(9999, 12, 27)]


def test_what_is_looked_at_is_counted_also_where_nothing_is_found() -> None:
    rule = read_rule(vRecur.from_ical("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), date.min, None)
    with pytest.raises(BadRule, match="takes too long to work out"):
        list(rule.days(date.min, date.max, Work(most=1000)))
